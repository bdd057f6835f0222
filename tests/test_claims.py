"""Every figure the README states is the one in the saved runs. Run: python -m pytest tests/test_claims.py"""

import re
from pathlib import Path

import pytest

from core.commands.output import choice, percent
from core.commands.runs import moved
from core.recipe import Recipe
from core.store.saved import read

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
SAVED = sorted((ROOT / "core" / "saved_runs").glob("*.jsonl"))


def rows_after(heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its head."""
    part = README.split(heading, 1)[1]
    lines = re.search(r"(?:^\|.*\n)+", part, re.M).group().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_table_of_the_four_presets_and_the_control_on_sick():
    records = read(ROOT / "core" / "saved_runs" / "minilm-l6--sick--presets.jsonl")
    assert len(records) == 5
    stated = rows_after("## Four presets and a control on SICK")
    assert len(stated) == len(records)
    for cells, record in zip(stated, records):
        layers = "none" if record["recipe"]["seeding"]["untrained_layers"] else choice(record["recipe"]["layers"])
        assert cells[1:] == [
            layers, percent(record["initial"]["accuracy"]), percent(record["final"]["accuracy"]), percent(record["final"]["macro_f1"]),
            f"{moved(record):.1f}", f"{record['seconds']:.0f}",
        ]
        assert percent(record["teacher"]["accuracy"]) in README and percent(record["majority"]) in README


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_saved_runs_are_whole_and_what_they_say(path):
    records = read(path)
    assert records and len({(r["id"], r["teacher"]["hash"]) for r in records}) == len(records)
    assert len({(r["teacher"]["hash"], r["task_hash"]) for r in records}) == 1
    for record in records:
        assert Recipe.from_dict(record["recipe"]).id == record["id"]
        confusion = record["final"]["confusion"]
        n = sum(map(sum, confusion))
        assert len(record["predictions"]) == n
        assert record["final"]["accuracy"] == pytest.approx(sum(confusion[i][i] for i in range(len(confusion))) / n, abs=1e-6)
        assert all(norm > 0 for norm in record["update_norms"].values())


def test_no_saved_run_holds_a_sentence():
    """SICK's licence: records hold figures and predicted classes only."""
    for path in SAVED:
        assert "sentence" not in path.read_text().lower()

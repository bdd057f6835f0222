"""What people often believe: every figure of a correction comes from the saved runs, every correction holds, every place exists.

Run: python -m pytest tests/test_misconceptions.py
"""

import re
from pathlib import Path

import pytest

from core.store import layer_scores, saved
from core.views.common.choice import KEYS, read_choice
from core.views.guide import steps
from core.views.guide.misconceptions import MISCONCEPTIONS, corrections
from core.views.guide.saved import Saved
from pages.parts.common.landscapes import all_landscapes, files_stamp

ROOT = Path(__file__).resolve().parent.parent
BELIEFS = (  # each is met and corrected somewhere: a word of each
    "leads early", "last layers", "Evenly spaced", "adds up", "order", "before training", "one task", "One run", "No difference", "soft targets",
    "High accuracy", "can be read",
)


@pytest.fixture(scope="module")
def found():
    return Saved(all_landscapes(files_stamp()))


@pytest.fixture(scope="module")
def percentages() -> set[str]:
    """Every accuracy of the saved runs as a page writes it: of single runs, before and after, and of means over seeds; and of exits and probes."""
    known, groups = set(), {}
    for run in saved.saved_runs():
        values = [run["final"]["accuracy"], run["initial"]["accuracy"], run["teacher"]["accuracy"], run.get("majority")]
        known |= {f"{100 * value:.1f}" for value in values if value is not None}
        recipe = {name: value for name, value in run["recipe"].items() if name != "seed"}
        groups.setdefault((str(recipe), run["file"]), []).append(run["final"]["accuracy"])
    known |= {f"{100 * sum(values) / len(values):.1f}" for values in groups.values()}
    inside = layer_scores.find("b33822c48026f49f", "composed-nli")
    return known | {f"{100 * layer['accuracy']:.1f}" for layer in inside["probes"]}


def test_there_is_one_of_every_belief():
    assert len(MISCONCEPTIONS) == len(BELIEFS)
    assert all(word in one.belief for word, one in zip(BELIEFS, MISCONCEPTIONS, strict=True))


@pytest.mark.parametrize("one", MISCONCEPTIONS, ids=lambda one: one.belief)
def test_every_correction_holds_on_the_saved_runs_and_its_figures_are_theirs(found, percentages, one):
    correction = one.correct(found)
    assert correction is not None and correction.holds
    text = " ".join(correction.sentences)
    told = re.findall(r"(\d+\.\d) %", text)
    assert all(figure in percentages for figure in told) and re.search(r"\d", text)


def test_no_figure_is_typed():
    source = (ROOT / "core/views/guide/misconceptions.py").read_text()
    assert not re.search(r"\d+\.\d+ ?(%|points)|\d\d ?%", source)
    for name in ("crossing.py", "told.py", "steps.py"):
        assert not re.search(r"\d\d\.\d|\d\d ?%", (ROOT / "core/views/guide" / name).read_text())


def test_sentences_are_short_and_plain(found):
    for _, correction in corrections(found):
        for sentence in re.split(r"(?<=[.?!]) (?=[A-Z])", " ".join(correction.sentences)):
            assert len(sentence.split()) <= 28, sentence
            assert not re.search(r"\b(tau|Holm|regret|df|R²|p-value)\b", sentence)


def test_a_correction_that_the_runs_no_longer_hold_is_not_told(found):
    assert len(corrections(found)) == len(MISCONCEPTIONS)
    assert corrections(Saved([])) == []
    turned = [one for one in found.found if one.pair[1] != "sick"]
    assert "one task" not in " ".join(one.belief for one, _ in corrections(Saved(turned)))


@pytest.mark.parametrize("one", MISCONCEPTIONS, ids=lambda one: one.belief)
def test_every_place_exists_and_its_link_is_understood(one):
    assert (ROOT / f"pages/{one.page or 'lab'}.py").is_file() and one.control
    query = {key: [value] for key, value in (one.query or {}).items()}
    assert steps.read_step(query)[1] == []
    choice, problems = read_choice({key: value for key, value in query.items() if key in KEYS})
    assert problems == []
    if "layers" in query:
        assert ",".join(map(str, choice.layers)) == query["layers"][0]

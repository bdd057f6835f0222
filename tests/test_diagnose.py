"""Diagnosis from figures: what it names, what it leaves open, what it refuses. Run: python -m pytest tests/test_diagnose.py"""

import dataclasses
import json
import math
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.__main__ import main
from core.errors import LabError
from core.findings.diagnose import SYMPTOMS, Known, alarms, counts, diagnose, read_table
from core.findings.finding import STRENGTHS, percent, points
from core.store.saved import FOLDER, read, saved_runs
from core.studies.mistakes.cases import cases
from core.studies.mistakes.catalogue import MISTAKES

ROOT = Path(__file__).resolve().parent.parent
CASES = {case.name: case for case in cases()}
STUDY = FOLDER / "mistakes" / "minilm-l6--composed-nli.jsonl"
HEAD = "strategy,epoch,train_loss,val_loss,val_accuracy\n"
FLAT = ["Bottom 6 Layers", "Odd Layers", "Even Layers"]


def found(text, known=None) -> dict:
    """Findings by kind, those of looks alone."""
    return {finding.kind: finding for finding in diagnose(text, known or Known()) if finding.kind in SYMPTOMS}


def of(case):
    return found(case.table, Known(**case.known))


def table(*strategies) -> str:
    """(name, [(train loss, validation loss, accuracy), ...]) as CSV, epochs from 1."""
    lines = [f"{name},{n},{','.join(map(str, row))}" for name, rows in strategies for n, row in enumerate(rows, start=1)]
    return HEAD + "\n".join(lines)


def test_the_assignments_log_names_the_students_that_never_changed_and_the_average():
    looks = of(CASES["assignment-epochs"])
    assert set(looks) == {"not-updated", "averaged", "fresh-head"}
    still = looks["not-updated"]
    assert still.figures["named"] == FLAT and still.figures["mistakes"] == ("stale-optimizer", "stale-schedule") and still.strength == "clear"
    assert still.figures["evaluations"] == 5 and still.figures["moves"] == pytest.approx(0.0011)
    assert looks["averaged"].figures["named"] == ["Top 6 Layers"] and looks["averaged"].figures["last"] == 0.555
    assert looks["fresh-head"].figures["named"] == FLAT and looks["fresh-head"].figures["uniform"] == math.log(3)


def test_the_assignments_table_alone_says_less():
    looks = of(CASES["assignment"])
    assert set(looks) == {"fresh-head", "at-chance"} and all(finding.strength == "unknown" for finding in looks.values())
    assert looks["at-chance"].figures["named"] == FLAT
    unseen = diagnose(CASES["assignment"].table, Known(**CASES["assignment"].known))[-1]
    assert {"epochs-averaged", "even-wraps"} <= set(unseen.figures["mistakes"])


@pytest.mark.parametrize(("name", "look"), [(name, None) for name in "ABCD"] + [(name, "all-alike") for name in "EFGHI"] + [("J", "at-chance")])
def test_each_row_of_the_cohort_gets_the_class_that_its_code_explains(name, look):
    case = CASES[name]
    looks = of(case)
    assert set(looks) == ({look} if look else set())
    if look:
        assert set(SYMPTOMS[look].members) & set(case.made)


@pytest.mark.parametrize("name", CASES)
def test_every_mistake_a_case_holds_is_named_as_possible_or_as_not_visible(name):
    case = CASES[name]
    spoken = {mistake for finding in diagnose(case.table, Known(**case.known)) for mistake in finding.figures.get("mistakes", ())}
    assert set(case.made) <= spoken


def test_recorded_layers_go_beyond_the_figures():
    recorded = lambda name: {
        mistake for finding in diagnose(CASES[name].table_with_layers()) if finding.kind == "recorded" for mistake in finding.figures["mistakes"]
    }
    assert recorded("A") == {"odd-wraps"} and recorded("J") == {"even-wraps"} and recorded("B") == set()
    assert all(recorded(name) == {"one-choice", "shared-student"} for name in "CDEFGHI")
    slips = [f for f in diagnose(CASES["J"].table_with_layers()) if f.kind == "recorded" and f.figures["named"] == "odd"]
    assert slips[0].figures["layers"] == [2, 4, 6, 9, 10, 12]


def test_a_diagnosis_rests_on_the_shape_and_not_on_known_values():
    """Other values of the same shape get the same classes."""
    changed = []
    for line in CASES["assignment-epochs"].table.split("\n")[1:]:
        name, epoch, train, loss, accuracy = line.split(",")
        changed.append(f"{name},{epoch},{float(train) + 0.2:.6f},{float(loss) + 0.31 if loss else ''},{float(accuracy) + 0.117:.3f}")
    looks = found(HEAD + "\n".join(changed))
    assert set(looks) == {"not-updated", "averaged"} and looks["not-updated"].figures["named"] == FLAT


def test_a_student_that_moves_and_names_one_class_is_not_taken_for_a_still_one():
    moving = table(("first", [(2.442, 1.1019, 0.3333), (2.443, 1.0990, 0.3333), (2.442, 1.0992, 0.3333)]))
    assert found(moving).keys() == {"one-class"} and found(moving)["one-class"].strength == "unknown"
    known = Known(majority=1 / 3, examples=600)
    chance = found(moving, known)["at-chance"]
    assert chance.strength == "unknown" and alarms(diagnose(moving, known)) == []
    assert chance.figures["mistakes"] == ("embeddings-not-copied", "teacher-not-tuned")  # a loss that moves rules a stale optimizer out
    without_loss = re.sub(r",1\.\d+,", ",,", moving)
    assert found(without_loss)["same-accuracy"].strength == "unknown" and alarms(diagnose(without_loss)) == []


@pytest.mark.parametrize("text", (
    table(("a", [(0.9, 0.5, 0.7)])),  # one evaluation shows no standing still
    table(("a", [(0.1, 0.0123, 1.0), (0.1, 0.0123, 1.0)])),  # everything right cannot get better
    table(("a", [("", "", 0.71), ("", "", 0.71)])),
    table(("a", [(0.9, 0.5, 0.71), (0.8, 0.5, 0.71)])),  # the loss is printed too coarsely
))
def test_what_does_not_show_that_nothing_changed(text):
    assert "not-updated" not in found(text)


def test_the_logarithm_of_the_classes_is_used_with_a_fresh_head_only():
    rows = table(("a", [(0.7, 1.1042, 0.36), (0.7, 1.1001, 0.35)]))
    assert "fresh-head" in found(rows, Known(classes=3, fresh_head=True))
    assert "fresh-head" not in found(rows, Known(classes=3)) and "fresh-head" not in found(rows, Known(fresh_head=True))
    assert "fresh-head" not in found(rows, Known(classes=4, fresh_head=True))


def test_chance_is_the_share_of_the_most_frequent_class():
    rows = table(("a", [(0.9, 0.95, 0.58), (0.9, 0.93, 0.59)]))
    assert "at-chance" in found(rows, Known(classes=3, majority=0.57, examples=500))
    assert "at-chance" not in found(rows, Known(classes=3, examples=500))
    assert "at-chance" not in found(rows, Known(classes=3, majority=0.57, examples=50_000))
    assert "below-chance" in found(rows, Known(majority=0.7, examples=500)) and "below-chance" not in found(rows, Known(classes=2, examples=500))


def test_equal_figures_mean_something_only_when_chance_would_not_give_them():
    same = lambda value, n: "strategy,val_accuracy\n" + "\n".join(f"s{i},{value}" for i in range(n))
    assert "all-alike" in found(same("67.2", 4)) and "all-alike" in found(same("0.672", 3))
    assert found(same("67", 4)) == {} and found(same("67.2", 2)) == {}
    assert found(same("0.333", 4), Known(classes=3, majority=0.333, examples=1000)).keys() == {"at-chance"}
    two = table(("a", [(0.9, 0.51234, 0.71), (0.8, 0.50123, 0.72)]), ("b", [(0.9, 0.51234, 0.71), (0.8, 0.50123, 0.72)]))
    assert found(two).keys() == {"all-alike"} and found(two.replace("0.72", "0.73", 1)) == {}


def test_a_start_that_is_the_end_of_the_strategy_before():
    lines = ["a,0,,1.4021,0.41", "a,1,1.2,0.9021,0.61", "b,0,,0.9021,0.61", "b,1,0.8,0.8012,0.65", "c,0,,0.8012,0.65", "c,1,0.7,0.7555,0.66"]
    assert found(HEAD + "\n".join(lines)).keys() == {"one-student"}
    lines[4] = "c,0,,1.3012,0.65"
    assert found(HEAD + "\n".join(lines)) == {}


def test_a_reported_mean_is_seen_and_a_reported_last_or_best_is_not():
    rows = lambda reported: f"{HEAD}a,1,,,0.500\na,2,,,0.620\na,3,,,0.610\na,reported,,,{reported}"
    assert "averaged" in found(rows("0.577")) and "averaged" in found(rows("0.5767"))  # the mean is 0.57666...
    assert found(rows("0.578")) == {} and found(rows("0.610")) == {} and found(rows("0.620")) == {}


@given(st.integers(0, 10_000))
def test_correct_students_raise_no_alarm(seed):
    """Four students whose loss falls and whose accuracy is counted on 1,000 examples, printed to three digits."""
    draw = random.Random(seed)
    strategies = []
    for name in ("first", "last", "odd", "even"):
        level, loss, rows = draw.uniform(0.4, 0.6), draw.uniform(1.0, 1.3), []
        for _ in range(4):
            level, loss = level + draw.uniform(0, 0.08), loss * draw.uniform(0.85, 0.99)
            rows.append((f"{1.2 * loss:.4f}", f"{loss:.4f}", f"{sum(draw.random() < level for _ in range(1000)) / 1000:.3f}"))
        strategies.append((name, rows))
    assert alarms(diagnose(table(*strategies), Known(classes=3, majority=0.36, examples=1000))) == []


SAME = {
    "semicolons and decimal commas": "strategy;epoch;val_loss;val_accuracy\na;1;1,1042;0,333\na;2;1,1042;0,333\n",
    "tabs": "Strategy\tEpoch\tValidation Loss\tValidation Accuracy\na\t1\t1.1042\t33.3%\na\t2\t1.1042\t33.3%\n",
    "bars": "| Student Layer | Epoch | Validation Loss | Accuracy |\n|---|:--:|--|--|\n| a | 1 | 1.1042 | 0.333 |\n| a | 2 | 1.1042 | 0.333 |",
    "no epochs": "strategy,val_loss,val_accuracy\na,1.1042,0.333\na,1.1042,0.333\n",
    "no strategies": "epoch,val_loss,val_accuracy\n2,1.1042,33.3\n1,1.1042,33.3\n",
    "quotes": 'strategy,epoch,val_loss,val_accuracy,layers\n"a",1,1.1042,0.333,"1, 3, 5"\n"a",2,1.1042,0.333,"1, 3, 5"\n',
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_tables_are_read_as_people_write_them(text):
    strategy, = read_table(text).strategies
    assert [(row.val_loss, row.val_accuracy) for row in strategy.rows] == [(1.1042, pytest.approx(0.333))] * 2
    assert found(text).keys() == {"not-updated"}


BAD = {
    "nothing": "", "rules alone": ":\n---|---\n",
    "no columns": "1,2,3\n4,5,6\n", "no rows": HEAD, "words": HEAD + "a,1,x,y,z", "an accuracy of 150": HEAD + "a,1,1,1,150",
    "an epoch twice": HEAD + "a,1,1,1,0.5\na,1,1,1,0.6", "two reports": HEAD + "a,1,1,1,0.5\na,x,1,1,0.6\na,y,1,1,0.6",
    "broken JSON": '{"curve": [', "no run": '{"a": 1}', "a list of numbers": "[1, 2]", "no runs": "[]", "bad layers": "layers,accuracy\nTop,0.5",
    "much": HEAD + "a,1,1,1,0.5\n" * 100_000, "deep": "[" * 100_000, "a null": "[null]", "a huge number": HEAD + "a,1,1e400,1,0.5",
    "an odd curve": '{"id": "a", "recipe": {"layers": [1]}, "curve": 5, "labels": [], "final": {}, "split": "check", "majority": 0.5}',
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_bad_input_is_one_sentence(text, tmp_path, capsys):
    with pytest.raises(LabError) as caught:
        diagnose(text)
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert main(["diagnose", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err == f"{caught.value}\n" and err.count("\n") == 1


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    try:
        assert diagnose(text)
    except LabError as error:
        assert "\n" not in str(error)


def everything():
    for case in cases():
        yield from diagnose(case.table_with_layers(), Known(**case.known))
        yield from diagnose(case.table, Known(**case.known))
    yield from diagnose(table(("a", [(0.9, 0.95, 0.38)])), Known(majority=0.7, examples=500))


def numbers(value):
    """All numbers among figures, as a sentence may print them."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return set()
    if isinstance(value, (list, tuple)):
        return set().union(*map(numbers, value)) if value else set()
    return {f"{value:g}", f"{value:.4f}", percent(value).split()[0], points(value).split()[0]}


def test_every_number_of_a_sentence_is_among_its_figures():
    seen = 0
    for finding in everything():
        sentence = finding.sentence
        for words in ("named", "explanations", "titles"):  # names, which may hold numbers of their own
            for word in [finding.figures.get(words, "")] if isinstance(finding.figures.get(words, ""), str) else finding.figures[words]:
                sentence = sentence.replace(word, "") if word else sentence
        allowed = set().union(*map(numbers, finding.figures.values()))
        stated = re.findall(r"(?<![\w²])-?\d+(?:\.\d+)?", re.sub(r"layer 1, nearest|index of -1|is 0|95 %", "", sentence))
        seen += len(stated)
        assert set(stated) <= allowed, (finding, stated)
        assert finding.strength in STRENGTHS and "because" not in finding.sentence
    assert seen > 40


def test_the_command_line_reads_files_and_options(tmp_path, capsys):
    path = tmp_path / "table.csv"
    path.write_text("\ufeff" + CASES["assignment"].table, encoding="utf-8")
    argv = ["diagnose", str(path), "--classes", "3", "--examples", "1000", "--fresh-head", "--json"]
    assert main(argv) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [finding["kind"] for finding in printed] == ["read", "fresh-head", "at-chance", "noise", "not-visible"]
    assert main(argv[:-1]) == 0 and "untrained head" in capsys.readouterr().out
    for bad in (("--classes", "1"), ("--majority", "2"), ("--examples", "0")):
        assert main(["diagnose", str(path), *bad]) == 2
    assert main(["diagnose", str(tmp_path / "none.csv")]) == 2
    path.write_bytes(b"\xff\xfe\x00")
    assert main(["diagnose", str(path)]) == 2


def test_saved_runs_raise_no_alarm_alone_and_a_file_of_them_is_read():
    runs = saved_runs()
    alarmed = [(run["file"], run["id"]) for run in runs if alarms(diagnose(run))]
    assert runs and len(alarmed) <= 0.05 * len(runs), alarmed
    assert diagnose((FOLDER / runs[0]["file"]).read_text())


def test_the_studys_counts_meet_what_was_asked():
    counted = counts(read(STUDY))
    for name, each in MISTAKES.items():
        if each.look:
            assert counted[name]["of"] >= 10 and counted[name]["named"] >= 0.9 * counted[name]["of"], name
    for key, least in (("correct", 20), ("correct runs", 120)):
        assert counted[key]["of"] >= least and counted[key]["false"] <= 0.05 * counted[key]["of"]
    stale = [run for case in read(STUDY) if case["mistake"] == "stale-optimizer" for run in case["runs"]]
    for run in stale:
        points_of = [point for point in run["curve"] if point["val_accuracy"] is not None]
        fixed = [point["fixed_loss"] for point in points_of if "fixed_loss" in point]
        assert len({f"{point['val_accuracy']:.4f}" for point in points_of}) == 1 and max(fixed) - min(fixed) < 0.002


def test_diagnosis_is_torch_free():
    code = "import sys, core.findings.diagnose, core.studies.mistakes.cases; sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_what_is_known_by_hand_wins_over_the_records():
    text = json.dumps(saved_runs()[0])
    recorded = read_table(text).known
    assert recorded.classes == 3
    assert read_table(text, Known(classes=7, majority=0.2)).known == dataclasses.replace(recorded, classes=7, majority=0.2)

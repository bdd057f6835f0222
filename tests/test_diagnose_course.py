"""What the course of a training gives away, and that correct ones are not accused. Run: python -m pytest tests/test_diagnose_course.py"""

import random
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.__main__ import main
from core.findings.diagnose import Known, alarms, diagnose, figures_alone, from_records, read_table
from core.findings.diagnose.naming import SYMPTOMS
from core.store.saved import FOLDER, read, saved_runs

HEAD = "strategy,epoch,train_loss,val_loss,val_accuracy\n"
THREE = Known(classes=3, majority=0.34, examples=600)


def table(*strategies) -> str:
    """(name, [(train loss, validation loss, accuracy), ...]) as CSV, epochs from 1."""
    return HEAD + "\n".join(f"{name},{n},{','.join(map(str, row))}" for name, rows in strategies for n, row in enumerate(rows, start=1))


def found(text, known=None) -> dict:
    return {finding.kind: finding for finding in diagnose(text, known or Known()) if finding.kind in SYMPTOMS}


def kinds(text, known=None) -> set[str]:
    return {finding.kind for finding in alarms(diagnose(text, known or Known()))}


def test_a_loss_that_is_not_a_number_is_named_from_its_epoch_on():
    rows = [(0.9, 0.8, 0.6), (0.7, 0.7, 0.62), ("nan", "nan", 0.34), ("nan", "nan", 0.34)]
    looks = found(table(("a", rows)), THREE)
    assert set(looks) == {"not-finite"} and looks["not-finite"].strength == "clear"
    assert "a: the training loss and validation loss are not a number, or infinite, from epoch 3 on" in looks["not-finite"].sentence
    assert "in every epoch" in found(table(("a", [("inf", "inf", 0.34)] * 3)))["not-finite"].sentence
    assert found(table(("a", [("nan", "", 0.34)] * 3), ("b", [("nan", "", 0.34)] * 3))).keys() == {"not-finite"}  # not "all alike"
    assert "not-finite" not in found(table(("a", [("nan", 0.8, 0.6), (0.7, 0.7, 0.62), (0.6, 0.6, 0.65)])))


@pytest.mark.parametrize("text", (
    "Epoch 1/2\n60/60 [====] - 9s 4s/step - loss: nan - accuracy: 0.0530 - val_loss: nan - val_accuracy: 0.0536\n"
    "Epoch 2/2\n60/60 [====] - 9s 4s/step - loss: nan - accuracy: 0.0539 - val_loss: nan - val_accuracy: 0.0536\n",
    "{'loss': '1.1', 'grad_norm': '2.5', 'epoch': '1'}\n{'eval_loss': '1.0', 'eval_accuracy': '0.5', 'epoch': '1'}\n"
    "{'loss': '0', 'grad_norm': 'nan', 'epoch': '2'}\n{'eval_loss': 'nan', 'eval_accuracy': '0.33', 'epoch': '2'}\n",
    "{'loss': 1.1, 'grad_norm': 2.5, 'epoch': 0.5}\n{'eval_loss': 1.0, 'eval_accuracy': 0.5, 'epoch': 1.0}\n"
    "{'loss': 0.0, 'grad_norm': nan, 'epoch': 1.5}\n",
    '{"log_history": [{"loss": NaN, "epoch": 1.0, "step": 5}, {"eval_loss": NaN, "eval_accuracy": 0.5, "epoch": 1.0, "step": 5}]}',
    "epoch,train_loss,step,val_loss\n0,0.9,4,\n0,,4,0.8\n1,nan,9,\n1,,9,nan\n",
))
def test_nan_is_seen_in_every_logs_spelling_also_behind_a_loss_of_0(text):
    assert kinds(text) == {"not-finite"}


def test_a_learning_rate_that_fell_to_zero_is_seen_by_itself_and_by_figures_that_freeze():
    frozen = [(0.9, 0.8123, 0.6), (0.7, 0.7011, 0.65), *[(0.651 + 0.001 * n, 0.6912, 0.66) for n in range(4)]]
    looks = found(table(("a", frozen)))
    assert set(looks) == {"rate-ended"} and looks["rate-ended"].strength == "clear"
    assert "after epoch 3 nothing moves any more: 4 of 6 evaluations" in looks["rate-ended"].sentence
    rate = "epoch,loss,eval_loss,learning_rate\n1,0.9,0.8,2e-5\n2,0.7,0.7,0\n3,0.7,0.69999,0\n4,0.7,0.7,0\n"
    assert "the learning rate is 0 from epoch 2 on, in 3 of 4 lines" in found(rate)["rate-ended"].sentence
    moving = [(0.9, 0.8123, 0.6), (0.7, 0.7011, 0.65), (0.6, 0.6912, 0.66), (0.6, 0.6912, 0.66)]
    for rows in (moving, [(0.001, row[1], 0.99) for row in frozen], [(row[0], round(row[1], 2), row[2]) for row in frozen]):
        assert found(table(("a", rows))) == {}  # the last step of a decay; nothing left to learn; printed too coarsely
    ends = "epoch,loss,eval_loss,learning_rate\n1,0.9,0.8,2e-5\n2,0.7,0.7,1e-5\n3,0.65,0.66,0\n"
    coarse = "epoch,loss,eval_loss,lr\n1,0.9,0.8,0.0001\n2,0.7,0.7,0.0000\n3,0.65,0.66,0.0000\n"
    assert found(ends) == {} and found(coarse) == {}


def test_labels_that_were_shuffled_look_like_learning_by_heart():
    falls = [(1.1, 1.12, 0.35), (0.8, 1.3, 0.33), (0.4, 1.9, 0.34), (0.2, 2.5, 0.35)]
    looks = found(table(("a", falls)), THREE)
    assert looks["memorised"].strength == "clear" and "at-chance" not in looks
    assert "from 1.1000 to 0.2000" in looks["memorised"].sentence and "labels that were shuffled" in looks["memorised"].sentence
    a_little = [(1.1, 1.12, 0.35), (1.0, 1.1, 0.33), (0.95, 1.1, 0.34)]
    assert found(table(("a", a_little)), THREE)["memorised"].strength == "unknown" and kinds(table(("a", a_little)), THREE) == set()
    by_heart = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.4,1.1,0.35,1.1\n1,0.6,0.9,0.33,1.2\n2,0.8,0.7,0.34,1.5\n"
    assert kinds(by_heart, THREE) == {"memorised"}
    assert found(table(("a", falls))) == {}  # without the classes nobody knows what chance is
    assert "memorised" not in found(table(("a", [(a, b, c + 0.2) for a, b, c in falls])), THREE)


def test_always_the_most_frequent_class_is_said_and_accuses_nobody():
    rows = [(1.1, 1.1, 0.34), (1.09, 1.09, 0.34), (1.08, 1.095, 0.34)]
    look = found(table(("a", rows)), THREE)["one-class"]
    assert look.strength == "unknown" and "34.0 %" in look.sentence and kinds(table(("a", rows)), THREE) == set()
    unknown = found(table(("a", [(a, b, "0.340") for a, b, _ in rows])))["one-class"]  # nobody said how frequent the classes are
    assert "the same to the last digit in all 3 evaluations, while the validation loss moves" in unknown.sentence and unknown.strength == "unknown"
    assert found(table(("a", [(a, b, "0.340") for a, b, _ in rows[:2]]))) == {} and found(table(("a", [(a, b, "34%") for a, b, _ in rows]))) == {}
    assert "one-class" not in found(table(("a", [*rows[:2], (1.0, 1.0, 0.36)])), THREE)


def test_one_split_under_two_names_and_splits_that_look_exchanged():
    same = table(("a", [(0.9123, 0.9123, 0.6), (0.8011, 0.8011, 0.7)]))
    assert kinds(same) == {"same-split"}
    far = "epoch,loss,accuracy,val_loss,val_accuracy\n" + "\n".join(f"{n},{0.9 + n / 10},0.6,{0.5 / n},0.9" for n in range(1, 5))
    assert found(far).keys() == {"exchanged"} and kinds(far) == set()
    assert found(table(("a", [(0.9, 0.2, 0.9), (0.8, 0.1, 0.95), (0.8, 0.05, 0.97)]))).keys() == {"exchanged"}
    assert found(table(("a", [(1.2, 0.9, 0.6), (0.8, 0.7, 0.7), (0.7, 0.65, 0.71)]))) == {}  # a mean over the epoch lies above its end


def test_a_student_that_goes_on_through_strategies_without_figures_before_the_first_step():
    levels = [(1.1, 0.9, 0.75), (0.72, 0.66, 0.62), (0.61, 0.57, 0.54), (0.53, 0.5, 0.48)]
    strategies = [(name, [(loss, round(loss + 0.05, 3), 0.5) for loss in losses]) for name, losses in zip("abcd", levels)]
    look = found(table(*strategies))["continued"]
    assert look.strength == "clear" and look.figures["mistakes"] == ("shared-student",) and "3 handovers" in look.sentence
    assert found(table(*strategies[:2]))["continued"].strength == "unknown"  # strategies may lie in the order of their worth
    anew = [(name, [(loss + n, loss, 0.5 + n / 10) for loss in levels[0]]) for n, name in enumerate("abcd")]
    assert "continued" not in found(table(*anew))
    parts = "epoch train_loss valid_loss\n0 1.1 1.0\n1 0.9 0.8\n"
    blocks = parts + "epoch train_loss valid_loss\n0 0.8 0.75\n1 0.7 0.7\n" + "epoch train_loss valid_loss\n0 0.65 0.7\n1 0.6 0.66\n" \
        "epoch train_loss valid_loss\n0 0.58 0.66\n1 0.55 0.65\n"
    assert kinds(blocks) == set()  # fits one after another may be one training on purpose


@given(st.integers(0, 10_000))
def test_correct_courses_raise_no_alarm(seed):
    """Students whose losses fall to a floor under a rate that decays to zero, evaluated on 1,000 examples, printed to four digits."""
    draw = random.Random(seed)
    strategies, epochs = [], draw.choice((3, 5, 10))
    for name in ("first", "last", "odd", "even"):
        floor, level, rows = draw.uniform(0.4, 0.9), draw.uniform(0.36, 0.6), []
        for n in range(epochs):
            left = (1.1 - floor) * draw.uniform(0.5, 0.7) ** n
            level = min(0.95, level + draw.uniform(0, 0.08))
            accuracy = sum(draw.random() < level for _ in range(1000)) / 1000
            rows.append((f"{floor + left + 0.2 / (n + 1):.4f}", f"{floor + left + draw.gauss(0, 0.01):.4f}", f"{accuracy:.4f}"))
        strategies.append((name, rows))
    assert alarms(diagnose(table(*strategies), Known(classes=3, majority=0.36, examples=1000))) == []


def without_start(table):
    return replace(table, strategies=tuple(replace(each, start=None) for each in table.strategies))


def test_saved_runs_without_what_their_records_hold_raise_no_alarm_one_by_one_or_in_any_order():
    runs = saved_runs()
    for run in runs:
        assert alarms(diagnose(without_start(figures_alone(from_records([run]))))) == [], run["id"]
    correct = [case for case in read(FOLDER / "mistakes" / "minilm-l6--composed-nli.jsonl") if not case["mistake"]]
    for case in correct[::4]:
        one = without_start(figures_alone(from_records([case])))
        for order in list(permutations(one.strategies[:4])):
            assert alarms(diagnose(replace(one, strategies=order))) == []


def test_what_figures_cannot_show_is_one_line_and_all_of_it_on_request(tmp_path, capsys):
    path = tmp_path / "table.csv"
    path.write_text(table(("a", [(0.9, 0.8, 0.6)])))
    assert main(["diagnose", str(path)]) == 0
    *_, last = capsys.readouterr().out.strip().split("\n\n")
    assert "mistakes that this program knows are not visible in these figures. --all names them." in last and "dropout" not in last.lower()
    assert main(["diagnose", str(path), "--all"]) == 0
    shown = capsys.readouterr().out
    hidden = diagnose(path.read_text())[-1]
    assert len(hidden.figures["titles"]) == hidden.figures["hidden"] > 5
    assert all(title[1:] in shown for title in hidden.figures["titles"])


def test_the_unit_of_a_row_is_told():
    steps = "step,train_loss,val_loss\n" + "\n".join(f"{n}00,{value},{value}" for n, value in enumerate((0.9, "nan", "nan"), start=1))
    assert "from step 200 on" in found(steps)["not-finite"].sentence and read_table(steps).unit == "step"

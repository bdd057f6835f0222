"""Logs as people really have them, small copies of what public reports describe. Run: python -m pytest tests/test_diagnose_as_met.py"""

import pytest

from core.errors import LabError
from core.findings.diagnose import Known, diagnose, how_read, read_table

HALVES = Known(classes=2, majority=0.5, examples=500)
ALONE = [f"{epoch},0.5,{0.69314 - epoch * 0.00001:.5f},0.001" for epoch in range(6)]


def told(text) -> str:
    return how_read(read_table(text))[0].sentence


@pytest.mark.parametrize("head, more", [
    ("epoch,accuracy,loss,learning_rate", ""), ("epoch,accuracy,loss,lr", ""), (",accuracy,loss,learning_rate", ""),
    ("epoch,accuracy,loss,learning_rate,val_accuracy,val_loss", ",,"), ("epoch,accuracy,loss,learning_rate,val_accuracy,val_loss", ",nan,nan"),
])
def test_keras_without_validation_says_nothing_of_a_validation(head, more):
    text = "\n".join([head, *(line + more for line in ALONE)])
    table = read_table(text, HALVES)
    assert all(row.val_accuracy is None and row.val_loss is None and row.train_accuracy == 0.5 for row in table.strategies[0].rows)
    assert "training accuracy from 'accuracy'" in told(text) and "validation" not in told(text)
    assert {finding.kind for finding in diagnose(table)} == {"not-visible"}
    assert ("Without a figure: 'val_loss' and 'val_accuracy'." in told(text)) == ("nan" in more)


def test_a_frame_of_keras_history_in_any_order_is_the_trainings():
    assert read_table(",loss,accuracy\n0,0.7,0.6\n1,0.6,0.7\n").strategies[0].last is None


def test_an_accuracy_beside_a_loss_that_names_no_split_either_is_told():
    assert "No title says of which split 'accuracy' is" in told("epoch,loss,accuracy\n1,0.7,0.6\n2,0.6,0.7\n")
    for text in ("epoch,train_loss,val_loss,accuracy\n1,0.7,0.6,0.6\n", "strategy,accuracy\na,0.6\nb,0.7\n", "epoch,loss,val_accuracy\n1,0.7,0.6\n"):
        assert "No title says" not in told(text)


STEPS = "".join(f"{step},{0.7 - step / 1000:.3f},{0.72 - step / 1100:.3f},{0.5 + step / 1000:.3f}\n" for step in (100, 200, 300, 200, 300, 400))


@pytest.mark.parametrize("text, sentence", [
    ("step,train_loss,val_loss,val_accuracy\n" + STEPS, r"goes back from step 300 to 200 on line 5: one run that was resumed from a checkpoint"),
    ("epoch,val_loss\n1,0.7\n2,0.6\n1,0.8\n2,0.7\n", "goes back from epoch 2 to 1 on line 4"),
    ("epoch,val_loss\n1,0.7\n1,0.6\n2,0.5\n", r"has epoch 1 more than once \(lines 2, 3\); keep one"),
    ("epoch,val_loss\n1,0.7\n2,0.6\n2,0.6\n", r"has epoch 2 more than once \(lines 3, 4\)"),
])
def test_a_number_that_stands_twice_is_named_for_what_it_is(text, sentence):
    with pytest.raises(LabError, match=sentence):
        read_table(text)


def test_lines_of_several_processes_are_one_and_that_is_told():
    head, rows = "epoch,train_loss,val_loss,val_accuracy\n", [f"{n},{0.7 - n / 20:.3f},{0.72 - n / 25:.3f},{0.5 + n / 12:.3f}\n" for n in range(1, 5)]
    for text in (head + "".join(row + row for row in rows), head + "".join(rows) * 2, head + "".join(row * 3 for row in rows)):
        table = read_table(text)
        assert table.strategies == read_table(head + "".join(rows)).strategies
        assert table.reading.copies == text.count("\n") - 5
        assert f"{table.reading.copies} were left out" in told(text)


def test_evaluations_that_are_not_numbered_are_no_copies():
    assert len(read_table("val_loss,val_accuracy\n0.6912,0.5\n0.6912,0.5\n").strategies[0].rows) == 2


def test_an_exponent_adds_no_digits():
    text = "epoch,train_loss,val_loss,val_accuracy\n" + "".join(f"{n},6.{9 - n}e-01,6.9e-01,5.3e-01\n" for n in range(1, 4))
    assert read_table(text).loss_step == pytest.approx(0.01) and all(finding.strength != "clear" for finding in diagnose(read_table(text)))


def test_the_accuracy_of_the_five_best_is_left_out_and_that_is_told():
    text = "epoch,train_loss,val_loss,Acc@1,Acc@5\n" + "".join(f"{n},2.3,2.{n}301,10.2,{49 + n}.1\n" for n in range(1, 5))
    assert [row.val_accuracy for row in read_table(text).strategies[0].rows] == [pytest.approx(0.102)] * 4
    assert "Not used: 'Acc@5'" in told(text)

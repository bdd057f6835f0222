"""Figures as other programs write and print them: each format by small inputs of its own. Run: python -m pytest tests/test_diagnose_formats.py"""

import json
import math
import time

import pytest

from core.__main__ import main
from core.errors import LabError
from core.findings.diagnose import TwoColumns, diagnose, how_read, read_table
from core.findings.diagnose.readers import READERS
from core.findings.diagnose.reading import LARGEST


def figures(text, name=None, **options) -> list[tuple]:
    """(training loss, validation loss, validation accuracy) of every row of one strategy."""
    strategies = read_table(text, **options).strategies
    strategy = strategies[0] if name is None else next(one for one in strategies if one.name == name)
    return [(row.train_loss, row.val_loss, row.val_accuracy) for row in strategy.rows]


def near(*rows):
    return [tuple(None if value is None else pytest.approx(value) for value in row) for row in rows]


NOTEBOOK = "Epoch\tTraining Loss\tValidation Loss\tAccuracy\tF1\n1\tNo log\t0.612300\t0.701000\t0.69\n2\t0.533100\t0.540100\t0.742000\t0.74\n"
CARD = """Some words.

| Training Loss | Epoch | Step | Validation Loss | Accuracy |
|:-------------:|:-----:|:----:|:---------------:|:--------:|
| No log        | 1.0   | 120  | 0.6123          | 0.7010   |
| 0.5331        | 2.0   | 240  | 0.5401          | 0.7420   |

### Framework versions
"""
CONSOLE = """  0%|          | 0/240 [00:00<?, ?it/s]
 50%|█████     | 120/240 [00:41<00:40,  2.97it/s]{'loss': 0.7021, 'grad_norm': 1.9, 'learning_rate': 1.0e-05, 'epoch': 0.5}
{'loss': 0.6021, 'grad_norm': 2.1, 'learning_rate': 2.0e-05, 'epoch': 1.0}
{'eval_loss': 0.6123, 'eval_accuracy': 0.701, 'eval_f1': 0.69, 'eval_runtime': 2.1, 'eval_samples_per_second': 95.1, 'epoch': 1.0}
{'loss': 0.5331, 'grad_norm': 2.3, 'learning_rate': 0.0, 'epoch': 2.0}
{'eval_loss': 0.5401, 'eval_accuracy': 0.742, 'eval_f1': 0.74, 'eval_runtime': 2.0, 'eval_samples_per_second': 96.2, 'epoch': 2.0}
{'train_runtime': 84.1, 'train_samples_per_second': 45.2, 'train_loss': 0.6124, 'epoch': 2.0}
"""
CONSOLE_5 = """{'loss': '0.7021', 'grad_norm': '1.9', 'learning_rate': '1e-05', 'epoch': '0.5'}
{'loss': '0.6021', 'grad_norm': '2.1', 'learning_rate': '2e-05',
 'epoch': '1'}
{'eval_loss': '0.6123', 'eval_accuracy': '0.701', 'eval_runtime': '2.1', 'eval_samples_per_second':
 '95.1', 'epoch': '1'}
Writing model shards: 100%|██████████| 1/1 [00:00<00:00,  1.85it/s]
{'loss': '0.5331', 'grad_norm': '2.3', 'learning_rate': '0', 'epoch': '2'}
{'eval_loss': '0.5401', 'eval_accuracy': '0.742', 'eval_runtime': '2', 'epoch': '2'}
"""
HISTORY = [
    {"epoch": 0.5, "learning_rate": 1e-05, "grad_norm": 1.9, "loss": 0.7021, "step": 60},
    {"epoch": 1.0, "learning_rate": 2e-05, "grad_norm": 2.1, "loss": 0.6021, "step": 120},
    {"epoch": 1.0, "eval_accuracy": 0.701, "eval_loss": 0.6123, "eval_runtime": 2.1, "step": 120},
    {"epoch": 2.0, "learning_rate": 0.0, "grad_norm": 2.3, "loss": 0.5331, "step": 240},
    {"epoch": 2.0, "eval_accuracy": 0.742, "eval_loss": 0.5401, "eval_runtime": 2.0, "step": 240},
    {"epoch": 2.0, "step": 240, "total_flos": 1e15, "train_loss": 0.6124, "train_runtime": 84.1},
]
STATE = json.dumps({"best_metric": None, "epoch": 2.0, "global_step": 240, "log_history": HISTORY, "max_steps": 240}, indent=2)
KERAS_CSV = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.61,0.7021,0.701,0.6123\n1,0.81,0.5331,0.742,0.5401\n"
KERAS_LISTS = "{'loss': [0.7021, 0.5331], 'acc': [0.61, 0.81], 'val_loss': [0.6123, 0.5401], 'val_acc': [0.701, 0.742]}"
KERAS_2 = """Epoch 1/2
1563/1563 [==========] - ETA: 0s - loss: 0.7100 - accuracy: 0.6000\b\b\b\b\
1563/1563 [==========] - 12s 8ms/step - loss: 0.7021 - accuracy: 0.6100 - val_loss: 0.6123 - val_accuracy: 0.7010
Epoch 00001: val_loss improved from inf to 0.61230, saving model to best.h5
Epoch 2/2
1563/1563 [==============================] - 11s 7ms/step - loss: 0.5331 - accuracy: 0.8100 - val_loss: 0.5401 - val_accuracy: 0.7420
313/313 [==============================] - 1s 3ms/step - loss: 0.5555 - accuracy: 0.7111
"""
KERAS_3 = (
    "Epoch 1/3\n\x1b[1m  61/907\x1b[0m \x1b[32m━━\x1b[0m\x1b[37m━━━━\x1b[0m \x1b[1m2s\x1b[0m 3ms/step - accuracy: 0.1928 - loss: 2.2077\r"
    "\x1b[1m907/907\x1b[0m \x1b[32m━━━━━━\x1b[0m \x1b[1m12s\x1b[0m 8ms/step - accuracy: 0.6100 - loss: 0.7021 - val_accuracy: 0.7010 "
    "- val_loss: 0.6123\n"
    "Epoch 2/3\n907/907 ━━━━━━ 3s 2ms/step - accuracy: 0.8100 - loss: 0.5331 - val_accuracy: 0.7420 - val_loss: 0.5401\n"
    "Epoch 3/3\n 120/907 ━━━━━━ 2s 3ms/step - accuracy: 0.8300 - loss: 0.5000\n"
)
KERAS_QUIET = """Epoch 1/2
907/907 - 12s - loss: 0.7021 - accuracy: 0.6100 - val_loss: 0.6123 - val_accuracy: 0.7010 - 12s/epoch - 13ms/step
Epoch 2/2
907/907 - 3s - 2ms/step - accuracy: 0.8100 - loss: 0.5331 - val_accuracy: 0.7420 - val_loss: 0.5401
"""
LIGHTNING = """epoch,lr-AdamW,step,train_loss_epoch,train_loss_step,val_acc,val_loss
0,,49,,0.8,,
,2e-05,49,,,,
0,,119,,,0.701,0.6123
0,,119,0.7021,,,
1,,149,,0.5,,
1,,239,,,0.742,0.5401
1,,239,0.5331,,,
"""
LIGHTNING_OLD = """train_loss,epoch,step,val_loss,val_acc,test_acc
0.8,0,49,,,
0.6042,0,99,,,
,0,119,0.6123,0.701,
0.5331,1,149,,,
,1,239,0.5401,0.742,
,1,240,,,0.71
"""
FASTAI = """epoch     train_loss  valid_loss  accuracy  time
0         0.702100    0.612300    0.701000  00:02
1         0.533100    0.540100    0.742000  00:02
"""
FASTAI_RATE = "epoch\ttrain_loss\tvalid_loss\terror_rate\ttime\n0\t0.702100\t0.612300\t0.299000\t00:51\n1\t0.533100\t0.540100\t0.258000\t1:12:10\n"
WANDB = (
    '"Step","bert - top - eval/loss","bert - top - eval/loss__MIN","bert - top - eval/loss__MAX","bert - top - eval/accuracy",'
    '"bert - top - eval/accuracy__MIN","bert - top - eval/accuracy__MAX","odd - eval/loss","odd - eval/accuracy"\n'
    '"120","0.6123","0.6","0.7","0.701","0.7","0.71","0.9","0.5"\n"240","0.5401","0.5","0.6","0.742","0.7","0.75","",""\n'
)
WANDB_EPOCHS = '"train/epoch","a - val_acc","a - val_acc__MIN","a - val_acc__MAX","a - val_loss"\n' \
    '"1","0.701","0.701","0.701","0.6123"\n"2","0.742","","","0.5401"\n'
OWN = "strategy,epoch,train_loss,val_loss,val_accuracy\na,1,0.7021,0.6123,0.701\na,2,0.5331,0.5401,0.742\n"
PRINTED = "   epoch    loss  eval_loss  eval_accuracy\n0    1.0  0.7021        NaN            NaN\n1    1.0     NaN     0.6123          0.701\n" \
          "2    2.0  0.5331        NaN            NaN\n3    2.0     NaN     0.5401          0.742\n"
PRINTED_LINES = """Epoch 1/2
----------
Train loss 0.7021 accuracy 0.61
Val   loss 0.6123 accuracy 0.701

Epoch 2/2
----------
Train loss 0.5331 accuracy 0.81
Val   loss 0.5401 accuracy 0.742

Best val acc 0.742, Test acc: 73.1%
"""
PRINTED_BARS = """[epoch 1] Train Loss: 0.7021 | Acc: 61.00% | Val Loss: 0.6123 | Acc: 70.10% | 12.1s
[epoch 2] Train Loss: 0.5331 | Acc: 81.00% | Val Loss: 0.5401 | Acc: 74.20% | 11.9s
"""

BOTH = [(0.7021, 0.6123, 0.701), (0.5331, 0.5401, 0.742)]
MEAN = [(0.6521, 0.6123, 0.701), (0.5331, 0.5401, 0.742)]
FIRST_EMPTY = [(None, 0.6123, 0.701), (0.5331, 0.5401, 0.742)]
READ = {
    "notebook": (NOTEBOOK, "the Trainer's table", FIRST_EMPTY), "notebook, blanks": (NOTEBOOK.replace("\t", " "), "the Trainer's table", FIRST_EMPTY),
    "notebook after a bar": ("***** Running training *****\n [240/240 01:24, Epoch 2/2]\n" + NOTEBOOK, "the Trainer's table", FIRST_EMPTY),
    "model card": (CARD, "the Trainer's table", FIRST_EMPTY), "console": (CONSOLE, "the Trainer's console", MEAN),
    "console of transformers 5": (CONSOLE_5, "the Trainer's console", MEAN), "log_history printed": (str(HISTORY), "the Trainer's console", MEAN),
    "state": (STATE, "trainer_state.json", MEAN), "log_history": (json.dumps(HISTORY), "trainer_state.json", MEAN),
    "Keras CSV": (KERAS_CSV, "Keras' History", BOTH), "Keras frame": (KERAS_CSV.replace("epoch,", ",", 1), "Keras' History", BOTH),
    "Keras lists": (KERAS_LISTS, "Keras' History", BOTH), "Keras 2": (KERAS_2, "Keras' console", BOTH), "Keras 3": (KERAS_3, "Keras' console", BOTH),
    "Keras, a line an epoch": (KERAS_QUIET, "Keras' console", BOTH),
    "Lightning": (LIGHTNING, "Lightning's metrics.csv", BOTH), "Lightning without epoch means": (LIGHTNING_OLD, "Lightning's metrics.csv", BOTH),
    "fastai": (FASTAI, "fastai's table", BOTH), "fastai 1": (FASTAI.replace("  time", "").replace("  00:02", ""), "fastai's table", BOTH),
    "fastai with a bar": (FASTAI.replace("time", "time    ██████████| 100.00% [105/105 00:03<00:00]", 1), "fastai's table", BOTH),
    "fastai's error rate": (FASTAI_RATE, "fastai's table", BOTH), "own": (OWN, "a table", BOTH), "printed frame": (PRINTED, "a table", BOTH),
    "printed": (PRINTED_LINES, "printed lines", BOTH), "printed with bars": (PRINTED_BARS, "printed lines", BOTH),
    "printed with stars": ("\n".join(f"* **Epoch {n}/2**\n  * Train Loss: {a}\n  * Val Loss: {b}\n  * Val Acc: {c}" for n, (a, b, c) in
                                     enumerate([(0.7021, 0.6123, 0.701), (0.5331, 0.5401, 0.742)], start=1)), "printed lines", BOTH),
    "W&B": (WANDB, "W&B's export of a chart", [(None, *row[1:]) for row in BOTH]),
    "W&B by epoch": (WANDB_EPOCHS, "W&B's export of a chart", [(None, *row[1:]) for row in BOTH]),
}


@pytest.mark.parametrize(("text", "name", "rows"), READ.values(), ids=READ)
def test_each_format_is_read_by_its_own_shape_and_its_name_is_told(text, name, rows):
    assert figures(text) == near(*rows)
    told, = how_read(read_table(text))
    assert told.kind == "read" and told.sentence.startswith(f"Read as: {name}") and diagnose(text)


def test_every_reader_has_a_text_of_its_own():
    assert {reader.name for reader in READERS} - {name for _, name, _ in READ.values()} == {"runs of this program as JSON"}
    for reader in READERS[:-1]:
        assert [name for name, (text, told, _) in READ.items() if told == reader.name and not reader.matches(text)] == []


def test_a_training_accuracy_is_no_validation_accuracy():
    mine = "epoch,loss,accuracy,val_loss,val_accuracy\n1,0.7021,0.61,0.6123,0.701\n2,0.5331,0.81,0.5401,0.742\n"
    for text in (KERAS_CSV, KERAS_3, PRINTED_LINES, PRINTED_BARS, mine):
        assert [row.train_accuracy for row in read_table(text).strategies[0].rows] == [0.61, 0.81]
    alone = read_table("epoch,accuracy,loss\n0,0.61,0.7\n1,0.81,0.5\n").strategies[0]  # a fit without validation
    assert alone.last is None and [row.train_accuracy for row in alone.rows] == [0.61, 0.81]
    assert figures("epoch,loss,eval_loss,eval_accuracy\n1,0.7,0.6,0.7\n") == [(0.7, 0.6, 0.7)]
    assert figures("epoch,train_loss,loss,accuracy\n1,0.7,0.6,0.7\n") == [(0.7, 0.6, 0.7)]


@pytest.mark.parametrize(("head", "figure", "columns"), (
    ("epoch,eval_accuracy,test_accuracy", "validation accuracy", ("eval_accuracy", "test_accuracy")),
    ("epoch,accuracy,test_accuracy", "validation accuracy", ("accuracy", "test_accuracy")),
    ("epoch,val_loss,eval_loss", "validation loss", ("val_loss", "eval_loss")),
    ("epoch,loss,total_loss,train_loss,val_loss", "training loss", ("train_loss", "loss")),
))
def test_two_columns_that_claim_one_figure_are_asked_about(head, figure, columns, tmp_path, capsys):
    values = [f"0.{n}" for n in range(5, 5 + head.count(","))]
    text = f"{head}\n1,{','.join(values)}\n2,{','.join(values)}\n"
    with pytest.raises(TwoColumns) as caught:
        read_table(text)
    assert caught.value.figure == figure and set(caught.value.columns) == set(columns)
    path = tmp_path / "two.csv"
    path.write_text(text)
    assert main(["diagnose", str(path)]) == 2
    err = capsys.readouterr().err
    assert all(repr(column) in err for column in columns) and "--use" in err and err.count("\n") == 1
    for column in columns:
        table = read_table(text, use=[column])
        assert column in table.reading.used.values()
        value = float(values[head.split(",").index(column) - 1])
        assert value in {getattr(table.strategies[0].rows[0], name) for name in ("train_loss", "val_loss", "val_accuracy")}
        assert main(["diagnose", str(path), "--use", column]) == 0
    for wrong in ("none", "epoch"):
        with pytest.raises(LabError):
            read_table(text, use=[wrong])


def test_other_figures_are_not_taken_for_an_accuracy_or_a_loss():
    text = "epoch,val_loss,val_balanced_accuracy,f1,kd_loss\n1,0.6,0.9,0.8,4.0\n"
    assert figures(text) == [(None, 0.6, None)]
    told, = how_read(read_table(text))
    assert told.sentence.endswith("Not used: 'val_balanced_accuracy' and 'kd_loss'.")
    assert figures(text, use=["val_balanced_accuracy"]) == [(None, 0.6, 0.9)]
    assert figures("epoch,val_acc,val_accuracy\n1,0.5,0.5\n") == [(None, None, 0.5)]  # one figure written twice is no question


def test_a_test_figure_in_lines_of_its_own_is_no_claim():
    text = CONSOLE + "{'eval_loss': 0.5401, 'eval_accuracy': 0.742, 'epoch': 2.0}\n{'test_loss': 0.9, 'test_accuracy': 0.6, 'test_runtime': 1.0}\n"
    strategy, = read_table(text).strategies
    assert len(strategy.rows) == 2 and strategy.last == 0.742 and strategy.reported.val_accuracy == 0.742


def test_nan_is_a_figure_and_no_log_is_none():
    rows = figures("epoch,train_loss,val_loss,val_accuracy\n1,0.7,0.6,0.7\n2,NaN,nan,0.33\n")
    assert math.isnan(rows[1][0]) and math.isnan(rows[1][1]) and rows[1][2] == 0.33
    for empty in ("", "No log", "NA", "-", "None", "N/A"):
        assert figures(f"epoch,train_loss,val_loss\n1,{empty},0.6\n2,0.5,0.5\n")[0] == (None, 0.6, None)
    every_second = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.6,0.7,nan,nan\n1,0.7,0.6,0.7,0.6\n2,0.8,0.5,nan,nan\n"
    assert figures(every_second) == near((0.7, None, None), (0.6, 0.6, 0.7), (0.5, None, None))  # epochs without a validation


def test_percentages_and_shares_are_told_apart_or_refused():
    assert figures("epoch,val_accuracy\n1,55\n2,61.5\n") == near((None, None, 0.55), (None, None, 0.615))
    assert figures("epoch,val_accuracy\n1,0.9%\n2,1.0 %\n") == near((None, None, 0.009), (None, None, 0.01))
    with pytest.raises(LabError, match="shares beside percentages"):
        read_table("epoch,val_accuracy\n1,0.55\n2,61.5\n")


def test_steps_order_rows_where_epochs_do_not():
    text = "step,epoch,val_loss\n200,1,0.5\n100,1,0.6\n300,2,0.4\n"
    assert [(row.epoch, row.val_loss) for row in read_table(text).strategies[0].rows] == [(100, 0.6), (200, 0.5), (300, 0.4)]
    assert read_table("step,val_loss\n100,0.6\n200,0.5\n").unit == "step" and read_table(OWN).unit == "epoch"


def test_several_runs_in_one_text_are_several_strategies():
    titled = f"o\tRoBERTa:\n{NOTEBOOK}\no\tBERT:\n{NOTEBOOK.replace('0.742', '0.802')}"
    assert [one.name for one in read_table(titled).strategies] == ["o RoBERTa", "o BERT"]
    assert figures(titled, "o BERT")[1][2] == 0.802
    for text in (CONSOLE + CONSOLE, KERAS_QUIET + KERAS_QUIET, FASTAI + FASTAI, PRINTED_BARS + PRINTED_BARS):
        table = read_table(text)
        assert [one.name for one in table.strategies] == ["run 1", "run 2"] and table.blocks
        assert all(len(one.rows) == 2 for one in table.strategies)
    assert [one.name for one in read_table(WANDB).strategies] == ["bert - top", "odd"] and figures(WANDB, "odd") == [(None, 0.9, 0.5)]


def test_an_evaluation_before_the_training_is_the_start():
    text = "{'eval_loss': 1.1, 'eval_accuracy': 0.33, 'eval_runtime': 1.0}\n" + CONSOLE
    strategy, = read_table(text).strategies
    assert strategy.start.val_loss == 1.1 and len(strategy.rows) == 2


def test_evaluations_without_an_epoch_are_all_kept():
    text = "".join(f"{{'eval_loss': {loss}, 'eval_runtime': 1.0}}\n" for loss in (0.9, 0.7, 0.6))
    assert figures(text) == [(None, 0.9, None), (None, 0.7, None), (None, 0.6, None)]


def test_figures_of_several_evaluation_sets_are_one_line_and_a_question():
    text = "{'loss': 0.5, 'epoch': 1.0}\n{'eval_matched_loss': 0.5, 'eval_matched_accuracy': 0.8, 'epoch': 1.0}\n" \
           "{'eval_mm_loss': 0.6, 'eval_mm_accuracy': 0.7, 'epoch': 1.0}\n"
    assert figures(text) == [(0.5, None, None)]
    assert figures(text, use=["eval_mm_accuracy", "eval_matched_loss"]) == [(0.5, 0.5, 0.7)]


BAD = {
    "a cell that is no number": NOTEBOOK.replace("0.540100", "O.540100"), "a cell too few": FASTAI.replace("0.742000  ", ""),
    "decimal commas between commas": "epoch,val_loss,val_accuracy\n1,0,51,0,7\n",
    "names with blanks": "strategy epoch val_loss\nTop 6 1 0.5\nOdd 6 1 0.5\n",
    "too few cells": "epoch train_loss val_loss val_accuracy\n1 0.5 0.7\n",
    "a cut state": STATE[: len(STATE) // 2], "no log_history": '{"log_history": 5}', "Keras unfinished": KERAS_3.split("\r")[0] + "\n",
    "cut lists": KERAS_LISTS[:-20], "words": "It did not work at all.", "a loss of words": NOTEBOOK.splitlines()[0] + "\n",
    "two of one name": "epoch,val_loss,val_loss\n1,0.5,0.6\n", "too much": "a" * (LARGEST + 1), "speed alone": "{'train_runtime': 5.0}",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_one_sentence(text):
    with pytest.raises(LabError) as caught:
        diagnose(text)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".") and len(str(caught.value)) < 420


def test_what_is_no_table_is_told_the_formats_that_are_read():
    with pytest.raises(LabError) as caught:
        diagnose("It did not work at all.")
    assert all(reader.name in str(caught.value) for reader in READERS[:-1])


@pytest.mark.parametrize("line", ("epoch 1\n", "Epoch 1/2\n", "{'loss': 1.0}\n", "a,", "{", "epoch,loss\n", "x - y,", "9/9 [==] - 12s - ", "\b"))
def test_much_of_anything_is_read_or_refused_soon(line):
    started = time.monotonic()
    try:
        read_table((line * LARGEST)[: LARGEST // 5])
    except LabError as error:
        assert "\n" not in str(error)
    assert time.monotonic() - started < 20


def test_many_epochs_are_read_soon():
    rows = "\n".join(f"{n},0.5" for n in range(20_000))
    started = time.monotonic()
    assert len(read_table(f"epoch,val_loss\n{rows}").strategies[0].rows) == 20_000 and time.monotonic() - started < 20
    with pytest.raises(LabError, match="strategies"):
        read_table("strategy,val_loss\n" + "\n".join(f"s{n},0.5" for n in range(2000)))


@pytest.mark.parametrize("encoding", ("utf-8", "utf-8-sig", "utf-16"))
def test_a_file_is_read_in_the_encodings_that_consoles_write(encoding, tmp_path, capsys):
    path = tmp_path / "log.txt"
    path.write_bytes(CONSOLE.encode(encoding))
    assert main(["diagnose", str(path)]) == 0 and "Read as: the Trainer's console" in capsys.readouterr().out
    path.write_bytes(b"a" * (4 * LARGEST + 1))
    assert main(["diagnose", str(path)]) == 2 and "more than" in capsys.readouterr().err

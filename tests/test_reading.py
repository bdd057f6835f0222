"""Blind readings: pairs without labels, agreement and kappa. Run: python -m pytest tests/test_reading.py"""

import json
import random

import pytest
from sklearn.metrics import cohen_kappa_score

from core.__main__ import main
from core.commands.blind import kappa, sample
from core.data.catalogue import load


def test_kappa_is_scikit_learn_s():
    rng = random.Random(0)
    truth = [rng.choice("abc") for _ in range(200)]
    answers = [label if rng.random() < 0.7 else rng.choice("abc") for label in truth]
    assert kappa(answers, truth) == pytest.approx(cohen_kappa_score(answers, truth))
    assert kappa(truth, truth) == 1.0


def test_what_is_printed_shows_no_label_and_is_the_same_for_a_seed(capsys):
    assert main(["blind", "--n", "12", "--seed", "3"]) == 0
    printed = capsys.readouterr().out
    assert main(["blind", "--n", "12", "--seed", "3"]) == 0
    assert capsys.readouterr().out == printed
    rows = [line.split("\t") for line in printed.splitlines()]
    task = load("composed-nli")
    drawn = sample(task, 12, 3)
    assert [row[1:] for row in rows] == [[task.split(p).first[i], task.split(p).second[i]] for p, i in drawn]
    assert not any(label in printed for label in task.labels)
    assert len({part for part, _ in sample(task, 150, 3)}) == 3


def test_answers_are_scored(tmp_path, capsys):
    task = load("composed-nli")
    truth = [task.labels[task.split(part).labels[i]] for part, i in sample(task, 20, 1)]
    answers = ["neutral" if label != "neutral" else "entailment" for label in truth[:2]] + truth[2:]
    path = tmp_path / "answers.tsv"
    path.write_text("".join(f"{n}\t{answer}\n" for n, answer in enumerate(answers, 1)))
    assert main(["blind", "--n", "20", "--seed", "1", "--score", str(path), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["agreement"] == 0.9 and result["differ"] == [1, 2]
    assert result["kappa"] == pytest.approx(cohen_kappa_score(answers, truth))


@pytest.mark.parametrize("text, says", [("neutral\n", "holds 1 answers for 20"), ("maybe\n" * 20, "which is no label"), (None, "cannot be read")])
def test_bad_answers_are_one_sentence(tmp_path, capsys, text, says):
    path = tmp_path / "answers"
    if text:
        path.write_text(text)
    assert main(["blind", "--n", "20", "--score", str(path)]) == 2
    error = capsys.readouterr().err.strip()
    assert says in error and "\n" not in error

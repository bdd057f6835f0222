"""SICK from a synthetic file in its format. Run: python -m pytest tests/test_data_sick.py"""

import random

import pytest

from core.data import catalogue, sick
from core.data.splitting import connected, deal
from core.data.task import Split
from core.errors import LabError

HEADER = "pair_ID\tsentence_A\tsentence_B\tentailment_label\trelatedness_score\tSemEval_set"
NAMES = ("ENTAILMENT", "NEUTRAL", "CONTRADICTION")


def rows() -> list[str]:
    """60 training pairs; 40 test groups of 3 chained pairs; one test pair in four repeats a training sentence."""
    made = [f'The "{i}" dog runs\tA dog {i} runs\t{NAMES[i % 3]}\t4.0\t{"TRIAL " if i % 10 == 0 else "TRAIN"}' for i in range(60)]
    for group in range(40):
        chain = [f"A cat {group} sits {k}" for k in range(4)]
        if group % 4 == 0:
            chain[0] = f"a DOG {group} runs"
        made += [f"{a}\t{b}\t {NAMES[(group + k) % 3]} \t3.0\t TEST " for k, (a, b) in enumerate(zip(chain, chain[1:]))]
    return made


def write(folder, lines, header=HEADER, ending="\r\n"):
    text = ending.join([header, *(f"{i}\t{line}" for i, line in enumerate(lines, 1))]) + ending
    (folder / "SICK.txt").write_bytes(text.encode())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYER_LAB_DATA", str(tmp_path))
    write(tmp_path, rows())
    return tmp_path


def texts(split: Split) -> set[str]:
    return {text.casefold() for text in split.first + split.second}


def pairs(split: Split) -> set:
    return set(zip(split.first, split.second, split.labels))


def test_train_and_trial_are_train_and_stray_space_is_ignored(folder):
    task = sick.load()
    assert len(task.train) == 60
    assert task.labels == ("entailment", "neutral", "contradiction") == catalogue.CATALOGUE["sick"].labels
    assert task.train.labels == tuple(i % 3 for i in range(60))
    assert task.train.first[3] == 'The "3" dog runs'


def test_validation_and_test_share_no_sentence_and_are_halves(folder):
    task = sick.load()
    assert len(task.validation) == len(task.test) == 60
    assert not texts(task.validation) & texts(task.test)
    assert [task.test.labels.count(i) for i in range(3)] == [20, 20, 20]
    for split in (task.validation, task.test):
        assert len(set(split.clusters)) == 20 and {split.clusters.count(group) for group in split.clusters} == {3}


def test_row_order_does_not_decide(folder):
    before = sick.load()
    shuffled = rows()
    random.Random(1).shuffle(shuffled)
    write(folder, shuffled, ending="\n")
    after = sick.load()
    assert pairs(before.test) == pairs(after.test) and pairs(before.validation) == pairs(after.validation)


def test_card_states_computed_figures(folder):
    task = sick.load()
    shared = sum(a.casefold() in texts(task.train) for a in task.test.first) / len(task.test)
    assert 0 < shared < 1
    assert f"{shared:.1%} share at least one text with train" in task.card
    assert "40 groups, the largest of 3 pairs; 20 went to validation and 20 to test" in task.card
    assert "macro-F1" in task.card and "CC BY-NC-SA 3.0" in task.card and "33.3%" in task.card


def test_loaded_again_only_when_the_file_changed(folder):
    first = catalogue.load("sick")
    assert catalogue.load("sick") is first
    write(folder, rows()[3:])
    assert len(catalogue.load("sick").train) == 57


def test_one_sentence_for_each_fault(folder, monkeypatch):
    good = rows()
    write(folder, good, header=HEADER.replace("SemEval_set", "part"))
    with pytest.raises(LabError, match="no column 'SemEval_set'"):
        catalogue.load("sick")
    write(folder, [good[0].replace("ENTAILMENT", "MAYBE"), *good[1:]])
    with pytest.raises(LabError, match="row 1, has the label 'maybe'"):
        catalogue.load("sick")
    write(folder, [*good[:4], good[4].replace("TRAIN", "DEV"), *good[5:]])
    with pytest.raises(LabError, match="row 5, has the split 'DEV'"):
        catalogue.load("sick")
    write(folder, good[:60])
    with pytest.raises(LabError, match="0 pairs for test"):
        catalogue.load("sick")
    write(folder, good[:60] + good[60:63])
    with pytest.raises(LabError, match="hang together"):
        catalogue.load("sick")
    write(folder, [*good, "only one cell"])
    with pytest.raises(LabError, match="cells where the header has 6"):
        catalogue.load("sick")
    (folder / "SICK.txt").unlink()
    with pytest.raises(LabError, match="no SICK.txt"):
        catalogue.load("sick")
    monkeypatch.delenv("LAYER_LAB_DATA")
    with pytest.raises(LabError, match="set LAYER_LAB_DATA"):
        catalogue.load("sick")


def test_connected_follows_chains():
    assert connected(["a", "c", "x", "B "], ["b", "d", "y", "C"]) == (0, 0, 1, 0)
    assert connected(["a", "b", "A"]) == (0, 1, 0)


def test_deal_keeps_groups_whole_and_label_shares():
    labels = tuple(int(i % 10 == 0) for i in range(1000))
    split = Split(tuple(f"text {i // 2}" for i in range(1000)), None, labels)
    groups = connected(split.first)
    train, validation, test = deal(split, groups, (0.8, 0.1, 0.1))
    assert sorted(train + validation + test) == list(range(1000))
    assert not {groups[i] for i in train} & {groups[i] for i in validation + test}
    assert not {groups[i] for i in validation} & {groups[i] for i in test}
    for rows, share in ((train, 0.8), (validation, 0.1), (test, 0.1)):
        assert abs(len(rows) - 1000 * share) <= 4
        assert abs(sum(labels[i] for i in rows) - 100 * share) <= 2

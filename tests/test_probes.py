"""Harmed copies of tasks. Run: python -m pytest tests/test_probes.py"""

import pytest

from core.data.catalogue import load
from core.errors import LabError

PARTS = ("train", "validation", "test")


def test_the_second_text_alone():
    whole, harmed = load("composed-nli"), load("hypothesis:composed-nli")
    for part in PARTS:
        assert harmed.split(part).first == whole.split(part).second and harmed.split(part).second is None
        assert harmed.split(part).labels == whole.split(part).labels
    assert harmed.name == "hypothesis:composed-nli" and harmed.hash != whole.hash


def test_shuffled_words_are_the_same_words_in_another_order_every_time_alike():
    whole, harmed = load("composed-nli").test, load("shuffled:composed-nli").test
    for side in ("first", "second"):
        texts, shuffled = getattr(whole, side), getattr(harmed, side)
        assert all(sorted(a.rstrip(".").split()) == sorted(b.rstrip(".").split()) for a, b in zip(texts, shuffled, strict=True))
        assert sum(a != b for a, b in zip(texts, shuffled, strict=True)) > 0.95 * len(texts)
    assert load("shuffled:composed-nli").test.first == harmed.first


def test_a_task_of_single_texts_has_no_probe(task):
    with pytest.raises(LabError, match="one text an example"):
        load(f"hypothesis:{task}") if load(task).train.second is None else load(f"hypothesis:hypothesis:{task}")


def test_an_unknown_task_is_named():
    with pytest.raises(LabError, match="There is no task 'nothing'"):
        load("shuffled:nothing")

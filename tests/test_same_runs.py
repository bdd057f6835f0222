"""The comparison of two versions' runs: equal runs are equal, and the smallest difference is found. Run: python -m pytest tests/test_same_runs.py"""

import copy

import pytest

from core.recipe import BUNDLES
from tests.same_runs import cases, compared, decided, differences, records


@pytest.fixture
def made(teacher, task):
    return {"assignment": [decided(record) for record in cases(teacher, task)["objective assignment"]()]}


def test_a_run_is_equal_to_itself_and_one_bit_more_is_found(made):
    table, equal = compared(made, copy.deepcopy(made))
    assert equal and len(table.splitlines()) == 2 and "equal" in table
    for change in (last_bit_of_a_loss, another_answer, another_id, no_such_run):
        changed = copy.deepcopy(made)
        change(changed)
        table, equal = compared(made, changed)
        assert not equal and "differ" in table, change


def last_bit_of_a_loss(made):
    point = made["assignment"][0]["curve"][3]
    point["loss"] = point["loss"] * (1 + 2**-52)


def another_answer(made):
    run = made["assignment"][0]
    run["predictions"] = ("0" if run["predictions"][0] == "1" else "1") + run["predictions"][1:]


def another_id(made):
    made["assignment"][0]["id"] = "0" * 12


def no_such_run(made):
    made["assignment"].clear()


def test_the_cases_hold_every_objective_and_every_kind_of_run(teacher, task):
    names = " ".join(cases(teacher, task))
    assert all(f"objective {name}" in names for name in BUNDLES)
    kinds = ("race", "one stage", "two stages", "shrinking", "theseus", "mistake", "micro-batches", "full budget", "bundled")
    assert all(kind in names for kind in kinds)


@pytest.mark.parametrize("name", ["micro-batches of 5", "race of two", "mistakes", "a mistake by its overrides"])
def test_a_case_of_each_form_is_made(name, teacher, task):
    assert all(decided(record)["curve"][-1]["loss"] is not None for record in cases(teacher, task)[name]())
    assert records(iter(())) == []


def test_a_record_may_hold_more_than_before_and_nothing_less():
    assert differences({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}, "d": 3}) == []
    assert differences({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}) == ["a.c: 2 != None"]

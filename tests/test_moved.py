"""How far each student layer has moved: told at every evaluation, and not one bit of a record hangs on it.

Run: python -m pytest tests/test_moved.py
"""

import pytest

from core import figures
from core.recipe import Budget, Optimiser, Recipe
from core.training import session
from core.training.distill import distill
from core.training.race import Race
from core.views.lab import moved

FP32 = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")
TIMES = ("seconds", "train_seconds", "tokens_per_second", "environment")


def decided(record: dict) -> dict:
    return {name: value for name, value in record.items() if name not in TIMES} | {
        "curve": [{name: value for name, value in point.items() if name != "seconds"} for point in record["curve"]]
    }


def recipe(teacher, task) -> Recipe:
    return Recipe(teacher, task, layers=(1, 3), budget=Budget(steps=12), optimiser=FP32)


def test_every_evaluation_tells_how_far_each_part_has_moved_and_the_last_is_the_records(teacher, task):
    events = list(distill(recipe(teacher, task)))
    told = [event.data["moved"] for event in events if event.kind == "evaluated"]
    assert len(told) == 3 and told[-1] == events[-1].data["record"]["update_norms"]
    assert all(a["1"] < b["1"] and a["2"] < b["2"] for a, b in zip(told, told[1:]))
    alone = [event.data["moved"] for event in Race([recipe(teacher, task), Recipe(teacher, task, layers=(2, 4), budget=Budget(steps=12),
             optimiser=FP32)]).events() if event.kind == "evaluated" and event.data["runner"] == 0]
    assert alone == told


def test_a_record_is_the_same_bit_for_bit_where_nothing_is_told(teacher, task, monkeypatch):
    with_it = decided(list(distill(recipe(teacher, task)))[-1].data["record"])
    real, untold = session.update_norms, iter([{}] * 3)  # at the three evaluations; the record's own comes after them
    monkeypatch.setattr(session, "update_norms", lambda *args: found if (found := next(untold, None)) is not None else real(*args))
    events = list(distill(recipe(teacher, task)))
    assert [event.data["moved"] for event in events if event.kind == "evaluated"] == [{}] * 3
    assert decided(events[-1].data["record"]) == with_it


def test_rows_from_events_and_from_the_record_are_the_same():
    norms = {"embeddings": 9.0, "1": 0.5, "2": 0.0, "head": 0.1}
    events = [{"kind": "prepared"}, {"kind": "evaluated", "moved": norms}]
    record = {"recipe": {"layers": [3, 5]}, "update_norms": norms, "steps": 60}
    rows = moved.live(events, (3, 5))
    assert rows == moved.of_record(record)
    assert [(row["layer"], row["text"]) for row in rows] == [(1, "from 3: 0.5"), (2, "from 5: did not move")]
    assert rows[0]["said"] == "student layer 1, from teacher layer 3: moved 0.5"
    assert rows[1]["said"] == "student layer 2, from teacher layer 5: did not move"
    assert [row["share"] for row in rows] == [pytest.approx(1.0), 0.0]


def test_before_the_first_evaluation_all_blocks_stand_at_nothing_and_a_worker_that_does_not_tell_draws_none():
    assert [(row["share"], row["text"]) for row in moved.live([{"kind": "prepared"}], (1, 3))] == [(0.0, "from 1: 0"), (0.0, "from 3: 0")]
    assert moved.live([{"kind": "evaluated", "step": 20}], (1, 3)) == ()
    assert moved.of_record({"recipe": {"layers": [1]}, "update_norms": {"1": 0.0}, "steps": 0}) == ()
    assert moved.live([], (1,), untrained=True)[0]["said"] == "student layer 1, untrained: moved 0"


def test_the_blocks_keep_their_places_and_bring_no_data():
    chart = figures.moved_blocks(3).to_dict()
    blocks = chart["layer"][0]["encoding"]
    assert chart["data"] == {"name": "rows"} and "datasets" not in chart
    assert blocks["y"]["scale"]["domain"] == [3, 2, 1] and blocks["description"]["field"] == "said"

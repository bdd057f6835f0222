"""Runs played again from their curves' seconds. Run: python -m pytest tests/test_replay.py"""

import pytest
from streamlit.testing.v1 import AppTest

from core.recipe import Recipe, rung
from core.views.race import curves as race_curves
from pages.parts.race import replay
from tests.app_harness import button, clean, group, shown
from tests.fake_worker import record

CURVE = [
    {"step": step, "loss": 1.0 / step if step else None, "losses": {}, "seconds": 2.0 * step,
     "val_accuracy": 0.4 + step / 100 if step % 10 == 0 else None, "val_loss": 1.0} for step in range(0, 61, 5)
]


def a_record(layers=(1, 3), **changes) -> dict:
    return record(Recipe("minilm-l6", "composed-nli", layers, budget=rung("60")), curve=CURVE, **changes)


def test_a_replay_shows_what_was_known_after_so_many_seconds():
    early, whole = race_curves.curves_of_records([a_record()], 21.0), race_curves.curves_of_records([a_record()])
    assert [row["step"] for row in early.losses] == [5, 10] and [row["step"] for row in early.accuracies] == [0, 10]
    assert [row["step"] for row in whole.losses] == list(range(5, 61, 5)) and len(whole.accuracies) == 7
    assert (early.top, early.total, early.teacher) == (whole.top, 60, 0.9)


def test_several_runs_are_played_by_their_own_seconds():
    fast = [point | {"seconds": point["seconds"] / 2} for point in CURVE]
    view = race_curves.curves_of_records([a_record(), a_record((2, 4)) | {"curve": fast}], 40.0)
    reached = [max(row["step"] for row in view.losses if row["line"] == name) for name in view.names]
    assert reached == [20, 40]


def page() -> None:
    import streamlit as st

    from pages.parts.race import replay

    replay.draw(st.session_state.records)


@pytest.fixture
def clock(monkeypatch):
    """The seconds that the replay sees."""
    now = [1000.0]
    monkeypatch.setattr(replay.time, "time", lambda: now[0])
    return now


@pytest.fixture
def open_page():
    test = AppTest.from_function(page, default_timeout=60)
    test.session_state["records"] = [a_record()]
    return clean(test.run())


@pytest.mark.parametrize(("speed", "at"), [("real speed", "10 s"), ("5x", "50 s"), ("instant", "2 min")])
def test_it_is_always_called_a_replay_and_keeps_its_speed(open_page, clock, speed, at):
    clean(group(open_page, "Speed").set_value(speed).run())
    clean(button(open_page, "Replay").click().run())
    clock[0] += 10.0
    clean(open_page.run())
    assert f"A replay** of this run, at {speed}: {at} of 2 min" in shown(open_page)


def test_another_run_starts_from_the_beginning(open_page, clock):
    clean(button(open_page, "Replay").click().run())
    assert "A replay" in shown(open_page)
    open_page.session_state["records"] = [a_record((2, 4))]
    clean(open_page.run())
    assert "A replay" not in shown(open_page)


def test_no_job_is_made(open_page, clock, home):
    clean(button(open_page, "Replay").click().run())
    assert not (home / "store.sqlite").exists()

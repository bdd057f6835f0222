"""Several runs in one chart; and runs that are over, played again from their curves' seconds, which trains nothing and is always called a replay."""

import time
from collections.abc import Sequence

import streamlit as st

from core.figures import side
from core.views.common.text import duration, percent
from core.views.race import curves as race_curves
from core.views.race.curves import RunCurves
from pages.parts.common import live

SPEEDS = {"real speed": 1.0, "5x": 5.0, "instant": float("inf")}
LOOK_SECONDS = 0.5
LABEL = "A replay"
EMPTY = [{"step": None, "value": None, "line": None}]


def draw(records: Sequence[dict], key: str = "replay", marks: Sequence[str] = "1234", still: bool = False) -> None:
    """records: one to four, of the same task and budget. key: tells several replays on one page apart. marks: what the lines are called.

    still: draw the whole curves while nothing is replayed, and accuracies alone.
    """
    state, ids = f"{key}_began", [record["id"] for record in records]
    if st.session_state.get(state, (None, None))[1] != ids:
        st.session_state.pop(state, None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        speed = st.segmented_control("Speed of the replay", list(SPEEDS), default="5x", key=f"{key}_speed", required=True)
        st.button("Replay", icon=":material/replay:", key=f"{key}_start", on_click=start, args=(state, ids))
    if still and state not in st.session_state:
        draw_accuracies(race_curves.curves_of_records(records, called=race_curves.names([record["recipe"] for record in records], marks)), key)
    if state in st.session_state:
        going = passed(state, speed) < length(records)
        st.fragment(show, run_every=LOOK_SECONDS if going else None)(list(records), state, speed, key, marks, still)


def start(state: str, ids: list[str]) -> None:
    st.session_state.touched = True
    st.session_state[state] = (time.time(), ids)


def passed(state: str, speed: str) -> float:
    """Seconds of the runs that have been played."""
    if SPEEDS[speed] == float("inf"):
        return float("inf")
    return max(0.0, time.time() - st.session_state[state][0]) * SPEEDS[speed]


def length(records: Sequence[dict]) -> float:
    """Seconds that the longest run trained."""
    return max(point["seconds"] for record in records for point in record["curve"])


def show(records: Sequence[dict], state: str, speed: str, key: str, marks: Sequence[str] = "1234", still: bool = False) -> None:
    """Inside a fragment; the page is drawn once more at the end, which ends the polling."""
    if state not in st.session_state:
        return
    at, whole = passed(state, speed), length(records)
    many = "these runs" if len(records) > 1 else "this run"
    st.markdown(f":material/replay: **{LABEL}** of {many}, at {speed}: {duration(min(at, whole)) or '0 s'} of {duration(whole)} of training.")
    called = race_curves.names([record["recipe"] for record in records], marks)
    (draw_accuracies if still else draw_chart)(race_curves.curves_of_records(records, at, called), key)
    if at >= whole and SPEEDS[speed] != float("inf") and st.session_state.get(f"{state}_ended") != st.session_state[state]:
        st.session_state[f"{state}_ended"] = st.session_state[state]
        st.rerun()


def draw_chart(view: RunCurves, key: str) -> None:
    """Draw accuracy and training loss side by side; each holds every run."""
    charts = (
        (view.accuracies, accuracies_of(view), "accuracy"),
        (view.losses, side(view.names, view.total, "Training loss", (0.0, view.top), ".2~f", None, view.colours), "loss"),
    )
    for column, (rows, chart, what) in zip(st.columns(2, gap="small"), charts, strict=True):
        with column:
            live.chart_of_rows(list(rows) or EMPTY, chart, f"{key}_{what}")
    if view.teacher is not None:
        st.caption(f"Dashed: the teacher's own accuracy, {percent(view.teacher)}.")
    if not view.one_objective:
        st.caption("These runs have different objectives, so their losses are no common measure; compare the accuracies.")


def draw_accuracies(view: RunCurves, key: str) -> None:
    """Draw the accuracies alone."""
    live.chart_of_rows(list(view.accuracies) or EMPTY, accuracies_of(view, wide=True), f"{key}_accuracy")
    if view.teacher is not None:
        st.caption(f"Dashed: the teacher, {percent(view.teacher)}.")


def accuracies_of(view: RunCurves, wide: bool = False):
    return side(view.names, view.total, view.title, (0.0, 1.0), ".0%", view.teacher, view.colours, wide)

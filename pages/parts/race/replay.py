"""Runs that are over, played again from their curves' seconds: no job, nothing is trained, and it is always called a replay."""

import time
from collections.abc import Sequence

import streamlit as st

from core.views.common.text import duration
from core.views.race import curves as race_curves
from pages.parts.race import chart as race_chart

SPEEDS = {"real speed": 1.0, "5x": 5.0, "instant": float("inf")}
LOOK_SECONDS = 0.5
LABEL = "A replay"


def draw(records: Sequence[dict], key: str = "replay") -> None:
    """records: one to four, of the same task and budget. key: tells several replays on one page apart."""
    state, ids = f"{key}_began", [record["id"] for record in records]
    if st.session_state.get(state, (None, None))[1] != ids:
        st.session_state.pop(state, None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        speed = st.segmented_control("Speed of the replay", list(SPEEDS), default="5x", key=f"{key}_speed", required=True)
        st.button("Replay", icon=":material/replay:", key=f"{key}_start", on_click=start, args=(state, ids))
    if state in st.session_state:
        going = passed(state, speed) < length(records)
        st.fragment(show, run_every=LOOK_SECONDS if going else None)(list(records), state, speed, key)


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


def show(records: Sequence[dict], state: str, speed: str, key: str) -> None:
    """Inside a fragment; the page is drawn once more at the end, which ends the polling."""
    if state not in st.session_state:
        return
    at, whole = passed(state, speed), length(records)
    many = "these runs" if len(records) > 1 else "this run"
    st.markdown(f":material/replay: **{LABEL}** of {many}, at {speed}: {duration(min(at, whole)) or '0 s'} of {duration(whole)} of training.")
    race_chart.draw(race_curves.curves_of_records(records, at), key)
    if at >= whole and SPEEDS[speed] != float("inf") and st.session_state.get(f"{state}_ended") != st.session_state[state]:
        st.session_state[f"{state}_ended"] = st.session_state[state]
        st.rerun()

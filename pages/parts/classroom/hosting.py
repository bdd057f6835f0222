"""Which class this session hosts, and the key it was opened with; every action hands the key to core/classroom/host.py, which checks it."""

from collections.abc import Callable

import streamlit as st

from core.classroom import host, store
from core.classroom.store import Class
from pages.parts.common.problems import reporting_problems

PROBLEM = "host_problem"  # key of the session
HOST = "host"


def begin(found: Class, key: str, new: bool = False) -> None:
    """Have this session host a class from now on. new: the key was just made and is to be shown, once."""
    st.session_state[HOST] = {"class": found.id, "key": key, "new": new}


def key() -> str | None:
    """Return the key that this session holds."""
    return (st.session_state.get(HOST) or {}).get("key")


def current() -> Class | None:
    """Return the class that this session hosts; None where there is none, it is gone, or the key does not open it. LabError of the store."""
    kept = st.session_state.get(HOST)
    if not kept:
        return None
    try:
        found = store.get(kept["class"])
        if host.holds(found.id, kept["key"]):
            return found
        st.session_state[PROBLEM] = host.NOT_THE_KEY
    except store.Gone as error:
        st.session_state[PROBLEM] = str(error)
    st.session_state[HOST] = None
    return None


def leave() -> None:
    """Handle a callback: host no more in this session. The class goes on."""
    st.session_state[HOST] = None


def do(action: Callable, *values: object, **named: object) -> None:
    """Handle a callback: action(class id, key, …) of core/classroom/host.py; what goes wrong is said on the page."""
    with reporting_problems(PROBLEM):
        kept = st.session_state.get(HOST) or {}
        action(kept.get("class"), kept.get("key"), *values, **named)

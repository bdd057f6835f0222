"""Draw a page again when its class has changed: a fragment asks once a second what the server knows, which costs no read of its own."""

import contextlib
import time
from collections.abc import Iterator

import streamlit as st

from core.classroom import store, watch
from core.classroom.store import Class
from core.errors import LabError
from core.views.common.text import plain

SECONDS, AGAIN = 1.0, 3.0


def keep_up(found: Class, board: bool = False) -> None:
    """Poll from here on. found: the class as this page was drawn. board: draw again too when somebody has joined or answered."""
    st.fragment(look, run_every=SECONDS)(found.id, found.version, found.activity if board else None)


def look(class_id: int, version: int, activity: int | None) -> None:
    """Draw the page again where the class is newer than the page, or gone."""
    pulse = watch.pulse(class_id)
    if pulse is None and _there(class_id):
        return  # just made, by another process
    if pulse is None or pulse[0] > version or (activity is not None and pulse[1] > activity):
        st.rerun()


@contextlib.contextmanager
def trying_again() -> Iterator[None]:
    """Say, while drawing, what is wrong with a store that does not answer, and draw the page again soon: a class waits for no reload."""
    try:
        yield
    except LabError as error:
        st.error(plain(error))
        st.fragment(again, run_every=AGAIN)(time.monotonic())


def again(drawn: float) -> None:
    """Draw the page again, but not at once."""
    if time.monotonic() - drawn > AGAIN / 2:
        st.rerun()


def _there(class_id: int) -> bool:
    try:
        store.get(class_id)
    except store.Gone:
        return False
    except LabError:  # the next look will tell
        return True
    return True

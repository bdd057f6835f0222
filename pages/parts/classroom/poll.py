"""Draw a page again when its class has changed: a fragment asks once a second what the server knows, which costs no read of its own."""

import contextlib
import time
from collections.abc import Iterator

import streamlit as st

from core.classroom import store, watch
from core.classroom.store import Class
from core.errors import LabError
from core.views.common.text import plain

SECONDS, AGAIN, ONCE_MORE = 1.0, 3.0, 4.0
DRAWN = "class_drawn"  # key of the session


def keep_up(found: Class, board: bool = False) -> None:
    """Poll from here on. found: the class as this page was drawn. board: draw again too when somebody has joined or answered.

    What was changed is drawn once more after a while: on a machine with no time to spare a redraw was seen to be missing, for a reason not found.
    """
    news = st.session_state.get(DRAWN) != (found.id, found.version)
    st.session_state[DRAWN] = found.id, found.version
    st.fragment(look, run_every=SECONDS)(found.id, found.version, found.activity if board else None, time.monotonic() + ONCE_MORE if news else None)


def look(class_id: int, version: int, activity: int | None, once_more: float | None = None) -> None:
    """Draw the page again where the class is newer than the page, or gone. once_more: a time, as time.monotonic, from which on it is done anyway."""
    pulse = watch.pulse(class_id)
    if pulse is None and _there(class_id):
        return  # just made, by another process
    if pulse is None or pulse[0] > version or (activity is not None and pulse[1] > activity) or (
            once_more is not None and time.monotonic() > once_more):
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

"""The class that this session is in, and whose seat; found again by the browser's cookie after a reload."""

import streamlit as st

from core.classroom import part, store, watch
from core.classroom.codes import read_code
from core.classroom.store import Class, Member
from core.errors import LabError
from core.views.classroom import lessons
from pages.parts.classroom.browser_address import browser_address
from pages.parts.common import state
from pages.parts.common.learner import learner
from pages.parts.common.problems import reporting_problems

PROBLEM = "class_problem"  # key of the session
ROOM, LOOKED, OTHER, GOING, KEPT = "room", "room_looked", "room_other", "room_going", "room_kept"  # of the session


def asked_code() -> str | None:
    """Return the code in the address, if it is one."""
    return read_code(st.query_params.get("code"))


def current(code: str | None = None) -> tuple[Class, Member] | None:
    """Return class and member that this session shows. code: of the class that is asked for. None where the browser is not in it, or in none.

    Read before anything that belongs to the class, so that what changes meanwhile is drawn by the next run. LabError of a store that does not answer.
    """
    room = st.session_state.get(ROOM)
    try:
        found = store.get(room["class"]) if room else None
    except store.Gone as error:
        st.session_state[ROOM], st.session_state[PROBLEM] = None, str(error)
        return None
    if found is None or (code and found.code != code):
        found = store.of_learner(learner(), code)
        if found is None:
            return None
        st.session_state[ROOM] = {"class": found.id, "seat": None}
    seats = store.seats(found.id, learner())
    member = next((one for one in seats if one.learner == st.session_state[ROOM]["seat"]), seats[0] if seats else None)
    if member is None:
        st.session_state[ROOM] = None
        return None
    st.session_state[ROOM]["seat"] = member.learner
    return found, member


def remembered() -> Class | None:
    """Return the class that the session is in, for pages that are not its own; None on any problem. It is looked for in the store once a session."""
    if ROOM not in st.session_state and LOOKED not in st.session_state:
        st.session_state[LOOKED] = True
        try:
            current()
        except LabError:
            return None
    room, kept = st.session_state.get(ROOM), st.session_state.get(KEPT)
    try:
        pulse = watch.pulse(room["class"]) if room else None
        if pulse and not (kept and kept.id == room["class"] and kept.version >= pulse[0]):
            kept = st.session_state[KEPT] = store.get(room["class"])
        return kept if pulse else None
    except LabError:
        return None


def join(key_code: str, key_name: str, another: bool = False) -> None:
    """Handle a callback. key_code, key_name: of the widgets. another: one more learner at this browser, in the class that it is in."""
    with reporting_problems(PROBLEM):
        code = st.session_state[key_code] if not another else store.get(st.session_state[ROOM]["class"]).code
        seat = learner()
        if another:
            seat = part.free_seat(st.session_state[ROOM]["class"], learner())
        found = part.join(code, st.session_state[key_name] or "", seat, browser_address())
        st.session_state[ROOM], st.session_state[OTHER] = {"class": found.id, "seat": seat}, False
        st.session_state[key_name] = ""
        st.query_params["code"] = found.code


def take_seat() -> None:
    """Handle a callback: another of this browser's learners answers now."""
    if st.session_state.w_seat:
        st.session_state[ROOM]["seat"] = st.session_state.w_seat


def elsewhere() -> None:
    """Handle a callback: join another class."""
    st.session_state[OTHER] = True
    st.query_params.pop("code", None)


def open_page(found: Class) -> None:
    """Handle a callback: open the page of the present step, with what its link sets, hides and locks. The class stays the session's."""
    step = found.now
    state.read({key: [value] for key, value in lessons.query(step).items()}, "" if step.page == "lab" else step.page)
    st.session_state.touched = True
    st.session_state[GOING] = lessons.file(step), {} if step.page == "lab" else lessons.query(step)


def go_on() -> None:
    """Go, at the start of the page, where a step's page was opened."""
    page, query = st.session_state.pop(GOING, (None, None))
    if page:
        st.switch_page(page, query_params=query)

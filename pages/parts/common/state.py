"""The session's one choice, tied to the address: widgets change it in callbacks, the address follows.

The address is read at the session's start and when the browser itself changed it (the back button, an edited link);
a rerun that a widget caused may still carry the address from before, so it is not read then.
"""

import dataclasses

import streamlit as st

from core.views.common import lesson as lessons
from core.views.common import level as levels
from core.views.common.choice import KEYS, Choice, choice_query, fitting, read_choice, teacher_layers
from pages.parts.common import visitor

LAB = ("", "lab")  # its addresses


def choice() -> Choice:
    return st.session_state.choice


def lesson() -> lessons.Lesson:
    """Return what the link hides or locks on the Lab."""
    return st.session_state.lesson


def researcher() -> bool:
    """Return whether the page shows all there is; at story level it shows the main thread."""
    return st.session_state.get("level", levels.RESEARCHER) == levels.RESEARCHER


def expected_researcher() -> bool:
    """Return the same before `sync`, which may find another level: what the menu lists is asked for first."""
    asked = levels.read_level(query())[0] if "level" not in st.session_state else st.session_state.level
    return asked == levels.RESEARCHER


def switch_level() -> None:
    """Handle a callback of the sidebar's switch."""
    st.session_state.level = st.session_state.w_level or st.session_state.level
    st.session_state.touched = st.session_state.switched = True


def fits_level(page: str) -> bool:
    """Return whether the level has this page: a researcher's page is left by switching to the story."""
    return researcher() or page not in levels.PAGES


def deep(page: str) -> bool:
    """Return whether the address is of something that only researchers see."""
    return levels.asks(page, query())


def change(redraw: bool = True, **values) -> None:
    """Change the choice from a widget's callback. redraw: the diagram has to start from the new layers."""
    st.session_state[visitor.REFUSED] = visitor.refusal(values)
    if st.session_state[visitor.REFUSED]:
        st.session_state.touched = True
        return
    new = dataclasses.replace(choice(), **values)
    if {"teacher", "task"} & set(values):
        new = fitting(new, teacher_layers(new.teacher, new.task))
    st.session_state.choice = new
    st.session_state.problems = []  # read by now
    st.session_state.touched = True
    if redraw:
        start_diagram()


def open_in_lab(**values) -> None:
    """Change the choice, in a callback; the page, drawn next, goes to the Lab (`leave_for_lab`)."""
    change(**values)
    st.session_state.leaving = True


def leave_for_lab() -> None:
    """Go, at the start of a page, to the Lab where a choice was opened in it."""
    if st.session_state.pop("leaving", False):
        st.switch_page("pages/lab.py")


def start_diagram() -> None:
    """Begin a new chart, whose first selection is the present choice."""
    st.session_state.diagram = (st.session_state.get("diagram", (0, ()))[0] + 1, choice().layers)


def query() -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in st.query_params}


def sync(page: str) -> None:
    """Read the address where it is news, then write it: at the start of every run of app.py, before any widget."""
    now, seen = query(), st.session_state.get("address")
    touched = st.session_state.pop("touched", False)
    if "choice" not in st.session_state:
        read(now, page)
    elif not touched and now and now != seen and page == st.session_state.get("page"):
        if without_level(now) == without_level(seen or {}):
            st.session_state.level = levels.read_level(now)[0] or levels.level_of(choice())
        else:
            read(now, page)
    elif page != st.session_state.get("page"):
        start_diagram()
    st.session_state.page = page
    if not st.session_state.pop("switched", False) and deep(page) and not lesson().locks(levels.KEY):
        st.session_state.level = levels.RESEARCHER
    if page == "":
        wanted = choice_query(choice()) | lessons.lesson_query(lesson()) | levels.level_query(st.session_state.level, choice())
        if now != {key: [value] for key, value in wanted.items()}:
            st.query_params.from_dict(wanted)
        st.session_state.address = {key: [value] for key, value in wanted.items()}
    else:
        st.session_state.address = write_level(now, page)


def read(now: dict[str, list[str]], page: str) -> None:
    """Take over a link; on other pages than the Lab, what it says besides is for them."""
    ours = now if page in LAB else {key: value for key, value in now.items() if key in (*KEYS, *lessons.KEYS, levels.KEY)}
    ours, refused = visitor.within(ours)
    st.session_state.choice, problems = read_choice(ours)
    st.session_state.lesson, more = lessons.read_lesson(ours)
    asked, unknown = levels.read_level(ours)
    st.session_state.level = asked or levels.level_of(choice())
    st.session_state.problems = refused + problems + more + unknown
    start_diagram()


def without_level(address: dict[str, list[str]]) -> dict[str, list[str]]:
    return {key: value for key, value in address.items() if key != levels.KEY}


def write_level(now: dict[str, list[str]], page: str) -> dict[str, list[str]]:
    """Write the level into the address of a page that both levels have, and return the address."""
    wanted = {} if page in levels.PAGES else levels.level_query(st.session_state.level)
    if now.get(levels.KEY, []) == list(wanted.values()):
        return now
    if wanted:
        st.query_params[levels.KEY] = wanted[levels.KEY]
    else:
        del st.query_params[levels.KEY]
    return query()


def problems() -> list[str]:
    return [*st.session_state.get("machine_problems", []), *st.session_state.get("problems", [])]

"""The sidebar: teacher, task, what they need, the address for learners, and the machine."""

import streamlit as st

from core.data.catalogue import CATALOGUE
from core.findings.names import short_name
from core.models.catalogue import TEACHERS
from core.models.families import family_titles
from core.recipe.tuning import split_teacher
from core.views.common.readiness import readiness
from core.views.common.text import plain
from pages.parts.app import address, task_card
from pages.parts.common import machine, state


def teacher_title(name: str) -> str:
    """'MiniLM-L6, seed 1 (6 layers)'."""
    base, seed = split_teacher(name)
    return f"{TEACHERS[base].title}{f', seed {seed}' if seed else ''} ({TEACHERS[base].layers} layers)" if base in TEACHERS else short_name(name)


def task_title(name: str) -> str:
    return CATALOGUE[name].title if name in CATALOGUE else short_name(name)


def options(known, chosen: str) -> list[str]:
    return [*known] if chosen in known else [*known, chosen]


def _set(field: str, key: str):
    def changed():
        value = (st.session_state[key] or "").strip()
        if value:
            state.change(**{field: value})

    return changed


def draw() -> None:
    chosen, lesson = state.choice(), state.lesson()
    st.session_state.w_teacher, st.session_state.w_task = chosen.teacher, chosen.task
    with st.sidebar:
        if lesson.shows("teacher"):
            st.selectbox(
                "Teacher", options(TEACHERS, chosen.teacher), format_func=teacher_title, key="w_teacher", on_change=_set("teacher", "w_teacher"),
                accept_new_options=True, help=f"Or type a hub id or a local folder of a {family_titles()} encoder.",
                disabled=lesson.locks("teacher"),
            )
        if lesson.shows("task"):
            st.selectbox(
                "Task", options(CATALOGUE, chosen.task), format_func=task_title, key="w_task", on_change=_set("task", "w_task"),
                accept_new_options=True, help="Or type file:PATH?text=COLUMN&label=COLUMN (text=A,B for pairs), or hub:OWNER/NAME?….",
                disabled=lesson.locks("task"),
            )
        ready = readiness(chosen.teacher, chosen.task)
        if ready.ready:
            st.caption(":material/check_circle: This teacher is ready for this task.")
        elif ready.problem:
            st.caption(f":material/error: {plain(ready.problem)}")
        else:
            st.caption(f":material/download: {plain(' '.join(ready.needs))}")
        st.button("About this task", icon=":material/info:", type="tertiary", on_click=st.session_state.update, kwargs={"show_card": True})
        if st.session_state.pop("show_card", False):
            task_card.draw(chosen.task)
        address.draw()
        st.caption(f":material/memory: {plain(machine.device_text() or 'The training process is starting.')}")

"""The sidebar: teacher, task, what they need, the address for learners, and the machine."""

from collections.abc import Callable, Iterable

import streamlit as st

from core.data.catalogue import CATALOGUE, info_of
from core.findings.names import short_name, teacher_parts
from core.models.catalogue import TEACHERS
from core.models.families import family_titles
from core.recipe.tuning import split_teacher
from core.views.common import level as levels
from core.views.common.readiness import readiness
from core.views.common.text import plain
from pages.parts.app import address, task_card
from pages.parts.common import guard, kept, machine, problems, state, visitor
from pages.parts.lab import guide

TASK_HELP = """Or type one:
- `file:PATH?text=COLUMN&label=COLUMN` (`text=A,B` for pairs; `file:train.csv,dev.csv,test.csv?…` for separate files)
- `hub:OWNER/NAME?text=COLUMN&label=COLUMN`

Every task takes options, joined by `&` behind a `?`:
- `max_length=256`: the longest text in tokens
- `labels=negative:0,positive:1`: what the numbers in the data are called; or, where the data hold names, each label's number among the teacher's
  classes

Your own data also take `thresholds=2,4` (classes out of a scale) and `missing=-1` (no label), files `encoding=cp1252`, `separator=semicolon`
and `quote=none`."""


def teacher_title(name: str) -> str:
    """Return 'MiniLM-L6, seed 1 (6 layers)'."""
    base, _ = split_teacher(name)
    title, details = teacher_parts(name)
    return f"{', '.join([title, *details])} ({TEACHERS[base].layers} layers)" if base in TEACHERS else short_name(name)


def task_title(name: str) -> str:
    """Return 'SICK', or with what its address says besides 'SICK (max_length=64)'."""
    info, said = info_of(name), short_name(name).partition("?")[2]
    return f"{info.title}{f' ({said})' if said else ''}" if info else short_name(name)


def changed(field: str) -> None:
    """Handle a callback: take over what was chosen or typed."""
    value = (st.session_state[f"w_{field}"] or "").strip()
    if value:
        state.change(**{field: value})


def select(field: str, label: str, known: Iterable[str], title: Callable[[str], str], hint: str) -> None:
    """Draw the list of a field of the choice, unless the link hides it; other names can be typed."""
    value, lesson = getattr(state.choice(), field), state.lesson()
    st.session_state[f"w_{field}"] = value
    if lesson.shows(field):
        st.selectbox(label, list(dict.fromkeys([*known, value])), format_func=title, key=f"w_{field}", on_change=changed, args=(field,),
                     accept_new_options=True, help=hint, disabled=lesson.locks(field))


def level_switch() -> None:
    """Draw the switch between the story and all there is, unless the link hides it."""
    st.session_state.w_level = st.session_state.level
    if state.lesson().shows(levels.KEY):
        st.segmented_control("What the pages show", list(levels.LEVELS), format_func=levels.LEVELS.get, key="w_level", required=True,
                             on_change=state.switch_level, width="stretch", disabled=state.lesson().locks(levels.KEY),
                             help="Story: the main thread, in plain words. Researcher: every figure, test, setting and page.")


def menu() -> None:
    """Draw the links to the pages. The menu that Streamlit draws by itself lists the files of pages/ first, and pushes the page to the right."""
    with st.container(gap=None, key="menu"):
        for page in guard.pages(state.researcher()):
            if page.visibility == "visible":
                st.page_link(page)


def draw(of_class: bool = False) -> None:
    """of_class: on a page of the class, which has a teacher and a task of its own; thirty learners draw it at once."""
    chosen = state.choice()
    with st.sidebar:
        menu()
        level_switch()
        if of_class:
            return
        guide.offer()
        select("teacher", "Teacher", [*TEACHERS, *visitor.own_teachers()], teacher_title,
               f"Or type a hub id or a local folder of a {family_titles()} encoder.")
        select("task", "Task", [*CATALOGUE, *visitor.own_tasks()], task_title, TASK_HELP)
        problems.draw_problem(visitor.REFUSED, st.warning)
        ready = readiness(chosen.teacher, chosen.task)
        if ready.ready:
            st.caption(":material/check_circle: This teacher is ready for this task.")
        elif ready.problem:
            st.caption(f":material/error: {plain(ready.problem)}")
        else:
            st.caption(f":material/download: {plain(' '.join(ready.needs))}")
        st.button("About this task", icon=":material/info:", type="tertiary", on_click=st.session_state.update, kwargs={"show_card": True})
        if st.session_state.pop("show_card", False):
            task_card.draw(chosen.teacher, chosen.task)
        address.draw()
        kept.draw()
        st.caption(f":material/memory: {plain(machine.device_text() or 'The training process is starting.')}")

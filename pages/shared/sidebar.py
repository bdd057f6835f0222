"""The sidebar: teacher, task, what they need, and the machine."""

import streamlit as st

from core.data.catalogue import CATALOGUE
from core.errors import LabError
from core.models.catalogue import TEACHERS
from pages.shared import machine, state
from pages.shared.choice import short_name
from pages.shared.readiness import readiness, task_needs
from pages.shared.text import plain


def teacher_title(name: str) -> str:
    return f"{TEACHERS[name].title} ({TEACHERS[name].layers} layers)" if name in TEACHERS else short_name(name)


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
    chosen = state.choice()
    st.session_state.w_teacher, st.session_state.w_task = chosen.teacher, chosen.task
    with st.sidebar:
        st.selectbox(
            "Teacher", options(TEACHERS, chosen.teacher), format_func=teacher_title, key="w_teacher", on_change=_set("teacher", "w_teacher"),
            accept_new_options=True, help="Or type a hub id or a local folder of a BERT, RoBERTa, MPNet, DistilBERT or ELECTRA encoder.",
        )
        st.selectbox(
            "Task", options(CATALOGUE, chosen.task), format_func=task_title, key="w_task", on_change=_set("task", "w_task"), accept_new_options=True,
            help="Or type file:PATH?text=COLUMN&label=COLUMN (text=A,B for pairs), or hub:OWNER/NAME?….",
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
            task_card(chosen.task)
        st.caption(f":material/memory: {plain(machine.device_text() or 'The training process is starting.')}")


@st.dialog("About this task", width="large")
def task_card(name: str) -> None:
    info = CATALOGUE.get(name)
    if info:
        st.markdown(f"**{plain(info.title)}.** {plain(info.description)}")
        if task_needs(name):
            st.caption(plain(task_needs(name)))
    try:
        card, pairs = card_of(name)
    except LabError as error:
        st.warning(plain(error))
        return
    if pairs:
        st.dataframe(pairs, hide_index=True)
    st.markdown(card)


@st.cache_data(max_entries=8, ttl=600, show_spinner="Reading the task")
def card_of(name: str) -> tuple[str, list[dict]]:
    """A task's card and eight training examples, two of each label or more."""
    from core.data.catalogue import load
    from core.data.task import stratified

    task = load(name)
    train = task.train
    picked = train.take(stratified(train.labels, 8, seed=0))
    rows = []
    for i, label in enumerate(picked.labels):
        second = {"second text": picked.second[i]} if picked.second else {}
        rows.append({"label": task.labels[label], "first text" if second else "text": picked.first[i], **second})
    card = task.card if name in CATALOGUE else plain_card(task.card)
    return card, rows


def plain_card(card: str) -> str:
    """A card of a user's own file quotes its names: shown line by line, never obeyed."""
    return "  \n".join(plain(line) for line in card.splitlines())

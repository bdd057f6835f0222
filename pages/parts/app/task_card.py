"""A task's card as a dialog: what it is, examples by phenomenon or label, sizes and limits."""

import re

import streamlit as st

from core.data.catalogue import info_of, load
from core.data.task import stratified
from core.errors import LabError
from core.views.common.fit import kept_fit
from core.views.common.readiness import task_needs
from core.views.common.result import group_name
from core.views.common.text import plain
from pages.parts.common import example_cards, fits

EACH = 6  # examples of a group
PHENOMENON = "phenomenon:"


@st.dialog("About this task", width="large")
def draw(teacher: str, name: str) -> None:
    """Draw the task's card, and how this teacher fits it."""
    info = info_of(name)
    if info:
        st.markdown(f"**{plain(info.title)}.** {plain(info.description)}")
        if task_needs(name):
            st.caption(plain(task_needs(name)))
    try:
        card, groups = card_of(name)
    except LabError as error:
        st.warning(plain(error))
        return
    fit = kept_fit(teacher, name)
    if fit is not None:
        st.markdown(f"**Does the teacher fit?** {plain(fit.line)}" if fit.line else "**Does the teacher fit?**")
        fits.draw(fit)
    what = "phenomenon" if all(group.startswith(PHENOMENON) for group in groups) else "label"
    group = st.selectbox(f"Examples by {what}", list(groups), format_func=group_name)
    for texts, label in groups[group]:
        example_cards.card(texts, {"label": label})
    st.markdown(card)


@st.cache_data(max_entries=8, ttl=600, show_spinner="Reading the task")
def card_of(name: str) -> tuple[str, dict[str, list[tuple[tuple[str, str | None], str]]]]:
    """Return a task's card, and training examples by phenomenon, or by label where the task has none: ((first, second), label) each."""
    task = load(name)
    train = task.train
    members: dict[str, list[int]] = {}
    for i, label in enumerate(train.labels):
        names = [tag for tag in (train.tags[i] if train.tags else ()) if tag.startswith(PHENOMENON)]
        for group in names or [task.labels[label]]:
            members.setdefault(group, []).append(i)
    groups = {}
    for group in sorted(members):
        picked = [members[group][i] for i in stratified([train.labels[j] for j in members[group]], EACH, seed=0)]
        groups[group] = [((train.first[i], train.second[i] if train.second else None), task.labels[train.labels[i]]) for i in picked]
    if info_of(name):
        return task.card, groups
    lines = [re.sub(r"\\([^\w\s])", r"\1", line) for line in task.card.splitlines()]  # without its own escapes, which would be shown
    return "  \n".join(map(plain, lines)), groups  # the card of a user's own file quotes its names: shown, never obeyed

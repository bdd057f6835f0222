"""Which labels the student sees: for researchers to choose, and for all to see, as a pile of examples, where some are left out or wrong."""

import streamlit as st

from core.figures.label_pile import label_pile
from core.views.common.choice import Choice
from core.views.common.lesson import Lesson
from core.views.common.text import plain
from core.views.lab import labels as view
from pages.parts.common import machine, state


def draw() -> None:
    """Draw the pile; nothing where every example keeps its right label, or the objective reads none."""
    chosen = state.choice()
    if chosen.seen_as_usual or view.fixed(chosen.objective):
        return
    examples = machine.train_examples(chosen.task)
    said = view.sentence(chosen, examples)
    st.caption(plain(said))
    st.altair_chart(label_pile(*view.pile(chosen, examples), said), theme=None, key="label_pile")


def controls() -> None:
    """Draw what can be chosen, in a popover. Where the objective reads no labels, or none is kept, there is nothing to choose."""
    chosen, lesson = state.choice(), state.lesson()
    if not lesson.shows("labels"):
        return
    with st.popover("Labels", icon=":material/sell:"):
        segments(chosen, lesson)


def segments(chosen: Choice, lesson: Lesson) -> None:
    examples = machine.train_examples(chosen.task)
    fixed = view.fixed(chosen.objective)
    amounts, shares = view.amounts(chosen.objective, examples), view.shares(chosen)
    amounts += [chosen.labels] if chosen.labels not in amounts else []
    st.session_state.w_labels, st.session_state.w_wrong = chosen.labels, chosen.wrong
    off = bool(fixed) or lesson.locks("labels")
    st.segmented_control("Labels the student sees", amounts, format_func=view.AMOUNTS.get, key="w_labels", on_change=changed, args=("labels",),
                         required=True, disabled=off)
    st.segmented_control("Wrong labels", shares, format_func=view.SHARES.get, key="w_wrong", on_change=changed, args=("wrong",), required=True,
                         disabled=off)
    st.caption(plain(fixed or view.HELP))


def changed(field: str) -> None:
    """Handle a callback: without labels none is wrong."""
    value = st.session_state[f"w_{field}"]
    if value is not None:
        state.change(**{field: value}, **({"wrong": "0"} if value == "none" else {}))

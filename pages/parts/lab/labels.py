"""Which labels the student sees: for researchers to choose, for all to see where some are left out or wrong, with the pile of examples."""

import streamlit as st

from core.figures.label_pile import label_pile
from core.views.common.text import plain
from core.views.lab import labels as view
from pages.parts.common import machine, state


def draw() -> None:
    chosen, lesson = state.choice(), state.lesson()
    examples = machine.train_examples(chosen.task)
    usual = (chosen.labels, chosen.wrong) == ("all", "0")
    if state.researcher() and lesson.shows("labels"):
        controls(examples)
    if not usual:
        said = view.sentence(chosen, examples)
        st.caption(plain(said))
        st.altair_chart(label_pile(*view.pile(chosen, examples), said), theme=None, key="label_pile")


def controls(examples: int | None) -> None:
    """Draw what can be chosen. Where the objective reads no labels, or none is kept, there is nothing to choose."""
    chosen, lesson = state.choice(), state.lesson()
    fixed = view.fixed(chosen.objective)
    amounts, shares = view.amounts(chosen.objective, examples), view.shares(chosen)
    amounts += [chosen.labels] if chosen.labels not in amounts else []
    st.session_state.w_labels, st.session_state.w_wrong = chosen.labels, chosen.wrong
    with st.container(horizontal=True, vertical_alignment="bottom", key="label_settings"):
        st.segmented_control("Labels the student sees", amounts, format_func=view.AMOUNTS.get, key="w_labels", on_change=changed, args=("labels",),
                             required=True, disabled=bool(fixed) or lesson.locks("labels"), help=fixed or view.HELP)
        st.segmented_control("Wrong labels", shares, format_func=view.SHARES.get, key="w_wrong", on_change=changed, args=("wrong",), required=True,
                             disabled=bool(fixed) or lesson.locks("labels"))


def changed(field: str) -> None:
    """Handle a callback: without labels none is wrong."""
    value = st.session_state[f"w_{field}"]
    if value is not None:
        state.change(**{field: value}, **({"wrong": "0"} if value == "none" else {}))

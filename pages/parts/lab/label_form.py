"""The Lab's form for a teacher whose classes nothing ties to the task's labels: which is which, put into the task's address."""

import streamlit as st

from core.models.labels import UnmatchedLabels
from core.views.common.text import plain
from core.views.lab import label_map
from pages.parts.common import state
from pages.parts.common.problems import RUN, draw_problem, reporting_problems


def draw(unmatched: UnmatchedLabels) -> None:
    questions = label_map.questions(unmatched)
    st.subheader("Which label is which of the teacher's classes?", anchor=False)
    st.markdown("The teacher has as many classes as the task, but other names. A wrong answer gives a teacher that is wrong by label, so look it up "
                "where the teacher comes from; what is offered first is only their order.")
    with st.form("label_map", border=False):
        for i, (label, first) in enumerate(questions):
            st.selectbox(plain(label), range(len(questions)), index=first, key=f"w_label_map_{i}",
                         format_func=lambda k: f"{unmatched.teacher[k]} (class {k})")
        st.form_submit_button("Use this map", type="primary", icon=":material/rule:", on_click=use, args=(unmatched,),
                              disabled=state.lesson().locks("task"))
    draw_problem(RUN)


def use(unmatched: UnmatchedLabels) -> None:
    """Handle a callback: put the form's answer into the task's address."""
    picked = [st.session_state[f"w_label_map_{i}"] for i in range(len(unmatched.teacher))]
    with reporting_problems(RUN):
        state.change(task=label_map.address(state.choice().task, unmatched, picked))

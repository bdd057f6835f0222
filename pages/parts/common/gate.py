"""The gate in front of the figures of a size that the learner has not predicted yet: one click opens it, and the page says so."""

from collections.abc import Iterable

import streamlit as st

from core.data.naming import listed
from core.store import predictions
from core.views.common.choice import Choice
from core.views.common.prediction import figures_open
from pages.parts.common import state
from pages.parts.common.learner import learner
from pages.parts.common.problems import JOB, draw_problem, reporting_problems

FIRST = "What students of {sizes} get can be predicted in the Lab. Once you have seen these figures, you can no longer predict them."
ASKED = "What students of {sizes} get shows here once you have predicted it in the Lab: this lesson asks for that."


def closed(sizes: Iterable[int], teacher: str | None = None, task: str | None = None) -> bool:
    """Draw, where figures of students of these numbers of layers may not be seen yet, why, and the click that shows them.

    Returns whether they stay hidden. teacher, task: by default those that the session has chosen.
    """
    chosen, lesson = state.choice(), state.lesson()
    of = lambda k: Choice(teacher or chosen.teacher, task or chosen.task, tuple(range(1, k + 1)))
    hidden = [k for k in sorted(set(sizes)) if k and not figures_open(learner(), of(k), lesson)]
    if not hidden:
        return False
    forced = lesson.locks("predict")
    what = f"{listed([str(k) for k in hidden])} layer{'s' if hidden != [1] else ''}"
    st.info((ASKED if forced else FIRST).format(sizes=what), icon=":material/visibility_off:")
    with st.container(horizontal=True):
        st.page_link("pages/lab.py", label="Predict in the Lab", icon=":material/target:")
        if not forced:
            st.button("Show the figures now", icon=":material/visibility:", on_click=open_sizes, args=([of(k) for k in hidden],),
                      key=f"open_{'_'.join(map(str, hidden))}")
    draw_problem(JOB)
    return True


def open_sizes(choices: list[Choice]) -> None:
    """Handle a callback: what is seen can no longer be predicted."""
    with reporting_problems(JOB):
        for one in choices:
            predictions.skip(learner(), one.recipe())

"""Lessons without a host, each learner at his own pace: `?lesson=NAME` opens one."""

import streamlit as st

from pages.parts.common import guard
from pages.parts.common.problems import showing_problems
from pages.parts.lessons import choose, learn, step


def draw() -> None:
    step.go_on()
    name = st.query_params.get("lesson")
    with showing_problems():
        if name:
            learn.draw(name)
            return
        choose.draw()


guard.require_app()
draw()

"""Your data: a table or a teacher of one's own, looked at, and used."""

import streamlit as st

from pages.parts.common import guard, state
from pages.parts.common.problems import showing_problems
from pages.parts.common.remembered import view_switch
from pages.parts.yours import columns, look, tables, teachers, use


def draw() -> None:
    state.leave_for_lab()
    st.title("Bring your own data, or your own teacher", anchor=False)
    view = view_switch("yours", ["Data", "Teacher"], "Data")
    with showing_problems():
        if view == "Teacher":
            teachers.draw()
            return
        upload = tables.draw()
        task = columns.draw(upload) if upload else None
        if task:
            look.draw(task)
            use.draw(upload, task)


guard.require_app()
draw()

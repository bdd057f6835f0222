"""Joining: a code and a nickname, or the next learner at a laptop that is shared."""

import streamlit as st

from core.classroom import limits, store
from core.classroom.store import Class, Member
from core.views.common.text import plain
from pages.parts.classroom import room
from pages.parts.common.learner import learner
from pages.parts.common.problems import draw_problem


def draw(code: str | None) -> None:
    """Draw the form. code: that the address names."""
    st.title("Join a class", anchor=False)
    draw_problem(room.PROBLEM)
    if "w_code" not in st.session_state or st.session_state.get("code_of_link") != code:
        st.session_state.w_code, st.session_state.code_of_link = code or "", code
    with st.form("join", width=420):
        st.text_input("Code of the class", key="w_code", max_chars=12, placeholder="four letters", autocomplete="off")
        st.text_input("Nickname", key="w_nickname", max_chars=limits.NICKNAME, placeholder="not your real name", autocomplete="off")
        st.form_submit_button("Join", type="primary", icon=":material/login:", on_click=room.join, args=("w_code", "w_nickname"), width="stretch")
    st.caption("The code is on the projector. The class sees your nickname only if the host shows it, and it is deleted with the class. "
               "Please do not use your real name.")
    st.page_link("pages/host.py", label="You teach? Make a class", icon=":material/co_present:")


def seats(found: Class, member: Member) -> None:
    """Draw, where learners share this browser, whose turn it is."""
    here = [one for one in store.seats(found.id, learner()) if not one.hidden]
    if len(here) > 1:
        names = {one.learner: one.nickname for one in here}
        st.session_state.w_seat = member.learner if member.learner in names else here[0].learner
        st.segmented_control("Who answers now?", list(names), format_func=lambda one: plain(names[one]), key="w_seat", required=True,
                             on_change=room.take_seat)


def more(found: Class) -> None:
    """Draw the way in for one more learner here, and into another class."""
    with st.expander("Another learner at this laptop, or another class"):
        with st.form("join_next", border=False, clear_on_submit=False, width=420):
            st.text_input("Nickname of the next learner", key="w_next", max_chars=limits.NICKNAME, autocomplete="off")
            st.form_submit_button("Another learner at this laptop", icon=":material/group_add:", on_click=room.join, args=("", "w_next", True))
        st.button("Join another class", icon=":material/logout:", type="tertiary", on_click=room.elsewhere)
    draw_problem(room.PROBLEM)

"""The class as a learner sees it: joining, the step, the question."""

import streamlit as st

from core.classroom.lesson import Step
from core.classroom.store import Class, Member
from core.views.classroom import words
from core.views.common.text import plain
from pages.parts.classroom import joining, poll, room, vote
from pages.parts.common import guard


def draw() -> None:
    room.go_on()
    with poll.trying_again():
        code = room.asked_code()
        here = None if st.session_state.get(room.OTHER) else room.current(code)
        if here is None:
            joining.draw(code)
            return
        with st.container(key="class_learner", width=760):
            screen(*here)
        poll.keep_up(here[0])


def screen(found: Class, member: Member) -> None:
    """Draw the present step of a class for one of its members."""
    st.caption(f"{plain(found.title)} · {words.place_text(found)} · you are **{plain(member.nickname)}**")
    if member.hidden:
        st.warning("The host has taken you out of this class. Ask the host to let you in again.", icon=":material/block:")
        return
    joining.seats(found, member)
    step: Step = found.now
    st.title(plain(step.title), anchor=False)
    if step.text:
        st.markdown(words.written(step.text))
    if step.page:
        st.button(words.open_label(step.page), icon=":material/open_in_new:", on_click=room.open_page, args=(found,))
    vote.draw(found, member)
    joining.more(found)


guard.require_app()
draw()

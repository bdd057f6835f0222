"""The class as its host sees it: made with a key, the board for the projector, the buttons, people and settings."""

import streamlit as st

from core.classroom.store import Class
from pages.parts.classroom import board, hosting, making, poll, steer
from pages.parts.common import guard
from pages.parts.common.problems import draw_problem
from pages.parts.common.remembered import remember, remembered_option

VIEWS = ["Board", "People", "Settings"]


def draw() -> None:
    with poll.trying_again():
        found = hosting.current()
        if found is None:
            making.draw()
        elif st.session_state[hosting.HOST]["new"]:
            making.show_key(found.title)
        else:
            host(found)


def host(found: Class) -> None:
    """Draw a class for its host."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="host_bar"):
        shown = remembered_option("host_page", "view", VIEWS, VIEWS[0])
        st.segmented_control("View", VIEWS, key="w_host_page_view", on_change=remember("host_page", "view"), label_visibility="collapsed",
                             required=True)
        steer.buttons(found)
    draw_problem(hosting.PROBLEM)
    if shown == "People":
        steer.people(found)
    elif shown == "Settings":
        steer.settings(found)
    else:
        board.draw(found)
    poll.keep_up(found, board=shown != "Settings")


guard.require_app()
draw()

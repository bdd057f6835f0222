"""The class as its host sees it: made with a key, the board for the projector, the buttons, people and settings."""

import streamlit as st

from core.classroom.store import Class
from pages.parts.classroom import board, hosting, making, poll, steer
from pages.parts.common import guard
from pages.parts.common.problems import draw_problem, showing_problems
from pages.parts.common.remembered import view_switch


def draw() -> None:
    with showing_problems():
        found = hosting.current()
        if found is None:
            making.draw()
        elif st.session_state[hosting.HOST]["new"]:
            making.show_key(found.title)
        else:
            host(found)


def host(found: Class) -> None:
    """Draw a class for its host."""
    view = view_switch("host_page", ["Board", "People", "Settings"], "Board")
    draw_problem(hosting.PROBLEM)
    if view == "People":
        steer.people(found)
    elif view == "Settings":
        steer.settings(found)
    else:
        board.draw(found)
    steer.buttons(found)
    poll.keep_up(found, board=view != "Settings")


guard.require_app()
draw()

"""The board on the projector: the way in, the question, who has answered, and at the reveal the answers beside the truth."""

import streamlit as st

from core.classroom import qr, states, store
from core.classroom.in_words import unit_of
from core.classroom.store import Class
from core.figures.board import option_rows, stacks
from core.views.classroom import words
from core.views.classroom.board import Board, board
from core.views.common.text import plain
from pages.parts.app.address import here

LARGE, SMALL = 300, 150  # px: the QR code
NO_ADDRESS = "Learners cannot reach this server: it listens on this machine only. Type its address under Settings, or start it for the network."


def join_address(found: Class) -> str | None:
    """Return where learners join this class; None where they cannot."""
    address = found.settings.address or here()
    return f"{address}/join?code={found.code}" if address else None


def draw(found: Class) -> None:
    """Draw the board of the present step."""
    shown = board(found, store.members(found.id), store.answers_of(found.id, found.step))
    with st.container(key="board", gap="small"):
        st.caption(f"{plain(found.title)} · {words.place_text(found)}")
        if found.question is None or found.state == states.WAITING:
            welcome(found, shown)
        else:
            left, right = st.columns([5, 1], gap="medium")
            with left:
                question(found, shown)
            with right:
                way_in(found, shown, False)


def welcome(found: Class, shown: Board) -> None:
    """Draw a step without an open question: what it is about, and large the way in."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.title(plain(found.now.title), anchor=False)
        if found.now.text:
            st.markdown(words.written(found.now.text))
        if found.question is not None:
            st.markdown(f":material/hourglass_empty: {words.LEARNER[states.WAITING]}")
        if shown.names:
            st.markdown(" · ".join(map(plain, shown.names)))
    with right:
        way_in(found, shown, True)


def way_in(found: Class, shown: Board, large: bool) -> None:
    """Draw address, code and QR code, and how many are in."""
    address = join_address(found)
    with st.container(key="way_in", gap="xsmall"):
        if address:
            st.image(qr.svg(address), width=LARGE if large else SMALL, alt=f"QR code of {address}")
            (st.markdown if large else st.caption)(plain(address.partition("://")[2].partition("?")[0]))
        elif large:
            st.warning(NO_ADDRESS, icon=":material/wifi_off:")
        st.markdown(f"## {found.code}")
        st.markdown(f":material/groups: {shown.present} {'is' if shown.present == 1 else 'are'} in")


def question(found: Class, shown: Board) -> None:
    """Draw the question in its state."""
    asked = found.question
    st.title(words.written(asked.text), anchor=False)
    if shown.committed is not None:
        st.markdown(f"## {shown.committed_text}")
        st.progress(shown.committed / max(shown.present, 1), text=words.LEARNER[found.state])
    elif found.state == states.DISCUSS:
        st.markdown(f"## {words.LEARNER[states.DISCUSS]}")
        st.markdown(words.DISCUSS)
    if found.state == states.REVEALED:
        revealed(found, shown)
    elif asked.options:
        st.markdown("\n".join(f"- {plain(option)}" for option in asked.options))
    for name, text in shown.texts:
        st.markdown(f"> {plain(text)}{f' ({plain(name)})' if name else ''}")


def revealed(found: Class, shown: Board) -> None:
    """Draw the answers as dots beside the truth, and what there is to say about them."""
    asked = found.question
    st.markdown(" ".join(map(plain, shown.said)))
    if asked.options:
        st.altair_chart(option_rows(shown.dots, asked.options, shown.right), theme=None, key="board_dots")
    elif shown.dots or shown.truth:
        st.altair_chart(stacks(shown.dots, shown.domain, shown.truth, unit_of(asked)), theme=None, key="board_dots")
    if asked.reveal:
        st.markdown(words.written(asked.reveal))
    if asked.source:
        st.caption(f"Source: {plain(asked.source)}")

"""What others published on the choice of layers, tried on the saved runs: a line a claim, its source behind a button."""

import re

import streamlit as st

from core.findings.literature.verdicts import Literature, literature
from core.views.common.text import plain
from core.views.landscape import literature as view
from pages.parts.common import terms
from pages.parts.common.landscapes import all_landscapes, files_stamp
from pages.parts.landscape import unseen

ARXIV = re.compile(r"arXiv (\d{4})\\?\.(\d{5})")


@st.cache_resource(max_entries=2, show_spinner=False)
def tried(files: tuple) -> Literature:
    return literature(all_landscapes(files))


def claims() -> None:
    found = tried(files_stamp())
    every = [*(one for claim in found.claims for one in claim.tried), *filter(None, [found.lists])]
    closed = unseen.hidden(place for one in every for place, _ in one.trial.sides)
    seen = lambda one: not any(unseen.size_of(place) in closed for place, _ in one.trial.sides)
    st.subheader("What others found, tried here", anchor=False)
    terms.explained(f"{plain(found.summary)} {view.DIRECTION}", "How the claims were judged", view.together(found), "claims")
    unseen.draw(closed, "claims")
    for topic, rows in view.by_topic(found, seen).items():
        st.markdown(f"**{topic}**")
        for place, row in enumerate(rows):
            claim(row, f"{topic}_{place}")
    if found.two_lists and seen(found.lists):
        st.caption(plain(found.two_lists))


def claim(row: view.Row, key: str) -> None:
    verdict, said, source = st.columns([18, 62, 26], gap="xxsmall", vertical_alignment="top")
    verdict.badge(row.word, icon=row.icon, color=row.colour)
    said.markdown(plain(row.sentence))
    said.caption(plain(row.here))
    with source.popover(row.who, icon=":material/menu_book:", key=f"literature_{key}"):
        st.markdown("**Source**\n" + ARXIV.sub(r"[arXiv \1.\2](https://arxiv.org/abs/\1.\2)", listed(row.sources)))
        if row.figures:
            st.markdown("**Published**\n" + listed(row.figures))
        st.markdown(f"**Compared here:** {plain(row.compared)}.")
        if row.places:
            st.markdown(listed(row.places))
        if row.left_out:
            st.caption(f"{row.left_out} comparison{'s' * (row.left_out > 1)} of sizes that you have not predicted: left out here.")


def listed(lines: tuple[str, ...]) -> str:
    return "\n".join(f"- {plain(line)}" for line in lines)

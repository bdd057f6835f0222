"""The glossary: every term of the story, a line each, on one screen."""

import streamlit as st

from core.views.common import glossary
from core.views.common.text import plain
from pages.parts.common import guard


def draw() -> None:
    st.title("Glossary", anchor=False)
    columns = st.columns(2, gap="medium")
    for number, (heading, terms) in enumerate(glossary.TERMS.items()):
        with columns[number // 2], st.container(gap="xxsmall"):
            st.markdown(f"**{heading}**")
            st.markdown("  \n".join(f"**{plain(term)}**: {plain(line)}" for term, line in terms.items()))


guard.require_app()
draw()

"""The glossary: every term of the story, a line each, on one screen."""

import streamlit as st

from core.views.common import glossary
from core.views.common.text import plain
from pages.parts.common import guard


def draw() -> None:
    st.title("Glossary", anchor=False)
    for column, (heading, terms) in zip(st.columns(len(glossary.TERMS), gap="medium"), glossary.TERMS.items(), strict=True):
        with column, st.container(gap="xxsmall"):
            st.markdown(f"**{heading}**")
            st.markdown("  \n".join(f":small[**{plain(term)}**: {plain(line)}]" for term, line in terms.items()))


guard.require_app()
draw()

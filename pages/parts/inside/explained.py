"""What stands beside each score of the teacher's layers."""

import streamlit as st

from core.views.common.text import plain
from core.views.inside.formulas import SCORES


def draw_score_formula(name: str, opened: bool = True) -> None:
    """A score's formula, how it is read, and what it does not say."""
    score = SCORES[name]
    with st.expander(f"{score.name}: the formula, and what it does not say", expanded=opened):
        st.latex(score.formula)
        st.markdown(f"**Reads:** {plain(score.reads)}")
        st.markdown(f"**Does not say:** {plain(score.silent)}")
        st.caption(plain(f"{score.source}."))

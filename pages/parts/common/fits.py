"""How a teacher and a task fit, drawn: what stops a run, and what weakens its figures."""

import streamlit as st

from core.views.common.fit import Fit
from core.views.common.text import plain


def draw(fit: Fit | None) -> None:
    """Draw nothing where they fit, or were not looked at yet."""
    if fit is None:
        return
    if fit.stops:
        st.error(plain(fit.stops), icon=":material/error:")
    for sentence in fit.warnings:
        st.warning(plain(sentence), icon=":material/warning:")

"""How far each student layer has moved, beside the curves. Not on the diagram: that stands outside what is drawn again while a run trains, and
shows the choice of now, which need not be the run's."""

from collections.abc import Sequence

import streamlit as st

from core import figures
from pages.parts.common import live

WHAT = "The fuller a block, the more its weights have changed since the start. The number is the size of that change."


def draw(rows: Sequence[dict]) -> None:
    """rows: of core/views/lab/moved.py; nothing is drawn without any."""
    if rows:
        live.draw_rows(rows, "moved_blocks", figures.moved_blocks, len(rows))
        st.caption(WHAT)

"""Step 4's tables, built once for the files they are made from."""

import streamlit as st

from core.store import blocks
from pages.shared import wrong_right
from pages.shared.landscape_cache import everything


@st.cache_resource(max_entries=2, show_spinner="Comparing the saved runs")
def scales(files: tuple) -> list[wrong_right.Scale]:
    """files: as `landscape_cache.stamp` gives them. LabError for damaged files."""
    return wrong_right.scales(everything(files), blocks.blocks())

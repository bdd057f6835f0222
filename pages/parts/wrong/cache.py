"""Step 4's tables, built once for the files they are made from."""

import streamlit as st

from core.store import saved
from core.views.wrong import done_right
from pages.parts.common.landscapes import all_landscapes


@st.cache_resource(max_entries=2, show_spinner="Comparing the saved runs")
def scales(files: tuple) -> list[done_right.Scale]:
    """files: as `landscapes.files_stamp` gives them. LabError for damaged files."""
    return done_right.scales(all_landscapes(files), saved.blocks())

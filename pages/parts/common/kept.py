"""The sidebar's line on what is kept of students."""

import streamlit as st

from core.errors import LabError
from core.views.common.kept import kept_text
from core.views.common.text import plain


def draw() -> None:
    try:
        said = kept_text()
    except LabError as error:
        said = str(error)
    if said:
        st.caption(f":material/inventory_2: {plain(said)}")

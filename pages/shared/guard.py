"""Every page file asks here first whether app.py is running it.

Until one session has called `st.navigation`, Streamlit runs a file of pages/ by itself for a link to it, without
app.py: no sidebar and another navigation. Then the registry is handed over and the session starts again.
"""

import streamlit as st

from pages.shared import registry

MARK = "app_is_running"


def mark() -> None:
    """app.py says that it is there."""
    st.session_state[MARK] = True


def require_app() -> None:
    """Go on only under app.py."""
    if MARK not in st.session_state:
        st.navigation(registry.pages())
        st.rerun()

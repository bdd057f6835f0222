"""Every page file asks here first whether app.py is running it.

Until one session has called `st.navigation`, Streamlit runs a file of pages/ by itself for a link to it, without
app.py: no sidebar and another navigation. Then the registry is handed over and the run starts again. The mark belongs
to the run (its thread), not to the session: a session can meet both ways.
"""

from contextvars import ContextVar

import streamlit as st

from pages.parts.common import registry

_under_app: ContextVar[bool] = ContextVar("under_app", default=False)


def mark() -> None:
    """app.py says that it is there."""
    _under_app.set(True)


def require_app() -> None:
    """Go on only under app.py."""
    if not _under_app.get():
        st.navigation(registry.pages())
        st.rerun()

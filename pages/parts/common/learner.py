"""A learner is a random id kept by the browser in a cookie: it survives a reload and is not in any link."""

import re
import uuid

import streamlit as st

COOKIE = "layer_lab_learner"
YEAR = 365 * 24 * 3600


def _from_browser() -> str | None:
    value = st.context.cookies.get(COOKIE, "")
    return value if re.fullmatch("[0-9a-f]{32}", value) else None


def learner() -> str:
    """Return this browser's id, 32 hex digits; a new one for a browser without the cookie."""
    if "learner" not in st.session_state:
        st.session_state.learner = _from_browser() or uuid.uuid4().hex
    return st.session_state.learner


def keep() -> None:
    """Have the browser keep the id, if it does not yet. A cookie that another tab has set in the meantime stays."""
    if _from_browser() is None:
        name = learner()
        script = f"if (!document.cookie.includes('{COOKIE}=')) document.cookie = '{COOKIE}={name}; path=/; max-age={YEAR}; SameSite=Lax';"
        st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)

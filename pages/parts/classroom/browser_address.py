"""The network address from which a browser comes, which limits count."""

import streamlit as st

from pages.parts.app.address import is_local


def browser_address() -> str | None:
    """Return the network address of this session's browser; None where it is this machine or not known.

    A proxy on this machine adds it at the end of X-Forwarded-For. From elsewhere that header could say anything.
    """
    connection = (st.context.ip_address or "").removeprefix("::ffff:")
    if connection and not is_local(connection):
        return connection
    return (st.context.headers.get("X-Forwarded-For") or "").rpartition(",")[2].strip()[:64] or None

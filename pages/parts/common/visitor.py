"""Who looks at the page: somebody at this machine, who may name its files by their paths, or a visitor from another, who may not."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import streamlit as st

from core.errors import LabError
from core.store import uploads
from core.views.common import reach
from pages.parts.app.address import is_local
from pages.parts.common.learner import learner

REFUSED = "refused"  # key of the session: why the last choice was not taken
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "X-Forwarded-Host")  # headers by which a proxy says that it speaks for others


def at_this_machine() -> bool:
    """Return whether browser and connection are this machine's own. Each can be made to look so; from another machine not both together."""
    connection = (st.context.ip_address or "localhost").removeprefix("::ffff:")  # IPv4, as a server that speaks IPv6 sees it
    if not is_local(connection) or any(st.context.headers.get(name) for name in FORWARDED):
        return False
    return is_local(urlsplit(st.context.url or "").hostname)


def refusal(values: Mapping[str, object]) -> str:
    """Return why this visitor may not choose these, one sentence; '' where they may. values: of the choice, by field."""
    asked = {key: str(values[key]) for key in ("teacher", "task") if key in values}
    return reach.refusal(**asked) if asked and not at_this_machine() else ""


def within(query: Mapping[str, Sequence[str]]) -> tuple[Mapping[str, Sequence[str]], list[str]]:
    """Return what of a link this visitor may use, and a sentence for each part that is dropped."""
    return (query, []) if at_this_machine() else reach.within(query)


def own_teachers() -> list[str]:
    """Return the names of the teachers that this learner has brought, newest first."""
    return [name for one in _own(uploads.MODEL) for name in one.names]


def own_tasks() -> list[str]:
    """Return the addresses of the tables that this learner has uploaded and used, newest first."""
    return [one.task for one in _own(uploads.TABLE) if one.task]


def _own(kind: str) -> list[uploads.Upload]:
    try:
        return uploads.of(learner(), kind)
    except LabError:  # the page itself says what is wrong with the store
        return []

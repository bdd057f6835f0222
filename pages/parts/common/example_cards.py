"""An example of a task as a card: its texts, and what is said of them. All of it is foreign text, escaped here."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from core.views.common.result import group_name


def html(texts: Sequence[str | None], said: Mapping[str, str], tags: Sequence[str] = ()) -> str:
    """texts: one or two. said: who -> class name, e.g. {"label": ..., "student": ...}; answers unlike the label are marked."""
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in texts if text)
    chips = "".join(
        f'<span class="{"ll-wrong" if who != "label" and answer != said.get("label") else "ll-right"}">{escape(who)}: <b>{escape(answer)}</b></span>'
        for who, answer in said.items()
    )
    names = ", ".join(escape(group_name(tag)) for tag in tags if tag.startswith("phenomenon:"))
    return f'<div class="ll-example">{paragraphs}<div class="ll-said">{chips}{f"<i>{names}</i>" if names else ""}</div></div>'


def card(texts: Sequence[str | None], said: Mapping[str, str], tags: Sequence[str] = ()) -> None:
    st.html(html(texts, said, tags))

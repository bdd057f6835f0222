"""Findings of `diagnose` and verdicts on answers, drawn."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.findings.finding import Finding
from core.views.common.text import plain

MARKS = {
    "clear": (":material/verified:", "Clear"), "likely": (":material/trending_flat:", "Likely"), "within": (":material/drag_handle:", "Within"),
    "unknown": (":material/question_mark:", "Not decided"),
}


def findings(found: Sequence[Finding]) -> None:
    """Draw a paragraph a finding, its strength in words beside its mark; how a text was read as a caption, and what no figures show as a fold."""
    for finding in found:
        icon, word = MARKS[finding.strength]
        if finding.kind == "read":
            st.caption(plain(f"{finding.sentence} {finding.more}"))
            continue
        if finding.kind == "not-visible" and finding.more:
            with st.expander(plain(finding.sentence), icon=icon):
                st.markdown(plain(finding.more))
            continue
        more = f" {plain(finding.more)}" if finding.more else ""
        st.markdown(f"{icon} **{word}.** {plain(finding.sentence)}{more}")


def verdict(right: bool, reasons: Sequence[str]) -> None:
    """Draw whether an answer holds, and why."""
    with st.container(border=True):
        st.markdown(":material/check: **That holds.**" if right else ":material/close: **That is more than the figures support.**")
        for reason in reasons:
            st.markdown(plain(reason))


def table(rows: Sequence[dict]) -> None:
    """Draw rows as a table whose first column names them; every sign is shown, none is obeyed."""
    safe = [{name: plain(value) for name, value in row.items()} for row in rows]
    st.table(pd.DataFrame(safe).set_index(next(iter(safe[0]))))

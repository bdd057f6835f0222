"""What a task of one's own holds: splits, classes, lengths, leaks."""

import streamlit as st

from core.figures.counts import count_bars
from core.views.common.text import plain
from core.views.yours.summary import Summary, summary
from core.views.yours.table import table_html


def draw(task: str) -> None:
    """Draw it. LabError where file and columns make no task."""
    found = summary_of(task)
    st.subheader("3. What it holds", anchor=False)
    st.html(table_html(list(found.sizes[0]), [list(row.values()) for row in found.sizes], "Examples by split and class"))
    st.caption("  \n".join(map(plain, found.read)))
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Classes**")
        st.altair_chart(count_bars(found.classes, "class"), theme=None, key="yours_classes")
    with right:
        st.markdown("**Length**")
        st.altair_chart(count_bars(found.lengths, "length"), theme=None, key="yours_lengths")
        st.caption(plain(found.length))
    if found.leaks:
        st.warning(plain(" ".join(found.leaks)) + " Figures on them count what was learned by heart. Take them out of one of the two, or upload one "
                   "file without a split column: Layer Lab keeps the copies of a text in one split.", icon=":material/warning:")
    else:
        st.success("No example stands in two of the splits.", icon=":material/check_circle:")
    for sentence in found.cautions:
        st.warning(plain(sentence), icon=":material/warning:")


@st.cache_data(max_entries=8, show_spinner="Splitting and counting")
def summary_of(task: str) -> Summary:
    """Return the summary of an upload, which its address decides."""
    return summary(task)

"""What the host takes away: every answer as a table, the report, and the paper for learners without a device."""

import streamlit as st

from core.classroom import report, sheet, store
from core.classroom.store import Class

CALLED = {"csv": ("All answers (CSV)", "text/csv", ":material/table:"), "html": ("The report (HTML)", "text/html", ":material/description:")}


def draw(found: Class) -> None:
    st.subheader("Take away", anchor=False)
    times = st.toggle("The table says when each answer came", key="w_host_times")
    with st.container(horizontal=True):
        for kind, (label, mime, icon) in CALLED.items():
            name = f"class-{found.code}.{kind}"
            st.download_button(label, lambda name=name: made(found, times)[name], name, mime, icon=icon, on_click="ignore", key=f"host_{kind}")
        st.download_button("Paper for learners without a device", sheet.html(found.lesson).encode(), "lesson.html", "text/html",
                           icon=":material/print:", on_click="ignore", key="host_paper")


def made(found: Class, times: bool) -> dict[str, bytes]:
    """Return the files as of now."""
    return report.files(found, store.members(found.id), store.answers_of(found.id), times)

"""The pages, in the order of the story; every page file asks here first whether app.py is running it.

Until one session has called `st.navigation`, Streamlit runs a file of pages/ by itself for a link to it, without
app.py: no sidebar and another navigation. Then the pages are handed over and the run starts again. The mark belongs
to the run (its thread), not to the session: a session can meet both ways.
"""

from contextvars import ContextVar

import streamlit as st

_under_app: ContextVar[bool] = ContextVar("under_app", default=False)


def pages(researcher: bool = True) -> list:
    """researcher: whether the menu lists the pages that only researchers see; a link to them opens them all the same."""
    deep = "visible" if researcher else "hidden"
    lab = st.Page("pages/lab.py", title="Lab", icon=":material/science:", default=True, url_path="start")

    # Its address is /; but a link to /lab, the file's name, is one that people write.
    def to_lab() -> None:
        st.switch_page(lab, query_params=st.query_params.to_dict())

    return [
        lab,
        st.Page("pages/compare.py", title="Compare", icon=":material/view_column:", url_path="compare"),
        st.Page("pages/landscape.py", title="Landscape", icon=":material/landscape:", url_path="landscape"),
        st.Page("pages/wrong.py", title="What went wrong?", icon=":material/troubleshoot:", url_path="wrong"),
        st.Page("pages/join.py", title="Class", icon=":material/groups:", url_path="join"),
        st.Page("pages/host.py", title="Host a class", icon=":material/co_present:", url_path="host", visibility="hidden"),
        st.Page("pages/yours.py", title="Your data", icon=":material/upload_file:", url_path="yours"),
        st.Page("pages/choosers.py", title="Smarter choices", icon=":material/auto_awesome:", url_path="choosers",
                visibility=deep),
        st.Page("pages/inside.py", title="Inside the teacher", icon=":material/layers:", url_path="inside",
                visibility=deep),
        st.Page("pages/about.py", title="About the runs", icon=":material/fact_check:", url_path="about",
                visibility=deep),
        st.Page("pages/homework.py", title="Lessons", icon=":material/school:", url_path="homework"),
        st.Page("pages/lesson_editor.py", title="Write a lesson", icon=":material/edit_note:", url_path="lesson_editor", visibility="hidden"),
        st.Page("pages/glossary.py", title="Glossary", icon=":material/dictionary:", url_path="glossary"),
        st.Page(to_lab, title="Lab, by its file's name", url_path="lab", visibility="hidden"),
    ]


def mark() -> None:
    """Say, in app.py, that it is there."""
    _under_app.set(True)


def require_app() -> None:
    """Go on only under app.py."""
    if not _under_app.get():
        st.navigation(pages())
        st.rerun()

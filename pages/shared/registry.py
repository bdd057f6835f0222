"""The pages, in the order of the story."""

import streamlit as st


def pages() -> list:
    return [
        st.Page("pages/lab.py", title="Lab", icon=":material/science:", default=True),
        st.Page("pages/about.py", title="About the runs", icon=":material/fact_check:", url_path="about"),
    ]

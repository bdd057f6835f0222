"""What is asked for on a page, remembered beyond it: a widget's own value is lost when another page is shown."""

import streamlit as st


def remember(page: str, name: str):
    """A callback that remembers the value of the widget w_PAGE_NAME."""

    def callback() -> None:
        value = st.session_state[f"w_{page}_{name}"]
        if value is not None:
            st.session_state[page][name] = value

    return callback


def remembered_option(page: str, name: str, options: list, default):
    """What was asked for, set as the widget's value; the default where that is no option."""
    value = st.session_state.setdefault(page, {}).get(name)
    value = value if value in options else default
    st.session_state[f"w_{page}_{name}"] = value
    return value

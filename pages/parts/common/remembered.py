"""What is asked for on a page, remembered beyond it: a widget's own value is lost when another page is shown."""

import streamlit as st


def remember(page: str, name: str):
    """Return a callback that remembers the value of the widget w_PAGE_NAME."""

    def callback() -> None:
        value = st.session_state[f"w_{page}_{name}"]
        if value is not None:
            st.session_state[page][name] = value
            st.session_state.touched = True

    return callback


def view_switch(page: str, names: list[str], first: str) -> str:
    """Draw the switch between a page's views and return the name of the one that is shown."""
    shown = remembered_option(page, "view", names, first)
    st.segmented_control("View", names, key=f"w_{page}_view", on_change=remember(page, "view"), label_visibility="collapsed", required=True,
                         width="stretch")
    return shown


def clicked_id(key: str, selection: str) -> str | None:
    """Return the id of what was clicked in the chart of this key. selection: its name in the chart."""
    points = ((st.session_state[key] or {}).get("selection") or {}).get(selection) or [{}]
    return points[0].get("id")


def remembered_option(page: str, name: str, options: list, default):
    """Return what was asked for, set as the widget's value; the default where that is no option."""
    value = st.session_state.setdefault(page, {}).get(name)
    value = value if value in options else default
    st.session_state[f"w_{page}_{name}"] = value
    return value

"""The fields for a text or a pair of texts, which two views share.

Each time that they are filled they are new fields whose default is the text: one that is put into a field that the browser has not drawn yet can
get lost when the page is drawn again at once.
"""

import streamlit as st

LONGEST = 2000  # characters of a text that is typed
FIELDS = "inside_texts"  # in the session: (task, first, second, how often they were filled)


def fill(task: str, first: str | None, second: str | None) -> None:
    """Fill the fields where they hold nothing of this task yet."""
    if st.session_state.get(FIELDS, (None,))[0] != task:
        put(task, first, second)


def put(task: str, first: str | None, second: str | None) -> None:
    st.session_state[FIELDS] = (task, first or "", second or "", st.session_state.get(FIELDS, (0,))[-1] + 1)


def draw(pair: bool | None, beside: bool = False) -> None:
    """Draw where a text is typed, or two. pair: whether the task reads two, None where that is not known. beside: side by side."""
    left, right = st.columns(2, gap="small") if beside and pair is not False else (st, st)
    _, first, second, _ = st.session_state[FIELDS]
    height = 68 if beside else 85
    left.text_area("Text" if pair is False else "First text", first, key=key("first"), max_chars=LONGEST, height=height)
    if pair is not False:
        label = "Second text" if pair else "Second text (empty where the task reads one)"
        right.text_area(label, second, key=key("second"), max_chars=LONGEST, height=height)


def shown(pair: bool | None) -> tuple[str | None, str | None]:
    """Return the texts that the fields were filled with, None for one that is not there. pair: as in `draw`."""
    return _of_task(*st.session_state[FIELDS][1:3], pair)


def typed(pair: bool | None) -> tuple[str | None, str | None]:
    """Return what stands in the fields now, as `shown` does."""
    _, first, second, _ = st.session_state[FIELDS]
    return _of_task(st.session_state.get(key("first"), first), st.session_state.get(key("second"), second), pair)


def _of_task(first: str | None, second: str | None, pair: bool | None) -> tuple[str | None, str | None]:
    return first or None, (second or "") if pair else None if pair is False else second or None


def key(name: str) -> str:
    return f"w_inside_{name}_{st.session_state[FIELDS][-1]}"

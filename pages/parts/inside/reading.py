"""Which words each layer reads from: two selections, a sentence, and a map of the teacher with the student's beside it."""

import streamlit as st

from core.figures.forming import token_map, tokens_height
from core.store.students import Student
from core.views.common.text import plain
from core.views.inside import reading as view
from pages.parts.common import sized
from pages.parts.common.remembered import remember, remembered_option

KEPT = "inside"  # in the session: what is asked for
CONTROLS = 150  # px: sentences and selections above the map
MARKS = 3  # tokens that a text has besides its words, about


def draw(answer: dict | None, texts: tuple, student: Student | None, waits: bool) -> None:
    """Draw what the layers read; a grey place of about the same size while there is no answer. answer: of core/studies/inside/forming.py."""
    if answer is None and not waits:
        return
    st.subheader("Which words each layer reads", anchor=False)
    if answer is None:
        st.skeleton(CONTROLS + tokens_height(sum(len(text.split()) for text in texts if text) + MARKS))
        return
    words, found = answer["words"], answer["attention"]
    if found is None:
        st.info(view.NO_MAPS, icon=":material/visibility_off:")
        return
    reader, head = draw_selections(words, found["heads"])
    shares, names = view.shares(found, reader, head), list(map(str, range(1, found["layers"] + 1)))
    st.markdown(plain(view.sentence(shares, words, reader, names)))
    if view.cap_text(words):
        st.caption(plain(view.cap_text(words)))
    left, right = st.columns(2, gap="small")
    with left:
        st.markdown("**The teacher reads**")
        one_map(words, shares, names, names, "teacher")
    said = answer.get("student") or {}
    with right:
        if said.get("attention"):
            st.markdown("**The student reads**")
            own, every = view.columns(said["layers"], found["layers"])
            one_map(words, view.shares(said["attention"], reader, min(head, said["attention"]["heads"])), own, every, "student")
        elif student is None:
            st.caption("Once a student is kept, what it reads stands here, each layer in the place of the teacher's layer that it was copied from.")
    st.caption(view.CAPTION)


def draw_selections(words: dict, heads: int) -> tuple[int, int]:
    """Draw who reads and with which heads; return the reader's place, the last for all, and the head, 0 for all."""
    readers = view.readers(words)
    order = [len(readers) - 1, *range(len(readers) - 1)]
    left, right = st.columns(2, gap="small")
    reader = remembered_option(KEPT, "reader", order, order[0])
    left.selectbox("Who reads", order, format_func=readers.__getitem__, key="w_inside_reader", on_change=remember(KEPT, "reader"))
    head = remembered_option(KEPT, "head", list(range(heads + 1)), 0)
    right.selectbox("With which heads", range(heads + 1), format_func=view.head_names(heads).__getitem__, key="w_inside_head",
                    on_change=remember(KEPT, "head"))
    return reader, head


def one_map(words: dict, shares, own: list[str], columns: list[str], who: str) -> None:
    cells = view.cells(shares, words, own)
    chart = token_map(view.token_names(words), columns, cells, f"What each layer of the {who} reads of each token, in percent.")
    sized.draw(chart, f"inside_reads_{who}")

"""Six questions to the saved runs, each with a picture, an answer in a sentence or two, and where to try it."""

import streamlit as st

from core.figures.answers import answer_dots, answer_slope
from core.views.about import answers as view
from core.views.common.text import plain
from core.views.guide.steps import BUILT_IN
from pages.parts.common import gate, sized, state
from pages.parts.common.landscapes import all_landscapes, files_stamp


def hidden() -> bool:
    """Draw, where a lesson asks for predictions first, that figures wait for them; return whether they stay hidden."""
    return state.lesson().locks("predict") and gate.closed({view.SIZE}, **BUILT_IN)


def draw() -> None:
    st.subheader("Six answers from the saved runs", anchor=False)
    found = all_landscapes(files_stamp())
    made = view.answers(found)
    if not made:
        st.info("No run has been saved with the program yet.", icon=":material/inventory_2:")
        return
    if hidden():
        return
    for start in range(0, len(made), 2):
        for number, (column, one) in enumerate(zip(st.columns(2, gap="medium"), made[start:start + 2]), start):
            with column, st.container(border=True, gap="small"):
                card(one, number)
    st.caption(plain(view.basis(found)))


def card(one: view.Answer, number: int) -> None:
    st.markdown(f"**{plain(one.question)}**")
    picture = one.picture
    if picture.columns:
        chart = answer_slope(picture.rows, picture.columns)
    else:
        chart = answer_dots(picture.rows, zero=picture.differences, points=picture.differences)
    sized.draw(chart, f"answer_{number}")
    st.markdown(plain(" ".join(one.sentences)))
    st.page_link(f"pages/{one.page or 'lab'}.py", label=one.label, icon=":material/arrow_forward:", query_params=one.query or None)

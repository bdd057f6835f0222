"""How the guided start ends: the crossing that the saved runs hold, and what people often believe."""

import streamlit as st

from core.figures.crossing import crossing_curves
from core.recipe import RUNGS
from core.views.common.text import plain
from core.views.guide import crossing, misconceptions
from core.views.guide.saved import Saved
from pages.parts.common import terms
from pages.parts.common.landscapes import all_landscapes, files_stamp
from pages.parts.common.problems import showing_problems


def draw(opened: bool) -> None:
    """opened: the learner's run is over; before that a switch shows the ending."""
    if not opened and not st.toggle("Show the ending now, without a run of my own", key="w_guide_end"):
        return
    with showing_problems():
        saved = Saved(all_landscapes(files_stamp()))
        the_crossing(saved)
        if st.toggle("What people often believe, and the saved figures that correct it (of several sizes and tasks)", key="w_guide_believed"):
            believed(saved)


def the_crossing(saved: Saved) -> None:
    found = crossing.crossing(saved)
    if found is None or not found.holds:
        st.info("The saved runs of this ending are missing from this copy of the program.")
        return
    left, right = st.columns([2, 3], gap="medium")
    with left:
        first, *others = crossing.sentences(found)
        terms.text(f"**{plain(first)}**", "full run", "short run", "noise", key="guide_end")
        st.markdown(plain(" ".join(others)))
        st.caption(plain(crossing.basis(found)))
    with right:
        chart = crossing_curves(found.curves, found.dots, found.colours, found.total, RUNGS[crossing.SHORT].steps)
        st.altair_chart(chart, theme=None, key="guide_crossing")


def believed(saved: Saved) -> None:
    """Draw each belief with its correction and the place that shows it."""
    found, columns = misconceptions.corrections(saved), st.columns(2, gap="medium")
    for number, (one, correction) in enumerate(found):
        with columns[2 * number // len(found)], st.container(gap="xxsmall"):
            st.markdown(f":material/close: **“{plain(one.belief)}”**  \n{plain(' '.join(correction.sentences))}")
            st.page_link(f"pages/{one.page or 'lab'}.py", label=f"See it: {one.control}", icon=":material/arrow_forward:", query_params=one.query)

"""Soft targets to play with: one saved pair, a temperature, the answers of teacher and student, their loss and where it pushes."""

import streamlit as st

from core.figures.soft_targets import soft_target_spec
from core.objectives import LOSSES
from core.views.common.glossary import define_all
from core.views.common.text import plain
from core.views.guide import told
from pages.parts.common import state

HOW = (
    "Move the **temperature**: it evens out both answers, so that the unlikely labels count as well. "
    "The arrows show where the next step pushes the student's numbers: towards the teacher's bar."
)


def draw(found: dict, place: int) -> None:
    """found: the saved pairs (core.store.told_pairs). place: the one that is shown."""
    pair = found["pairs"][place]
    spec = soft_target_spec(found["labels"], pair["teacher"], pair["student"], told.stages(found), told.temperature(found))
    with st.container(key="soft_targets"):
        st.vega_lite_chart(spec=spec, theme=None, key=f"soft_targets_{place}")
    with st.popover("How the numbers come about", icon=":material/function:", type="tertiary"):
        loss = LOSSES["soft_targets"]
        st.markdown(f"{plain(loss.reading)}\n\n{define_all('logits', 'loss')}")
        st.markdown("The number beside an arrow says how hard the next step pushes this one of the student's logits. "
                    "It grows with the gap between both bars and with the temperature.")
        if state.researcher():
            st.latex(loss.formula)
            st.latex(r"-\frac{\partial L}{\partial z^S_c} = T\,(p^T_c - p^S_c)")
        st.caption(plain(f"{loss.source}. The student is {told.student_name(found)}, trained for {max(map(int, pair['student']))} steps."))
        st.caption(plain(f"Made by: {found['command']}"))

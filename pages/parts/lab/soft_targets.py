"""Soft targets to play with: one saved pair, a temperature, the answers of teacher and student, their loss and where it pushes."""

import streamlit as st

from core.figures.soft_targets import soft_target_spec
from core.objectives import LOSSES
from core.views.common.glossary import define_all
from core.views.common.text import plain
from core.views.guide import told

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
        st.latex(loss.formula)
        st.markdown(plain(loss.reading))
        st.latex(r"-\frac{\partial L}{\partial z^S_c} = T\,(p^T_c - p^S_c)")
        st.markdown("The number beside an arrow is this push on the student's logit, for this pair alone.", help=define_all("logits", "loss"))
        st.caption(plain(f"{loss.source}. Teacher: minilm-l6 on the built-in task. Student: {told.student_name(found)}, trained here for "
                         f"{max(map(int, pair['student']))} steps. Made by: {found['command']}"))

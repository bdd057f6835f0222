"""A chart whose place has its height before the browser has loaded what draws it, so that nothing below it moves."""

import altair as alt
import streamlit as st


def draw(chart: alt.Chart | alt.LayerChart, key: str) -> None:
    """chart: with a height in px."""
    st.altair_chart(chart, theme=None, key=key, height=chart.height)

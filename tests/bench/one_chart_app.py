"""An app of its own that the benchmark compares a click with: Streamlit alone, one chart, one text. `streamlit run` runs it; no page imports it."""

import altair as alt
import streamlit as st


def draw() -> None:
    pick = alt.selection_point(name="pick", fields=["layer"], toggle="true", clear=False, empty=False)
    rows = alt.Data(values=[{"layer": layer} for layer in range(1, 7)])
    bars = alt.Chart(rows).transform_calculate(label="'bar ' + datum.layer").mark_bar().encode(
        x="layer:O", y="layer:Q", color=alt.condition(pick, alt.value("orange"), alt.value("silver")), description="label:N"
    )
    event = st.altair_chart(bars.add_params(pick), on_select="rerun", key="chart")
    st.text("picked " + " ".join(str(point["layer"]) for point in event.selection.pick))


if __name__ == "__main__":
    draw()

"""How a step's time grows with one size of the student or of the batch, from nothing: twice as high is twice as slow."""

from collections.abc import Sequence

import altair as alt

from core.figures.style import BLUE, styled

HEIGHT = 190  # px
AXES = {"k": "student layers", "hidden": "hidden size", "batch": "batch size", "length": "tokens a sequence"}


def scaling(rows: Sequence[dict], axis: str) -> alt.Chart:
    """rows: {"value", "ms", "low", "high", "megabytes"} along one of AXES; ms: of a training step, the median, low to high its range."""
    top, sizes = max(row["high"] for row in rows), [row["value"] for row in rows]
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        x=alt.X("value:Q", title=AXES[axis], scale=alt.Scale(nice=False, zero=True), axis=alt.Axis(values=sizes, grid=False)),
        tooltip=[alt.Tooltip("value:Q", title=AXES[axis]), alt.Tooltip("ms:Q", title="ms a step", format=".0f"),
                 alt.Tooltip("megabytes:Q", title="peak memory, MB", format=".0f")],
    )
    y = lambda field: alt.Y(f"{field}:Q", title="ms a step", scale=alt.Scale(domain=[0, top], nice=True), axis=alt.Axis(tickCount=4))
    spans = base.mark_rule(color=BLUE, strokeWidth=3, opacity=0.4, aria=False).encode(y=y("low"), y2="high:Q")
    line = base.mark_line(color=BLUE, strokeWidth=2.5, point=alt.OverlayMarkDef(color=BLUE, size=70, opacity=1)).encode(y=y("ms"))
    return styled(alt.layer(spans, line).properties(height=HEIGHT, description=f"Milliseconds of a training step by {AXES[axis]}."))

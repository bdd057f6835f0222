"""The confusion matrix as a heat map."""

from collections.abc import Sequence

import altair as alt

from core.figures.style import AXIS, CELL, LINE, SIZE, TEXT, styled

LIMIT = 22  # characters of a class name


def short(name: str) -> str:
    return name if len(name) <= LIMIT else name[: LIMIT - 1] + "…"


def confusion_map(matrix: Sequence[Sequence[int]], labels: Sequence[str]) -> alt.LayerChart:
    """matrix[i][j]: examples of class i that were called class j. A cell's strength is its share of the row."""
    values = [
        {"true": i, "called": j, "n": n, "share": n / max(sum(row), 1), "was": labels[i], "said": labels[j]}
        for i, row in enumerate(matrix) for j, n in enumerate(row)
    ]
    names = "[" + ",".join(_quoted(short(label)) for label in labels) + "][datum.value]"
    axis = lambda **more: alt.Axis(labelExpr=names, labelAngle=0, labelLimit=170, domain=False, ticks=False, **more)
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("called:O", title="the student says", axis=axis(orient="top", labelOverlap=False)),
        y=alt.Y("true:O", title="the label is", axis=axis()),
        tooltip=[alt.Tooltip("was:N", title="label"), alt.Tooltip("said:N", title="student says"), alt.Tooltip("n:Q", title="examples"),
                 alt.Tooltip("share:Q", title="share of the row", format=".1%")],
    )
    cells = base.mark_rect(color=CELL, stroke=LINE, strokeWidth=0.5, cornerRadius=3).encode(
        fillOpacity=alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None)
    )
    counts = base.mark_text(fontSize=18 if len(labels) <= 8 else SIZE, color=TEXT).encode(text="n:Q")
    height = max(44, min(78, 320 // max(len(labels), 1))) * len(labels) + AXIS
    return styled(alt.layer(cells, counts).properties(height=height, description="Confusion matrix: rows are labels, columns what the student says."))


def _quoted(text: str) -> str:
    """A string literal of Vega's expression language."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ").replace("\r", " ") + "'"

"""Choosers: each one's pick as a row of the teacher's layers beside its regret; the weights of the compared layers over time; stages."""

from collections.abc import Mapping, Sequence

import altair as alt

from core.figures.curves import ROWS, _series, _steps
from core.figures.style import AXIS, BLUE, DASHES, LINE, ON_BLUE, QUIET, SERIES, SIZE, TEXT, styled

CLICK = "method"  # the selection's name; its field is "id"
ROW = 29  # px
NAMES, CELLS, SCALE, TEXTS = 0.0, (21.0, 39.0), (42.0, 66.0), 68.0  # in the chart's own unit of 100
NUMBERED = 8  # teachers of more layers have cells too narrow for numbers
MOST_TICKS = 5
BEGINS = "a stage begins"


def pick_rows(rows: Sequence[Mapping], layers: int, selected: str) -> alt.LayerChart:
    """rows, top first: {"id", "name", "layers", "colour", "regret", "low", "high", "text", "told"}; layers: the pick, [] where there is none.

    regret, low, high: in points, None where unknown; the scale is left out where all are. text: what stands beside it. told: the row in
    words. A click on a row selects its "id".
    """
    known = [value for row in rows for value in (row["regret"], row["low"], row["high"]) if value is not None]
    end = max(1.0, *known) if known else 1.0
    low = min(0.0, *known) if known else 0.0
    place = lambda value: SCALE[0] + (SCALE[1] - SCALE[0]) * (value - low) / (end - low)
    texts_from = TEXTS if known else SCALE[0]
    width = (CELLS[1] - CELLS[0]) / layers
    x = lambda field: alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, 100], nice=False, zero=False), axis=None)
    y = lambda field: alt.Y(f"{field}:Q", scale=alt.Scale(domain=[len(rows) - 0.4, -1.2], nice=False, zero=False), axis=None)
    chart = lambda values: alt.Chart(alt.Data(values=values))
    quiet = {"aria": False}
    cells = [
        {"x": CELLS[0] + width * (layer - 1), "x2": CELLS[0] + width * layer - 0.25, "y": i - 0.38, "y2": i + 0.38, "mid": i, "layer": layer,
         "colour": row["colour"] if layer in row["layers"] else QUIET, "chosen": layer in row["layers"]}
        for i, row in enumerate(rows) for layer in range(1, layers + 1)
    ]
    blocks = chart(cells).mark_rect(cornerRadius=3, **quiet).encode(x=x("x"), x2="x2:Q", y=y("y"), y2="y2:Q", color=alt.Color("colour:N", scale=None))
    numbers = chart([cell | {"x": (cell["x"] + cell["x2"]) / 2} for cell in cells if cell["chosen"]]).mark_text(
        fontSize=SIZE, fontWeight=600, color=ON_BLUE, baseline="middle", **quiet
    ).encode(x=x("x"), y=y("mid"), text="layer:Q")
    heads = [{"x": CELLS[0] + width * (layer - 0.5), "y": -0.8, "text": str(layer)} for layer in range(1, layers + 1)
             if layers <= NUMBERED or layer in (1, layers)]
    marks = _ticks(low, end) if known else []
    heads += [{"x": place(mark), "y": -0.8, "text": f"{mark:g}"} for mark in marks]
    head = chart(heads).mark_text(fontSize=SIZE, color=TEXT, baseline="middle", **quiet).encode(x=x("x"), y=y("y"), text="text:N")
    grid = chart([{"x": place(mark), "y": -0.45, "y2": len(rows) - 0.5} for mark in marks]).mark_rule(
        color=LINE, strokeWidth=0.5, opacity=0.6, **quiet
    ).encode(x=x("x"), y=y("y"), y2="y2:Q")
    spans = chart([{"x": place(row["low"]), "x2": place(row["high"]), "y": i} for i, row in enumerate(rows) if row["low"] is not None]).mark_rule(
        strokeWidth=5, opacity=0.45, color=BLUE, **quiet
    ).encode(x=x("x"), x2="x2:Q", y=y("y"))
    points = chart([{"x": place(row["regret"]), "y": i} for i, row in enumerate(rows) if row["regret"] is not None]).mark_point(
        filled=True, size=120, color=BLUE, opacity=1, **quiet
    ).encode(x=x("x"), y=y("y"))
    words = [{"x": at, "y": i, "text": row[key], "weight": 700 if row["id"] == selected and key == "name" else 400}
             for i, row in enumerate(rows) for key, at in (("name", NAMES), ("text", texts_from))]
    texts = [
        chart([word for word in words if word["weight"] == weight]).mark_text(
            align="left", baseline="middle", fontSize=SIZE, fontWeight=weight, color=TEXT, **quiet
        ).encode(x=x("x"), y=y("y"), text="text:N")
        for weight in (400, 700)
    ]
    pick = alt.selection_point(name=CLICK, fields=["id"], toggle=False, clear=False, empty=False)
    told = [{"id": row["id"], "y": i - 0.5, "y2": i + 0.5, "x": 0, "x2": 100, "told": row["told"]} for i, row in enumerate(rows)]
    hits = chart(told).mark_rect(color="transparent", cursor="pointer").encode(
        x=x("x"), x2="x2:Q", y=y("y"), y2="y2:Q", tooltip=alt.Tooltip("told:N", title=" "), description="told:N"
    ).add_params(pick)
    parts = [part for part in (grid, blocks, *([numbers] if layers <= NUMBERED else []), spans, points, *texts, head) if part.data.values]
    return styled(
        alt.layer(*parts, hits).properties(
            height=round(ROW * (len(rows) + 0.8)) + AXIS // 8, description="What each method picks of the teacher's layers, and its regret in points."
        )
    )


def _ticks(low: float, end: float) -> list[float]:
    """Round numbers of points from low to end."""
    step = next(step for step in (0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if (end - low) / step <= MOST_TICKS)
    first = -(-low // step)
    return [round(step * (first + n), 6) for n in range(MOST_TICKS + 2) if step * (first + n) <= end + 1e-9]


def emphasis_curve(names: Sequence[str], total: int, top: float, height: int = 260) -> alt.Chart:
    """Weights of the compared layers over `total` steps, one line for each of `names`; rows beside it: {"step", "value", "layer"}."""
    colours, dashes = ([values[i % len(values)] for i in range(len(names))] for values in (SERIES, DASHES))
    legend = alt.Legend(title=None, columns=min(len(names), 2))
    chart = alt.Chart(ROWS).mark_line(strokeWidth=2.5, clip=True).encode(
        x=_steps(total),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(tickCount=4)),
        color=alt.Color("layer:N", scale=alt.Scale(domain=list(names), range=colours), legend=legend),
        strokeDash=alt.StrokeDash("layer:N", scale=alt.Scale(domain=list(names), range=dashes), legend=legend),
        tooltip=[alt.Tooltip("step:Q"), alt.Tooltip("layer:N"), alt.Tooltip("value:Q", title="weight", format=".2f")],
    )
    return styled(chart.properties(title="Weight of each compared layer", height=height, description="Weights of the compared layers by step."))


def staged_curve(total: int, several: bool, height: int = 260) -> alt.LayerChart:
    """Accuracy over `total` steps in stages; rows beside it: {"step", "value", "line"}, line student, teacher, or BEGINS without a value: a
    step at which a stage after the first begins. several: whether there are such rows."""
    base = alt.Chart(ROWS).encode(
        x=_steps(total),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, 1], nice=False), axis=alt.Axis(format=".0%", tickCount=5)),
        tooltip=[alt.Tooltip("line:N"), alt.Tooltip("step:Q"), alt.Tooltip("value:Q", format=".1%")],
        **_series("line", ("student", "teacher")),
    )
    lines = base.transform_filter("isNumber(datum.value)").mark_line(strokeWidth=2.5, clip=True)
    points = base.transform_filter("datum.line == 'student'").mark_point(filled=True, size=90, opacity=1).encode(
        color=alt.value(SERIES[0]), strokeDash=alt.value([1, 0])
    )
    begins = alt.Chart(ROWS).transform_filter(f"datum.line == '{BEGINS}'").mark_rule(color=LINE, strokeWidth=2, strokeDash=DASHES[1]).encode(
        x=_steps(total), tooltip=[alt.Tooltip("line:N", title=" "), alt.Tooltip("step:Q")]
    )
    return styled(
        alt.layer(*([begins] if several else []), lines, points).properties(
            title="Accuracy, check examples", height=height, description="Accuracy by step, in stages."
        )
    )

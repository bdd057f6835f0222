"""Every choice as a row of the teacher's layers beside the accuracy that came of it."""

import math
from collections.abc import Mapping, Sequence

import altair as alt

from core.figures.style import AXIS, LINE, ON_BLUE, ORANGE, QUIET, SIZE, TEXT, styled

CLICK = "choice"  # the selection's name; its field is "id"
MOST_MARKS = 1900
ROW = 27  # px
CELLS, SCALE, TEXTS = (0.0, 27.0), (31.0, 79.0), 81.0  # from and to, in the chart's own unit of 100
NUMBERED = 12  # teachers of more layers have cells too narrow for numbers
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)  # between two ticks of accuracy


def most_rows(layers: int, seeds: int, own: int = 0) -> int:
    """How many choices of a teacher of so many layers a chart can hold. seeds, own: runs drawn as marks of their own in a row."""
    return MOST_MARKS // (layers + min(layers, NUMBERED) + 6 + seeds + own)


def ticks(low: float, high: float) -> list[float]:
    """Round accuracies that hold low and high between the first and the last, at most eight."""
    step = next((step for step in STEPS if math.ceil(high / step - 1e-9) - math.floor(low / step + 1e-9) <= 7), STEPS[-1])
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 4) for n in range(first, max(last, first + 1) + 1)]


def choice_rows(rows: Sequence[Mapping], layers: int, levels: Mapping[str, float]) -> alt.LayerChart:
    """rows, top first: {"id", "name", "layers", "colour", "mean", "low", "high", "seeds", "own", "note"}.

    mean: None where only the learner ran the choice. low, high: of its interval, may be None. seeds, own: accuracies of single runs. note:
    what stands beside the figure. levels: accuracies by name, drawn as lines through all rows. A click on a row selects its "id".
    """
    drawn = [value for row in rows for value in (row["mean"], row["low"], row["high"], *row["seeds"], *row["own"]) if value is not None]
    marks = ticks(min(drawn + list(levels.values())), max(drawn + list(levels.values())))
    place = lambda value: SCALE[0] + (SCALE[1] - SCALE[0]) * (value - marks[0]) / (marks[-1] - marks[0])
    width = (CELLS[1] - CELLS[0]) / layers
    x = lambda field: alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, 100], nice=False, zero=False), axis=None)
    y = lambda field: alt.Y(f"{field}:Q", scale=alt.Scale(domain=[len(rows) - 0.4, -1.1], nice=False, zero=False), axis=None)
    chart = lambda values: alt.Chart(alt.Data(values=values))
    quiet = {"aria": False}

    cells = [
        {"x": CELLS[0] + width * (layer - 1), "x2": CELLS[0] + width * layer - 0.25, "y": i - 0.4, "y2": i + 0.4, "mid": i, "layer": layer,
         "colour": row["colour"] if layer in row["layers"] else QUIET, "chosen": layer in row["layers"]}
        for i, row in enumerate(rows) for layer in range(1, layers + 1)
    ]
    blocks = chart(cells).mark_rect(cornerRadius=3, **quiet).encode(
        x=x("x"), x2="x2:Q", y=y("y"), y2="y2:Q", color=alt.Color("colour:N", scale=None)
    )
    numbers = chart([cell | {"x": (cell["x"] + cell["x2"]) / 2} for cell in cells if cell["chosen"]]).mark_text(
        fontSize=SIZE, fontWeight=600, color=ON_BLUE, baseline="middle", **quiet
    ).encode(x=x("x"), y=y("mid"), text="layer:Q")
    shown = [layer for layer in range(1, layers + 1) if layers <= NUMBERED or layer in (1, layers)]
    heads = [{"x": CELLS[0] + width * (layer - 0.5), "y": -0.75, "text": str(layer)} for layer in shown]
    heads += [{"x": place(mark), "y": -0.75, "text": f"{100 * mark:.0f} %"} for mark in marks]
    upright = lambda values: chart([{"x": place(value), "y": -0.45, "y2": len(rows) - 0.5} for value in values])
    grid = upright(marks).mark_rule(color=LINE, strokeWidth=0.5, opacity=0.6, **quiet).encode(x=x("x"), y=y("y"), y2="y2:Q")
    head = chart(heads).mark_text(fontSize=SIZE, color=TEXT, baseline="middle", **quiet).encode(x=x("x"), y=y("y"), text="text:N")
    lines = upright(levels.values()).mark_rule(color=LINE, strokeWidth=2, strokeDash=[5, 4], **quiet).encode(x=x("x"), y=y("y"), y2="y2:Q")

    saved = [(i, row) for i, row in enumerate(rows) if row["mean"] is not None]
    spans = chart([{"x": place(row["low"]), "x2": place(row["high"]), "y": i, "colour": row["colour"]} for i, row in saved if row["low"] is not None])
    spans = spans.mark_rule(strokeWidth=5, opacity=0.45, **quiet).encode(x=x("x"), x2="x2:Q", y=y("y"), color=alt.Color("colour:N", scale=None))
    singles = chart([{"x": place(value), "y": i, "colour": row["colour"]} for i, row in saved for value in row["seeds"] if len(row["seeds"]) > 1])
    singles = singles.mark_tick(thickness=2, height=12, opacity=0.9, **quiet).encode(x=x("x"), y=y("y"), color=alt.Color("colour:N", scale=None))
    points = chart([{"x": place(row["mean"]), "y": i, "colour": row["colour"]} for i, row in saved]).mark_point(
        filled=True, size=110, opacity=1, **quiet
    ).encode(x=x("x"), y=y("y"), color=alt.Color("colour:N", scale=None))
    own = chart([{"x": place(value), "y": i} for i, row in enumerate(rows) for value in row["own"]]).mark_point(
        shape="diamond", filled=True, size=150, color=ORANGE, stroke=TEXT, strokeWidth=1.5, opacity=1, **quiet
    ).encode(x=x("x"), y=y("y"))
    figure = lambda row: "" if row["mean"] is None else f"{100 * row['mean']:.1f} %"
    texts = chart([{"x": TEXTS, "y": i, "text": "  ".join(filter(None, (figure(row), row["note"])))} for i, row in enumerate(rows)]).mark_text(
        align="left", baseline="middle", fontSize=SIZE, color=TEXT, **quiet
    ).encode(x=x("x"), y=y("y"), text="text:N")

    pick = alt.selection_point(name=CLICK, fields=["id"], toggle=False, clear=False, empty=False)
    told = [{"id": row["id"], "y": i - 0.5, "y2": i + 0.5, "x": 0, "x2": 100, "told": tell(row)} for i, row in enumerate(rows)]
    hits = chart(told).mark_rect(color="transparent", cursor="pointer").encode(
        x=x("x"), x2="x2:Q", y=y("y"), y2="y2:Q", tooltip=alt.Tooltip("told:N", title=" "), description="told:N"
    ).add_params(pick)
    parts = [part for part in (grid, lines, blocks, spans, singles, points, own, texts, head) if part.data.values]
    if layers <= NUMBERED and any(row["layers"] for row in rows):
        parts.insert(3, numbers)
    return styled(
        alt.layer(*parts, hits).properties(
            height=round(ROW * (len(rows) + 0.7)) + AXIS // 8, description=f"Accuracy of {len(rows)} choices of teacher layers, best first."
        )
    )


def tell(row: Mapping) -> str:
    """A row in words."""
    figure = "not among the saved runs" if row["mean"] is None else f"{100 * row['mean']:.1f} %"
    span = "" if row["low"] is None else f" (95 % interval {100 * row['low']:.1f} to {100 * row['high']:.1f} %)"
    runs = f", {len(row['seeds'])} seed{'s' if len(row['seeds']) != 1 else ''}" if row["seeds"] else ""
    own = f"; your own: {', '.join(f'{100 * value:.1f} %' for value in row['own'])}" if row["own"] else ""
    return f"{row['name']}: {figure}{span}{runs}{own}{'; ' + row['note'] if row['note'] else ''}"

"""The layer diagram: the teacher as a vertical stack, the student beside it, and a connector for every copied layer; a small teacher alone.

A click is answered inside the browser: the student's blocks and the connectors are computed by the chart itself from
its selection (filter, then rank), so that they move at once and the server only learns the result.
"""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt

from core.figures.style import BLUE, LINE, ON_BLUE, ON_ORANGE, ORANGE, QUIET, SIZE, TEXT, chart_of, styled, unit

SELECTION = "layers"
FOLD_ABOVE = 12  # more layers than this stand in two columns
HALF = 0.41  # half a block's height, in rows
LIFT = -2  # pixels that the text of a block with a score stands above its middle: the bar is below
POINTS = 14  # of a connector's curve
WIDTH = 100.0  # of the drawing, in its own unit; it stretches with the page
TEACHER, STUDENT = (9.0, 43.0), (62.0, 99.0)  # left and right edge
BOX = {"cornerRadius": 6}
DASHED = {"strokeWidth": 1.5, "color": LINE, "strokeDash": [3, 4], "aria": False}
SMALL_BLOCK = 24  # px a layer of the small teacher


@dataclass(frozen=True)
class Overlay:
    """A score of each layer, drawn on the teacher's blocks. title: what the numbers are.

    values: layer (1-based) -> score; a layer without one is left plain. A block's bar is empty at `low` and full at `high`. form: a d3
    format of the number, e.g. '.2f' or '.1%'.
    """

    title: str
    values: Mapping[int, float]
    low: float
    high: float
    form: str = ".2f"

    def share(self, layer: int) -> float | None:
        """Return how full the layer's bar is, 0 to 1; None where it has no score."""
        if layer not in self.values:
            return None
        return min(max((self.values[layer] - self.low) / (self.high - self.low), 0.0), 1.0) if self.high > self.low else 0.0


def rows(layers: int) -> int:
    """Return the rows of the teacher's stack: its layers, folded into two columns when there are many."""
    return -(-layers // 2) if layers > FOLD_ABOVE else layers


def block(layer: int, layers: int) -> dict:
    """Return where a teacher layer stands: {"layer", "x", "x2", "row"}; the lower half is the left column of a folded stack."""
    left, right = TEACHER
    height = rows(layers)
    if height == layers:
        return {"layer": layer, "x": left, "x2": right, "row": layer}
    middle, column = (left + right) / 2, int(layer > height)
    return {"layer": layer, "x": (left, middle + 0.6)[column], "x2": (middle - 0.6, right)[column], "row": layer - column * height}


def _curve(x: float, row: float, name: dict) -> list[dict]:
    """Return the points of a connector that leaves (x, row); the chart adds the student's end. t runs from 0 to 1, s eases in and out."""
    steps = [j / (POINTS - 1) for j in range(POINTS)]
    return [{**name, "x": x + (STUDENT[0] - x) * t, "from": row, "s": t * t * (3 - 2 * t), "t": t} for t in steps]


def _x(field: str) -> alt.X:
    return unit(alt.X, field, 0, WIDTH)


def diagram(layers: int, chosen: Sequence[int] = (), *, clickable: bool = True, overlay: Overlay | None = None) -> alt.LayerChart:
    """Draw the teacher's `layers` layers (1-based, layer 1 at the bottom, nearest the input) and the student seeded from `chosen`.

    clickable: a plain click toggles a layer in the selection named SELECTION (field "layer"), `chosen` being its first
    value; the student then follows the selection in ascending order. Otherwise `chosen` is drawn as it stands, in any
    order and with repeats. overlay: a score on each block, as a bar at its foot and, where the blocks are wide enough, a number.
    """
    top = rows(layers) + 1
    row_height = 40 if rows(layers) <= 8 else 28  # px
    margin = HALF + 36 / row_height  # above the head, for the titles
    y = lambda field: unit(alt.Y, field, -0.5, top + margin)
    first = [{"layer": layer} for layer in chosen] if chosen else alt.Undefined
    pick = alt.selection_point(name=SELECTION, fields=["layer"], toggle="true", clear=False, empty=False, value=first) if clickable else None
    titles = chart_of([
        {"x": sum(TEACHER) / 2, "text": f"Teacher: {layers} layers"}, {"x": sum(STUDENT) / 2, "text": "Student"},
    ]).transform_calculate(said=f"datum.text == 'Student' ? {_student_said(chosen, bool(pick))} : datum.text").mark_text(
        fontSize=18, fontWeight=600, baseline="middle", color=TEXT
    ).encode(x=_x("x"), y=alt.value(12), text="text:N", description="said:N")
    arrow = chart_of([{"x": 4.6, "lo": -HALF, "hi": top + HALF, "mid": top / 2}])
    shaft = [
        arrow.mark_rule(color=LINE, strokeWidth=1.5, aria=False).encode(x=_x("x"), y=y("lo"), y2="hi:Q"),
        arrow.mark_point(shape="triangle-up", filled=True, color=LINE, size=90, opacity=1, aria=False).encode(x=_x("x"), y=y("hi")),
        arrow.mark_text(text="input to output", angle=270, dy=-12, fontSize=SIZE, color=TEXT, aria=False).encode(x=_x("x"), y=y("mid")),
    ]
    lines, *student = _student(layers, chosen, pick, y)
    copies, end_marks = _ends(layers, chosen, pick, top, y)
    chart = alt.layer(*copies, lines, *end_marks, *_teacher(layers, chosen, pick, overlay, y), *student, titles, *shaft)
    said = describe(layers, None if clickable else chosen, overlay)
    return styled(chart, height=round(row_height * (top + 0.5 + margin)), description=said)


def _student_said(chosen: Sequence[int], clickable: bool) -> str:
    """Return an expression: which layers the student copies, in words; of a clickable diagram from its selection, so that it is never of before."""
    layers = f"sort({SELECTION}.layer || [])" if clickable else f"[{', '.join(map(str, chosen))}]"
    return (f"length({layers}) ? 'Student of ' + length({layers}) + (length({layers}) > 1 ? ' layers, from teacher layers ' : "
            f"' layer, from teacher layer ') + join({layers}, ', ') : 'Student: no layer is chosen yet'")


def _teacher(layers: int, chosen: Sequence[int], pick: alt.Parameter | None, overlay: Overlay | None, y) -> list[alt.Chart]:
    """Return the teacher's blocks with their numbers, the ticks of those chosen, and the scores."""
    folded = rows(layers) != layers
    numbered = overlay is not None and not folded
    lift = LIFT if numbered else 0
    middle = 0.15 if numbered else 0.4 if folded else 0.5  # where a block's number stands: it leaves room for the tick or the score
    stack = chart_of([block(layer, layers) for layer in range(1, layers + 1)]).transform_calculate(
        lo=f"datum.row - {HALF}", hi=f"datum.row + {HALF}", xm=f"datum.x + {middle} * (datum.x2 - datum.x)", label="'teacher layer ' + datum.layer",
        taken="'layer ' + datum.layer + ' is chosen'",
    )
    test = pick or f"indexof([{','.join(map(str, chosen))}], datum.layer) >= 0"
    when = lambda yes, no: alt.condition(test, alt.value(yes), alt.value(no))
    teacher = stack.mark_rect(cursor="pointer" if pick else "default", strokeWidth=2, **BOX).encode(
        x=_x("x"), x2="x2:Q", y=y("lo"), y2="hi:Q", color=when(ORANGE, QUIET), stroke=when("light-dark(#9a5b00, #ffd08a)", "transparent"),
        tooltip=alt.Tooltip("layer:Q", title="teacher layer"), description="label:N",
    )
    number = stack.mark_text(aria=False, fontSize=18 if folded or layers > 9 else 21, fontWeight=600, baseline="middle", dy=lift).encode(
        x=_x("xm"), y=y("row"), text="layer:Q", color=when(ON_ORANGE, TEXT)
    )
    ticks = stack.transform_filter(test).mark_text(
        text="✓", fontSize=15 if folded else 18, align="left" if numbered else "right", baseline="middle",
        dx=11 if numbered else -2 if folded else -7, dy=lift, color=ON_ORANGE,
    ).encode(x=_x("xm" if numbered else "x2"), y=y("row"), description="taken:N")
    return [teacher.add_params(pick) if pick else teacher, number, ticks, *(_scores(overlay, layers, numbered, when, y) if overlay else [])]


def _student(layers: int, chosen: Sequence[int], pick: alt.Parameter | None, y) -> list[alt.Chart]:
    """Return the connectors, the student's blocks, their places and their origins; places are ranks of the selection, or the given order."""
    ends = [{"layer": layer} for layer in range(1, layers + 1)] if pick else [{"layer": n, "place": place} for place, n in enumerate(chosen, 1)]
    places_of = [(block(end["layer"], layers), end) for end in ends]
    points = [point for start, end in places_of for point in _curve(start["x2"], start["row"], end)]
    ranked = lambda chart: chart.transform_filter(pick).transform_window(place="dense_rank()", sort=[alt.SortField("layer")]) if pick else chart
    student = ranked(chart_of(ends)).transform_calculate(
        lo=f"datum.place - {HALF}", hi=f"datum.place + {HALF}", x=str(STUDENT[0]), x2=str(STUDENT[1]), origin="'from layer ' + datum.layer",
        said="'student layer ' + datum.place + ', from teacher layer ' + datum.layer",
    )
    blocks = student.mark_rect(color=BLUE, **BOX).encode(x=_x("x"), x2="x2:Q", y=y("lo"), y2="hi:Q", description="said:N")
    places = student.mark_text(
        aria=False, align="left", dx=9, fontSize=18 if layers > 9 else 21, fontWeight=600, baseline="middle", color=ON_BLUE
    ).encode(x=_x("x"), y=y("place"), text="place:Q")
    origins = student.mark_text(aria=False, align="right", dx=-8, fontSize=SIZE, baseline="middle", color=ON_BLUE).encode(
        x=_x("x2"), y=y("place"), text="origin:N"
    )
    lines = ranked(chart_of(points)).transform_calculate(y="datum.from + (datum.place - datum.from) * datum.s").mark_line(
        strokeWidth=2.5, color=LINE, strokeDash=[1, 0], strokeOpacity=0.9, aria=False
    ).encode(x=_x("x"), y=y("y"), detail=["layer:N", "place:N"], order="t:Q")
    return [lines, blocks, places, origins]


def _ends(layers: int, chosen: Sequence[int], pick: alt.Parameter | None, top: int, y) -> tuple[list[alt.Chart], list[alt.Chart]]:
    """Return the lines that join embeddings and head of both stacks, and their boxes with names."""
    ends = chart_of([
        {"x": TEACHER[0], "x2": TEACHER[1], "row": 0, "name": "embeddings"}, {"x": TEACHER[0], "x2": TEACHER[1], "row": top, "name": "head"},
        {"x": STUDENT[0], "x2": STUDENT[1], "row": 0, "name": "embeddings"},
    ]).transform_calculate(lo=f"datum.row - {HALF}", hi=f"datum.row + {HALF}", xm="(datum.x + datum.x2) / 2")
    if pick:
        counted = lambda values: chart_of(values).transform_filter(pick).transform_joinaggregate(
            k="max(layer)", count="distinct(layer)"
        ).transform_filter("datum.layer == datum.k")
        cap = counted([{"layer": layer} for layer in range(1, layers + 1)])
        cap_line = counted([point for layer in range(1, layers + 1) for point in _curve(TEACHER[1], top, {"layer": layer})])
    else:
        cap = chart_of([{"count": len(chosen)}] if chosen else [])
        cap_line = chart_of(_curve(TEACHER[1], top, {"count": len(chosen)}) if chosen else [])
    cap = cap.transform_calculate(
        row="datum.count + 1", lo=f"datum.count + 1 - {HALF}", hi=f"datum.count + 1 + {HALF}", x=str(STUDENT[0]), x2=str(STUDENT[1]),
        xm=str(sum(STUDENT) / 2), layer="null", name="'head'",
    )
    plain = {"strokeWidth": 1.5, "stroke": LINE, "color": "transparent", "aria": False, **BOX}
    marks = [chart.mark_rect(**plain).encode(x=_x("x"), x2="x2:Q", y=y("lo"), y2="hi:Q") for chart in (ends, cap)]
    marks += [chart.mark_text(fontSize=SIZE, baseline="middle", color=TEXT).encode(x=_x("xm"), y=y("row"), text="name:N", description="name:N")
              for chart in (ends, cap)]
    base_line = chart_of([{"x": TEACHER[1], "row": 0}, {"x": STUDENT[0], "row": 0}])
    bent = cap_line.transform_calculate(y="datum.from + (datum.count + 1 - datum.from) * datum.s")
    copies = [base_line.mark_line(**DASHED).encode(x=_x("x"), y=y("row")), bent.mark_line(**DASHED).encode(x=_x("x"), y=y("y"), order="t:Q")]
    return copies, marks


def diagram_spec(layers: int, chosen: Sequence[int] = (), *, clickable: bool = True, overlay: Overlay | None = None) -> dict:
    """Return `diagram` as a Vega-Lite specification. To make one takes longer than all else that a click does, so those made before are kept."""
    scores = (overlay.title, tuple(sorted(overlay.values.items())), overlay.low, overlay.high, overlay.form) if overlay else None
    return json.loads(_spec(layers, tuple(chosen), clickable, scores))


@functools.lru_cache(maxsize=512)
def _spec(layers: int, chosen: tuple[int, ...], clickable: bool, scores: tuple | None) -> str:
    overlay = Overlay(scores[0], dict(scores[1]), *scores[2:]) if scores else None
    with alt.theme.enable("none"):  # Altair's own sets a width and a height
        return json.dumps(diagram(layers, chosen, clickable=clickable, overlay=overlay).to_dict())


def _scores(overlay: Overlay, layers: int, numbered: bool, when, y) -> list[alt.Chart]:
    """Return the bars at the blocks' feet, and the numbers where there is room for them."""
    rows = [
        {**block(layer, layers), "score": overlay.values[layer], "share": overlay.share(layer)}
        for layer in range(1, layers + 1) if layer in overlay.values
    ]
    scored = chart_of(rows).transform_calculate(
        foot=f"datum.row - {HALF} + 0.05", top=f"datum.row - {HALF} + 0.21", start="datum.x + 0.8",
        end="datum.x + 0.8 + datum.share * (datum.x2 - datum.x - 1.6)", right="datum.x2 - 1.8", text=f"format(datum.score, '{overlay.form}')",
    )
    bars = scored.mark_rect(cornerRadius=2).encode(
        x=_x("start"), x2="end:Q", y=y("foot"), y2="top:Q", color=when(ON_ORANGE, BLUE),
        tooltip=[alt.Tooltip("layer:Q", title="teacher layer"), alt.Tooltip("text:N", title=overlay.title)],
    )
    numbers = scored.mark_text(align="right", fontSize=SIZE, baseline="middle", dy=LIFT).encode(
        x=_x("right"), y=y("row"), text="text:N", color=when(ON_ORANGE, TEXT)
    )
    return [bars, numbers] if numbered else [bars]


def describe(layers: int, chosen: Sequence[int] | None, overlay: Overlay | None = None) -> str:
    """Put the diagram into words. chosen: None where clicks change it: a chart's description stays, so its marks tell."""
    if chosen is None:
        text = f"A teacher of {layers} layers, layer 1 nearest the input, beside its student: a click chooses a layer or leaves it out."
    elif not chosen:
        text = f"A teacher of {layers} layers; none is chosen yet."
    else:
        pairs = ", ".join(f"student layer {place} from teacher layer {layer}" for place, layer in enumerate(chosen, 1))
        text = f"A teacher of {layers} layers, layer 1 nearest the input. A student of {len(chosen)}: {pairs}."
    if overlay is None:
        return text
    values = ", ".join(f"layer {layer} {value:.3g}" for layer, value in sorted(overlay.values.items()))
    return f"{text} {overlay.title}: {values}."


def ends(layers: int, low: str, high: str, chosen: Sequence[int] = ()) -> alt.LayerChart:
    """Draw the teacher's layers, 1 lowest, with what stands at layer 1 (low) and at the last one (high); chosen layers are coloured."""
    y = lambda field: unit(alt.Y, field, 0.4, layers + 0.6)
    blocks, numbers = [], []
    for group, colour, text in ((False, QUIET, TEXT), (True, ORANGE, ON_ORANGE)):
        rows = [
            {"layer": layer, "x": 0, "x2": 46, "y": layer - 0.42, "y2": layer + 0.42, "mid": layer, "at": 23}
            for layer in range(1, layers + 1) if (layer in chosen) == group
        ]
        if rows:
            blocks.append(chart_of(rows).mark_rect(cornerRadius=3, color=colour, aria=False).encode(x=_x("x"), x2="x2:Q", y=y("y"), y2="y2:Q"))
            number = chart_of(row | {"x": row["at"]} for row in rows)
            number = number.mark_text(fontSize=SIZE, fontWeight=600, baseline="middle", color=text, aria=False)
            numbers.append(number.encode(x=_x("x"), y=y("mid"), text="layer:Q"))
    words = [{"x": 50, "mid": at, "text": text} for at, text in ((1, low), (layers, high)) if text]
    names = [chart_of(words).mark_text(align="left", baseline="middle", fontSize=SIZE, color=TEXT, aria=False).encode(
        x=_x("x"), y=y("mid"), text="text:N"
    )] if words else []
    where = f"layer 1: {low or 'no label yet'}; layer {layers}: {high or 'no label yet'}"
    chart = alt.layer(*blocks, *numbers, *names)
    return styled(chart, height=SMALL_BLOCK * layers + 10, description=f"The teacher's {layers} layers. {where}.")

"""Curves of a run by step, and what else is drawn as lines on one scale. Axes keep their domain while a run goes on, so that nothing jumps.

The curves by step, all but `panel`, come without their data: the page hands the rows beside the chart, and a live chart is then updated
in place. Rows of loss_curve: {"step", "value", "part"}; of accuracy_curve: {"step", "value", "line"}, of its band
{"step", "low", "high", "line"}.
"""

from collections.abc import Sequence

import altair as alt

from core.figures.style import BLUE, DASHES, LINE, SERIES, TEXT, chart_of, styled

ROWS = alt.NamedData(name="rows")  # one object, so that Altair hoists it out of every layer
HEIGHT, SMALL = 250, 190  # px of a curve, of a small one among several
STAGES = 260  # px of the curves of a run in stages
BEGINS = "a stage begins"
MOST_POINTS = 12  # on a line of `panel`; a longer one is drawn without
AXES = {"k": "student layers", "hidden": "hidden size", "batch": "batch size", "length": "tokens a sequence"}  # what `scaling` goes along


def _steps(total: int) -> alt.X:
    return alt.X("step:Q", title="step", scale=alt.Scale(domain=[0, max(total, 1)], nice=False), axis=alt.Axis(tickCount=4, grid=False, format="d"))


def _values(low: float, high: float, field: str = "value", ticks: int = 5, **axis) -> alt.Y:
    axis = alt.Axis(tickCount=ticks, **axis)
    return alt.Y(f"{field}:Q", title=None, scale=alt.Scale(domain=[low, high], nice=False), axis=axis)


def _series(field: str, names: Sequence[str], colours: Sequence[str] = SERIES, **legend) -> dict:
    """Return colour and dash by name, with one legend for both."""
    legend = alt.Legend(**{"title": None, "columns": 2 if len(names) > 2 else len(names)} | legend)
    scale = lambda values: alt.Scale(domain=list(names), range=[values[n % len(values)] for n in range(len(names))])
    return {
        "color": alt.Color(f"{field}:N", scale=scale(colours), legend=legend),
        "strokeDash": alt.StrokeDash(f"{field}:N", scale=scale(DASHES), legend=legend),
    }


def _points(base: alt.Chart, size: int = 70) -> alt.Chart:
    """Return the points that lie on lines; a point's edge is never dashed."""
    return base.mark_point(filled=True, size=size, opacity=1).encode(strokeDash=alt.value([1, 0]))


def loss_curve(parts: Sequence[str], total: int, top: float) -> alt.Chart:
    """Draw the training loss over `total` steps, one line for each of `parts`; the axis ends at `top`."""
    chart = alt.Chart(ROWS).mark_line(strokeWidth=2.5, clip=True, interpolate="monotone").encode(
        x=_steps(total), y=_values(0, top, ticks=4), **_series("part", parts),
        tooltip=[alt.Tooltip("step:Q"), alt.Tooltip("part:N"), alt.Tooltip("value:Q", format=".3f")],
    )
    return styled(chart, title="Training loss", height=HEIGHT, description="Training loss by step.")


def emphasis_curve(names: Sequence[str], total: int, top: float) -> alt.Chart:
    """Draw weights of the compared layers over `total` steps, one line for each of `names`; rows beside it: {"step", "value", "layer"}."""
    chart = alt.Chart(ROWS).mark_line(strokeWidth=2.5, clip=True).encode(
        x=_steps(total), y=_values(0, top, ticks=4), **_series("layer", names),
        tooltip=[alt.Tooltip("step:Q"), alt.Tooltip("layer:N"), alt.Tooltip("value:Q", title="weight", format=".2f")],
    )
    return styled(chart, title="Weight of each compared layer", height=STAGES, description="Weights of the compared layers by step.")


def accuracy_curve(total: int, title: str = "Accuracy", band: str = "") -> alt.LayerChart:
    """Draw accuracy over `total` steps: the student's points on a line, the teacher's as a level.

    band: what the area behind them is called, between the rows' low and high; none is drawn without a name.
    """
    area = alt.Chart(ROWS).transform_filter("isNumber(datum.low)").mark_area(  # its edge shows a band of one run as well
        color=LINE, fillOpacity=0.3, stroke=LINE, strokeWidth=1.5, strokeDash=DASHES[2], clip=True
    ).encode(
        x=_steps(total), y=_values(0, 1, "low", format=".0%"), y2="high:Q",
        tooltip=[alt.Tooltip("line:N"), alt.Tooltip("step:Q"), alt.Tooltip("low:Q", format=".1%"), alt.Tooltip("high:Q", format=".1%")],
    )
    behind, names = ([area], ["student", "teacher", band]) if band else ([], ["student", "teacher"])
    chart = alt.layer(*behind, *_accuracies(total, names))
    return styled(chart, title=title, height=HEIGHT, description="Accuracy by step, student and teacher.")


def staged_curve(total: int, several: bool) -> alt.LayerChart:
    """Draw accuracy over `total` steps in stages; rows beside it: {"step", "value", "line"}, line student, teacher, or BEGINS without a
    value: a step at which a stage after the first begins. several: whether there are such rows."""
    begins = alt.Chart(ROWS).transform_filter(f"datum.line == '{BEGINS}'").mark_rule(color=LINE, strokeWidth=2, strokeDash=DASHES[1]).encode(
        x=_steps(total), tooltip=[alt.Tooltip("line:N", title=" "), alt.Tooltip("step:Q")]
    )
    chart = alt.layer(*([begins] if several else []), *_accuracies(total, ["student", "teacher"]))
    return styled(chart, title="Accuracy, check examples", height=STAGES, description="Accuracy by step, in stages.")


def _accuracies(total: int, names: Sequence[str]) -> tuple[alt.Chart, alt.Chart]:
    """Return the lines of `names`, and the student's points."""
    base = alt.Chart(ROWS).encode(
        x=_steps(total), y=_values(0, 1, format=".0%"), **_series("line", names, [*SERIES[:2], LINE]),
        tooltip=[alt.Tooltip("line:N"), alt.Tooltip("step:Q"), alt.Tooltip("value:Q", format=".1%")],
    )
    points = _points(base.transform_filter("datum.line == 'student'"), 90).encode(color=alt.value(SERIES[0]))
    return base.transform_filter("isNumber(datum.value)").mark_line(strokeWidth=2.5, clip=True), points


def side(
    names: Sequence[str], total: int, title: str, domain: tuple[float, float], form: str, teacher: float | None, colours: Sequence[str] = SERIES,
    wide: bool = False,
) -> alt.LayerChart:
    """Draw one side of a comparison: the same domain on both makes one scale. Rows beside it: {"step", "value", "line"}, line one of names.

    form: a d3 format. colours: of the lines, in the order of names. wide: it stands alone, over the whole width.
    teacher: its level, a dashed rule, with points on the lines; None without one.
    """
    base = alt.Chart(ROWS).encode(
        x=_steps(total), y=_values(*domain, format=form), **_series("line", names, colours, symbolType="stroke"),
        tooltip=[alt.Tooltip("line:N"), alt.Tooltip("step:Q"), alt.Tooltip("value:Q", format=form)],
    )
    parts = [base.mark_line(strokeWidth=2.5, clip=True)]
    if teacher is not None:
        level = alt.Chart(ROWS).mark_rule(color=LINE, strokeWidth=2, strokeDash=DASHES[1], aria=False)
        parts += [_points(base), level.encode(y=alt.YDatum(teacher))]  # on the same rows: they stand once, beside the chart
    return styled(alt.layer(*parts), title=title, height=300 if wide else 230, description=f"{title} by step.")


def log_lines(names: Sequence[str], rows: Sequence[dict], title: str, form: str, domain: tuple[float, float]) -> alt.LayerChart:
    """Draw a figure per epoch. rows: {"epoch", "value", "strategy"}; names: the strategies in order. form: a d3 format."""
    base = chart_of(rows).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, grid=False, format="d")),
        y=_values(*domain, format=form), **_series("strategy", names, symbolType="stroke"),
        tooltip=[alt.Tooltip("strategy:N"), alt.Tooltip("epoch:Q"), alt.Tooltip("value:Q", format=form)],
    )
    chart = alt.layer(base.mark_line(strokeWidth=2.5), _points(base))
    return styled(chart, title=title, height=260, description=f"{title} by epoch.")


def panel(
    rows: Sequence[dict], name: str, colour: str, total: int, domain: tuple[float, float], form: str, title: str, level: float | None = None
) -> alt.LayerChart:
    """Draw one of several small charts on one scale: the curve of `name`, the others faint behind it.

    rows: {"line", "step", "value"} of every entry. total, domain: the same in all panels. level: the teacher's, a dashed rule; None
    without one. form: a d3 format.
    """
    own, others = ([row for row in rows if (row["line"] == name) == mine] for mine in (True, False))
    x, y = _steps(total), _values(*domain, ticks=4, format=form)
    parts = []
    if others:
        behind = chart_of(others).mark_line(color=LINE, strokeWidth=1.2, opacity=0.55, clip=True, aria=False)
        parts.append(behind.encode(x=x, y=y, detail="line:N"))
    if level is not None:
        rule = chart_of([{"value": level}]).mark_rule(color=TEXT, strokeWidth=1.5, strokeDash=DASHES[1], aria=False)
        parts.append(rule.encode(y=y))
    few = len(own) <= MOST_POINTS
    point = alt.OverlayMarkDef(color=colour, size=45, opacity=1) if few else False
    line = chart_of(own).mark_line(color=colour, strokeWidth=3 if few else 2, clip=True, point=point)
    parts.append(line.encode(x=x, y=y, tooltip=[alt.Tooltip("step:Q"), alt.Tooltip("value:Q", format=form)]))
    return styled(alt.layer(*parts), height=SMALL, title=title, description=f"{title} of {name} by step, the others behind.")


def scaling(rows: Sequence[dict], size: str) -> alt.LayerChart:
    """Draw how a step's time grows with one size of the student or of the batch, from nothing: twice as high is twice as slow.

    rows: {"value", "ms", "low", "high", "megabytes"} along one of AXES; ms: of a training step, the median, low to high its range.
    """
    top, sizes = max(row["high"] for row in rows), [row["value"] for row in rows]
    base = chart_of(rows).encode(
        x=alt.X("value:Q", title=AXES[size], scale=alt.Scale(nice=False, zero=True), axis=alt.Axis(values=sizes, grid=False)),
        tooltip=[alt.Tooltip("value:Q", title=AXES[size]), alt.Tooltip("ms:Q", title="ms a step", format=".0f"),
                 alt.Tooltip("megabytes:Q", title="peak memory, MB", format=".0f")],
    )
    y = lambda field: alt.Y(f"{field}:Q", title="ms a step", scale=alt.Scale(domain=[0, top], nice=True), axis=alt.Axis(tickCount=4))
    spans = base.mark_rule(color=BLUE, strokeWidth=3, opacity=0.4, aria=False).encode(y=y("low"), y2="high:Q")
    line = base.mark_line(color=BLUE, strokeWidth=2.5, point=alt.OverlayMarkDef(color=BLUE, size=70, opacity=1)).encode(y=y("ms"))
    return styled(alt.layer(spans, line), height=SMALL, description=f"Milliseconds of a training step by {AXES[size]}.")

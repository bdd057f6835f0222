"""Names at the ends of lines, in place of a legend: pushed apart where lines end close together."""

from collections.abc import Mapping, Sequence

import altair as alt

from core.figures.style import SIZE, TEXT

ROOM = 108  # px at the right of a drawing, where the names stand
RANGE = [0, alt.ExprRef(expr=f"max(width - {ROOM}, 40)")]  # of the scale along the steps
LINE_HEIGHT = SIZE + 3  # px


def end_labels(rows: Sequence[Mapping], field: str, names: Mapping[str, str], top: float, height: int) -> list[dict]:
    """Return rows {field, "step", "end", "name"}: what stands at the end of each line, "end" being its place on an axis from 0 to `top`.

    rows: {field, "step", "value"}; names: line -> what it is called there. height: of the drawing, in px.
    """
    last = {}
    for row in rows:
        if row.get(field) in names and row.get("value") is not None and row["step"] >= last.get(row[field], {"step": -1})["step"]:
            last[row[field]] = row
    ends = apart([min(max(row["value"] / top, 0.0), 1.0) for row in last.values()], LINE_HEIGHT / height)
    return [{field: line, "step": row["step"], "end": end * top, "name": names[line]} for (line, row), end in zip(last.items(), ends, strict=True)]


def apart(places: Sequence[float], least: float) -> list[float]:
    """Return the places, from 0 to 1, moved as little as that any two are `least` apart and all stay within, in the same order."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = [places[i] for i in order]
    for i in range(1, len(moved)):
        moved[i] = max(moved[i], moved[i - 1] + least)
    ceiling = 1.0
    for i in reversed(range(len(moved))):
        moved[i] = min(moved[i], ceiling)
        ceiling = moved[i] - least
    found = dict(zip(order, moved))
    return [found[i] for i in range(len(places))]


def texts(rows: alt.NamedData, x: alt.X, top: float) -> alt.Chart:
    """Return the marks of `end_labels`, which lie among the chart's own rows."""
    y = alt.Y("end:Q", title=None, scale=alt.Scale(domain=[0, top], nice=False))
    text = alt.Chart(rows).transform_filter("isNumber(datum.end)").mark_text(align="left", dx=7, baseline="middle", fontSize=SIZE, color=TEXT)
    return text.encode(x=x, y=y, text="name:N")

"""Accuracy against what it came from: the same student before its first step, or the size of the student."""

from collections.abc import Mapping, Sequence

import altair as alt

from core.figures.style import LINE, TEXT, styled

HEIGHT = 430  # px


def _axis(field: str, title: str, values: Sequence[float], form: str, side=alt.X, room: float = 1.0):
    """room: share of the margin that the axis ends with; a text beside the last point needs more."""
    low, high = min(values), max(values)
    margin = 0.08 * (high - low) or 0.02 * abs(high) or 1.0
    scale = alt.Scale(domain=[low - margin, high + room * margin], nice=False)
    return side(f"{field}:Q", title=title, scale=scale, axis=alt.Axis(format=form, tickCount=6))


def before_after(rows: Sequence[dict], levels: Mapping[str, float]) -> alt.LayerChart:
    """rows: {"name", "before", "after", "colour", "label"}; label: written beside the point, '' for most. levels: name -> accuracy."""
    after = [row["after"] for row in rows] + list(levels.values())
    x = _axis("before", "accuracy before the first step", [row["before"] for row in rows], ".1%", room=2.0)
    y = _axis("after", "accuracy after training", after, ".0%", alt.Y)
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        x=x, y=y, tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("before:Q", format=".1%"), alt.Tooltip("after:Q", format=".1%")],
    )
    points = base.mark_point(filled=True, size=170, opacity=1).encode(color=alt.Color("colour:N", scale=None), description="name:N")
    labels = base.mark_text(align="left", dx=11, color=TEXT, aria=False).encode(text="label:N")
    return styled(alt.layer(*_levels(levels, "after", y), points, labels).properties(
        height=HEIGHT, description="Accuracy of each choice before its first step and after training."
    ))


def sizes(rows: Sequence[dict], field: str, title: str, form: str) -> alt.LayerChart:
    """rows: {"name", "accuracy", field, "colour", "front", "label"}; those of the front are joined by a line. field: size or speed."""
    x = _axis(field, title, [row[field] for row in rows], form, room=1.5)
    y = _axis("accuracy", "accuracy", [row["accuracy"] for row in rows], ".0%", alt.Y)
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        x=x, y=y, tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip(f"{field}:Q", title=title, format=form),
                           alt.Tooltip("accuracy:Q", format=".1%")],
    )
    front = base.transform_filter("datum.front")
    line = front.mark_line(color=LINE, strokeWidth=2, strokeDash=[6, 4], interpolate="step-after", aria=False)
    points = base.mark_point(filled=True, size=130, opacity=0.85).encode(color=alt.Color("colour:N", scale=None), description="name:N")
    rings = front.mark_point(size=330, color=TEXT, strokeWidth=2, opacity=1, aria=False)
    labels = base.mark_text(align="left", dx=13, color=TEXT, aria=False).encode(text="label:N")
    chart = alt.layer(line, points, rings, labels)
    return styled(chart.properties(height=HEIGHT, description=f"Accuracy against {title}; rings mark the Pareto front."))


def _levels(levels: Mapping[str, float], field: str, y) -> list[alt.Chart]:
    if not levels:
        return []
    base = alt.Chart(alt.Data(values=[{"name": name, field: value} for name, value in levels.items()])).encode(y=y)
    rule = base.mark_rule(color=LINE, strokeWidth=2, strokeDash=[5, 4], aria=False)
    return [rule, base.mark_text(align="right", dy=-9, color=TEXT, aria=False).encode(x=alt.value("width"), text="name:N")]

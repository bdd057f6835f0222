"""Small multiples: the same curve of several runs, each in a panel of its own, all on one scale, the others faint behind it."""

from collections.abc import Sequence

import altair as alt

from core.figures.curves import _steps
from core.figures.style import DASHES, LINE, TEXT, styled

HEIGHT = 190  # px
MOST_POINTS = 12  # on a line; a longer one is drawn without


def panel(
    rows: Sequence[dict], name: str, colour: str, total: int, domain: tuple[float, float], form: str, title: str, level: float | None = None
) -> alt.LayerChart:
    """rows: {"line", "step", "value"} of every entry; `name` is the one of this panel. total, domain: the same in all panels.

    level: the teacher's, a dashed rule; None without one. form: a d3 format.
    """
    x = _steps(total)
    y = alt.Y("value:Q", title=None, scale=alt.Scale(domain=list(domain), nice=False), axis=alt.Axis(format=form, tickCount=4))
    chart = lambda mine: alt.Chart(alt.Data(values=[row for row in rows if (row["line"] == name) == mine]))
    parts = []
    if any(row["line"] != name for row in rows):
        behind = chart(False).mark_line(color=LINE, strokeWidth=1.2, opacity=0.55, clip=True, aria=False)
        parts.append(behind.encode(x=x, y=y, detail="line:N"))
    if level is not None:
        rule = alt.Chart(alt.Data(values=[{"value": level}])).mark_rule(color=TEXT, strokeWidth=1.5, strokeDash=DASHES[1], aria=False)
        parts.append(rule.encode(y=y))
    few = sum(row["line"] == name for row in rows) <= MOST_POINTS
    point = alt.OverlayMarkDef(color=colour, size=45, opacity=1) if few else False
    own = chart(True).mark_line(color=colour, strokeWidth=3 if few else 2, clip=True, point=point)
    parts.append(own.encode(x=x, y=y, tooltip=[alt.Tooltip("step:Q"), alt.Tooltip("value:Q", format=form)]))
    return styled(alt.layer(*parts).properties(height=HEIGHT, title=title, description=f"{title} of {name} by step, the others behind."))

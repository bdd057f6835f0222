"""How many of each: classes, lengths of texts."""

from collections.abc import Sequence

import altair as alt

from core.figures.style import BLUE, TEXT, chart_of, styled

ROW = 30  # px a bar


def count_bars(rows: Sequence[dict], what: str) -> alt.LayerChart:
    """Draw {"name", "n", "share"} in the order given, top first. share: of all, 0 to 1. what: is counted, for the description."""
    base = chart_of(rows).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=180, domain=False, ticks=False)),
        tooltip=[alt.Tooltip("name:N", title=what), alt.Tooltip("n:Q", title="examples", format=","), alt.Tooltip("share:Q", format=".1%")],
    )
    most = max((row["n"] for row in rows), default=1)
    x = alt.X("n:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1.6 * most], nice=False))
    text = base.transform_calculate(text="format(datum.n, ',') + ' · ' + format(datum.share, '.0%')")
    bars = base.mark_bar(color=BLUE, cornerRadiusEnd=3, size=18).encode(x=x)
    return styled(alt.layer(bars, text.mark_text(align="left", dx=6, color=TEXT).encode(x=x, text="text:N")), height=ROW * len(rows),
                  description=f"Examples by {what}.")

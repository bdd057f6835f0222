"""How every figure looks, set once. Colours are CSS, so that one chart serves the light and the dark theme."""

from collections.abc import Iterable

import altair as alt
from altair.utils import schemapi

schemapi.disable_debug_mode()  # a chart is checked as a whole when it is drawn; to check each part as it is made takes as long again

TEXT = "currentColor"
ORANGE = "light-dark(#f2a33a, #f0a040)"  # teacher layers that were chosen; its text is ON_ORANGE
ON_ORANGE = "#1a1205"
BLUE = "light-dark(#0b5cad, #7ab8ff)"  # the student; its text is ON_BLUE
ON_BLUE = "light-dark(#ffffff, #08121f)"
QUIET = "light-dark(#e6eaf0, #2a323d)"  # blocks that were not chosen
LINE = "light-dark(#5b6b7d, #9fb0c3)"
CELL = "light-dark(#6cb0f5, #1f5f9f)"  # heat maps; TEXT stays readable on its full strength in both themes
SERIES = [BLUE, "light-dark(#a85a00, #f0a040)", "light-dark(#00745a, #3fd0a8)", "light-dark(#8a3b7c, #e29ad2)"]
DASHES = [[1, 0], [7, 4], [2, 3], [9, 3, 2, 3]]  # colour is never the only carrier
SIZE = 16  # px: axis labels, legends and texts; block numbers are larger
AXIS = 62  # px that an axis with its labels and title takes: a chart's height includes it
MOST_MARKS = 1900  # of one figure: above 2,000 Vega paints a canvas that no screen reader sees
OWN_COLOUR = alt.Color("colour:N", scale=None)  # the CSS colour of each row
FONT = '"Source Sans", "Source Sans Pro", sans-serif'


def chart_of(rows: Iterable[dict]) -> alt.Chart:
    """Begin a chart that carries its rows."""
    return alt.Chart(alt.Data(values=list(rows)))


def unit(channel: type[alt.X] | type[alt.Y], field: str, low: float, high: float) -> alt.X | alt.Y:
    """Return a place in the drawing's own unit, of which the axis is not shown."""
    return channel(f"{field}:Q", scale=alt.Scale(domain=[low, high], nice=False, zero=False), axis=None)


def quoted(text: str) -> str:
    """Return a string literal of Vega's expression language."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r") + "'"


def styled(chart: alt.Chart | alt.LayerChart, **properties) -> alt.Chart | alt.LayerChart:
    """Return the chart with its properties and the shared fonts, sizes and colours; the page's background shows through."""
    return chart.properties(**properties).configure(
        background="transparent", font=FONT, padding=2, view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelFontSize=SIZE, titleFontSize=SIZE, titleFontWeight="normal", labelColor=TEXT, titleColor=TEXT, domainColor=LINE,
            tickColor=LINE, gridColor="light-dark(#dfe4ea, #333d49)", labelPadding=4, titlePadding=6,
        ),
        legend=alt.LegendConfig(
            labelFontSize=SIZE, titleFontSize=SIZE, labelColor=TEXT, titleColor=TEXT, orient="top", direction="horizontal",
            labelLimit=260, symbolStrokeWidth=3, symbolSize=150, columnPadding=8, offset=4, padding=0,
        ),
        title=alt.TitleConfig(fontSize=SIZE, color=TEXT, anchor="start", fontWeight=600, offset=6, subtitleColor=TEXT, subtitleFontSize=SIZE),
        text=alt.MarkConfig(color=TEXT, fontSize=SIZE),
    )

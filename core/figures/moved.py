"""How far each of the student's layers has moved: a block a layer, stacked as in the diagram, the fuller its colour the farther."""

import altair as alt

from core.figures.curves import ROWS
from core.figures.style import CELL, TEXT, styled

ROW = 26  # px of a block, to one of 9 layers; more stand closer
LOW_ROW = 21
AROUND = 46  # px of the title and of what Streamlit leaves below a chart
BLOCK, END = 34, 100  # where a block ends and where its text has to, in the drawing's own unit


def moved_blocks(layers: int) -> alt.LayerChart:
    """Draw a block for each of `layers` student layers, the output on top. Its place and size stay; only shade and text follow the rows.

    Rows beside it: {"layer", "share", "text", "said"}: the student layer, from 1; how full its shade is, 0 to 1; what stands beside the block;
    and the same for who does not see it.
    """
    y = alt.Y("layer:O", axis=None, scale=alt.Scale(domain=list(range(layers, 0, -1)), paddingInner=0.16, paddingOuter=0.08))
    x = lambda value: alt.XDatum(value, type="quantitative", axis=None, scale=alt.Scale(domain=[0, END], nice=False))
    base = alt.Chart(ROWS).encode(y=y)
    blocks = base.mark_bar(color=CELL, stroke=CELL, strokeWidth=1.5, cornerRadius=5).encode(
        x=x(0), x2=alt.X2Datum(BLOCK), tooltip=alt.Tooltip("said:N", title=" "), description="said:N",
        fillOpacity=alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 1], clamp=True), legend=None),
    )
    number = base.mark_text(baseline="middle", fontWeight=600, color=TEXT, aria=False).encode(x=x(BLOCK / 2), text="layer:O")
    text = base.mark_text(align="left", dx=8, baseline="middle", color=TEXT, aria=False).encode(x=x(BLOCK), text="text:N")
    return styled(
        alt.layer(blocks, number, text), height=(ROW if layers < 10 else LOW_ROW) * layers + AROUND, title="How far each student layer has moved",
        description=f"The student's {layers} layers, the output on top: the fuller a block, the farther its weights have moved from the start.",
    )

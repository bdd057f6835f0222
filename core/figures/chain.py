"""The student as a chain under its teacher: copied layers stand below their origin, and a band lies where layers are missing in between."""

from collections.abc import Sequence

import altair as alt

from core.figures.style import BLUE, LINE, ON_BLUE, ON_ORANGE, ORANGE, QUIET, SERIES, TEXT, chart_of, styled, unit

SEAM = "seam"  # the selection's name; its field is "id"
TOP, LOW, TEXT_ABOVE, TEXT_BELOW = 0.0, 1.75, 1.05, 2.4  # rows of the teacher, of the student, and of the texts above and below its seams
HALF, WIDE = 0.28, 0.41  # half a block's height, in rows, and width, in columns
ROW = 48  # px
THIN, THICK = 0.03, 0.27  # half a band's height, in rows, where nothing is lost and where all is
FULL = 0.5  # accuracy lost at which a band is thickest
SPREAD = 0.2  # columns that the outline of a seam reaches over the blocks beside it
NARROW = 8  # more layers than this leave no room for words below a seam
ENDS = ("in", "out")


def chain(layers: int, chosen: Sequence[int], seams: Sequence[dict], picked: str | None = None) -> alt.LayerChart:
    """Draw the teacher's `layers` layers in a row, layer 1 left, nearest the input, and below them the student's, an ascending choice.

    seams: {"id", "below", "above", "cost"}, below 0: the embeddings, above layers + 1: the head; cost: accuracy lost, a fraction, None where it is
    unknown. A band's thickness and the number on it say the cost, the number below how many layers are missing. A click selects a seam's "id";
    picked: the one that is outlined."""
    top, more = layers + 1, 0.0 if layers <= NARROW else 0.45  # the boxes of the ends reach out where columns are narrow
    x = lambda field: unit(alt.X, field, -0.62 - more, top + 0.62 + more)
    y = lambda field: unit(alt.Y, field, TEXT_BELOW + 0.32, TOP - 0.42)
    name = lambda n: ENDS[0] if n == 0 else ENDS[1] if n == top else str(n)

    def block(n: int, row: float, colour: str, text: str) -> dict:
        left, right = n - WIDE - more * (n == 0), n + WIDE + more * (n == top)
        return {"x": left, "x2": right, "mid": (left + right) / 2, "y": row - HALF, "y2": row + HALF, "row": row, "colour": colour, "on": text,
                "name": name(n)}

    teacher = [block(n, TOP, ORANGE if n in chosen else QUIET, ON_ORANGE if n in chosen else TEXT) for n in range(1, top)]
    student = [block(n, LOW, BLUE, ON_BLUE) for n in chosen]
    ends = [block(n, row, "transparent", TEXT) for n in (0, top) for row in (TOP, LOW)]
    own = lambda field: alt.Color(f"{field}:N", scale=None)
    blocks = lambda values, **mark: chart_of(values).mark_rect(cornerRadius=5, aria=False, **mark).encode(
        x=x("x"), x2="x2:Q", y=y("y"), y2="y2:Q", color=own("colour")
    )
    text = lambda values, **mark: chart_of(values).mark_text(baseline="middle", aria=False, **mark).encode(
        x=x("mid"), y=y("row"), text="name:N", color=own("on")
    )
    links = [{"x": n + WIDE, "x2": n + 1 - WIDE, "y": row} for row, there in ((TOP, range(top + 1)), (LOW, {0, *chosen, top})) for n in range(top)
             if n in there and n + 1 in there]
    copies = [{"x": n, "y": TOP + HALF, "y2": LOW - HALF} for n in chosen]
    drawn = [
        chart_of(links).mark_rule(color=LINE, strokeWidth=3, aria=False).encode(x=x("x"), x2="x2:Q", y=y("y")),
        chart_of(copies).mark_rule(color=LINE, strokeWidth=1.5, strokeDash=[3, 4], aria=False).encode(x=x("x"), y=y("y"), y2="y2:Q"),
        *_bands(layers, seams, picked, x, y), blocks(teacher + student), blocks(ends, stroke=LINE, strokeWidth=1.5),
        text(teacher + student, fontSize=18 if layers <= NARROW else 16, fontWeight=600), text(ends, fontSize=16),
    ]
    return styled(alt.layer(*drawn), height=round(ROW * (TEXT_BELOW + 0.74)), description=describe_chain(layers, chosen, seams))


def _bands(layers: int, seams: Sequence[dict], picked: str | None, x, y) -> list[alt.Chart]:
    """Return the bands with their numbers, and what a click on them hits."""
    if not seams:
        return []
    rows = []
    for one in seams:
        missing = one["above"] - one["below"] - 1
        half = THIN if one["cost"] is None else THIN + (THICK - THIN) * min(1.0, max(0.0, one["cost"]) / FULL)
        words = f"{missing} layer{'s' if missing > 1 else ''}" if layers <= NARROW else str(missing)
        rows.append({
            "id": one["id"], "x": one["below"] + WIDE - 0.05, "x2": one["above"] - WIDE + 0.05, "mid": (one["below"] + one["above"]) / 2,
            "y": LOW - half, "y2": LOW + half, "top": TEXT_ABOVE - 0.22, "foot": TEXT_BELOW + 0.24, "above": TEXT_ABOVE, "under": TEXT_BELOW,
            "cost": cost_text(one["cost"]), "words": words, "told": told(one, layers), "picked": one["id"] == picked,
        })
    pick = alt.selection_point(name=SEAM, fields=["id"], toggle=False, clear=False, empty=False)
    at = chart_of(rows).encode(x=x("x"), x2="x2:Q")
    band = at.mark_rect(color=SERIES[3], aria=False).encode(y=y("y"), y2="y2:Q")
    outline = {"color": "transparent", "stroke": TEXT, "strokeWidth": 2, "strokeDash": [5, 3], "cornerRadius": 4}
    frame = at.transform_filter("datum.picked").transform_calculate(left=f"datum.x - {SPREAD}", right=f"datum.x2 + {SPREAD}").mark_rect(
        aria=False, **outline
    )
    hit = at.mark_rect(color="transparent", cursor="pointer").encode(
        y=y("top"), y2="foot:Q", tooltip=alt.Tooltip("told:N", title=" "), description="told:N"
    ).add_params(pick)
    text = lambda field, row, **mark: chart_of(rows).mark_text(baseline="middle", color=TEXT, aria=False, **mark).encode(
        x=x("mid"), y=y(row), text=f"{field}:N"
    )
    return [band, text("cost", "above", fontSize=18, fontWeight=600), text("words", "under", fontSize=16),
            frame.encode(x=x("left"), x2="right:Q", y=y("top"), y2="foot:Q"), hit]


def cost_text(cost: float | None) -> str:
    return "?" if cost is None else f"{100 * cost:z.1f}"


def told(one: dict, layers: int) -> str:
    """Put a seam into words: 'from layer 1 to layer 4: 2 layers missing, 26.9 points'."""
    below = f"layer {one['below']}" if one["below"] else "the embeddings"
    above = f"layer {one['above']}" if one["above"] <= layers else "the head"
    missing = one["above"] - one["below"] - 1
    cost = "cost unknown" if one["cost"] is None else f"{cost_text(one['cost'])} points"
    return f"from {below} to {above}: {missing} layer{'s' if missing > 1 else ''} missing, {cost}"


def describe_chain(layers: int, chosen: Sequence[int], seams: Sequence[dict]) -> str:
    """Put the chain into words."""
    names = ", ".join(map(str, chosen))
    what = "; ".join(told(one, layers) for one in seams) or "none"
    return f"A teacher of {layers} layers, layer 1 nearest the input, and below it the student of its layers {names}. Seams: {what}."

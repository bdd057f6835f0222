"""Rows of a teacher's layers: each choice beside the accuracy that came of it, and each chooser's pick beside its regret."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import altair as alt

from core.figures.style import AXIS, BLUE, LINE, MOST_MARKS, ON_BLUE, ORANGE, OWN_COLOUR, QUIET, SIZE, TEXT, chart_of, styled, unit

CLICK, PICK = "choice", "method"  # names of the selections, whose field is "id"
MOST_TICKS = 5  # of regret
WIDE = alt.ExprRef("width < 560 ? 0 : 1")  # the opacity of what a phone has no room for
FIGURE = 60  # px of "84.2 %", in front of a note
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)  # between two ticks of accuracy
REGRET_STEPS = (0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)  # between two ticks of regret, in points


@dataclass(frozen=True)
class Layout:
    """Where things stand. Across, in the chart's own unit of 100: cells and scale from and to, texts from. Down, in rows: the first is at 0.

    top: where the drawing begins; head: where the numbers above the rows stand. half: of a cell's height. row: px of a row.
    numbered: teachers of more layers have cells too narrow for numbers.
    """

    cells: tuple[float, float]
    scale: tuple[float, float]
    texts: float
    top: float
    head: float
    half: float
    row: int
    numbered: int


LEAST = 93  # px: below that one row and the numbers above it run into each other
CHOICES = Layout(cells=(0.0, 27.0), scale=(31.0, 79.0), texts=81.0, top=-1.1, head=-0.75, half=0.4, row=27, numbered=12)
LADDER = Layout(cells=(5.0, 30.0), scale=(36.0, 84.0), texts=86.0, top=-1.1, head=-0.75, half=0.38, row=34, numbered=12)
PICKS = Layout(cells=(21.0, 39.0), scale=(42.0, 66.0), texts=68.0, top=-1.2, head=-0.8, half=0.38, row=29, numbered=8)


def most_rows(layers: int, seeds: int, own: int = 0) -> int:
    """Return how many choices of a teacher of so many layers a chart can hold. seeds, own: runs drawn as marks of their own in a row."""
    return MOST_MARKS // (layers + min(layers, CHOICES.numbered) + 6 + seeds + own)


def ticks(low: float, high: float) -> list[float]:
    """Return round accuracies that hold low and high between the first and the last, at most eight."""
    step = next((step for step in STEPS if math.ceil(high / step - 1e-9) - math.floor(low / step + 1e-9) <= 7), STEPS[-1])
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 4) for n in range(first, max(last, first + 1) + 1)]


def regret_ticks(low: float, high: float) -> list[float]:
    """Return round numbers of points from low to high."""
    step = next(step for step in REGRET_STEPS if (high - low) / step <= MOST_TICKS)
    first = -(-low // step)
    return [round(step * (first + n), 6) for n in range(MOST_TICKS + 2) if step * (first + n) <= high + 1e-9]


class Canvas:
    """Rows, top first, of {"id", "layers", "colour", ...}, beside a scale that runs from `low` to `high`."""

    def __init__(self, rows: Sequence[Mapping], layers: int, layout: Layout, low: float, high: float):
        self.rows, self.layers, self.layout, self.low, self.high = rows, layers, layout, low, high

    def place(self, value: float) -> float:
        """Return where a value of the scale stands."""
        left, right = self.layout.scale
        return left + (right - left) * (value - self.low) / (self.high - self.low)

    def at(self, values: Iterable[dict], down: str = "y", **more) -> alt.Chart:
        """Begin a chart of values that stand at their x and `down`."""
        y = unit(alt.Y, down, len(self.rows) - 0.4, self.layout.top)
        return chart_of(values).encode(x=unit(alt.X, "x", 0, 100), y=y, **more)

    def rules(self, values: Iterable[float], **mark) -> alt.Chart:
        """Draw lines through all rows."""
        lines = [{"x": self.place(value), "y": -0.45, "y2": len(self.rows) - 0.5} for value in values]
        return self.at(lines, y2="y2:Q").mark_rule(color=LINE, aria=False, **mark)

    def texts(self, values: Iterable[dict], **mark) -> alt.Chart:
        """Draw {"x", "y", "text"}."""
        return self.at(values, text="text:N").mark_text(baseline="middle", fontSize=SIZE, color=TEXT, aria=False, **mark)

    def cells(self) -> list[alt.Chart]:
        """Draw the teacher's layers in every row, and the numbers of those chosen."""
        left, width, half = self.layout.cells[0], self._width(), self.layout.half
        cells = [
            {"x": left + width * (layer - 1), "x2": left + width * layer - 0.25, "y": i - half, "y2": i + half, "mid": i, "layer": layer,
             "colour": row["colour"] if layer in row["layers"] else QUIET, "chosen": layer in row["layers"]}
            for i, row in enumerate(self.rows) for layer in range(1, self.layers + 1)
        ]
        blocks = self.at(cells, x2="x2:Q", y2="y2:Q", color=OWN_COLOUR).mark_rect(cornerRadius=3, aria=False)
        chosen = [cell | {"x": (cell["x"] + cell["x2"]) / 2} for cell in cells if cell["chosen"] and self.layers <= self.layout.numbered]
        return [blocks, self.at(chosen, "mid", text="layer:Q").mark_text(
            fontSize=SIZE, fontWeight=600, color=ON_BLUE, baseline="middle", aria=False
        )]

    def head(self, marks: Mapping[float, str]) -> list[alt.Chart]:
        """Draw the numbers of the layers, and `marks` of the scale, above the rows; on a phone every second mark."""
        shown = range(1, self.layers + 1) if self.layers <= self.layout.numbered else (1, self.layers)
        places = {self.layout.cells[0] + self._width() * (layer - 0.5): str(layer) for layer in shown}
        drawn = list(marks.items())
        places |= {self.place(value): text for value, text in drawn[1::2]}
        heads, between = ([{"x": x, "y": self.layout.head, "text": text} for x, text in some.items()]
                          for some in (places, {self.place(value): text for value, text in drawn[::2]}))
        return [self.texts(heads), self.texts(between, opacity=WIDE)]

    def finish(self, parts: Iterable[alt.Chart], told: Iterable[str], name: str | None, description: str) -> alt.LayerChart:
        """Lay the parts that hold something over each other, and on top each row's words; a click on a row selects its "id", where the selection has
        a name."""
        rows = enumerate(zip(self.rows, told, strict=True))
        hits = [{"id": row["id"], "y": i - 0.5, "y2": i + 0.5, "x": 0, "x2": 100, "told": words} for i, (row, words) in rows]
        top = self.at(hits, x2="x2:Q", y2="y2:Q", tooltip=alt.Tooltip("told:N", title=" "), description="told:N")
        top = top.mark_rect(color="transparent", cursor="pointer" if name else "default")
        if name:
            top = top.add_params(alt.selection_point(name=name, fields=["id"], toggle=False, clear=False, empty=False))
        height = max(LEAST, round(self.layout.row * (len(self.rows) - 0.4 - self.layout.top)) + AXIS // 8)
        return styled(alt.layer(*(part for part in parts if part.data.values), top), height=height, description=description)

    def _width(self) -> float:
        left, right = self.layout.cells
        return (right - left) / self.layers


def ladder(rows: Sequence[Mapping], layers: int, levels: Mapping[str, float]) -> alt.LayerChart:
    """Draw a few entries as `choice_rows` does, with the letter of each in front; nothing happens on a click."""
    return choice_rows(rows, layers, levels, LADDER, None)


def choice_rows(
    rows: Sequence[Mapping], layers: int, levels: Mapping[str, float], layout: Layout = CHOICES, click: str | None = CLICK
) -> alt.LayerChart:
    """Draw choices, top first: {"id", "name", "layers", "colour", "mean", "low", "high", "seeds", "own", "note"}.

    mean: None where only the learner ran the choice. low, high: of its interval, may be None. seeds, own: accuracies of single runs. note:
    what stands beside the figure. levels: accuracies by name, drawn as lines through all rows. A click on a row selects its "id", in the
    selection of that name. A row may have a "letter", and be "picked": framed.
    """
    drawn = [value for row in rows for value in (row["mean"], row["low"], row["high"], *row["seeds"], *row["own"]) if value is not None]
    marks = ticks(min(drawn + list(levels.values())), max(drawn + list(levels.values())))
    canvas = Canvas(rows, layers, layout, marks[0], marks[-1])
    place = canvas.place
    saved = [(i, row) for i, row in enumerate(rows) if row["mean"] is not None]
    spans = [{"x": place(row["low"]), "x2": place(row["high"]), "y": i, "colour": row["colour"]} for i, row in saved if row["low"] is not None]
    singles = [{"x": place(value), "y": i, "colour": row["colour"]} for i, row in saved for value in row["seeds"] if len(row["seeds"]) > 1]
    points = [{"x": place(row["mean"]), "y": i, "colour": row["colour"]} for i, row in saved]
    own = [{"x": place(value), "y": i} for i, row in enumerate(rows) for value in row["own"]]
    figure = lambda row: "" if row["mean"] is None else f"{100 * row['mean']:.1f} %"
    texts, notes = ([{"x": layout.texts, "y": i, "text": told} for i, row in enumerate(rows) if (told := tell_of(row))]
                    for tell_of in (figure, lambda row: row["note"]))
    cut = alt.ExprRef(f"width * {(100 - layout.texts) / 100} - {FIGURE}")  # a text beyond the edge makes the drawing narrower
    picked = [{"x": 0, "x2": 100, "y": i - 0.5, "y2": i + 0.5} for i, row in enumerate(rows) if row.get("picked")]
    letters = [{"x": 0, "y": i, "text": row["letter"]} for i, row in enumerate(rows) if row.get("letter")]
    parts = [
        canvas.rules(marks, strokeWidth=0.5, opacity=0.6), canvas.rules(levels.values(), strokeWidth=2, strokeDash=[5, 4]), *canvas.cells(),
        canvas.at(spans, x2="x2:Q", color=OWN_COLOUR).mark_rule(strokeWidth=5, opacity=0.45, aria=False),
        canvas.at(singles, color=OWN_COLOUR).mark_tick(thickness=2, height=12, opacity=0.9, aria=False),
        canvas.at(points, color=OWN_COLOUR).mark_point(filled=True, size=110, opacity=1, aria=False),
        canvas.at(own).mark_point(shape="diamond", filled=True, size=150, color=ORANGE, stroke=TEXT, strokeWidth=1.5, opacity=1, aria=False),
        canvas.texts(texts, align="left"), canvas.texts(notes, align="left", dx=FIGURE, limit=cut, opacity=WIDE),
        canvas.texts(letters, align="left", fontWeight=700),
        canvas.at(picked, x2="x2:Q", y2="y2:Q").mark_rect(fillOpacity=0, stroke=LINE, strokeWidth=2, cornerRadius=4, aria=False),
        *canvas.head({mark: f"{100 * mark:.0f} %" for mark in marks}),
    ]
    return canvas.finish(parts, map(tell, rows), click, f"Accuracy of {len(rows)} choices of teacher layers, best first.")


def tell(row: Mapping) -> str:
    """Put a row of `choice_rows` into words."""
    figure = "not among the saved runs" if row["mean"] is None else f"{100 * row['mean']:.1f} %"
    span = "" if row["low"] is None else f" (95 % interval {100 * row['low']:.1f} to {100 * row['high']:.1f} %)"
    runs = f", {len(row['seeds'])} seed{'s' if len(row['seeds']) != 1 else ''}" if row["seeds"] else ""
    own = f"; your own: {', '.join(f'{100 * value:.1f} %' for value in row['own'])}" if row["own"] else ""
    return f"{row['name']}: {figure}{span}{runs}{own}{'; ' + row['note'] if row['note'] else ''}"


def pick_rows(rows: Sequence[Mapping], layers: int, selected: str) -> alt.LayerChart:
    """Draw picks, top first: {"id", "name", "layers", "colour", "regret", "low", "high", "text", "told"}; layers: [] where there is no pick.

    regret, low, high: in points, None where unknown; the scale is left out where all are. text: what stands beside it. told: the row in
    words. A click on a row selects its "id"; the name of the `selected` one is bold.
    """
    known = [value for row in rows for value in (row["regret"], row["low"], row["high"]) if value is not None]
    low, high = min([0.0, *known]), max([1.0, *known])
    canvas = Canvas(rows, layers, PICKS, low, high)
    marks = regret_ticks(low, high) if known else []
    spans = [{"x": canvas.place(row["low"]), "x2": canvas.place(row["high"]), "y": i} for i, row in enumerate(rows) if row["low"] is not None]
    points = [{"x": canvas.place(row["regret"]), "y": i} for i, row in enumerate(rows) if row["regret"] is not None]
    places = (("name", 0.0), ("text", PICKS.texts if known else PICKS.scale[0]))
    words = [{"x": at, "y": i, "text": row[key], "weight": 700 if row["id"] == selected and key == "name" else 400}
             for i, row in enumerate(rows) for key, at in places]
    parts = [
        canvas.rules(marks, strokeWidth=0.5, opacity=0.6), *canvas.cells(),
        canvas.at(spans, x2="x2:Q").mark_rule(strokeWidth=5, opacity=0.45, color=BLUE, aria=False),
        canvas.at(points).mark_point(filled=True, size=120, color=BLUE, opacity=1, aria=False),
        *(canvas.texts((word for word in words if word["weight"] == weight), align="left", fontWeight=weight) for weight in (400, 700)),
        *canvas.head({mark: f"{mark:g}" for mark in marks}),
    ]
    description = "What each method picks of the teacher's layers, and the points lost by it."
    return canvas.finish(parts, (row["told"] for row in rows), PICK, description)

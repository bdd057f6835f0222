"""Figures of the handout as plain SVG, for a page of paper: no script, no font and no network."""

from collections.abc import Sequence
from html import escape

from core.figures.layer_rows import ticks
from core.findings.versus import Side
from core.views.common.text import percent, shortened
from core.views.compare.results import colours, multiples

WIDTH = 700  # of every figure, in its own unit
PANEL, ROW = 118, 20  # height of a panel of curves, of a row of dots
CHARACTER = 5.2  # width of one, at the most usual
LEFT, RIGHT = 200, 60  # room for names, and for figures, beside the dots


def on_paper(colour: str) -> str:
    """Return the light theme's value of light-dark(light, dark)."""
    return colour.removeprefix("light-dark(").partition(",")[0].strip()


def curves(found: Sequence[Side]) -> str:
    """Return a panel an entry: its accuracy by step, the others' faint, the teacher's level dashed."""
    drawn, low, levels = multiples(found)
    wide = WIDTH / max(len(found), 1)
    parts = []
    for n, (side, colour) in enumerate(zip(found, colours(found), strict=True)):
        left, right, top, bottom = n * wide + 34, (n + 1) * wide - 8, 20, PANEL - 18
        x = lambda step, left=left, right=right: left + (right - left) * step / max(drawn.total, 1)
        y = lambda value, top=top, bottom=bottom: bottom - (bottom - top) * (value - low) / (1 - low or 1)
        parts.append(_text(n * wide + 4, 12, shortened(side.name, int(wide / CHARACTER)), bold=True))
        for mark in (low, (1 + low) / 2, 1.0):
            parts.append(f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{y(mark):.1f}" y2="{y(mark):.1f}" stroke="#d5dae0"/>')
            parts.append(_text(left - 4, y(mark) + 3, percent(mark, 0), "end"))
        parts += [_text(left, PANEL - 5, "0", "middle"), _text(right, PANEL - 5, f"step {drawn.total}", "end")]
        for other in sorted(found, key=lambda one, side=side: one is side):  # its own line lies on top
            points = " ".join(f"{x(row['step']):.1f},{y(row['value']):.1f}" for row in drawn.accuracies if row["line"] == other.name)
            look = f'stroke="{on_paper(colour)}" stroke-width="2.4"' if other is side else 'stroke="#aab4bf" stroke-width="1"'
            parts.append(f'<polyline points="{points}" fill="none" {look}/>')
        if levels[side.name] is not None:
            level = y(levels[side.name])
            parts.append(f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{level:.1f}" y2="{level:.1f}" stroke="#333" stroke-dasharray="4 3"/>')
    return _svg(PANEL, "Accuracy by step of each entry on one scale; dashed: the teacher.", parts)


def dots(found: Sequence[Side]) -> str:
    """Return a row an entry: mean over seeds, its interval, the single seeds as ticks."""
    drawn = [value for side in found for value in (side.mean, *(side.interval or ()), *(run["final"]["accuracy"] for run in side.own))]
    marks = ticks(min(drawn), max(drawn))
    x = lambda value: LEFT + (WIDTH - LEFT - RIGHT) * (value - marks[0]) / (marks[-1] - marks[0])
    height = ROW * len(found) + 24
    parts = []
    for mark in marks:
        parts.append(f'<line x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="2" y2="{height - 20}" stroke="#d5dae0"/>')
        parts.append(_text(x(mark), height - 8, f"{100 * mark:.0f} %", "middle"))
    for n, (side, colour) in enumerate(zip(found, colours(found), strict=True)):
        middle = ROW * n + ROW / 2 + 2
        parts.append(_text(0, middle + 3, shortened(side.name, int(LEFT / CHARACTER))))
        if side.interval:
            low, high = map(x, side.interval)
            parts.append(f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}" stroke="{on_paper(colour)}" stroke-width="4" '
                         'stroke-opacity="0.4"/>')
        for run in side.own:
            at = x(run["final"]["accuracy"])
            parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{middle - 5}" y2="{middle + 5}" stroke="#333"/>')
        parts.append(f'<circle cx="{x(side.mean):.1f}" cy="{middle}" r="4.5" fill="{on_paper(colour)}"/>')
        parts.append(_text(WIDTH - RIGHT + 12, middle + 3, percent(side.mean)))
    return _svg(height, "Mean accuracy over seeds with its 95 % interval; ticks: single seeds.", parts)


def _text(x: float, y: float, text: str, anchor: str = "start", bold: bool = False) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{" font-weight=" + chr(34) + "700" + chr(34) if bold else ""}>{escape(text)}</text>'


def _svg(height: float, label: str, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'

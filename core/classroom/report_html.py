"""The parts of a report as HTML: self-contained, without script, every text escaped."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

SECURE = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light dark; } * { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; }
th { font-weight: 600; width: 6rem; } td.bar { width: 35%; } td.n { width: 5rem; }
.track { background: #8883; height: .9rem; margin-top: .3rem; } .fill { background: #0b5cad; height: 100%; } .right .fill { background: #1a7f37; }
section { break-inside: avoid; } svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
"""


@dataclass(frozen=True)
class Bar:
    """One row of a bar chart. right: whether it is the right answer, which is said in words too."""

    name: str
    number: int
    right: bool = False


@dataclass(frozen=True)
class Dot:
    """One choice of a landscape. mean: in percent; low, high: of its interval, None where it is not known. beside: a mean to compare with, if any."""

    name: str
    mean: float
    low: float | None = None
    high: float | None = None
    runs: int = 1
    beside: float | None = None


def page(title: str, said: str, sections: Sequence[str]) -> str:
    """Return a whole document; sections are HTML."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{SECURE}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title><style>{STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1><p>{escape(said)}</p>{''.join(sections)}</main></body></html>\n"
    )


def section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def table(rows: Sequence[Sequence[object]]) -> str:
    """Return rows of a heading and cells."""
    row = lambda first, *rest: f"<tr><th scope='row'>{escape(str(first))}</th>{''.join(f'<td>{escape(str(cell))}</td>' for cell in rest)}</tr>"
    return f"<table>{''.join(row(*one) for one in rows)}</table>"


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Return a bar chart as a table, whose numbers are words too."""
    most = max((one.number for one in rows), default=1) or 1
    cells = "".join(
        f"<tr{' class=right' if one.right else ''}><td>{escape(one.name)}{' <b>(right)</b>' if one.right else ''}</td>"
        f"<td class='bar'><div class='track'><div class='fill' style='width:{100 * one.number / most:.0f}%'></div></div></td>"
        f"<td class='n'>{one.number}</td></tr>"
        for one in rows
    )
    return f"<h3>{escape(title)}</h3><table>{cells}</table>"


def dots(rows: Sequence[Dot]) -> str:
    """Return means with their intervals on one scale, the best first; an open ring is the mean beside it."""
    ends = [value for one in rows for value in (one.mean, one.low, one.high, one.beside) if value is not None]
    low, high = min(ends), max(ends)
    x = lambda value: 210 + 380 * (value - low) / ((high - low) or 1)
    lines = []
    for place, one in enumerate(sorted(rows, key=lambda one: -one.mean)):
        y = 18 + 22 * place
        lines.append(f"<text x='0' y='{y + 4}'>{escape(one.name[:30])}</text><text x='600' y='{y + 4}'>{one.mean:.1f} % ({one.runs})</text>")
        if one.low is not None and one.high is not None:
            lines.append(f"<path d='M{x(one.low):.1f} {y}H{x(one.high):.1f}' stroke='#0b5cad' stroke-width='2'/>")
        if one.beside is not None:
            lines.append(f"<circle cx='{x(one.beside):.1f}' cy='{y}' r='5' fill='none' stroke='currentColor'/>")
        lines.append(f"<circle cx='{x(one.mean):.1f}' cy='{y}' r='4' fill='#0b5cad'/>")
    return f"<svg viewBox='0 0 680 {22 * len(rows) + 12}' role='img' aria-label='Accuracy by choice'>{''.join(lines)}</svg>"

"""A table of foreign text as HTML: every cell is shown as it is, none is obeyed, not even as a link."""

from collections.abc import Sequence
from html import escape

CELL = "text-align:left;vertical-align:top;padding:0.3rem 0.6rem;border-bottom:1px solid color-mix(in srgb, currentColor 25%, transparent)"
HEAD = "font-weight:600;white-space:nowrap"
LONG = 30  # characters from which on a column stays wide enough to be read


def table_html(columns: Sequence[str], rows: Sequence[Sequence[str]], what: str) -> str:
    """Return a table that scrolls within itself where it is too wide. what: it shows, for those who do not see it."""
    least = ["14rem" if any(len(row[i]) > LONG for row in rows) else "0" for i in range(len(columns))]
    head = "".join(f'<th scope="col" style="{CELL};{HEAD};min-width:{width}">{escape(name)}</th>' for name, width in zip(columns, least))
    lines = ["".join(f'<td style="{CELL}">{escape(cell)}</td>' for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    table = f'<table style="border-collapse:collapse;width:100%"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div role="region" tabindex="0" aria-label="{escape(what)}" style="overflow-x:auto">{table}</div>'

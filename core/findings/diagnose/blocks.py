"""Several tables or logs in one text: each a run, under the title that stands before it."""

import re
from dataclasses import replace

from core.findings.diagnose.sheet import Line


def title_of(line: str) -> str:
    """Return a line as the title of the table after it; "" for a progress bar, or a log's line."""
    bare = " ".join(line.split()).strip("#*:•-= ")
    return bare if len(bare) <= 60 and not re.search(r"[\[\]|{}█]|it/s|\d\d:\d\d|warning", bare, re.IGNORECASE) else ""


def named(runs: list[tuple[str, list[Line]]]) -> list[Line]:
    """Return the lines of several runs under their titles; under numbers where these are missing or alike."""
    runs = [(title, lines) for title, lines in runs if lines]
    if len(runs) < 2:
        return runs[0][1] if runs else []
    titles = [title for title, _ in runs]
    own = all(titles) and len(set(titles)) == len(titles)
    return [replace(line, run=title if own else f"run {n}") for n, (title, lines) in enumerate(runs, start=1) for line in lines]

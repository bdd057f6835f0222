"""The table that the Hugging Face Trainer shows in a notebook ("Epoch, Training Loss, Validation Loss, …"; "No log" before the first logged loss),
and the one that it writes into a model card ("Training Loss | Epoch | Step | Validation Loss").

transformers/utils/notebook.py; modelcard.py. Copied from a page its cells are parted by tabs, by blanks or by bars."""

import re

from core.findings.diagnose import cells
from core.findings.diagnose.blocks import named, title_of
from core.findings.diagnose.sheet import Line, Reader, Sheet

HEAD = re.compile(r"\W*(?:(?:epoch|step)\W+training loss|training loss\W+epoch\W+step|training loss\W+step\W+epoch)\b", re.IGNORECASE)


def read(text: str) -> Sheet:
    """Read every table in the text, under the title that stands in the line before it, if any; other lines are left out."""
    runs, lines, before = [], [], ""
    titles, mark = None, ","
    for n, line in cells.lines_of(text):
        if HEAD.match(line):
            mark = cells.delimiter_of(line)
            titles = cells.split(line, mark)
            lines = []
            runs.append((before, lines))
            continue
        row = cells.split(line, mark) if titles else []
        if cells.is_row(row, titles, n, mark == " "):
            lines.append(Line(n, dict(zip(titles, row, strict=False))))
        else:
            before, titles = title_of(line), titles if not lines else None
    return Sheet(named(runs), bare="validation", blocks=len(runs) > 1)


def matches(text: str) -> bool:
    return any(HEAD.match(line) for _, line in cells.lines_of(text))


READER = Reader("the Trainer's table", 40, matches, read)

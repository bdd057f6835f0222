"""fastai's table ("epoch train_loss valid_loss accuracy time"), printed, copied from a notebook, or written by its CSVLogger.

docs.fast.ai, callback.progress; `fine_tune` prints two tables, of one student."""

import re

from core.findings.diagnose import cells
from core.findings.diagnose.blocks import named, title_of
from core.findings.diagnose.sheet import Line, Reader, Sheet

TIME = re.compile(r"\d+:\d\d(:\d\d)?")
BAR = re.compile(r"\s*[\u2588-\u258f].*")  # what is left of a progress bar
HEAD = re.compile(r"\W*epoch\W+train_loss\W+valid_loss\b")


def read(text: str) -> Sheet:
    """Read every table in the text; an error rate is told as the accuracy that it leaves."""
    runs, lines, before, told = [], [], "", {}
    titles, mark = None, " "
    for n, line in cells.lines_of(text):
        line = BAR.sub("", line).lstrip("# ")
        if HEAD.match(line):
            mark = cells.delimiter_of(line)
            titles, lines = [title for title in cells.split(line, mark) if title != "time"], []
            runs.append((before, lines))
            continue
        row = [cell for cell in cells.split(line, mark) if not TIME.fullmatch(cell)] if titles else []
        if cells.is_row(row, titles, n, mark == " "):
            values = dict(zip(titles, row, strict=False))
            if "error_rate" in values and "accuracy" not in values and not cells.is_empty(values["error_rate"]):
                error = values.pop("error_rate")
                values["accuracy"] = f"{1 - (cells.number(error, n, 'error_rate') or 0.0):.{cells.digits(error)}f}"
                told = {"val_accuracy": "1 - error_rate"}
            lines.append(Line(n, values))
        elif not lines or not row:
            before = title_of(line)
    return Sheet(named(runs), bare="validation", blocks=len(runs) > 1, used_as=told)


READER = Reader("fastai's table", 35, lambda text: any(HEAD.match(line) for _, line in cells.lines_of(text)), read)

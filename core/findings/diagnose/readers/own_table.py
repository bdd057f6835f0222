"""A table of one's own: from a file or pasted, with commas, semicolons, tabs, bars or blanks between its cells."""

from core.errors import LabError
from core.findings.diagnose import cells, columns
from core.findings.diagnose.sheet import Line, NoTitles, Reader, Sheet

EXAMPLE = "strategy,epoch,train_loss,val_loss,val_accuracy"


def read(text: str) -> Sheet:
    """Read it; the first line has the titles. NoTitles where it has none, LabError where no figures follow."""
    head, *body = cells.grid(text)
    titles = [title or f"column {n}" for n, title in enumerate(head[1], start=1)]
    if not any(columns.read_title(title) for title in titles):
        raise NoTitles(f"The first line names no column of losses or accuracies; write for example {EXAMPLE}.")
    if not body:
        raise LabError("The table has a first line and no figures; add a line for each epoch.")
    if len(set(titles)) < len(titles):
        twice = next(title for title in titles if titles.count(title) > 1)
        raise LabError(f"The table has two columns {twice[:40]!r}; give each a name of its own.")
    if all(row[0] == str(at) for at, (_, row) in enumerate(body)) and all(len(row) == len(titles) + 1 for _, row in body):
        body = [(n, row[1:]) for n, row in body]  # a printed data frame numbers its lines without a title
    blanks = cells.delimiter_of(cells.lines_of(text)[0][1]) == " "
    for n, row in body:
        if any(row[len(titles):]) or (blanks and len(row) < len(titles)):
            raise LabError(f"Line {n} has {len(row)} cells under {len(titles)} titles; part the cells by semicolons or by tabs.")
    return Sheet([Line(n, dict(zip(titles, row, strict=False))) for n, row in body])


READER = Reader("a table", 90, lambda text: True, read)

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
    shift = 1 if all(len(row) == len(titles) + 1 for _, row in body) else 0  # a printed data frame numbers its lines without a title
    return Sheet([Line(n, dict(zip(titles, row[shift:], strict=False))) for n, row in body])


READER = Reader("a table", 90, lambda text: True, read)

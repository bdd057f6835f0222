"""Lightning's metrics.csv (CSVLogger): a line for the training, a line for the validation, and lines of single steps, with most cells empty.

The columns are in any order; "train_loss_step" and "train_loss_epoch" are one figure logged twice."""

from core.findings.diagnose import cells
from core.findings.diagnose.columns import other_figure, place, read_title
from core.findings.diagnose.sheet import Line, Reader, Sheet


def matches(text: str) -> bool:
    lines = cells.lines_of(text)
    if len(lines) < 2 or cells.delimiter_of(lines[0][1]) != ",":
        return False
    titles = cells.split(lines[0][1], ",")
    figures = [at for at, title in enumerate(titles) if read_title(title)]
    if not {"epoch", "step"} <= set(titles) or not figures or any(place(title) == "strategy" for title in titles):
        return False
    rows = [cells.split(line, ",") for _, line in lines[1:]]
    return all(any(at >= len(row) or cells.is_empty(row[at]) for at in figures) for row in rows) or any(
        title.endswith(("_epoch", "_step")) for title in titles
    )


def read(text: str) -> Sheet:
    """Read it, an epoch a line: the mean of what was logged several times. A test that stands in lines of its own stays apart."""
    head, *body = cells.grid(text)
    titles = head[1]
    rows = [(n, {title: cell for title, cell in zip(titles, row, strict=False) if not cells.is_empty(cell)}) for n, row in body]
    epochs: dict[str, list[tuple[int, dict]]] = {}
    alone = []
    for n, row in rows:
        splits = {title.split for name in row if (title := read_title(name))}
        if splits == {"test"}:
            alone.append(Line(n, {name: cell for name, cell in row.items() if name not in ("epoch", "step")}))
        elif "epoch" in row:
            epochs.setdefault(row["epoch"], []).append((n, row))
    lines = [Line(mine[0][0], {title: _one(title, mine) for title in titles if title != "step"}) for mine in epochs.values()]
    return Sheet([*lines, *alone] if lines else [Line(n, row) for n, row in rows])


def _one(title: str, mine: list[tuple[int, dict]]) -> str:
    """What an epoch's lines say under a title: one cell, the mean of several, the highest learning rate."""
    there = [(n, row[title]) for n, row in mine if title in row]
    if len(there) < 2 or title == "epoch" or not all(cells.is_number(cell) for _, cell in there):
        return there[-1][1] if there else ""
    values = [cells.number(cell, n, title) for n, cell in there]
    return repr(max(values) if other_figure(title) else sum(values) / len(values))


READER = Reader("Lightning's metrics.csv", 30, matches, read)

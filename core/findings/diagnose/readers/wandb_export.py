"""What W&B exports of a chart: "Step","RUN - METRIC","RUN - METRIC__MIN","RUN - METRIC__MAX", several runs beside one another.

A run's name may hold " - " itself; a metric does not."""

from core.findings.diagnose import cells
from core.findings.diagnose.columns import place
from core.findings.diagnose.sheet import Line, Reader, Sheet


def matches(text: str) -> bool:
    lines = cells.lines_of(text)
    if not lines or cells.delimiter_of(lines[0][1]) != ",":
        return False
    titles = cells.split(lines[0][1], ",")[1:]
    return bool(titles) and all(" - " in title for title in titles)


def read(text: str) -> Sheet:
    """Read it, a strategy a run; the columns of the least and highest value are left out."""
    head, *body = cells.grid(text)
    axis, *titles = head[1]
    axis = axis if place(axis) in ("step", "epoch") else ""
    lines = []
    for run in dict.fromkeys(title.rsplit(" - ", 1)[0] for title in titles):
        mine = {at: metric for at, title in enumerate(titles, start=1)
                if (metric := title.rsplit(" - ", 1)[1]) and title.rsplit(" - ", 1)[0] == run and not metric.endswith(("__MIN", "__MAX"))
                and metric not in ("_step", "_runtime", "_timestamp")}
        for n, row in body:
            values = {metric: row[at] for at, metric in mine.items() if at < len(row)}
            if not all(map(cells.is_empty, values.values())):
                lines.append(Line(n, ({axis: row[0]} if axis else {}) | values, run))
    return Sheet(lines)


READER = Reader("W&B's export of a chart", 20, matches, read)

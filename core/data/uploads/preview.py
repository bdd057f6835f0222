"""What an uploaded table holds, before anything is said about which column is which."""

from dataclasses import dataclass
from pathlib import Path

from core.data import tables
from core.errors import LabError

ROWS, COLUMNS = 200_000, 200
SHOWN = 6  # rows
FEW = 50  # different values of a column that are remembered


@dataclass(frozen=True)
class Column:
    """name: in the file. values: its different cells as text, in order of appearance; None where there are more than FEW.

    length: the mean number of characters of a cell. filled: cells that are not empty.
    """

    name: str
    values: tuple[str, ...] | None
    length: float
    filled: int


@dataclass(frozen=True)
class Preview:
    """rows: the first few, a cell a column, as text. count: of all rows. told: how the file was read, Markdown."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int
    told: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def preview(path: Path) -> Preview:
    """Read a table whole and return what it holds. LabError for one that is broken, or has too many rows or columns."""
    table = tables.read(path, None, most=COLUMNS)
    if len(table) > ROWS:
        raise too_long(path.name, len(table))
    if not table.columns or not len(table):
        raise LabError(f"{path.name} has no rows below the names of its columns.")
    texts = {name: [_text(cell) for cell in cells] for name, cells in table.columns.items()}
    rows = tuple(zip(*(cells[:SHOWN] for cells in texts.values())))
    return Preview(tuple(_column(name, cells) for name, cells in texts.items()), rows, len(table), table.told)


def too_long(name: str, n: int, what: str = "rows") -> LabError:
    """Return the error of a table with more than ROWS rows."""
    return LabError(f"{name} has {n:,} {what}, and at most {ROWS:,} are read here; upload a part of it.")


def _column(name: str, cells: list[str]) -> Column:
    values: dict[str, None] = {}
    for cell in cells:
        if cell:
            values.setdefault(cell)
            if len(values) > FEW:
                break
    return Column(name, tuple(values) if len(values) <= FEW else None, sum(map(len, cells)) / len(cells), sum(map(bool, cells)))


def _text(cell) -> str:
    return "" if cell is None or cell != cell else str(cell).strip()

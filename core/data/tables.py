"""Local tables, read column by column: CSV, TSV, JSON lines, Parquet."""

import csv
import json
from pathlib import Path

from core.errors import LabError

EXTENSIONS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")


def read(path: Path) -> dict[str, list]:
    """Read a table: column name -> its cells, all of one length. CSV and TSV cells are strings; elsewhere they keep their type, missing is None.

    CSV follows RFC 4180 (quotes, line breaks in quotes); TSV is plain: a quotation mark is a character like any other.
    Raises LabError for a file that is missing, of another kind, or broken; for text files with the line.
    """
    kind = path.suffix.lower()
    if kind not in EXTENSIONS:
        raise LabError(f"{path.name} is not a table this program reads; give a file that ends in {', '.join(EXTENSIONS)}.")
    try:
        if kind == ".parquet":
            return _parquet(path)
        if kind in (".jsonl", ".ndjson"):
            return _json_lines(path)
        return delimited(path, "\t" if kind == ".tsv" else ",")
    except UnicodeDecodeError as error:
        raise LabError(f"{path.name} is not UTF-8 text (byte {error.start:,}); save it as UTF-8.") from error
    except OSError as error:
        raise LabError(f"{path.name} cannot be read ({error.strerror or 'input/output error'}).") from error


def delimited(path: Path, delimiter: str) -> dict[str, list[str]]:
    """Read a text table with a header line; blank lines are skipped. LabError for a line whose number of cells is not the header's."""
    quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=delimiter, quoting=quoting, strict=True)
        try:
            header = [name.strip() for name in next(filter(None, rows), ())]
            columns: dict[str, list[str]] = {name: [] for name in _header(path, header)}
            for row in filter(None, rows):
                if len(row) != len(header):
                    raise LabError(f"{path.name}, line {rows.line_num:,}, has {len(row)} cells where the header has {len(header)}.")
                for column, cell in zip(columns.values(), row):
                    column.append(cell)
        except csv.Error as error:
            raise LabError(f"{path.name} is broken near line {rows.line_num:,} ({error}).") from error
    if not header:
        raise LabError(f"{path.name} is empty.")
    return columns


def _header(path: Path, names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise LabError(f"{path.name} has two columns called {twice!r}; rename one.")
    return names


def _json_lines(path: Path) -> dict[str, list]:
    rows = []
    with open(path, encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise LabError(f"{path.name}, line {number:,}, is not JSON ({getattr(error, 'msg', 'too deep')}).") from error
            if not isinstance(row, dict):
                raise LabError(f"{path.name}, line {number:,}, is not a JSON object with named columns.")
            rows.append(row)
    if not rows:
        raise LabError(f"{path.name} is empty.")
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {name: [row.get(name) for row in rows] for name in names}


def _parquet(path: Path) -> dict[str, list]:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.ParquetFile(path).read()
        _header(path, table.column_names)
        return table.to_pydict()
    except (pyarrow.ArrowException, OSError) as error:
        raise LabError(f"{path.name} is not a whole Parquet file; write it again.") from error

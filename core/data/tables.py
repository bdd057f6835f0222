"""Local tables, read column by column: CSV, TSV, JSON lines, Parquet."""

import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.data import delimited, not_a_table
from core.data.delimited import Reading, no_column
from core.data.encoding import decoded
from core.errors import LabError

AS_FOUND = Reading()
EXTENSIONS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet")


@dataclass(frozen=True)
class Table:
    """N rows of the columns asked for. lines: of each row its first line in the file, None where there are none. told: how it was read.

    called: what the file itself calls the numbers 0, 1, … of its label column; () where it says nothing.
    """

    file: str
    columns: dict[str, list]
    lines: list[int] | None = None
    told: str = ""
    called: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def place(self, row: int) -> str:
        """Return where a row, counted from 0, stands: 'x.csv, line 2'."""
        return f"{self.file}, line {self.lines[row]:,}" if self.lines else f"{self.file}, row {row + 1:,}"


def read(path: Path, wanted: tuple[str, ...] | None, reading: Reading = AS_FOUND, label: str | None = None, most: int | None = None) -> Table:
    """Read the wanted columns; None: all that have a name. Cells of text tables are strings; elsewhere they keep their type, missing is None.

    CSV follows RFC 4180 (quotes, line breaks in quotes). In TSV a quotation mark is a sign like any other, unless the file shows that it
    is not. label: the label column, by which rows that a stray mark joined are noticed. most: columns that all may be. Raises LabError for
    a file that is missing, of another kind or broken, has no such column or too many; for text files with the line.
    """
    kind = path.suffix.lower()
    if kind not in EXTENSIONS:
        raise LabError(f"{path.name} is not a table this program reads; give a file that ends in {', '.join(EXTENSIONS)}.")
    try:
        with path.open("rb") as file:
            not_a_table.check(file.read(not_a_table.HEAD), path.name, kind == ".parquet")
        if kind == ".parquet":
            return _parquet(path, wanted, label, most)
        text, how = decoded(path.read_bytes(), path.name, reading.encoding)
    except OSError as error:
        raise LabError(f"{path.name} cannot be read ({error.strerror or 'input/output error'}).") from error
    if kind in (".jsonl", ".ndjson"):
        return _json_lines(path.name, text, wanted, f"Read {how}.", most)
    usual = "," if kind == ".csv" else "\t"
    if wanted is None:
        wanted = _all(path.name, delimited.header(text, usual), most)
    found = delimited.rows(text, path.name, wanted, reading, usual)
    if not set(wanted) & set(found.header):
        raise LabError(delimited.no_header(wanted, path.name, found.header))
    columns = {name: delimited.column(found, name, path.name) for name in wanted}
    if label and reading.quote is None:
        delimited.check_swallowed(found, text, path.name, label)
    return Table(path.name, columns, [first for first, _ in found.lines], f"Read {how}; {found.told()}.")


def _json_lines(file: str, text: str, wanted: tuple[str, ...] | None, told: str, most: int | None) -> Table:
    rows, lines, names = [], [], {}
    if re.match(r"\s*\[\s*\{", text):
        return _json_array(file, text, wanted, told, most)
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_named_once)
        except (ValueError, RecursionError) as error:
            raise LabError(f"{file}, line {number:,}, is not JSON ({getattr(error, 'msg', None) or 'too deep'}).") from error
        except KeyError as error:
            raise LabError(f"{file}, line {number:,}, names {error.args[0]!r} twice; keep one.") from error
        if not isinstance(row, dict):
            raise LabError(f"{file}, line {number:,}, is not a JSON object with named columns.")
        rows.append(row)
        lines.append(number)
        names |= dict.fromkeys(row)
    if not rows:
        raise LabError(f"{file} is empty.")
    wanted = _found(file, names, wanted, most)
    return Table(file, {name: [row.get(name) for row in rows] for name in wanted}, lines, told)


def _json_array(file: str, text: str, wanted: tuple[str, ...] | None, told: str, most: int | None) -> Table:
    """Read one JSON array of objects, which may go over any lines."""
    try:
        rows = json.loads(text, object_pairs_hook=_named_once)
    except json.JSONDecodeError as error:
        raise LabError(f"{file} begins as a JSON array, and line {error.lineno:,} is not JSON ({error.msg}).") from error
    except (ValueError, RecursionError) as error:
        raise LabError(f"{file} begins as a JSON array and is not JSON (too deep, or too long a number).") from error
    except KeyError as error:
        raise LabError(f"{file} names {error.args[0]!r} twice in one object; keep one.") from error
    wrong = next((number for number, row in enumerate(rows, 1) if not isinstance(row, dict)), None)
    if wrong is not None:
        raise LabError(f"{file}, item {wrong:,} of its array, is not a JSON object with named columns.")
    wanted = _found(file, dict.fromkeys(name for row in rows for name in row), wanted, most)
    return Table(file, {name: [row.get(name) for row in rows] for name in wanted}, told=told)


def _named_once(pairs: list[tuple]) -> dict:
    row = dict(pairs)
    if len(row) < len(pairs):
        names = [name for name, _ in pairs]
        raise KeyError(next(name for name in names if names.count(name) > 1))
    return row


def _parquet(path: Path, wanted: tuple[str, ...] | None, label: str | None, most: int | None) -> Table:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.ParquetFile(path).read()
    except (pyarrow.ArrowException, OSError) as error:
        raise LabError(f"{path.name} is not a whole Parquet file; write it again.") from error
    wanted = _found(path.name, table.column_names, wanted, most)
    twice = next((name for name in wanted if table.column_names.count(name) > 1), None)
    if twice:
        raise LabError(f"{path.name} has two columns called {twice!r}; rename one.")
    return Table(path.name, {name: table.column(name).to_pylist() for name in wanted}, called=_class_names(table.schema.metadata, label))


def _class_names(metadata: dict[bytes, bytes] | None, label: str | None) -> tuple[str, ...]:
    """Return the names of the classes 0, 1, … that `datasets` writes beside a column of numbers (a ClassLabel); () where there are none."""
    try:
        feature = json.loads(metadata[b"huggingface"])["info"]["features"][label]
        names = feature["names"] if feature["_type"] == "ClassLabel" else ()
    except (KeyError, TypeError, ValueError, RecursionError):
        return ()
    return tuple(names) if isinstance(names, list) and all(isinstance(name, str) for name in names) else ()


def _found(file: str, there: Iterable[str], wanted: tuple[str, ...] | None, most: int | None) -> tuple[str, ...]:
    """Return the wanted columns, or all. LabError for one that is not there, or for too many."""
    if wanted is None:
        return _all(file, there, most)
    for name in wanted:
        if name not in there:
            raise LabError(no_column(name, file, there))
    return wanted


def _all(file: str, there: Iterable[str], most: int | None) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name for name in there if name))
    if most is not None and len(names) > most:
        raise LabError(f"{file} has {len(names):,} columns, and at most {most:,} are read here; keep the texts, the label and the split.")
    return names

"""Text tables: CSV, TSV and their kin. Separator and quotes are found from the columns that are asked for, and told."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.data.cards import plain
from core.data.naming import listed, short
from core.errors import LabError

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
QUOTES = {"double": '"', "single": "'", "none": ""}
WHOLE = re.compile(r'"(?:[^"]|"")*"')  # a cell in quotation marks
LONGEST_CELL = 2**31 - 1  # characters; the csv module stops at 131,072 unless told
LONGEST_HEADER = 2**20  # characters
QUOTE_HINT = "mend it, or add &quote=none where quotation marks are plain signs"


@dataclass(frozen=True)
class Reading:
    """How a text table is to be read; what is None is found from the file. separator: one sign. quote: one sign, '' for none."""

    encoding: str | None = None
    separator: str | None = None
    quote: str | None = None


@dataclass(frozen=True)
class Rows:
    """A table's rows of cells. lines: of each row the first and the last line in the file. quote: '' where none was obeyed."""

    header: list[str]
    cells: list[list[str]]
    lines: list[tuple[int, int]]
    separator: str
    quote: str

    def told(self) -> str:
        """Say, for the card, how the cells were told apart."""
        name = next((name for name, sign in SEPARATORS.items() if sign == self.separator), plain(self.separator))
        quotes = {'"': "quotation marks enclose cells", "": "quotation marks are plain signs"}.get(self.quote, "single quotation marks enclose cells")
        return f"cells are separated by {name}, {quotes}"


class _Broken(Exception):
    """A table that does not parse. begin: the line on which the row begins that does not end as it should."""

    def __init__(self, begin: int):
        super().__init__()
        self.begin = begin


def rows(text: str, name: str, wanted: Iterable[str], reading: Reading, usual: str) -> Rows:
    """Parse a table with a header line; rows without a sign in them are skipped. usual: the separator that files of its kind have.

    A sign not given by `reading` is the usual one where the header then has the wanted columns, else the first with which it has.
    Raises LabError, with the line in the file, for a cell that does not end, a row of another length, or a zero byte.
    """
    zero = text.find("\0")
    if zero >= 0:
        raise LabError(f"{name}, line {_lines(text[:zero]):,}, holds a zero byte, so it is damaged or no text; save the table again.")
    text, skipped, usual = _after_excel(text, usual)
    separator = reading.separator or _separator(text, set(wanted), usual)
    quotes = [reading.quote] if reading.quote is not None else _quotes(text, name, separator, set(wanted))
    for last, quote in enumerate(quotes, 1):
        try:
            found, lines = _parsed(text, separator, quote)
        except _Broken as broken:
            if last == len(quotes):
                line, closes = _opened(text, broken.begin, separator, quote)
                what = "closes before its cell ends" if closes else "never closes"
                raise LabError(f"{name}, line {line + skipped:,}: the quotation mark that opens a cell here {what}; {QUOTE_HINT}.") from None
            continue
        lines = [(first + skipped, end + skipped) for first, end in lines]
        header = [cell.strip() for cell in found[0]] if found else []
        table = Rows(header, [_trimmed(row, len(header)) for row in found[1:]], lines[1:], separator, quote)
        if last == len(quotes) or all(len(row) == len(header) for row in table.cells):
            break
    if not table.header:
        raise LabError(f"{name} is empty.")
    _check_lengths(table, text, name)
    return table


def _check_lengths(table: Rows, text: str, name: str) -> None:
    for row, (line, _) in zip(table.cells, table.lines):
        if len(row) != len(table.header):
            hint = "a text that holds the separator needs quotation marks" if len(row) > len(table.header) else "add what is missing"
            if len(row) < len(table.header) and "\n" in text and re.search(r"\r(?!\n)", text):
                hint = "a carriage return within a text ends its line, so take it out"
            cells = f"{len(row)} cell{'s' if len(row) != 1 else ''}"
            raise LabError(f"{name}, line {line:,}, has {cells} where the header has {len(table.header)}; {hint}.")


def check_swallowed(table: Rows, text: str, name: str, label: str) -> None:
    """Raise LabError where a cell in quotation marks runs over lines that look like rows of their own: a stray mark joined them.

    label: the label column; a line looks like a row when it has the header's number of cells and, in this column, another row's label.
    """
    if table.lines and table.quote:
        place = table.header.index(label)
        seen = {row[place].strip() for row, (first, end) in zip(table.cells, table.lines) if first == end}
        found = io.StringIO(text, newline="").readlines() if any(first < end for first, end in table.lines) else []
        for first, end in table.lines:
            for line in range(first, end):
                cells = found[line - 1].rstrip("\r\n").split(table.separator)
                if len(cells) == len(table.header) and cells[place].strip().strip(table.quote) in seen - {""}:
                    raise LabError(f"{name}, line {first:,}: a quotation mark opens a cell that ends on line {end:,}, and line {line:,} in it "
                                   f"looks like a row of its own; {QUOTE_HINT}, or &quote=double where the text is meant so.")


def header(text: str, usual: str) -> list[str]:
    """Return the names in a table's first line, parted by the sign that makes most of them; of equals by the usual one of its kind."""
    text, _, usual = _after_excel(text, usual)
    found = [_header(text, sign, '"') for sign in dict.fromkeys((usual, *SEPARATORS.values()))]
    return max(found, key=lambda names: sum(map(bool, names)))


def column(table: Rows, name: str, file: str) -> list[str]:
    """Return a column's cells. LabError for a name that the header does not have, or has twice."""
    count = table.header.count(name)
    if count == 0:
        raise LabError(no_column(name, file, table.header))
    if count > 1:
        raise LabError(f"{file} has two columns called {name!r}; rename one.")
    place = table.header.index(name)
    return [row[place] for row in table.cells]


def no_column(name: str, file: str, there: Iterable[str]) -> str:
    """Return the sentence for a column that is not there."""
    return f"There is no column {name!r} in {file}; there is {listed((name for name in there if name), 20)}."


def no_header(wanted: Iterable[str], file: str, there: Iterable[str]) -> str:
    """Return the sentence for a table that has none of the columns asked for: its first line may be a row already."""
    return f"{file} has no column {listed(wanted)}; its first line has to name the columns, and it reads {listed(map(short, there), 5)}."


def _after_excel(text: str, usual: str) -> tuple[str, int, str]:
    """Return the text after a first line `sep=;`, as Excel writes it, how many lines that was, and the separator it names."""
    match = re.match(r'"?sep=(.)"?\r?\n', text)
    return (text[match.end() :], 1, match[1]) if match else (text, 0, usual)


def _separator(text: str, wanted: set[str], usual: str) -> str:
    for sign in dict.fromkeys((usual, *SEPARATORS.values())):
        if any(wanted <= set(_header(text, sign, quote)) for quote in ('"', "")):
            return sign
    return usual


def _header(text: str, separator: str, quote: str) -> list[str]:
    reader = _reader(text[:LONGEST_HEADER], separator, quote)
    try:
        return [cell.strip() for cell in next(filter(None, reader), ())]
    except csv.Error:
        return []


def _quotes(text: str, name: str, separator: str, wanted: set[str]) -> list[str]:
    """Return the quotation marks to try. Only in tables separated by tabs are they, unless they are needed, signs like any other.

    Raises LabError where such a table can be read both ways.
    """
    if separator != "\t":
        return ['"']
    if not wanted <= set(_header(text, separator, "")) and wanted <= set(_header(text, separator, '"')):
        return ['"']
    lines = io.StringIO(text, newline="") if '"' in text else ()
    starts = [cell for line in lines for cell in line.rstrip("\r\n").split("\t") if cell.startswith('"')]
    if any('""' in cell[1:-1] for cell in starts) and all(map(WHOLE.fullmatch, starts)):
        return ['"']
    if all(map(WHOLE.fullmatch, starts)):
        return [""]
    plain_signs, enclosing = (_parsed_evenly(text, separator, quote) for quote in ("", '"'))
    if plain_signs and enclosing:
        both = zip(plain_signs, enclosing)
        line = next((line for (line, a), (_, b) in both if a != b), plain_signs[-1][0])
        raise LabError(f"{name}, line {line:,}: a quotation mark opens a cell here, and one further on may close it; say whether marks enclose cells "
                       "(&quote=double) or are plain signs (&quote=none).")
    return ['"', ""] if enclosing else [""]


def _parsed_evenly(text: str, separator: str, quote: str) -> list[tuple[int, list[str]]] | None:
    """Return a table's rows with their lines, None where they do not parse or are not all of one length."""
    try:
        found, lines = _parsed(text, separator, quote)
    except _Broken:
        return None
    return [(first, row) for (first, _), row in zip(lines, found)] if len({len(row) for row in found}) == 1 else None


def _reader(text: str, separator: str, quote: str):
    csv.field_size_limit(LONGEST_CELL)
    quoting = {"quotechar": quote, "quoting": csv.QUOTE_MINIMAL} if quote else {"quoting": csv.QUOTE_NONE}
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, **quoting)


def _parsed(text: str, separator: str, quote: str) -> tuple[list[list[str]], list[tuple[int, int]]]:
    reader, found, lines, begin = _reader(text, separator, quote), [], [], 1
    try:
        for row in reader:
            if any(map(str.strip, row)):
                found.append(row)
                lines.append((begin, reader.line_num))
            begin = reader.line_num + 1
    except csv.Error:
        raise _Broken(begin) from None
    return found, lines


def _trimmed(row: list[str], width: int) -> list[str]:
    """Return the row without empty cells behind the header's last."""
    while len(row) > width and not row[-1].strip():
        row = row[:-1]
    return row


def _opened(text: str, begin: int, separator: str, quote: str) -> tuple[int, bool]:
    """Return the line of the mark that opens the cell in which parsing fails, and whether it closes. begin: the row's first line."""
    line, cell = begin, re.compile(f"{quote}((?:[^{quote}]|{quote}{quote})*)({quote}?)|[^{re.escape(separator)}\r\n]*")
    rest = "".join(io.StringIO(text, newline="").readlines()[begin - 1 :])
    place = 0
    while place < len(rest):
        match = cell.match(rest, place)
        if match[2] is not None and not re.match(rf"{re.escape(separator)}|\r|\n|$", rest[match.end() :][:1]):
            return line, True
        if match[2] == "":
            return line, False
        line += _lines(match[0]) - 1
        place = match.end() + 1
        line += rest[match.end() : place] == "\n" or (rest[match.end() : place] == "\r" and rest[place : place + 1] != "\n")
    return begin, False


def _lines(text: str) -> int:
    """Return on which line a text ends, the first being 1; as the csv module counts them."""
    return len(re.findall(r"\r\n|\r|\n", text)) + 1

"""A text cut into cells, and the number that a cell holds."""

import csv
import math
import re

from core.errors import LabError

EMPTY = {"", "-", "–", "—", "none", "null", "na", "n/a", "<na>", "no log", "nil", "#na#"}
NOT_FINITE = {"nan": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf, "infinity": math.inf, "-infinity": -math.inf}
LARGEST_LOSS = 1e30
TWO_WORDS = re.compile(r"\b(no|training|train|validation|valid|val|eval|test|learning) (log|loss|accuracy|acc|rate)\b", re.IGNORECASE)
RULE = re.compile(r"[\s|:=+-]+")  # a line that draws


def lines_of(text: str) -> list[tuple[int, str]]:
    """Return (number from 1, stripped text) of every line that holds more than rules."""
    return [(n, line.strip()) for n, line in enumerate(text.splitlines(), start=1) if line.strip() and not RULE.fullmatch(line)]


def delimiter_of(head: str) -> str:
    """Return what separates a head's cells: a bar, a tab, a semicolon or a comma; " " where there is none of them."""
    return next((mark for mark in ("|", "\t", ";", ",") if mark in head), " ")


def split(line: str, delimiter: str) -> list[str]:
    """Cut one line into its cells. LabError for one that the csv module refuses."""
    if delimiter == " ":
        return [cell.replace("\0", " ") for cell in TWO_WORDS.sub("\\1\0\\2", line).split()]
    if delimiter == "|":
        line = line.strip("|")
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])]
    except csv.Error as error:
        raise LabError(f"The table cannot be read ({error}).") from None


def grid(text: str) -> list[tuple[int, list[str]]]:
    """Return (number of the line, cells) of every line, cut as the first one is."""
    lines = lines_of(text)
    mark = delimiter_of(lines[0][1]) if lines else ","
    return [(n, split(line, mark)) for n, line in lines]


def is_row(row: list[str], titles: list[str] | None, line: int, blanks: bool) -> bool:
    """Whether cells are a line of the table with these titles: its first cell is a number. LabError where it is one and has too few or too many cells
    to know which is which."""
    if not titles or len(row) < 2 or not re.fullmatch(r"\d+(\.\d*)?|no log", row[0], re.IGNORECASE):
        return False
    if len(row) > len(titles) or (blanks and len(row) < len(titles)):
        if abs(len(row) - len(titles)) > 1:
            return False  # of something else
        raise LabError(f"Line {line} has {len(row)} cells under {len(titles)} titles; part the cells by tabs.")
    return True


def is_empty(text: str) -> bool:
    return bare(text).lower() in EMPTY


def bare(text: str) -> str:
    return text.strip().strip("'\"").rstrip("% ").replace("−", "-")


def number(text: str, line: int, column: str, accuracy: bool = False) -> float | None:
    """Return a cell's number, which may be not finite; None for an empty cell. LabError for what is neither."""
    plain = bare(text)
    if plain.lower() in EMPTY:
        return None
    if plain.lower() in NOT_FINITE:
        return NOT_FINITE[plain.lower()]
    try:
        value = float(plain if "." in plain else plain.replace(",", "."))
    except ValueError:
        raise LabError(f"Line {line} has {text[:40]!r} under {column[:40]!r}, which is not a number.") from None
    if abs(value) > LARGEST_LOSS or (accuracy and not 0 <= value <= 100):
        raise LabError(f"Line {line} has {text[:40]!r} under {column[:40]!r}; losses are finite, accuracies shares or percentages.")
    return value


def is_number(text: str) -> bool:
    """Whether a cell can be a figure: a number, not finite, or empty."""
    try:
        number(text, 0, "")
    except LabError:
        return False
    return True


def digits(text: str) -> int:
    """Return how many digits after the point a cell shows: 4 for 0.1234, 7 for 1.25e-5."""
    found = re.fullmatch(r"[^.,e]*(?:[.,](\d*))?(?:e([+-]?\d{1,3}))?", bare(text).lower())
    return len(found[1] or "") - int(found[2] or 0) if found else 0

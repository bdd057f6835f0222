"""Reading figures from text: the reader that knows its shape, and the table that becomes of it."""

from collections.abc import Sequence

from core.errors import LabError
from core.findings.diagnose.columns import FIGURES
from core.findings.diagnose.readers import format_names, reader_of
from core.findings.diagnose.readers.own_table import EXAMPLE
from core.findings.diagnose.sheet import NoTitles, table_of
from core.findings.diagnose.table import NOTHING, Known, Table, from_known

LARGEST = 1_000_000  # characters
EMPTY = f"The table is empty; give lines such as those under {EXAMPLE}."


def read_table(text: str, known: Known = NOTHING, use: Sequence[str] = ()) -> Table:
    """Read a table, a log or JSON from text. use: columns that hold their figure where several claim it. LabError in one sentence for what cannot be
    read, TwoColumns where `use` has to say more."""
    if len(text) > LARGEST:
        raise LabError(f"The table has {len(text)} characters; give at most {LARGEST}.")
    if not any(sign.isalnum() for sign in text):  # rules and separators alone
        raise LabError(EMPTY)
    reader = reader_of(text)
    try:
        found = reader.read(text)
    except NoTitles as error:
        raise LabError(f"{str(error)[:-1]}, or give {format_names()}.") from None
    if isinstance(found, Table):
        return from_known(found, known)
    return table_of(found, reader.name, known, use)


def how_read(table: Table) -> str:
    """Say how a text was read: the format, which column is which figure, and which columns were left; "" for records."""
    reading = table.reading
    if reading is None:
        return ""
    used = ", ".join(f"{words} from {reading.used[figure]}" for figure, words in FIGURES.items() if figure in reading.used)
    left = f" Not used: {', '.join(reading.left)}." if reading.left else ""
    return f"Read as: {reading.format}{f' ({used})' if used else ''}.{left}"

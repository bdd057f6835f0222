"""Reading figures from text: the reader that knows its shape, and the table that becomes of it."""

from collections.abc import Sequence

from core.errors import LabError
from core.findings.diagnose.columns import FIGURES
from core.findings.diagnose.readers import format_names, reader_of
from core.findings.diagnose.readers.own_table import EXAMPLE
from core.findings.diagnose.sheet import NoTitles, table_of
from core.findings.diagnose.signs import chance
from core.findings.diagnose.table import NOTHING, Known, Table, from_known
from core.findings.finding import Finding, write

LARGEST = 1_000_000  # characters
NO_CHANCE = "How many classes there are, or how frequent the largest is, is not known, so no accuracy is compared with chance."
EMPTY = f"The table is empty; give lines such as those under {EXAMPLE}."


def decoded(content: bytes, name: str) -> str:
    """Return a file's text: UTF-8, or UTF-16 with its mark, as PowerShell writes it. LabError for what is no text, or is too large."""
    if len(content) > 4 * LARGEST:
        raise LabError(f"{name} has more than {4 * LARGEST} bytes; give at most {LARGEST} characters.")
    try:
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise LabError(f"{name} is not text in UTF-8.") from None


def read_table(text: str, known: Known = NOTHING, use: Sequence[str] = ()) -> Table:
    """Read a table, a log or JSON from text. use: columns that hold their figure where several claim it. LabError in one sentence for what cannot be
    read, TwoColumns where `use` has to say more."""
    if len(text) > LARGEST:
        raise LabError(f"The table has {len(text)} characters; give at most {LARGEST}.")
    if not any(sign.isalnum() or sign in "{[" for sign in text):  # rules and separators alone
        raise LabError(EMPTY)
    reader = reader_of(text)
    try:
        found = reader.read(text)
    except NoTitles as error:
        raise LabError(f"{str(error)[:-1]}, or give {format_names()}.") from None
    if isinstance(found, Table):
        return from_known(found, known)
    return table_of(found, reader.name, known, use)


def how_read(table: Table) -> list[Finding]:
    """Say how a text was read, in one finding of kind "read": the format, which column is which figure, and which columns of losses or accuracies
    were left; none where no text was read."""
    reading = table.reading
    if reading is None:
        return []
    used = [f"{words} from {reading.used[figure]!r}" for figure, words in FIGURES.items() if figure in reading.used]
    figures = {"format": reading.format, "used": used, "left": [repr(column) for column in reading.left], "columns": reading.used, "mistakes": ()}
    figures |= {"empty": [repr(column) for column in reading.empty], "copies": reading.copies, "assumed": repr(reading.assumed)}
    text = "Read as: {format}" + (" ({used:names})." if used else ".") + (" Not used: {left:names}." if reading.left else "")
    text += " Without a figure: {empty:names}." if reading.empty else ""
    text += " Every line stands several times, digit for digit, as where each process of a distributed training writes it; {copies} were left out." \
        if reading.copies else ""
    text += " No title says of which split {assumed} is; it is taken for the validation's (call it train_accuracy where it is the training's)." \
        if reading.assumed else ""
    unknown = chance(table.known) is None and any(strategy.values("val_accuracy") for strategy in table.strategies)
    return [write("read", text, figures, strength="clear", more=NO_CHANCE if unknown else "")]

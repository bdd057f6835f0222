"""Any local table as a task: `file:PATH?text=a,b&label=y&split=s`."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from core.data import cards, tables
from core.data.splitting import complete
from core.data.task import Split, Task
from core.errors import LabError
from core.home import data_folder

SYNTAX = "file:PATH?text=COLUMN&label=COLUMN, with text=A,B for pairs and &split=COLUMN where the file names its splits"
PARTS = {"train": "train", "training": "train", "dev": "validation", "val": "validation", "validation": "validation", "test": "test"}
MOST_CLASSES = 10  # a run keeps its predictions as one digit an example
FEWEST = {"train": 8, "validation": 2, "test": 2}


@dataclass(frozen=True)
class FileSpec:
    """What a `file:` task name says. text: one column, or two for pairs. split: the column that names the parts, or None."""

    path: str
    text: tuple[str, ...]
    label: str
    split: str | None = None


def parse(name: str) -> FileSpec:
    """Return the parts of a `file:` task name. LabError when it is not one; whether file and columns exist is not looked at."""
    path, _, query = name.removeprefix("file:").partition("?")
    options = parse_query(query, ("text", "label", "split"), f"A file task is written {SYNTAX}.")
    if not path or "label" not in options:
        raise LabError(f"A file task is written {SYNTAX}.")
    return FileSpec(unquote(path), columns_of(options), unquote(options["label"]), unquote(options.get("split", "")) or None)


def parse_query(query: str, known: tuple[str, ...], usage: str) -> dict[str, str]:
    """Split key=value pairs joined by &, values still quoted; LabError(usage) for unknown or repeated keys and empty values."""
    options: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        option, _, value = part.partition("=")
        if option not in known or option in options or not value:
            raise LabError(f"{part!r} is not understood. {usage}" if len(part) < 80 else usage)
        options[option] = value
    return options


def columns_of(options: dict[str, str]) -> tuple[str, ...]:
    text = tuple(unquote(column) for column in options.get("text", "").split(",") if column)
    if not 1 <= len(text) <= 2 or len(set(text)) < len(text):
        raise LabError("Name one text column, or two different ones for pairs, as text=A or text=A,B.")
    return text


def resolve(path: str) -> Path:
    """Return the file meant: an absolute path, else below the working folder, else below LAYER_LAB_DATA. LabError when there is none."""
    given = Path(path).expanduser()
    for place in filter(None, (Path.cwd(), data_folder())):
        if (place / given).is_file():  # an absolute path stays itself
            return (place / given).resolve()
    looked = "" if given.is_absolute() else " in the working folder or in LAYER_LAB_DATA"
    raise LabError(f"There is no file {path}{looked}.")


def load(name: str) -> Task:
    """Load the task that a `file:` name describes. LabError with one sentence for anything wrong with file, columns, cells or labels."""
    spec = parse(name)
    path = resolve(spec.path)
    table = tables.read(path)
    _check_columns(spec, list(table))
    texts = [[_word(cell, column, i) for i, cell in enumerate(table[column], 1)] for column in spec.text]
    labels, numbers = classes([_word(cell, spec.label, i, label=True) for i, cell in enumerate(table[spec.label], 1)])
    whole = Split(tuple(texts[0]), tuple(texts[1]) if len(texts) == 2 else None, numbers)
    parts = {"train": whole}
    if spec.split:
        rows: dict[str, list[int]] = {}
        for i, cell in enumerate(table[spec.split]):
            part = PARTS.get(str(cell).strip().lower())
            if part is None:
                raise LabError(f"Row {i + 1:,}: the split column {spec.split!r} says {_short(cell)}; it must be train, validation or test.")
            rows.setdefault(part, []).append(i)
        if "train" not in rows:
            raise LabError(f"The split column {spec.split!r} marks no row as train.")
        parts = {part: whole.take(rows[part]) for part in rows}
    return task_of(name, labels, parts, f"A local file, {cards.plain(path.name)}. Classes come from its column {cards.plain(spec.label)}.")


def classes(values: list[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return class names in sorted order (as numbers when all are whole numbers), and each value's index. LabError unless 2 to 10."""
    names = set(values)
    try:
        ordered = sorted(names, key=lambda value: (int(value), value))
    except ValueError:
        ordered = sorted(names)
    if len(ordered) < 2:
        raise LabError(f"There is one class only, {_short(ordered[0])}: nothing can be learned." if ordered else "There are no examples.")
    if len(ordered) > MOST_CLASSES:
        raise LabError(f"There are {len(ordered):,} different labels; at most {MOST_CLASSES} classes can be learned here.")
    index = {value: i for i, value in enumerate(ordered)}
    return tuple(ordered), tuple(index[value] for value in values)


def task_of(name: str, labels: tuple[str, ...], parts: dict[str, Split], source: str, remark: str = "", test_from: str = "train") -> Task:
    """Return the task of these parts, the missing ones carved as `complete` does; source and remark are sentences of its card.

    LabError when a split is too small to train or measure on, or train lacks a class.
    """
    splits, notes = complete(parts, test_from)
    for part, fewest in FEWEST.items():
        if len(splits[part]) < fewest:
            raise LabError(f"There are too few examples: {part} has {len(splits[part])}, and at least {fewest} are needed.")
    absent = sorted(set(range(len(labels))) - set(splits["train"].labels))
    if absent:
        raise LabError(f"The class {_short(labels[absent[0]])} has no example in train.")
    card = [source, *notes, remark, cards.sizes(labels, splits), cards.overlap_sentence(splits["train"], splits["test"])]
    return Task(name, labels, **splits, card="\n\n".join(filter(None, card)))


def _check_columns(spec: FileSpec, there: list[str]) -> None:
    if spec.label in spec.text or spec.split in (*spec.text, spec.label):
        raise LabError("Text, label and split must be different columns.")
    for column in (*spec.text, spec.label, *filter(None, [spec.split])):
        if column not in there:
            raise LabError(f"There is no column {column!r} in {Path(spec.path).name}; there is {', '.join(there[:20])}.")


def _word(cell, column: str, row: int, label: bool = False) -> str:
    """Return a cell of a text or label column as text. LabError when it holds none."""
    if isinstance(cell, (list, dict, bytes)):
        what = f"label column {column!r} holds neither a word nor a whole number" if label else f"column {column!r} does not hold text"
        raise LabError(f"Row {row:,}: the {what}.")
    if label and isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = "" if cell is None or cell != cell else str(cell).strip()
    if not text:
        raise LabError(f"Row {row:,}: the {'label' if label else 'text'} column {column!r} is empty; fill it or leave the row out.")
    return text


def _short(value) -> str:
    text = str(value)
    return repr(text if len(text) <= 40 else text[:40] + "…")

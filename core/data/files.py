"""Any local table as a task: `file:PATH?text=a,b&label=y&split=s`, or one file a split, `file:TRAIN,VALIDATION,TEST?…`."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from core.data import cards, tables
from core.data.address import OUTSIDE, Options, columns_of, options_of, parse_query
from core.data.delimited import QUOTES, SEPARATORS, Reading
from core.data.labelled import Labelled, split_of, task_of
from core.data.naming import listed, short, tidy
from core.data.spelling import word_of
from core.data.tables import Table
from core.data.task import Task
from core.errors import LabError
from core.home import data_folder, uploaded

SYNTAX = "file:PATH?text=COLUMN&label=COLUMN, with text=A,B for pairs and &split=COLUMN where the file names its splits"
OPTIONS = "Further options are labels, max_length, missing, thresholds, encoding, separator and quote"
PARTS = {"train": "train", "training": "train", "dev": "validation", "val": "validation", "valid": "validation", "validation": "validation",
         "test": "test"}


@dataclass(frozen=True)
class FileSpec:
    """What a `file:` task name says. text: one column, or two for pairs. split: the column that names the parts, or None.

    path: as it was typed. several: the paths, where commas may part more than one. reading: how text is read. options: what concerns the classes.
    """

    path: str
    text: tuple[str, ...]
    label: str
    split: str | None = None
    several: tuple[str, ...] = ()
    reading: Reading = Reading()
    options: Options = Options()

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.text, self.label, *filter(None, [self.split]))


def parse(name: str) -> FileSpec:
    """Return the parts of a `file:` task name. LabError when it is not one; whether file and columns exist is not looked at."""
    path, _, query = name.removeprefix("file:").partition("?")
    usage = f"A file task is written {SYNTAX}."
    given = parse_query(query, ("text", "label", "split", "encoding", "separator", "quote", *OUTSIDE), f"{usage} {OPTIONS}.")
    if not path or "label" not in given:
        raise LabError(usage)
    several = tuple(path.split(","))
    spec = FileSpec(path, columns_of(given), unquote(given["label"]), unquote(given.get("split", "")) or None,
                    several if len(several) > 1 else (), _reading(given), options_of(given))
    if spec.label in spec.text or spec.split in (*spec.text, spec.label):
        raise LabError("Text, label and split must be different columns.")
    return spec


def _reading(given: dict[str, str]) -> Reading:
    said = {option: unquote(given[option]) for option in ("encoding", "separator", "quote") if option in given}
    separator = {**SEPARATORS, "\\t": "\t"}.get(said.get("separator"), said.get("separator"))
    if separator is not None and (len(separator) != 1 or separator in "\r\n\"'"):
        raise LabError(f"separator={said['separator'][:20]} is not understood; write {', '.join(SEPARATORS)}, or one sign.")
    quote = {**QUOTES, '"': '"', "'": "'"}.get(said["quote"]) if "quote" in said else None
    if "quote" in said and quote is None:
        raise LabError(f"quote={said['quote'][:20]} is not understood; write {', '.join(QUOTES)}.")
    return Reading(said.get("encoding"), separator, quote)


def resolve(path: str) -> Path:
    """Return the file meant by a path as typed: an upload's, an absolute path, else below the working folder, else below LAYER_LAB_DATA.

    LabError where there is none.
    """
    found = located(path)
    if found is None:
        name = unquote(path)
        if uploaded(name):
            raise LabError(f"The uploaded file {name.rpartition('/')[2]} is not on this machine (any more); upload it again.")
        looked = "" if Path(name).expanduser().is_absolute() else " in the working folder or in LAYER_LAB_DATA"
        raise LabError(f"There is no file {name}{f' (nor {path})' if name != path else ''}{looked}.")
    return found


def located(path: str) -> Path | None:
    """Return the file as `resolve`, its links followed; None where there is none."""
    if kept := uploaded(path):
        return kept if kept.is_file() else None
    for name in dict.fromkeys((unquote(path), path)):  # a file may be called a%20b.csv, as a browser saved it
        try:
            given = Path(name).expanduser()
            places = [place / given for place in filter(None, (Path.cwd(), data_folder()))]  # an absolute path stays itself
            found = next((place.resolve() for place in places if place.is_file()), None)
        except (OSError, ValueError, RuntimeError):  # a name that no file can have
            found = None
        if found:
            return found
    return None


def sources(spec: FileSpec) -> list[Path]:
    """Return the file, or the files of the splits in the order given; a file whose name has a comma is one. LabError for one not there."""
    if not spec.several or located(spec.path):
        return [resolve(spec.path)]
    if len(spec.several) > 3 or "" in spec.several:
        raise LabError("Name one file, or two or three for train, validation and test, as file:train.csv,dev.csv,test.csv?…")
    if spec.split:
        raise LabError("Separate files are the splits, so leave out &split=.")
    return [resolve(path) for path in spec.several]


def parts_of(paths: list[Path]) -> dict[str, Path]:
    """Return which file is which split: by the files' names where all have one, else in order. LabError where names contradict it."""
    if len(paths) == 1:
        return {"train": paths[0]}
    named = [_part_in(path) for path in paths]
    if None not in named and len(set(named)) == len(paths) and "train" in named:
        return dict(zip(named, paths))
    order = ("train", "test") if len(paths) == 2 else ("train", "validation", "test")
    for part, said, path in zip(order, named, paths):
        if said not in (None, part):
            raise LabError(f"The files are read as {', '.join(order)}, but {path.name} stands where {part} should; give them in this order.")
    return dict(zip(order, paths))


def _part_in(path: Path) -> str | None:
    words = [PARTS[word] for word in re.split(r"[^a-z]+", path.stem.lower()) if word in PARTS]
    return words[0] if len(words) == 1 else None


def load(name: str) -> Task:
    """Load the task that a `file:` name describes. LabError with one sentence for anything wrong with file, columns, cells or labels."""
    spec = parse(name)
    files = parts_of(sources(spec))
    read = {part: tables.read(path, spec.columns, spec.reading, spec.label) for part, path in files.items()}
    parts = {part: _labelled(spec, table) for part, table in read.items()}
    if spec.split:
        parts = _by_column(spec, read["train"], parts["train"])
    told = list(dict.fromkeys(table.told for table in read.values() if table.told))
    if len(told) > 1:
        told = [f"{cards.plain(table.file)}: {table.told}" for table in read.values()]
    where = ", ".join(f"{part} is {cards.plain(files[part].name)}" for part in ("train", "validation", "test") if part in files)
    source = f"Local files: {where}." if len(files) > 1 else f"A local file, {cards.plain(files['train'].name)}."
    return task_of(name, parts, spec.options, f"{source} Classes come from {'their' if len(files) > 1 else 'its'} column {cards.plain(spec.label)}.",
                   " ".join(told), called=_called(read))


def _called(read: dict[str, Table]) -> tuple[str, ...]:
    """Return what the files call their labels' numbers, () where they do not. LabError where two files do not agree."""
    said = {table.file: table.called for table in read.values() if table.called}
    if len(set(said.values())) > 1:
        each = "; ".join(f"{file}: {listed(names)}" for file, names in said.items())
        raise LabError(f"The files number their classes in different orders ({each}), so one number means two things; write the labels as names.")
    return next(iter(said.values()), ())


def _labelled(spec: FileSpec, table: Table) -> Labelled:
    """Return the rows' texts and labels, those without a label as ''. LabError for a cell that is neither."""
    texts = [[_word(cell, name, table, i) for i, cell in enumerate(table.columns[name])] for name in spec.text]
    words = [_word(cell, spec.label, table, i, label=True) for i, cell in enumerate(table.columns[spec.label])]
    return Labelled(split_of(texts), words, [table.place(i) for i in range(len(table))])


def _by_column(spec: FileSpec, table: Table, whole: Labelled) -> dict[str, Labelled]:
    rows: dict[str, list[int]] = {}
    for i, cell in enumerate(table.columns[spec.split]):
        part = PARTS.get(tidy(str(cell)).lower())
        if part is None:
            raise LabError(f"{table.place(i)}: the split column {spec.split!r} says {short(cell)}; it must be train, validation or test.")
        rows.setdefault(part, []).append(i)
    if "train" not in rows:
        raise LabError(f"The split column {spec.split!r} marks no row as train.")
    return {part: whole.take(rows[part]) for part in rows}


def _word(cell, column: str, table: Table, row: int, label: bool = False) -> str:
    """Return a cell of a text or label column as text, '' for a label that is not there. LabError when it holds none."""
    if isinstance(cell, (list, dict, bytes)):
        what = f"label column {column!r} holds neither a word nor a whole number" if label else f"column {column!r} does not hold text"
        raise LabError(f"{table.place(row)}: the {what}.")
    if label:
        return "" if table.called and cell == -1 else word_of(cell)  # the -1 of a ClassLabel
    text = "" if cell is None or cell != cell else str(cell).strip()
    if not tidy(text):
        raise LabError(f"{table.place(row)}: the text column {column!r} is empty; fill it or leave the row out.")
    return text

"""Which column of a table is the text, the label and the split: a guess from names and cells, which a person can change."""

from dataclasses import dataclass
from urllib.parse import quote

from core.data.files import PARTS
from core.data.labelled import MOST_CLASSES
from core.data.naming import folded
from core.data.task import Task
from core.data.uploads.preview import Column, Preview

PAIRS = (("premise", "hypothesis"), ("sentence1", "sentence2"), ("sentence_a", "sentence_b"), ("question1", "question2"), ("text_a", "text_b"),
         ("text1", "text2"), ("question", "sentence"), ("query", "passage"))
TEXTS = ("text", "sentence", "tweet", "review", "content", "comment", "message", "body", "document", "utterance", "headline", "title")
LABELS = ("label", "labels", "gold_label", "class", "target", "category", "sentiment", "intent", "stance", "emotion", "entailment_label", "y")
SPLITS = ("split", "set", "part", "partition", "fold", "subset", "semeval_set")


@dataclass(frozen=True)
class Columns:
    """text: the one column of text, or the first of two. second: of a pair, else None. split: the column that names the parts, or None."""

    text: str | None
    label: str | None
    second: str | None = None
    split: str | None = None


def guessed(table: Preview) -> Columns:
    """Return which column is which, as far as names and cells tell; None for what is not found."""
    by_name = {folded(column.name): column for column in table.columns}
    split = next((by_name[name].name for name in SPLITS if name in by_name and _names_parts(by_name[name])), None)
    left = [column for column in table.columns if column.name != split and column.filled]
    label = _label(left, by_name)
    left = [column for column in left if column.name != label]
    names = {folded(column.name): column.name for column in left}
    for first, second in PAIRS:
        if first in names and second in names:
            return Columns(names[first], label, names[second], split)
    text = next((names[name] for name in TEXTS if name in names), None)
    return Columns(text or max(left, key=lambda column: column.length, default=Column("", None, 0, 0)).name or None, label, None, split)


def _names_parts(column: Column) -> bool:
    return bool(column.values) and all(value.lower() in PARTS for value in column.values) and "train" in {PARTS[v.lower()] for v in column.values}


def _label(columns: list[Column], by_name: dict[str, Column]) -> str | None:
    few = [column for column in columns if column.values and 2 <= len(column.values) <= MOST_CLASSES + 2]
    named = [by_name[name] for name in LABELS if name in by_name and by_name[name] in columns]
    for column in (*(column for column in named if column in few), *named[:1]):
        return column.name
    repeated = [column for column in few if column.filled >= 4 * len(column.values) and column.length < 40]
    return min(repeated, key=lambda column: (column.length, column.name), default=Column("", None, 0, 0)).name or None


def address(names: tuple[str, ...], columns: Columns, max_length: int = Task.max_length) -> str:
    """Return the task's name. names: of the files, upload/KEY/NAME: one, or those of train, validation and test. max_length: tokens."""
    texts = ",".join(quote(name, safe="") for name in (columns.text, columns.second) if name)
    said = [f"text={texts}", f"label={quote(columns.label, safe='')}"]
    if columns.split and len(names) == 1:
        said.append(f"split={quote(columns.split, safe='')}")
    said += [f"max_length={max_length}"] * (max_length != Task.max_length)
    return f"file:{','.join(names)}?{'&'.join(said)}"

"""What a task of one's own holds: how it was read, its splits and classes, what leaks between splits, and how long its texts are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, takewhile

from core.data.catalogue import load
from core.data.splitting import key
from core.data.task import Split, Task
from core.views.common.text import percent

SPLITS = ("train", "validation", "test")
EDGES = (5, 10, 20, 40, 80, 160)  # words
SKEWED = 0.8  # share of the most frequent class above which accuracy alone says little
FEW = 100  # examples of validation or test below which a figure is rough


@dataclass(frozen=True)
class Summary:
    """hash: the task's. read: sentences on how the file was read. sizes: a row a split, by column. classes, lengths: {"name", "n", "share"} of all
    examples. length: sentence. leaks: sentences, () for none. cautions: sentences on what weakens the figures.
    """

    hash: str
    read: tuple[str, ...]
    sizes: tuple[dict[str, str], ...]
    classes: tuple[dict, ...]
    lengths: tuple[dict, ...]
    length: str
    leaks: tuple[str, ...]
    cautions: tuple[str, ...]


def summary(name: str) -> Summary:
    """Return what the task of this name holds. LabError, one sentence, where file and columns make none."""
    task = load(name)
    splits = {part: task.split(part) for part in SPLITS}
    words = sorted(count for split in splits.values() for count in _words(split))
    labels = [label for split in splits.values() for label in split.labels]
    classes = tuple(_row(called, labels.count(i), len(labels)) for i, called in enumerate(task.labels))
    return Summary(task.hash, told(task), tuple(_sizes(task, part, split) for part, split in splits.items()), classes, _binned(words),
                   _length(words), leaks(splits), _cautions(task, splits))


def told(task: Task) -> tuple[str, ...]:
    """Return the card's sentences on how the data were read and split, as plain text."""
    before_sizes = takewhile(lambda part: not part.startswith("|"), task.card.split("\n\n"))
    return tuple(re.sub(r"\\([^A-Za-z0-9\s])", r"\1", part) for part in before_sizes)


def leaks(splits: dict[str, Split]) -> tuple[str, ...]:
    """Return a sentence for each two splits that share whole examples; case and blanks do not count."""
    there = {part: _examples(split) for part, split in splits.items()}
    what = "texts" if splits["train"].second is None else "pairs"
    said = []
    for first, second in combinations(there, 2):
        known = set(there[first])
        n, of = sum(example in known for example in there[second]), len(there[second])
        if n:
            said.append(f"{n:,} of the {of:,} {second} {what} ({percent(n / of)}) also occur in {first}.")
    return tuple(said)


def _examples(split: Split) -> list[tuple[str, ...]]:
    return [tuple(map(key, texts)) for texts in zip(split.first, *([] if split.second is None else [split.second]))]


def _cautions(task: Task, splits: dict[str, Split]) -> tuple[str, ...]:
    seen: dict[tuple[str, ...], int] = {}
    torn = sum(seen.setdefault(example, label) != label for split in splits.values() for example, label in zip(_examples(split), split.labels))
    have = "1 example has" if torn == 1 else f"{torn:,} examples have"
    said = [f"{have} the texts of another one and a different label, so nobody can name all of them right."] if torn else []
    for part in ("validation", "test"):
        absent = [label for i, label in enumerate(task.labels) if i not in splits[part].labels]
        said += [f"There is no {' and no '.join(absent)} in {part}."] if absent else []
    most = splits["test"].majority()
    if most > SKEWED:
        said.append(f"One class has {percent(most)} of the test examples: a student that always names it has that accuracy, so look at macro F1 too.")
    few = [f"{part} has {len(splits[part]):,}" for part in ("validation", "test") if len(splits[part]) < FEW]
    if few:
        said.append(f"{' and '.join(few).capitalize()} examples only: with so few, two students differ by many points through chance alone.")
    return tuple(said)


def _sizes(task: Task, part: str, split: Split) -> dict[str, str]:
    counts = {label: f"{split.labels.count(i):,}" for i, label in enumerate(task.labels)}
    return {"split": part, "examples": f"{len(split):,}", **counts, "most frequent class": percent(split.majority())}


def _row(name: str, n: int, of: int) -> dict:
    return {"name": name, "n": n, "share": n / of}


def _words(split: Split) -> list[int]:
    return [sum(len(text.split()) for text in texts) for texts in zip(split.first, *([] if split.second is None else [split.second]))]


def _binned(words: Sequence[int]) -> tuple[dict, ...]:
    rows, low = [], 1
    for edge in (*EDGES, None):
        n = sum(count >= low and (edge is None or count <= edge) for count in words)
        rows.append(_row(f"{low} to {edge} words" if edge else f"over {low - 1} words", n, len(words)))
        low = (edge or 0) + 1
    last = max(i for i, row in enumerate(rows) if row["n"])
    return tuple(rows[: last + 1])


def _length(words: Sequence[int]) -> str:
    half, most = words[len(words) // 2], words[int(0.95 * (len(words) - 1))]
    return f"Half of the examples have at most {half:,} words, 95 % at most {most:,}; the longest has {words[-1]:,}."

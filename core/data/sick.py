"""SICK: sentence pairs with human labels for entailment, read from a file the user supplies."""

from pathlib import Path

from core.data import cards, tables
from core.data.delimited import Reading
from core.data.splitting import connected, deal
from core.data.task import Split, Task
from core.errors import LabError
from core.home import data_folder

LABELS = ("entailment", "neutral", "contradiction")
COLUMNS = ("sentence_A", "sentence_B", "entailment_label", "SemEval_set")
PARTS = {"TRAIN": "train", "TRIAL": "train", "TEST": "test"}


def path() -> Path:
    """Return `SICK.txt` in LAYER_LAB_DATA. LabError when the variable is not set or the file is not there."""
    folder = data_folder()
    if folder is None:
        raise LabError("The task sick needs the file SICK.txt; set LAYER_LAB_DATA to the folder that holds it.")
    if not (folder / "SICK.txt").is_file():
        raise LabError(f"There is no SICK.txt in {folder}, the folder named by LAYER_LAB_DATA; put it there.")
    return folder / "SICK.txt"


def load() -> Task:
    """Load the task: TRAIN and TRIAL are train; the pairs of TEST are divided into validation and test by groups that share no sentence.

    Two TEST pairs are in one group when they share a sentence, directly or through other pairs. A group goes whole to one
    half, so no test sentence was looked at while choosing on validation; groups are also the clusters of the bootstrap.
    LabError with one sentence when the file is missing or is not SICK's.
    """
    file = path()
    table = tables.read(file, COLUMNS, Reading("utf-8-sig", "\t", "")).columns
    rows: dict[str, list[tuple[str, str, int]]] = {"train": [], "test": []}
    for number, (first, second, label, part) in enumerate(zip(*(table[column] for column in COLUMNS)), 1):
        first, second, label, part = first.strip(), second.strip(), label.strip().lower(), part.strip().upper()
        if label not in LABELS:
            raise LabError(f"SICK.txt, row {number:,}, has the label {label[:40]!r}; it must be one of {', '.join(LABELS)}.")
        if part not in PARTS:
            raise LabError(f"SICK.txt, row {number:,}, has the split {part[:40]!r}; it must be TRAIN, TRIAL or TEST.")
        if not (first and second):
            raise LabError(f"SICK.txt, row {number:,}, has an empty sentence.")
        rows[PARTS[part]].append((first, second, LABELS.index(label)))
    for part, found in rows.items():
        if len(found) < 2:
            raise LabError(f"SICK.txt has {len(found)} pairs for {part}; the file is not whole.")
    train, held = (_split(rows[part]) for part in ("train", "test"))
    validation, test = (held.take(positions) for positions in deal(held, held.clusters, (0.5, 0.5)))
    if not (len(validation) and len(test)):
        raise LabError("In SICK.txt all TEST pairs hang together by shared sentences, so they cannot be divided; use the whole file.")
    splits = {"train": train, "validation": validation, "test": test}
    return Task("sick", LABELS, **splits, card=_card(splits, held))


def _split(rows: list[tuple[str, str, int]]) -> Split:
    first, second, labels = zip(*rows)
    return Split(first, second, labels, clusters=connected(first, second))


def _card(splits: dict[str, Split], held: Split) -> str:
    groups = {name: len(set(split.clusters)) for name, split in splits.items()}
    largest = max(held.clusters.count(group) for group in set(held.clusters))
    return "\n\n".join([
        "Sentence pairs labelled by people for entailment: SICK, Sentences Involving Compositional Knowledge "
        "(Marelli et al., LREC 2014; SemEval-2014 Task 1). Licence CC BY-NC-SA 3.0: the file is yours to supply, and is "
        "never part of this program.",
        "Train is the file's TRAIN and TRIAL. Its TEST pairs were divided into validation and test by groups of pairs that "
        f"share a sentence, directly or through others: {len(set(held.clusters)):,} groups, the largest of {largest:,} pairs; "
        f"{groups['validation']:,} went to validation and {groups['test']:,} to test, so the two share no sentence.",
        cards.sizes(LABELS, splits),
        f"{cards.overlap_sentence(splits['train'], splits['test'])} This lies in how SICK was made, and makes test accuracy a little flattering.",
        f"Always guessing the most frequent label gives {splits['test'].majority():.1%} on test; since the labels are so uneven, "
        "macro-F1 (the mean of the F1 of the three labels) is reported beside accuracy.",
    ])

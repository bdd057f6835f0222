"""Which column holds which figure: from the words of its title, from what stands beside it, or, where two claim one figure, from the person asked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import LabError

PLACES = {
    "strategy": ("strategy", "student layer", "student layers", "student", "layer strategy", "method", "name", "choice", "run", "run name"),
    "epoch": ("epoch", "epochs", "train epoch", "ep"), "step": ("step", "steps", "global step", "train global step", "iteration", "iterations"),
    "layers": ("layers", "layers copied", "copied layers"),
}
SPLITS = {
    "train": {"train", "training", "trn"}, "validation": {"val", "valid", "validation", "eval", "evaluation", "dev"}, "test": {"test", "testing"},
}
KINDS = {"loss": "loss", "acc": "accuracy", "accuracy": "accuracy"}
FILL = {"average", "avg", "mean", "epoch", "step", "categorical", "sparse", "binary", "multiclass", "micro", "top", "1", "set", "dataloader", "idx"}
FIGURES = {
    "train_loss": "training loss", "val_loss": "validation loss", "train_accuracy": "training accuracy", "val_accuracy": "validation accuracy",
    "rate": "learning rate", "gradient": "gradient norm",
}
OF = {("loss", "train"): "train_loss", ("loss", "validation"): "val_loss", ("accuracy", "train"): "train_accuracy",
      ("accuracy", "validation"): "val_accuracy"}


class TwoColumns(LabError):
    """Two or more columns claim one figure. figure: its name in words. columns: their titles. question: the sentence without the option."""

    def __init__(self, figure: str, columns: Sequence[str]):
        self.figure, self.columns = figure, tuple(columns)
        shown = " and ".join(repr(column) for column in columns)
        self.question = f"The columns {shown} {'both' if len(columns) == 2 else 'all'} claim to be the {figure}; choose one."
        super().__init__(f"{self.question[:-1]}, for example with --use {columns[0]!r}.")


@dataclass(frozen=True)
class Title:
    """What a column's title says. kind: loss or accuracy. split: train, validation, test, or "" where it names none. sure: whether every word of it
    is known: 'balanced accuracy' and 'kd loss' are other figures. by_step: whether it says that it is of single steps."""

    kind: str
    split: str
    sure: bool
    by_step: bool = False


def words_of(title: str) -> list[str]:
    """'eval/accuracy (%)' -> eval, accuracy; the number of a dataloader is left out."""
    return re.findall(r"[a-z]+|\d+", re.sub(r"dataloader_idx_\d+", "", title.lower()))


def place(title: str) -> str | None:
    """Return strategy, epoch, step or layers for a column that says where a line belongs."""
    words = " ".join(word for word in words_of(title) if word.isalpha())
    return next((name for name, titles in PLACES.items() if words in titles), None)


def other_figure(title: str) -> str | None:
    """Return rate or gradient for a learning rate ('lr', 'train/learning_rate', 'lr-AdamW/pg1') or a gradient's norm."""
    words = [word for word in words_of(title) if word not in SPLITS["train"]]
    if words[:1] == ["lr"] or words[:2] == ["learning", "rate"]:
        return None if set(words) & {"decay", "scheduler", "min", "max", "base"} else "rate"
    return "gradient" if words in (["grad", "norm"], ["gradient", "norm"]) else None


def read_title(title: str) -> Title | None:
    """Return what a title says of a loss or an accuracy; None where it speaks of neither."""
    words = words_of(title)
    kinds = {KINDS[word] for word in words if word in KINDS}
    if len(kinds) != 1:
        return None
    splits = [name for name, spellings in SPLITS.items() if spellings & set(words)]
    known = set().union(*SPLITS.values(), KINDS, FILL)
    return Title(kinds.pop(), splits[0] if splits else "", len(splits) < 2 and set(words) <= known, "step" in words)


def resolve(filled: Mapping[str, Mapping[int, str]], use: Sequence[str] = (), bare: str = "") -> tuple[dict[str, str], tuple[str, ...]]:
    """Return (figure -> column, the columns of losses and accuracies that are left).

    filled: by column, in order, its cells that are not empty by line. use: titles that a person chose. bare: the split of titles that name none; ""
    decides from what stands beside them. TwoColumns where two claim one figure; LabError where a chosen column is none."""
    titles = {column: title for column in filled if filled[column] and (title := read_title(column))}
    chosen = [_chosen(name, filled) for name in use]
    used = {}
    for column in filled:
        figure = other_figure(column)
        if figure and filled[column]:
            used.setdefault(figure, column)
    for kind in ("loss", "accuracy"):
        used |= _of_kind(kind, {c: t for c, t in titles.items() if t.kind == kind}, filled, chosen, bare)
    return used, tuple(column for column in titles if column not in used.values())


def _chosen(name: str, filled: Mapping) -> str:
    column = next((column for column in filled if column.lower() == name.strip().lower()), None)
    if column is None:
        raise LabError(f"There is no column {name[:40]!r}; there are {', '.join(repr(column[:40]) for column in list(filled)[:12])}.")
    if read_title(column) is None:
        raise LabError(f"The column {column[:40]!r} is neither a loss nor an accuracy, so it cannot be read as one.")
    return column


def _of_kind(kind: str, titles: Mapping[str, Title], filled: Mapping, chosen: Sequence[str], bare: str) -> dict[str, str]:
    """The columns of one kind, by figure."""
    groups: dict[str, list[str]] = {"train": [], "validation": [], "test": [], "": []}
    for column, title in titles.items():
        if title.sure:
            groups[title.split].append(column)
    groups[bare or _bare(kind, groups)] += groups.pop("")
    for split, columns in groups.items():
        whole = [column for column in columns if not titles[column].by_step]
        groups[split] = whole or columns
    validation, test = groups["validation"], groups["test"]
    if not validation or any(_beside(filled[a], filled[b]) for a in validation for b in test):
        validation = validation + test
    used = {}
    for split, claims in (("train", groups["train"]), ("validation", validation)):
        mine = [column for column in chosen if column in titles and _split(titles[column], kind, groups, column) == split]
        claims = mine[-1:] or _different(claims, filled)
        if len(claims) > 1:
            raise TwoColumns(FIGURES[OF[kind, split]], claims)
        used |= {OF[kind, split]: claims[0]} if claims else {}
    return used


def _beside(validation: Mapping[int, str], test: Mapping[int, str]) -> bool:
    """Whether a test's figures stand beside the validation's; in a line of their own, or at the end alone, they are the last word, not a claim."""
    return len(validation.keys() & test.keys()) > (len(validation) > 1)


def _bare(kind: str, groups: Mapping[str, list[str]]) -> str:
    """The split of a title that names none: 'loss' is the training's where that has no other column, 'accuracy' only beside a validation's."""
    if kind == "loss":
        return "validation" if groups["train"] and not groups["validation"] and not groups["test"] else "train"
    return "train" if groups["validation"] and not groups["train"] else "validation"


def _split(title: Title, kind: str, groups: Mapping[str, list[str]], column: str) -> str:
    """Where a column that a person chose belongs."""
    if title.split:
        return "train" if title.split == "train" else "validation"
    return "train" if column in groups["train"] or (kind == "loss" and column not in groups["validation"]) else "validation"


def _different(columns: Sequence[str], filled: Mapping) -> list[str]:
    """The columns without those that repeat another one's cells."""
    kept: list[str] = []
    for column in columns:
        if not any(filled[column] == filled[other] for other in kept):
            kept.append(column)
    return kept

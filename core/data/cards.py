"""The computed part of a task's card: sizes, baselines, overlap. Markdown; text from data is escaped."""

import re

from core.data.splitting import key
from core.data.task import Split


def plain(text) -> str:
    """Return text from data or users, on one line, with nothing in it that markdown or HTML would act on."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|$~:&-])", r"\\\1", " ".join(str(text).split()))


def sizes(labels: tuple[str, ...], splits: dict[str, Split]) -> str:
    """Write a table: per split its size, its count of each label and the majority baseline."""
    lines = ["| split | examples | " + " | ".join(plain(label) for label in labels) + " | majority baseline |"]
    lines.append("|---|" + "---:|" * (len(labels) + 2))
    for name, split in splits.items():
        counts = " | ".join(f"{split.labels.count(i):,}" for i in range(len(labels)))
        lines.append(f"| {name} | {len(split):,} | {counts} | {split.majority():.1%} |")
    return "\n".join(lines)


def overlap_sentence(train: Split, part: Split, name: str = "test") -> str:
    """Say in how many examples of a part one text, and in how many every text, also occurs in train. name: the part's."""
    some, every = _overlap(train, part)
    if part.second is None:
        return f"{some:.1%} of the {name} texts also occur in train."
    return f"Of the {name} pairs {some:.1%} share at least one text with train, and in {every:.1%} both texts occur there."


def _overlap(train: Split, part: Split) -> tuple[float, float]:
    texts = lambda split: [split.first] if split.second is None else [split.first, split.second]
    seen = {key(text) for column in texts(train) for text in column}
    hits = [[key(text) in seen for text in row] for row in zip(*texts(part))]
    return sum(map(any, hits)) / len(hits), sum(map(all, hits)) / len(hits)


def weaknesses(labels: tuple[str, ...], splits: dict[str, Split]) -> list[str]:
    """Say what in the data themselves weakens the figures: validation examples that are in train, one example with two labels, absent classes.

    splits: train, validation and test. No sentence for what is as it should be.
    """
    said = []
    if any(_overlap(splits["train"], splits["validation"])):
        said.append(overlap_sentence(splits["train"], splits["validation"], "validation"))
    examples = {name: _examples(split) for name, split in splits.items()}
    seen: dict[tuple[str, ...], int] = {}
    torn = {example for name, split in splits.items() for example, label in zip(examples[name], split.labels)
            if seen.setdefault(example, label) != label}
    if torn:
        what = "texts" if splits["train"].second is None else "pairs"
        rows = {name: sum(example in torn for example in rows) for name, rows in examples.items()}
        where = ", ".join(f"{n:,} of {name}" for name, n in rows.items() if n)
        said.append(f"{sum(rows.values()):,} examples ({where}) are {what} that occur with two labels or more ({len(torn):,} different {what}), "
                    "so no student can name all of them as the data do.")
    for name in ("validation", "test"):
        absent = [plain(label) for i, label in enumerate(labels) if i not in splits[name].labels]
        if absent:
            said.append(f"There is no {' and no '.join(absent)} in {name}; macro-F1 there is the mean over the classes that occur or are named.")
    return said


def _examples(split: Split) -> list[tuple[str, ...]]:
    return [tuple(map(key, texts)) for texts in zip(split.first, *([] if split.second is None else [split.second]))]

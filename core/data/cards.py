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


def overlap_sentence(train: Split, test: Split) -> str:
    """Say in how many examples of test one text, and in how many every text, also occurs in train."""
    texts = lambda split: [split.first] if split.second is None else [split.first, split.second]
    seen = {key(text) for column in texts(train) for text in column}
    hits = [[key(text) in seen for text in row] for row in zip(*texts(test))]
    some, every = sum(map(any, hits)) / len(hits), sum(map(all, hits)) / len(hits)
    if test.second is None:
        return f"{some:.1%} of the test texts also occur in train."
    return f"Of the test pairs {some:.1%} share at least one text with train, and in {every:.1%} both texts occur there."

"""The computed part of a task's card: sizes, baselines, overlap. Markdown; text from data is escaped."""

import re

from core.data.splitting import key
from core.data.task import Split

# what a page of Streamlit obeys in escaped text too: links (http://, www., an address of mail), names between colons (icons, emoji), arrows of signs
OBEYED = re.compile(r"https?(?=://)|www(?=\.)|(?<=[-.+\w])@(?=[-\w]+\.[-\w])|:(?=[-+\w]+:)|(?<!\S)[<>~-](?=(?:->|>|-|=)(?!\S))", re.IGNORECASE)
JOINER = "\N{WORD JOINER}"  # unseen, and no line ends there


def inert(text: str) -> str:
    """Return text in which no page makes links, icons or arrows of what looks like them."""
    return OBEYED.sub(rf"\g<0>{JOINER}", text)


def plain(text) -> str:
    """Return text from data or users, on one line, with nothing in it that markdown or HTML would act on."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|$~:&-])", r"\\\1", inert(" ".join(str(text).split())))


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


def weaknesses(labels: tuple[str, ...], splits: dict[str, Split], least: float = 0.0) -> list[tuple[str, str]]:
    """Return what in the data themselves weakens the figures, as kind and sentence: "overlap" of validation with train, "two-labels" of one
    example, an "absent" class; nothing of what is as it should be.

    labels: the classes as they are to be shown. splits: train, validation and test. least: a share of the examples, from 0 to 1, up to which
    the first two are not said.
    """
    examples = {name: _examples(split) for name, split in splits.items()}
    what, said = "texts" if splits["train"].second is None else "pairs", []
    there, n = set(examples["train"]), len(examples["validation"])
    twice = sum(example in there for example in examples["validation"])
    if twice > least * n:
        said.append(("overlap", f"{twice:,} of the {n:,} validation {what} also occur in train, so what was learnt by heart counts there as known."))
    seen: dict[tuple[str, ...], int] = {}
    torn = {example for name, split in splits.items() for example, label in zip(examples[name], split.labels)
            if seen.setdefault(example, label) != label}
    rows = {name: sum(example in torn for example in column) for name, column in examples.items()}
    if sum(rows.values()) > least * sum(map(len, examples.values())):
        where = ", ".join(f"{count:,} of {name}" for name, count in rows.items() if count)
        said.append(("two-labels", f"{sum(rows.values()):,} examples ({where}) are {what} that occur with two labels or more ({len(torn):,} "
                                   f"different {what}), so no student can name all of them as the data do."))
    for name in ("validation", "test"):
        absent = [label for i, label in enumerate(labels) if i not in splits[name].labels]
        if absent:
            which = f"There is no {' and no '.join(absent)} in {name}"
            said.append(("absent", f"{which}; macro-F1 there is the mean over the classes that occur or are named."))
    return said


def _examples(split: Split) -> list[tuple[str, ...]]:
    return [tuple(map(key, texts)) for texts in zip(split.first, *([] if split.second is None else [split.second]))]

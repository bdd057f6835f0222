"""Which examples belong together, and how they are dealt out to splits: the same on every machine, whatever the row order."""

import hashlib
from collections import Counter
from dataclasses import replace

from core.data.task import Split

LARGEST_GROUP = 0.1  # above this share of all examples (and 10 of them), groups by shared text no longer make a fair split


def key(text: str) -> str:
    """Return what decides whether two texts are the same: white space and case do not count."""
    return " ".join(text.split()).casefold()


def connected(first, second=None) -> tuple[int, ...]:
    """Return for each example the number of its group; examples are connected when they share a text, directly or through others.

    Groups are numbered in order of appearance. For single texts a group holds the repeats of one text.
    """
    if not len(first):
        return ()
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    numbers: dict[str, int] = {}
    one, other = ([numbers.setdefault(key(text), len(numbers)) for text in texts] for texts in (first, second or first))
    links = coo_array(([1] * len(one), (one, other)), shape=(len(numbers), len(numbers)))
    groups: dict[int, int] = {}
    component = connected_components(links, directed=False)[1].tolist()
    return tuple(groups.setdefault(component[text], len(groups)) for text in one)


def grouped(first, second=None) -> tuple[int, ...]:
    """Return `connected`, unless one group holds over a tenth of the examples and over 10: then only repeats of a pair stay together."""
    groups = connected(first, second)
    if second is None or max(Counter(groups).values(), default=0) <= max(10, LARGEST_GROUP * len(groups)):
        return groups
    return connected(["\n".join((key(a), key(b))) for a, b in zip(first, second)])


def deal(split: Split, groups, shares) -> list[tuple[int, ...]]:
    """Deal the positions to the shares, ascending: every group goes whole to one share, label proportions are kept as closely as groups allow.

    split: N examples. groups: N group numbers. shares: positive, adding up to 1. Groups go in order of size, then of the
    sha256 of their text, each to the share whose label counts it brings nearest to the target (for groups of one this is
    Webster's method of apportionment), so neither row order nor a random generator has a say.
    """
    members: dict[int, list[int]] = {}
    for i, group in enumerate(groups):
        members.setdefault(group, []).append(i)
    seconds = split.second or [""] * len(split)
    digest = [hashlib.sha256(f"{key(a)}\n{key(b)}".encode()).hexdigest() for a, b in zip(split.first, seconds)]
    order = sorted(members.values(), key=lambda rows: (-len(rows), min(digest[i] for i in rows)))
    totals = Counter(split.labels)
    have = [Counter() for _ in shares]
    dealt: list[list[int]] = [[] for _ in shares]
    for rows in order:
        counts = Counter(split.labels[i] for i in rows)

        def cost(s: int, counts=counts) -> float:
            targets = {label: shares[s] * totals[label] for label in counts}
            return sum(n * (n + 2 * (have[s][label] - targets[label])) / targets[label] for label, n in sorted(counts.items()))

        best = min(range(len(shares)), key=cost)
        have[best] += counts
        dealt[best] += rows
    return [tuple(sorted(rows)) for rows in dealt]


def complete(parts: dict[str, Split], test_from: str = "train") -> tuple[dict[str, Split], list[str]]:
    """Return train, validation and test with clusters, and a sentence for the card about each part that was carved.

    parts: "train", and "validation" and "test" where there are any. A missing part is a tenth of train; with
    test_from="validation" a missing test part is half of validation instead.
    """
    parts, notes = dict(parts), []
    missing = [name for name in ("validation", "test") if name not in parts]
    if missing == ["test"] and test_from == "validation":
        whole = parts["validation"]
        halves = deal(whole, grouped(whole.first, whole.second), (0.5, 0.5))
        parts["validation"], parts["test"] = (whole.take(rows) for rows in halves)
        notes.append("There is no labelled test part: validation was split in two halves, with the label shares kept.")
    elif missing:
        whole, rest = parts["train"], 1 - len(missing) / 10
        dealt = deal(whole, grouped(whole.first, whole.second), (rest, *(0.1 for _ in missing)))
        for name, rows in zip(["train", *missing], dealt):
            parts[name] = whole.take(rows)
        notes.append(f"A tenth of the rows each was set aside for {' and '.join(missing)}, with the label shares kept.")
    for name in ("validation", "test"):
        split = parts[name]
        groups = grouped(split.first, split.second)
        parts[name] = replace(split, clusters=groups if len(set(groups)) < len(groups) else None)
    return parts, notes

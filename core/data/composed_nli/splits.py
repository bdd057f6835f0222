"""Templates to splits: balanced labels, no premise in two splits, held-out word pairs kept out of train."""

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from . import taxonomy as words
from .items import C, E, N, Template
from .phenomena import TEMPLATES, WEIGHTS
from .taxonomy import plural

SIZES = {"train": 8000, "validation": 2000, "test": 3000}
UNSEEN_SHARE = 0.3  # of the test split


@dataclass(frozen=True)
class Pair:
    premise: str
    hypothesis: str
    label: int  # index into LABELS
    phenomenon: str
    template: str
    seen: bool  # the template occurs in train
    held_out_words: bool  # uses a pair of words that never occurs together in train


def _held_out() -> frozenset[frozenset[str]]:
    """Choose about one in six of the related pairs (kind and member, two members, contraries) and of the pairs of people."""
    pairs = [(m, kind) for kind, members in words.KINDS.items() for m in members]
    pairs += [pair for members in words.KINDS.values() for pair in combinations(members, 2)]
    pairs += _CONTRARIES
    chosen = [pair for pair in pairs if _digest(pair) % 6 == 0]
    chosen += [pair for pair in combinations(words.PEOPLE, 2) if _digest(pair) % 10 == 0]
    return frozenset(map(frozenset, chosen))


def _digest(pair: Sequence[str]) -> int:
    return int.from_bytes(hashlib.sha256(" ".join(pair).encode()).digest()[:4], "big")


_NOUNS = [noun for kind, members in words.KINDS.items() for noun in (kind, *members)] + list(words.PEOPLE)
_CONTRARIES = [(one, other) for one, other, *_ in (*words.PERSON_CONTRARIES, *words.THING_CONTRARIES)]
# Surface form -> noun or adjective, for every word that can be part of a held-out pair.
FORMS = {form: noun for noun in _NOUNS for form in (noun, plural(noun))} | {word: word for pair in _CONTRARIES for word in pair}
HELD_OUT = _held_out()  # only asked for membership, never iterated over


def held_out_words(text: str) -> bool:
    """Return whether `text` (premise and hypothesis) holds both words of a held-out pair."""
    found = sorted({FORMS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in FORMS})
    return any(frozenset(pair) in HELD_OUT for pair in combinations(found, 2))


def _group(rng: random.Random, templates: dict[str, Template]) -> tuple[str, list[tuple[str, str, int]]]:
    """Draw a template's name, and one premise of each label for one hypothesis of it."""
    name = rng.choices(list(templates), weights=[WEIGHTS.get(name, 1.0) for name in templates])[0]
    made = templates[name](rng)
    return name, [(rng.choice([p for p, kind in made.premises if kind == label]), made.hypothesis, label) for label in (E, N, C)]


def generate(seed: int = 0) -> dict[str, tuple[Pair, ...]]:
    """Make the three splits, a function of `seed` alone: {"train": 8000, "validation": 2000, "test": 3000} pairs."""
    rng = random.Random(f"composed-nli {seed}")
    split_of: dict[str, str] = {}  # premise -> its split
    known: set[tuple[str, str]] = set()  # pairs already made
    splits: dict[str, tuple[Pair, ...]] = {}
    for split, size in SIZES.items():
        pairs: list[Pair] = []
        for index, (phenomenon, (seen, unseen)) in enumerate(TEMPLATES.items()):
            quota = size // len(TEMPLATES) + (index < size % len(TEMPLATES))
            made: list[Pair] = []
            while len(made) < quota:
                # a fixed pattern, not a draw, keeps the share of unseen templates exact
                hidden = split == "test" and len(made) >= (1 - UNSEEN_SHARE) * quota
                name, group = _group(rng, unseen if hidden else seen)
                flags = [held_out_words(f"{p} {h}") for p, h, _ in group]
                if split == "train" and any(flags):
                    continue
                if any(split_of.get(p, split) != split or (p, h) in known for p, h, _ in group):
                    continue
                for (premise, hypothesis, label), flag in zip(group, flags, strict=True):
                    split_of[premise] = split
                    known.add((premise, hypothesis))
                    made.append(Pair(premise, hypothesis, label, phenomenon, f"{phenomenon}/{name}", not hidden, flag))
            # A last group that does not fit loses labels in turn, so that the excess evens out over the phenomena.
            for offset in range(len(made) - quota):
                drop = (index + offset) % 3
                del made[max(i for i, pair in enumerate(made) if pair.label == drop)]
            pairs += made
        rng.shuffle(pairs)
        splits[split] = tuple(pairs)
    return splits

"""How many: quantifiers and their direction of inference, restrictive clauses under them, numerals.

Labels are not written down but computed: quantifiers by going through all small worlds, numerals by comparing intervals.
"""

import random
from collections.abc import Callable
from itertools import product

from . import taxonomy as words
from .items import C, E, Item, N, item, template
from .taxonomy import plural

QUANTIFIERS = ("all", "some", "no", "most", "not all")


def holds(quantifier: str, inside: int, outside: int) -> bool:
    """Return whether 'Q As are B' with `inside` As that are B and `outside` that are not."""
    return {"all": outside == 0, "some": inside > 0, "no": inside == 0, "most": inside > outside, "not all": outside > 0}[quantifier]


def quantifier_label(premise: tuple[str, bool], hypothesis: tuple[str, bool]) -> int:
    """Compute the label for (quantifier, is the subject the specific class?) sentences with one predicate.

    Goes through all worlds with up to three members of each of four regions (specific or only general, inside or outside
    the predicate). The specific class has a member in each world: the existential import of the card.
    """
    seen = set()
    for s_in, s_out, g_in, g_out in product(range(4), repeat=4):
        counts = {True: (s_in, s_out), False: (s_in + g_in, s_out + g_out)}
        if s_in + s_out > 0 and holds(premise[0], *counts[premise[1]]):
            seen.add(holds(hypothesis[0], *counts[hypothesis[1]]))
    return E if seen == {True} else C if seen == {False} else N


SCHEMAS = tuple(product(QUANTIFIERS, (True, False)))
QUANTIFIER_LABELS = {(p, h): quantifier_label(p, h) for p in SCHEMAS for h in SCHEMAS if p != h}


def even_weights(labels: dict[tuple, int], rounds: int = 60) -> dict[tuple, float]:
    """Compute weights of (premise schema, hypothesis schema) cells under which neither schema alone tells the label.

    Iterative proportional fitting (Deming & Stephan 1940) to equal label shares for every hypothesis schema, then for
    every premise schema as far as its cells allow; hypotheses come last, so they are exact.
    """
    weights = {cell: 1.0 for cell in labels}
    for step in range(2 * rounds):
        side = step % 2  # 0: premise schemas, 1: hypothesis schemas
        sums: dict[tuple, float] = {}
        for cell, label in labels.items():
            sums[cell[side], label] = sums.get((cell[side], label), 0.0) + weights[cell]
        for cell, label in labels.items():
            weights[cell] /= max(sums[cell[side], label], 1e-9)
    return weights


QUANTIFIER_WEIGHTS = even_weights(QUANTIFIER_LABELS)
# Hypothesis schemas for which every label has a premise.
ASKABLE = tuple(h for h in SCHEMAS if {QUANTIFIER_LABELS[p, h] for p in SCHEMAS if p != h} == {E, N, C})


def drawn(rng: random.Random, labels: dict[tuple, int], hypothesis: tuple, weights: dict[tuple, float] | None = None) -> list[tuple[tuple, int]]:
    """Draw one premise schema for each label, by weight where there is one."""
    chosen = []
    for label in (E, N, C):
        cells = [cell for cell in labels if cell[1] == hypothesis and labels[cell] == label]
        premise, _ = rng.choices(cells, weights=[weights[cell] for cell in cells] if weights else None)[0]
        chosen.append((premise, label))
    return chosen


@template
def quantified(rng: random.Random, classes: Callable[[random.Random], tuple[str, str, str]], of_the: bool = False) -> Item:
    specific, general, state = classes(rng)

    def text(schema: tuple[str, bool]) -> str:
        opening = f"{schema[0]} of the".replace("no of", "none of") if of_the else schema[0]
        return f"{opening} {specific if schema[1] else general} are {state}"

    hypothesis = rng.choice(ASKABLE)
    return item(text(hypothesis), [(text(p), label) for p, label in drawn(rng, QUANTIFIER_LABELS, hypothesis, QUANTIFIER_WEIGHTS)])


def kinds(rng: random.Random) -> tuple[str, str, str]:
    kind = rng.choice(tuple(words.STATES))
    return plural(rng.choice(words.KINDS[kind])), plural(kind), rng.choice(words.STATES[kind])


def modified(rng: random.Random) -> tuple[str, str, str]:
    noun = plural(rng.choice(words.PEOPLE))
    return f"{rng.choice(words.MODIFIERS_PERSON)} {noun}", noun, rng.choice(words.PERSON_STATES)


def clause_bound(rng: random.Random) -> tuple[str, str, str]:
    noun = plural(rng.choice(words.PEOPLE))
    return f"{noun} who {rng.choice(words.CLAUSES)}", noun, rng.choice(words.PERSON_STATES)


# Numerals: a quantity is (wording, n); its interval is closed.
BOUNDS = ("at least", "more than", "at most", "fewer than", "exactly")


def interval(bound: str, n: int) -> tuple[int, int]:
    return {"at least": (n, 99), "more than": (n + 1, 99), "at most": (0, n), "fewer than": (0, n - 1), "exactly": (n, n)}[bound]


def numeral_label(premise: tuple[str, int], hypothesis: tuple[str, int]) -> int:
    (low, high), (a, b) = interval(*premise), interval(*hypothesis)
    return E if a <= low and high <= b else C if high < a or b < low else N


QUANTITIES = tuple(product(BOUNDS, words.NUMBERS))
NUMERAL_LABELS = {(p, h): numeral_label(p, h) for p in QUANTITIES for h in QUANTITIES if p != h}
COUNTABLE = tuple(h for h in QUANTITIES if {NUMERAL_LABELS[c] for c in NUMERAL_LABELS if c[1] == h} == {E, N, C})


def amount(quantity: tuple[str, int], noun: str) -> str:
    return f"{quantity[0]} {words.NUMBERS[quantity[1]]} {noun}"


@template
def counted(rng: random.Random, wording: str) -> Item:
    nouns, states = rng.choice(words.COUNTED)
    noun, state = rng.choice(nouns), rng.choice(states)
    hypothesis = rng.choice(COUNTABLE)
    return item(f"{amount(hypothesis, noun)} {state}",
                [(wording.format(amount(p, noun), state), label) for p, label in drawn(rng, NUMERAL_LABELS, hypothesis)])


@template
def counted_twice(rng: random.Random, wording: str) -> Item:
    """'At least three dogs and exactly five cats are asleep': the same bounds and numbers, given to the two nouns in all ways."""
    nouns, states = rng.choice(words.COUNTED)
    (x, y), state = rng.sample(nouns, 2), rng.choice(states)
    while True:
        bounds, numbers = rng.sample(BOUNDS, 2), rng.sample(tuple(words.NUMBERS), 2)
        hypothesis = (rng.choice(BOUNDS), rng.choice(numbers))
        premises = []
        for (b, c), (m, n) in product((bounds, bounds[::-1]), (numbers, numbers[::-1])):
            label, these, those = numeral_label((b, m), hypothesis), amount((b, m), x), amount((c, n), y)
            if (b, m) != hypothesis:
                premises += [(wording.format(these, those, state), label), (wording.format(those, these, state), label)]
        if {label for _, label in premises} == {E, N, C}:
            return item(f"{amount(hypothesis, x)} {state}", premises)


TEMPLATES = {
    "quantifiers": ({"kinds": quantified(kinds), "modified": quantified(modified)},
                    {"kinds-of-the": quantified(kinds, of_the=True), "modified-of-the": quantified(modified, of_the=True)}),
    "numerals": ({"one": counted("{0} {1}"), "twice": counted_twice("{0} and {1} {2}")},
                 {"today": counted("{0} {1} today"), "as-well-as": counted_twice("{0}, as well as {1}, {2}")}),
}

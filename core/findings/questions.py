"""The other questions that the saved runs answer, with a sentence from each landscape that bears on them."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.findings.evidence import UNTRAINED, Choice
from core.findings.finding import names, p_value, percent, signed
from core.findings.landscape import Landscape, fullest
from core.findings.names import budget_name, choice_name, pair_text
from core.findings.two_landscapes import SettingChange, SharedOrder, arithmetic, compare_settings, differing_by, longer, second_teachers
from core.objectives import LOSSES
from core.recipe import count_of_layers
from core.statistics.holm import LEVEL
from core.statistics.ranking import Agreement


@dataclass(frozen=True)
class Question:
    """title: as a question. answers: sentences with figures; empty where no saved run can tell."""

    title: str
    answers: tuple[str, ...]


def questions(found: Sequence[Landscape]) -> list[Question]:
    """Answer every question from the landscapes of all saved runs."""
    return [
        Question("Does distilling help, beside labels alone at equal steps?", tuple(distilling(found))),
        Question("Do trained layers help, beside untrained ones?", tuple(control(found))),
        Question("Does the teacher's head help, beside one drawn anew?", tuple(head(found))),
        Question("Does it matter which teacher layers the losses compare?", tuple(mapping(found))),
        Question("Does the order of the layers matter?", tuple(order(found))),
        Question("Do order and gaps survive longer training?", tuple(longer_training(found))),
        Question("Would another teacher say the same?", tuple(another_teacher(found))),
        Question("Would a machine that computes in float32, not in bfloat16, say the same?", tuple(another_arithmetic(found))),
    ]


def distilling(found: Sequence[Landscape]) -> Iterable[str]:
    """Compare labels and soft targets with cross-entropy alone, whatever else is equal."""
    usual = [one for one in found if one.settings["objective"]["name"] == "cross-entropy"]
    for labels in usual:
        rest = lambda one: (one.pair, one.ground, one.k, one.settings | {"objective": None})
        for other in found:
            same = rest(other) == rest(labels)
            if same and other.settings["objective"]["name"] == "hinton" and (both := compare_settings(labels, other)):
                yield f"{where(labels)}: soft targets beside labels change accuracy by {_differences(both)}"


def control(found: Sequence[Landscape]) -> Iterable[str]:
    """Compare every choice of trained layers with the untrained control, in the fullest landscape of each teacher, task and size that has one."""
    with_control = [one for one in found if UNTRAINED in one.runs and one.choices and one.settings["budget"]["epochs"]]
    for about in dict.fromkeys((one.pair, one.k) for one in with_control):
        one = fullest([each for each in with_control if (each.pair, each.k) == about])
        worst = min(one.choices, key=one.means.get)
        low, least = percent(one.means[UNTRAINED]), percent(one.means[worst])
        reached = f"untrained layers reach {low}, the worst choice, {choice_name(worst, one.layers)}, {least}"
        yield f"{where(one)}: {reached}. {_verdicts(one, UNTRAINED, one.choices)}"


def head(found: Sequence[Landscape]) -> Iterable[str]:
    """Compare a copied head with a fresh one."""
    fresh = lambda settings: None if settings["seeding"]["fresh_head"] else settings | {"seeding": settings["seeding"] | {"fresh_head": True}}
    for usual, other in differing_by(found, fresh):
        if both := compare_settings(usual, other):
            yield f"{where(usual)}: a head drawn anew in place of the teacher's changes accuracy by {_differences(both)}"


def mapping(found: Sequence[Landscape]) -> Iterable[str]:
    """Compare the seeding layers with evenly spaced ones as what the losses compare with: an effect of the mapping, none of the seeding."""

    def uniform(settings: dict) -> dict | None:
        objective = settings["objective"]
        mapped = objective["match"] == "seeding" and any(loss in LOSSES and LOSSES[loss].between_layers for loss in objective["weights"])
        return settings | {"objective": objective | {"match": "uniform"}} if mapped else None

    for usual, other in differing_by(found, uniform):
        if both := compare_settings(usual, other):
            answer = f"{where(usual)}, {usual.settings['objective']['name']}: comparing evenly spaced teacher layers in place of those that seeded"
            yield f"{answer} changes accuracy by {_differences(both)}"


def order(found: Sequence[Landscape]) -> Iterable[str]:
    """Compare the same layers in other orders with the ascending one."""
    for one in found:
        others = [choice for choice in one.runs if choice != UNTRAINED and len(set(choice)) == len(choice) and list(choice) != sorted(choice)]
        for ascending in dict.fromkeys(tuple(sorted(choice)) for choice in others):
            moved = [choice for choice in others if tuple(sorted(choice)) == ascending]
            if ascending in one.runs:
                values = "; ".join(f"{','.join(map(str, choice))} {signed(one.means[choice] - one.means[ascending])}" for choice in moved)
                yield f"{where(one)}, {choice_name(ascending, one.layers)} in another order: {values}. {_verdicts(one, ascending, moved)}"


def longer_training(found: Sequence[Landscape]) -> Iterable[str]:
    """Compare runs of more epochs with full runs."""
    for one in longer(found):
        usual, other = one.usual, one.longer
        values = "; ".join(
            f"{choice_name(choice, usual.layers)} {percent(other.means[choice])} ({percent(usual.means[choice])})" for choice in one.common
        )
        before, after = one.gaps
        answer = f"{where(other)}, in place of {budget_name(usual.one)} (in brackets): {values}."
        if one.distinguished is None:
            answer += " Too few seeds to say which pairs the shorter runs tell apart."
        else:
            answer += f" Of the {len(one.distinguished)} pairs that {budget_name(usual.one)} tell apart, {len(one.kept)} stand in the same order."
        yield f"{answer} The gap from the best to the worst of them goes from {100 * before:.1f} to {100 * after:.1f} points."


def another_teacher(found: Sequence[Landscape]) -> Iterable[str]:
    """Compare the students of two fine-tuning seeds of a teacher."""
    for one in second_teachers(found):
        difference = one.difference
        low, high = (signed(value) for value in difference.interval)
        more = "which the noise of seeds alone may explain" if difference.p > LEVEL else "more than the noise of seeds explains"
        answer = (
            f"{where(one.other)}: students of the teacher with another fine-tuning seed lie {signed(difference.shift)} from the usual teacher's "
            f"(95 % {low} to {high}). Besides that, one choice varies from teacher to teacher with an SD of {100 * difference.between:.2f} points, "
            f"{more} (p is {p_value(difference.p)}); from seed to seed it varies with {100 * one.usual.noise.sd:.2f}."
        )
        borrowed = " Its noise of seeds is taken to be the usual teacher's, choice by choice." if one.borrowed else ""
        yield f"{answer} {agreement_text(one.order)}{borrowed}"


def agreement_text(one: Agreement) -> str:
    """Say how far two whole orders agree, in a sentence."""
    low, high = one.ceiling_range
    interval = "" if one.interval is None else f" (95 % for the true orders: {one.interval[0]:.2f} to {one.interval[1]:.2f})"
    ceiling = f"two runs of one same order would reach {low:.2f} to {high:.2f}"
    return f"The two orders of choices agree by {one.tau:.2f}{interval}, where 1 is the same order; {ceiling}."


def shared_texts(shared: Sequence[SharedOrder]) -> list[str]:
    """Say of every two landscapes that tell pairs apart how their orders agree, and of every other landscape that its order is not known."""
    silent = {one: told for both in shared for one, told in zip((both.first, both.second), both.told, strict=True) if one in both.silent}
    few = lambda told: "has one seed a choice, which tells no" if told is None else f"tells {told or 'none'} of {shared[0].pairs}"
    unknown = "pairs apart: whether other tasks or teachers have its order is not known."
    return [_alike_text(one) for one in shared if not one.silent] + [f"{pair_text(*one.pair)} {few(told)} {unknown}" for one, told in silent.items()]


def _alike_text(one: SharedOrder) -> str:
    first, second = pair_text(*one.first.pair), pair_text(*one.second.pair)
    share = f" ({percent(one.alike / one.both)})" if one.both else ""
    return f"Of {one.pairs} pairs of choices, {first} and {second} both tell {one.both} apart; {one.alike} of these{share} stand in the same order."


def another_arithmetic(found: Sequence[Landscape]) -> Iterable[str]:
    """Compare runs in bfloat16 with the same runs in float32."""
    for one in arithmetic(found):
        n = len(one.differences)
        spread = f"{signed(statistics.mean(one.differences))} on average ({signed(min(one.differences))} to {signed(max(one.differences))})"
        answer = (
            f"{where(one.usual)}: {n} run{'s' * (n != 1)} made again in float32, all else equal, differ{'s' * (n == 1)} by {spread}, "
            f"in {min(one.differing)} to {max(one.differing)} of {one.examples} examples."
        )
        if one.usual.noise.known:
            answer += f" From seed to seed one choice varies with an SD of {100 * one.usual.noise.sd:.2f} points."
        yield answer


def where(one: Landscape) -> str:
    """Return the name of a landscape: 'MiniLM-L6 on composed-nli, 3 layers, 3 epochs'."""
    return f"{pair_text(*one.pair)}, {count_of_layers(one.k)}, {budget_name(one.one)}"


def _differences(both: SettingChange) -> str:
    """The values, which exceed noise and how large it is, and the dtypes of the runs where they are not the same."""
    layers = both.usual.layers
    values = "; ".join(f"{choice_name(choice, layers)} {signed(one.difference)}" for choice, one in both.comparisons.items())
    usual, other = both.usual.dtypes, both.other.dtypes
    made = "" if usual == other else f" These runs were made in {names(other)}, those without the change in {names(usual)}."
    if both.clear is None:
        return f"{values}. Too few seeds to say what exceeds noise.{made}"
    listed = lambda choices: f": {names([choice_name(choice, layers) for choice in choices])}" if choices else ""
    left = len(both.comparisons) - len(both.clear)
    parts = [f"{len(both.higher)} higher{listed(both.higher)}", f"{len(both.lower)} lower{listed(both.lower)}"]
    parts += [f"for {left} too few runs to tell"] if left else []
    fell = {choice: one.collapsed[choice] for one in (both.other, both.usual) for choice in both.comparisons if choice in one.collapsed}
    fallen = "; ".join(f"{count} of {choice_name(choice, layers)}" for choice, count in fell.items())
    made += f" Runs that collapsed count in their means: {fallen}." if fell else ""
    sd = f" SD from seed to seed: {100 * both.other.noise.sd:.2f} points with the change, {100 * both.usual.noise.sd:.2f} without."
    return f"{values}. Beyond noise: {'; '.join(parts)}.{sd}{made}"


def _verdicts(one: Landscape, reference: Choice, choices: Sequence[Choice]) -> str:
    """How many of the choices differ from one other of the same landscape beyond noise, tested together."""
    found = one.compare([(choice, reference) for choice in choices])
    if all(p is None for _, p in found):
        return "Too few seeds to say what exceeds noise."
    clear = [test.difference for test, p in found if p is not None and p <= LEVEL]
    above, left = sum(value > 0 for value in clear), len(choices) - len(clear)
    few = f", for {left} too few runs to tell" if left else ""
    return f"Beyond noise {above} of {len(choices)} lie above {choice_name(reference, one.layers)}, {len(clear) - above} below{few}."

"""A lesson's figures, looked up in the saved runs: what its texts name in braces, and the answers to its questions with their margin."""

import dataclasses
import functools
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.classroom.lesson import EQUAL, TOO_FEW, Lesson, Question, Step
from core.classroom.question import PLACEHOLDER
from core.errors import LabError
from core.findings.evidence import UNTRAINED, settings_of
from core.findings.landscape import Landscape
from core.findings.names import choice_name, pair_text
from core.recipe import Recipe, bundle, rung
from core.statistics.noise import compare
from core.statistics.verdict import HIGHER, LOWER, WITHIN, Verdict, judged_together


@dataclass(frozen=True)
class Value:
    """value: in percent, in points or a number. within: half the width of its 95 % interval; None where that is not known. runs: their ids."""

    value: float
    within: float | None
    runs: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"{self.value:.1f}" if isinstance(self.value, float) else str(self.value)


def looked_up(lesson: Lesson, found: Sequence[Landscape]) -> Lesson:
    """Return the lesson with every figure in its place: none is left to look up. LabError where one is not among the saved runs.

    found: every landscape of the saved runs (core.findings.landscape.landscapes)."""
    values = {}
    for name, asked in lesson.figures.items():
        try:
            values[name] = value_of(asked, found)
        except LabError as error:
            raise LabError(f"The figure {name!r}: {error}") from None
    steps = tuple(_step(step, number, values, found) for number, step in enumerate(lesson.steps, 1))
    return dataclasses.replace(lesson, steps=steps, figures={})


def value_of(asked: dict, found: Sequence[Landscape]) -> Value:
    """Return a figure. asked: a choice, with `what` and `seed` where they are named (core/classroom/fields.py). LabError where it is not saved."""
    one, choice = _place(asked, found)
    runs, what, seed = one.runs[choice], asked.get("what", "accuracy"), asked.get("seed")
    if seed is not None:
        runs = [run for run in runs if run["recipe"]["seed"] == seed]
        if not runs:
            raise LabError(f"no run of {_named(asked)} with seed {seed} is saved.")
    mean, ids = sum(run["final"]["accuracy"] for run in runs) / len(runs), tuple(run["id"] for run in runs)
    noise = one.noises[choice]
    within = 100 * float(noise.half_width()) if noise.known and seed is None else None
    teacher = runs[0]["teacher"]["accuracy"]
    alone = {
        "place": lambda: 1 + sum(one.means[other] > mean for other in one.choices), "choices": lambda: len(one.choices), "runs": lambda: len(runs),
        "behind": lambda: 100 * (one.means[one.best] - mean), "teacher": lambda: 100 * teacher, "majority": lambda: 100 * runs[0]["majority"],
        "examples": lambda: len(runs[0]["predictions"]),
    }
    if what in alone:
        return Value(alone[what](), None, ids)
    return Value(100 * (mean if what == "accuracy" else teacher - mean), within, ids)


def verdicts(asked: Sequence[dict], found: Sequence[Landscape]) -> dict[tuple[int, int], Verdict]:
    """Judge every two of these choices, all together, by their numbers in the list. LabError where two of them were not measured alike."""
    places = [_place(one, found) for one in asked]
    pairs = list(itertools.combinations(range(len(places)), 2))
    return dict(zip(pairs, judged_together([_compare(*places[a], *places[b]) for a, b in pairs]), strict=True))


def winner(options: Sequence[str], judged: dict[tuple[int, int], Verdict]) -> str | tuple[str, ...]:
    """Return the option that is shown to be better than all others; else those that are shown to lie within few points of each other while all others
    are worse; else TOO_FEW. options: one for each number in `judged`."""
    numbers = range(max(map(max, judged)) + 1)
    word = lambda a, b: judged[a, b].word if a < b else {HIGHER: LOWER, LOWER: HIGHER}.get(judged[b, a].word, judged[b, a].word)
    for one in numbers:
        if all(word(one, other) == HIGHER for other in numbers if other != one):
            return options[one]
    near = [one for one in numbers if not any(word(one, other) == LOWER for other in numbers if other != one)]
    if len(near) > 1 and all(word(a, b) == WITHIN for a, b in itertools.combinations(near, 2)):
        return EQUAL if len(near) == len(numbers) else tuple(options[one] for one in near)
    return TOO_FEW


def _step(step: Step, number: int, values: dict[str, Value], found: Sequence[Landscape]) -> Step:
    fill = functools.partial(PLACEHOLDER.sub, lambda name: values[name[1]].text)
    if step.question is None:
        return dataclasses.replace(step, text=fill(step.text))
    try:
        question = _question(step.question, values, found)
    except LabError as error:
        raise LabError(f"Step {number} ({step.title}), question: {error}") from None
    texts = {"text": fill(question.text), "reveal": fill(question.reveal), "options": tuple(map(fill, question.options))}
    if isinstance(question.answer, str):
        texts["answer"] = fill(question.answer)
    return dataclasses.replace(step, text=fill(step.text), question=dataclasses.replace(question, **texts))


def _question(one: Question, values: dict[str, Value], found: Sequence[Landscape]) -> Question:
    if one.choice:
        value = value_of(one.choice, found)
        return _answered(one, value)
    if one.choices:
        judged = verdicts(one.choices, found)
        runs = tuple(dict.fromkeys(run for verdict in judged.values() for run in verdict.comparison.runs))
        return dataclasses.replace(one, answer=winner(one.options, judged), runs=runs, source=one.source or f"{len(runs)} saved runs")
    if one.kind == "number" and isinstance(one.answer, str):
        return _answered(one, values[PLACEHOLDER.fullmatch(one.answer)[1]])
    return one


def _answered(one: Question, value: Value) -> Question:
    answer = round(value.value, 2) if isinstance(value.value, float) else value.value
    within = one.within if one.within is not None or value.within is None else round(value.within, 2)
    source = one.source or f"{len(value.runs)} saved run{'s' if len(value.runs) != 1 else ''}"
    return dataclasses.replace(one, answer=answer, within=within, runs=value.runs, source=source)


def _place(asked: dict, found: Sequence[Landscape]) -> tuple[Landscape, tuple[int, ...]]:
    """Return the landscape that a choice stands in, and its name there."""
    layers = tuple(asked["layers"])
    repeats = len(set(layers)) < len(layers)
    recipe = Recipe(asked["teacher"], asked["task"], layers, bundle(asked["objective"]), rung(asked["budget"]), allow_repeats=repeats)
    wanted, choice = settings_of({"recipe": recipe.to_dict()}), UNTRAINED if asked["untrained"] else layers
    alike = [
        one for one in found
        if one.pair == (asked["teacher"], asked["task"]) and one.k == len(layers) and one.settings == wanted and choice in one.runs
    ]
    if not alike:
        raise LabError(f"no run of {_named(asked)} is saved; the page Landscape lists the choices that are.")
    return max(alike, key=lambda one: sum(map(len, one.runs.values()))), choice


def _named(asked: dict) -> str:
    what = choice_name(() if asked["untrained"] else tuple(asked["layers"]), 0)
    length = "in full" if asked["budget"] == "full" else f"of {asked['budget']} steps"
    return f"{re.sub(' +', ' ', what)}, {pair_text(asked['teacher'], asked['task'])}, {length}"


def _compare(a: Landscape, first: tuple, b: Landscape, second: tuple):
    if a.ground != b.ground or a.one["split"] != b.one["split"]:
        raise LabError("its choices were not measured on the same examples, so none of them can win; take one task and one budget.")
    return compare(a.runs[first], b.runs[second], a.noises[first], b.noises[second], a.test, a.flips)

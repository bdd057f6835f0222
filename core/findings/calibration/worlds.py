"""Drawn sets of runs whose true accuracies are known: choices of three of six layers, with seeds that scatter as they do in the saved runs."""

import functools
import itertools
from dataclasses import dataclass

import numpy as np
from scipy import special

from core.findings.evidence import UNTRAINED, Choice, choice_of
from core.recipe import Recipe, Seeding, rung
from core.statistics.testset import TestSet
from core.store import saved
from core.store.saved import Truth

CHOICES = tuple(itertools.combinations(range(1, 7), 3))
LEVEL = 0.7  # the true accuracy of equal choices
PER_CLUSTER = 2
GROUPS = 5  # of examples, by which explanations compare besides
SHARES = {"examples": 0.75, "choices": 0.15, "runs": 0.1}  # of the variance of an example's ease: common, of each choice, of each run
EQUAL = 0.0207  # the SD between seeds of composed-nli at three layers, pooled
FILES = {
    "SDs of composed-nli, k = 3": "minilm-l6--composed-nli--k3", "SDs of composed-nli, k = 2": "minilm-l6--composed-nli--k2",
    "SDs of SICK, k = 3": "minilm-l6--sick--k3", "SDs of reviews, k = 3": "minilm-l6--reviews--k3",
}
WORLDS = ("equal SDs", "SDs from the prior", *FILES)


@dataclass(frozen=True)
class Cell:
    """A kind of world: how the SDs between seeds differ, seeds of each choice, test examples, and by how much (a fraction) one choice is better."""

    world: str
    seeds: int
    examples: int
    gap: float = 0.0


@dataclass(frozen=True)
class Drawn:
    """sds: (C,) the true SD of each choice. better: the choice that is better by the gap. accuracies: (C, S) of the runs in truth. common:
    (N,) the part of the examples' ease that all choices share. right: (C, S, N) whether a run answers an example right."""

    runs: dict[Choice, list[dict]]
    truth: Truth
    test: TestSet
    sds: np.ndarray
    better: Choice
    accuracies: np.ndarray
    common: np.ndarray
    right: np.ndarray


@functools.cache
def sample_sds(name: str) -> np.ndarray:
    """Return the SD between seeds of every choice of a saved file, the control left out."""
    runs: dict[Choice, list[float]] = {}
    for run in saved.read(saved.FOLDER / f"{name}.jsonl"):
        runs.setdefault(choice_of(run), []).append(run["final"]["accuracy"])
    return np.array([np.std(values, ddof=1) for choice, values in runs.items() if choice != UNTRAINED and len(values) > 1])


@functools.cache
def prior() -> tuple[float, float]:
    """Return (degrees of freedom, variance) of the scaled inverse chi-squared that fits the variances of composed-nli at three layers: moments of
    their logarithms (Smyth 2004, section 6.2)."""
    sds, df = sample_sds(FILES["SDs of composed-nli, k = 3"]), 2
    logs = np.log(sds**2) - special.digamma(df / 2) + np.log(df / 2)
    excess = logs.var(ddof=1) - special.polygamma(1, df / 2)
    low, high = 1e-3, 1e4
    for _ in range(100):  # trigamma falls
        middle = (low * high) ** 0.5
        low, high = (middle, high) if special.polygamma(1, middle) > excess else (low, middle)
    return 2 * low, float(np.exp(logs.mean() + special.digamma(low) - np.log(low)))


def true_sds(world: str, rng: np.random.Generator) -> np.ndarray:
    if world == "equal SDs":
        return np.full(len(CHOICES), EQUAL)
    if world == "SDs from the prior":
        df, variance = prior()
        return np.sqrt(df * variance / rng.chisquare(df, len(CHOICES)))
    return np.resize(sample_sds(FILES[world]), len(CHOICES))


def draw(cell: Cell, number: int) -> Drawn:
    """Draw one world; the same for the same cell and number.

    An example is right where its ease, a normal deviate, lies below the threshold of the run's accuracy. Ease has a part that all choices share, one
    of the choice and one of the run, which makes the paired noise of the test set and what seeds flip; the seed moves the run's accuracy besides."""
    rng = np.random.default_rng([WORLDS.index(cell.world), cell.seeds, cell.examples, round(1000 * cell.gap), number])
    sds, shape = true_sds(cell.world, rng), (len(CHOICES), cell.seeds)
    better = int(rng.integers(len(CHOICES)))
    centre = LEVEL + cell.gap * (np.arange(len(CHOICES)) == better)
    accuracies = np.clip(centre[:, None] + moved(sds, cell.examples)[:, None] * rng.standard_normal(shape), 0.02, 0.98)
    common = part(rng, "examples", cell.examples)
    right = answers(rng, accuracies, common)
    labels = rng.integers(0, 3, cell.examples).astype(np.uint8)
    truth = Truth((labels + ord("0")).tobytes().decode(), clusters(cell.examples))
    made = {choice: [record(choice, seed, right[c, seed], labels) for seed in range(cell.seeds)] for c, choice in enumerate(CHOICES)}
    return Drawn(made, truth, TestSet(truth), sds, CHOICES[better], accuracies, common, right)


def with_control(drawn: Drawn, number: int) -> dict[Choice, list[dict]]:
    """Return the runs with groups of examples, and beside them untrained layers, as good as the choices and as noisy as one of them. The teacher in
    a choice's first run is a model as good as that run in truth. So nothing that an explanation says of groups, the control or other choices is
    true."""
    rng = np.random.default_rng([number, *drawn.right.shape])
    seeds, examples = drawn.right.shape[1:]
    sd = rng.choice(drawn.sds)
    control = answers(rng, np.clip(LEVEL + moved(sd, examples) * rng.standard_normal((1, seeds)), 0.02, 0.98), drawn.common)[0]
    teachers = answers(rng, drawn.accuracies[:, :1], drawn.common)[:, 0]
    labels = drawn.test.labels
    runs = {
        choice: [run | {"final": run["final"] | {"groups": groups(right)}} for run, right in zip(drawn.runs[choice], rights, strict=True)]
        for choice, rights in zip(CHOICES, drawn.right, strict=True)
    }
    for (first, *_), teacher in zip(runs.values(), teachers, strict=True):
        first["teacher"] = first["teacher"] | {"groups": groups(teacher)}
    made = [record(UNTRAINED, seed, right, labels) for seed, right in enumerate(control)]
    return runs | {UNTRAINED: [run | {"final": run["final"] | {"groups": groups(right)}} for run, right in zip(made, control, strict=True)]}


def groups(right: np.ndarray) -> dict[str, dict]:
    """Return accuracy by group, as many examples in each: (N,) -> as a record has it."""
    return {f"phenomenon:{name}": {"accuracy": float(some.mean()), "n": some.size} for name, some in enumerate(np.split(right, GROUPS))}


def moved(sds: np.ndarray, examples: int) -> np.ndarray:
    """Return the SD by which a seed moves a run's accuracy; the rest of its effect is what it flips."""
    return np.sqrt(np.maximum(0.0, sds**2 - flips() / examples))


def part(rng: np.random.Generator, name: str, *shape: int) -> np.ndarray:
    return np.float32(SHARES[name] ** 0.5) * rng.standard_normal(shape, np.float32)


def answers(rng: np.random.Generator, accuracies: np.ndarray, common: np.ndarray) -> np.ndarray:
    """Draw which examples are answered right: (C, S) accuracies and the common part of ease, (N,) -> (C, S, N)."""
    ease = common + part(rng, "choices", len(accuracies), len(common))
    return part(rng, "runs", *accuracies.shape, len(common)) + ease[:, None, :] < special.ndtri(accuracies)[..., None].astype(np.float32)


@functools.cache
def clusters(examples: int) -> tuple[int, ...]:
    return tuple((np.arange(examples) // PER_CLUSTER).tolist())


@functools.cache
def flips() -> float:
    """Return the variance of one run's hits on one example, between seeds: what the run's own part of ease makes, by numbers."""
    ease = special.ndtri((np.arange(2000) + 0.5) / 2000) * np.sqrt(1 - SHARES["runs"])
    chance = special.ndtr((special.ndtri(LEVEL) - ease) / np.sqrt(SHARES["runs"]))
    return float((chance * (1 - chance)).mean())


@functools.cache
def told_recipe(choice: Choice, seed: int) -> tuple[str, dict]:
    recipe = Recipe("drawn", "drawn", choice or CHOICES[0], budget=rung("full"), seed=seed, seeding=Seeding(untrained_layers=choice == UNTRAINED))
    return recipe.id, recipe.to_dict()


def record(choice: Choice, seed: int, right: np.ndarray, labels: np.ndarray) -> dict:
    """Return as much of a run's record as comparisons read."""
    run_id, recipe = told_recipe(choice, seed)
    predictions = (np.where(right, labels, (labels + 1) % 3).astype(np.uint8) + ord("0")).tobytes().decode()
    return {
        "id": run_id, "status": "finished", "recipe": recipe, "split": "test", "task_hash": "drawn", "labels": [], "predictions": predictions,
        "teacher": {"hash": "drawn", "layers": 6, "accuracy": 0.95}, "initial": {"accuracy": 1 / 3}, "majority": 0.34,
        "final": {"accuracy": float(right.mean()), "groups": {}, "confusion": []},
    }

"""Drawn sets of runs whose true accuracies are known: choices of three of six layers, with seeds that scatter as they do in the saved runs."""

import functools
import itertools
from dataclasses import dataclass

import numpy as np
from scipy import special

from core.findings.evidence import UNTRAINED, Choice, choice_of
from core.recipe import Recipe, rung
from core.statistics.testset import TestSet
from core.store import saved
from core.store.saved import Truth

CHOICES = tuple(itertools.combinations(range(1, 7), 3))
LEVEL = 0.7  # the true accuracy of equal choices
PER_CLUSTER = 2
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
    """sds: the true SD of each choice. better: the choice that is better by the gap."""

    runs: dict[Choice, list[dict]]
    truth: Truth
    test: TestSet
    sds: np.ndarray
    better: Choice


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
    moved = np.sqrt(np.maximum(0.0, sds**2 - flips() / cell.examples))  # the rest of a seed's effect is what it flips
    accuracies = np.clip(centre[:, None] + moved[:, None] * rng.standard_normal(shape), 0.02, 0.98)
    normal = lambda name, *shape: np.float32(SHARES[name] ** 0.5) * rng.standard_normal(shape, np.float32)
    ease = normal("examples", cell.examples) + normal("choices", len(CHOICES), cell.examples)
    right = normal("runs", *shape, cell.examples) + ease[:, None, :] < special.ndtri(accuracies)[..., None].astype(np.float32)
    labels = rng.integers(0, 3, cell.examples).astype(np.uint8)
    predicted = np.where(right, labels, (labels + 1) % 3).astype(np.uint8) + ord("0")
    truth = Truth((labels + ord("0")).tobytes().decode(), clusters(cell.examples))
    means = right.mean(2)
    made = {
        choice: [record(choice, seed, float(means[c, seed]), predicted[c, seed].tobytes().decode()) for seed in range(cell.seeds)]
        for c, choice in enumerate(CHOICES)
    }
    return Drawn(made, truth, TestSet(truth), sds, CHOICES[better])


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
    recipe = Recipe("drawn", "drawn", choice, budget=rung("full"), seed=seed)
    return recipe.id, recipe.to_dict()


def record(choice: Choice, seed: int, accuracy: float, predictions: str) -> dict:
    """Return as much of a run's record as comparisons read."""
    run_id, recipe = told_recipe(choice, seed)
    return {
        "id": run_id, "status": "finished", "recipe": recipe, "split": "test", "task_hash": "drawn", "labels": [], "predictions": predictions,
        "teacher": {"hash": "drawn", "layers": 6, "accuracy": 0.95}, "initial": {"accuracy": 1 / 3}, "majority": 0.34,
        "final": {"accuracy": accuracy, "groups": {}, "confusion": []},
    }

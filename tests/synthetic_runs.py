"""Sets of run records with known truth: choices whose real accuracies are set, seeds and test examples drawn."""

import functools
import itertools
from dataclasses import dataclass

import numpy as np

from core.recipe import Recipe, rung
from core.store.saved import Truth

CLASSES = ("entailment", "neutral", "contradiction")
PHENOMENA = 15
SHORT, FULL = rung("240"), rung("full")
ALL = tuple(itertools.combinations(range(1, 7), 3))


@dataclass(frozen=True)
class World:
    """One task's check examples and how students behave on them.

    easiness: (N,) logits, common to all choices. apart: SD of what each choice adds to each example's logit: choices that fail on other
    examples. wobble: SD of a seed's own shift of all logits.
    """

    easiness: np.ndarray
    truth: Truth
    groups: np.ndarray  # (N,) phenomenon of each example
    apart: float
    wobble: float

    def rights(self, shifts: np.ndarray, seeds: int, rng) -> np.ndarray:
        """(C, seeds, N) right or wrong, of C choices whose logits are shifted by `shifts`."""
        n = len(self.easiness)
        logits = self.easiness + np.asarray(shifts)[:, None, None] + self.apart * rng.normal(size=(len(shifts), 1, n))
        logits = logits + self.wobble * rng.normal(size=(len(shifts), seeds, 1))
        return rng.random((len(shifts), seeds, n)) < 1 / (1 + np.exp(-logits))


def world(rng, n: int = 600, cluster: int = 2, apart: float = 0.0, wobble: float = 0.1, spread: float = 1.5, centre: float = 1.5) -> World:
    """Examples in clusters that share half of their easiness."""
    clusters = np.arange(n) // cluster
    shared = rng.normal(size=clusters[-1] + 1)[clusters]
    easiness = centre + spread * (shared + rng.normal(size=n)) / np.sqrt(2)
    labels = rng.integers(0, len(CLASSES), n)
    return World(easiness, Truth("".join(map(str, labels)), tuple(clusters.tolist())), rng.permutation(np.arange(n) % PHENOMENA), apart, wobble)


def seed_sd(w: World, rng, draws: int = 400) -> float:
    """The SD between seeds of one choice's accuracy on these examples."""
    return float(w.rights(np.zeros(1), draws, rng)[0].mean(1).std(ddof=1))


def shift_for(w: World, gap: float) -> float:
    """The shift of all logits that changes the expected accuracy by `gap`, by bisection."""
    accuracy = lambda shift: float((1 / (1 + np.exp(-(w.easiness + shift)))).mean())
    low, high = -6.0, 6.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if accuracy(middle) - accuracy(0.0) < gap else (low, middle)
    return (low + high) / 2


@functools.lru_cache(maxsize=4096)
def told_recipe(layers, budget, seed, **recipe) -> tuple[str, dict]:
    told = Recipe("synthetic", "synthetic", layers, budget=budget, seed=seed, **recipe)
    return told.id, told.to_dict()


def record(w: World, right: np.ndarray, layers, seed: int, teacher_right: np.ndarray, budget=SHORT, **recipe) -> dict:
    """A record as a run leaves it, from what it got right. (N,) bool."""
    classes = len(CLASSES)
    labels = np.frombuffer(w.truth.labels.encode(), np.uint8) - ord("0")
    predicted = np.where(right, labels, (labels + 1) % classes).astype(np.uint8)
    confusion = np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)
    run_id, told = told_recipe(tuple(layers), budget, seed, **recipe)
    accuracy, best = float(right.mean()), float(teacher_right.mean())
    majority = float(confusion.sum(1).max() / len(labels))
    return {
        "id": run_id, "status": "finished", "recipe": told, "split": "test" if budget.full else "check", "labels": list(CLASSES),
        "task_hash": "data", "steps": 240, "steps_planned": 240, "train_examples": 8000,
        "teacher": {"accuracy": best, "loss": 0.3, "macro_f1": best, "groups": groups(w, teacher_right), "hash": "weights", "layers": 6,
                    "train_accuracy": 0.99},
        "initial": {"accuracy": majority, "loss": 1.1, "macro_f1": 0.2, "groups": {}},
        "final": {"accuracy": accuracy, "loss": 1.1 - 0.8 * accuracy, "macro_f1": accuracy, "agreement": float((right == teacher_right).mean()),
                  "confusion": confusion.tolist(), "groups": groups(w, right)},
        "predictions": (predicted + ord("0")).tobytes().decode(),
        "curve": [
            {"step": 0, "loss": None, "losses": {}, "val_accuracy": majority, "val_loss": 1.1, "seconds": 0.0},
            {"step": 240, "loss": 0.6, "losses": {"cross_entropy": 0.6}, "val_accuracy": accuracy, "val_loss": 1.1 - 0.8 * accuracy, "seconds": 9.0},
        ],
        "update_norms": {"embeddings": 1.0, "1": 1.0, "2": 1.0, "3": 1.0, "pooler": 0.5, "head": 0.1}, "majority": majority, "notes": [],
        "parameters": {"student": 1, "teacher": 2}, "environment": {"device": "cpu"}, "seconds": 10.0,
    }


def groups(w: World, right: np.ndarray) -> dict:
    sums, sizes = np.bincount(w.groups, right), np.bincount(w.groups)
    return {f"phenomenon:{i:02d}": {"accuracy": float(s / n), "n": int(n)} for i, (s, n) in enumerate(zip(sums, sizes))}


def teacher_of(w: World, rng, shift: float = 1.0) -> np.ndarray:
    """(N,) what a teacher gets right whose logits lie `shift` above those of the choices."""
    return rng.random(len(w.easiness)) < 1 / (1 + np.exp(-(w.easiness + shift)))


def sweep(w: World, rng, teacher, shifts=None, seeds: int = 3, choices=ALL, budget=SHORT) -> list[dict]:
    """`seeds` runs of every choice. shifts: choice -> shift of its logits (default 0)."""
    rights = w.rights(np.array([(shifts or {}).get(choice, 0.0) for choice in choices]), seeds, rng)
    return [record(w, rights[i, seed], choice, seed, teacher, budget) for i, choice in enumerate(choices) for seed in range(seeds)]


def study(w: World, rng, shifts=None, seeds: int = 3, choices=ALL, live=ALL[0], teacher_shift: float = 1.0):
    """(a live run, the saved runs): `seeds` runs of every choice, the live run being one of them."""
    found = sweep(w, rng, teacher_of(w, rng, teacher_shift), shifts, seeds, choices)
    mine = [run for run in found if tuple(run["recipe"]["layers"]) == live]
    return mine[0], [run for run in found if run is not mine[0]]

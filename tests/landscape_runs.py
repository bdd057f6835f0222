"""A folder of saved runs in the real format, with planted truths: the first layers are worth most, and nothing else matters."""

import dataclasses
import itertools
from pathlib import Path

import numpy as np

from core.recipe import Budget, Recipe, Seeding, bundle, rung
from core.store.saved import write_truth
from core.studies.sweep import append
from tests import synthetic_runs as synthetic

THREE = list(itertools.combinations(range(1, 7), 3))
TWO = list(itertools.combinations(range(1, 7), 2))
WORTH = (0.5, 0.35, 0.1, -0.1, -0.3, -0.55)  # of each layer, in logits; of the second task in another order
OTHER = (0.1, 0.35, 0.5, -0.1, -0.3, -0.55)
ENVIRONMENT = {
    "device": "cpu", "device_name": "A processor", "dtype": "float32", "threads": 1, "code": "c" * 12,
    "versions": {"python": "3.11.7", "torch": "2.13.0", "transformers": "5.23.0", "tokenizers": "0.23.3"},
}


@dataclasses.dataclass(frozen=True)
class Task:
    """name, hash, and its examples by split; worth: of each layer. grouped: whether its records have groups."""

    name: str
    hash: str
    worlds: dict[str, synthetic.World]
    worth: tuple[float, ...]
    grouped: bool = True


def task(name: str, rng, worth=WORTH, grouped: bool = True) -> Task:
    worlds = {"test": synthetic.world(rng, 900, wobble=0.05), "check": synthetic.world(rng, 300, wobble=0.05)}
    return Task(name, f"data-{name}", worlds, worth, grouped)


FULL, COPIED = rung("full"), Seeding()


def runs(about: Task, choices, seeds: int, rng, budget: Budget = FULL, strength=1.0, objective=None, seeding: Seeding = COPIED) -> list[dict]:
    """Records of every choice with every seed. strength: how far the worth of the layers shows."""
    world = about.worlds["test" if budget.full else "check"]
    shifts = [-2.0 if seeding.untrained_layers else strength * sum(about.worth[layer - 1] for layer in choice) for choice in choices]
    rights = world.rights(np.array(shifts), seeds, rng)
    teacher_right = rng.random(len(world.easiness)) < 1 / (1 + np.exp(-(world.easiness + 1.5)))
    made = []
    for i, choice in enumerate(choices):
        for seed in range(seeds):
            settings = {"objective": objective or bundle("hinton"), "seeding": seeding}
            record = synthetic.record(world, rights[i, seed], choice, seed, teacher_right, budget, **settings)
            record["recipe"] |= {"teacher": "minilm-l6", "task": about.name}
            record["id"] = Recipe.from_dict(record["recipe"]).id
            record["task_hash"], record["teacher"]["hash"] = about.hash, "weights"
            record["parameters"] = {"student": 12_000_000 + 1_800_000 * len(choice), "teacher": 22_800_000}
            record |= {"environment": ENVIRONMENT, "tokens_per_second": 40_000.0 / len(choice), "train_seconds": 90.0, "seconds": 100.0}
            record["steps"] = record["steps_planned"] = budget.steps or 250 * budget.epochs
            record["curve"][-1]["step"] = record["steps"]
            record["initial"]["accuracy"] = 0.3 + 0.01 * choice[0] + 0.002 * seed
            if not about.grouped:
                record["teacher"]["groups"] = record["final"]["groups"] = {}
            made.append(record)
    return made


def write(folder: Path, file: str, *sets: list[dict]) -> None:
    for record in itertools.chain(*sets):
        append(folder / file, record)


def folder(path: Path, seed: int = 0) -> Path:
    """Two tasks of one teacher: all choices of 3 layers with 2 seeds and a control; short and long runs, other sizes, another order, a fresh
    head, a uniform mapping."""
    path.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    nli, other = task("composed-nli", rng), task("sick", rng, OTHER, grouped=False)
    for one in (nli, other):
        write_truth(one.name, one.hash, {split: world.truth for split, world in one.worlds.items()}, path)
    control = lambda about, k, n: runs(about, [THREE[0][:k]], n, rng, seeding=Seeding(untrained_layers=True))
    write(path, "nli.jsonl", runs(nli, THREE, 2, rng), control(nli, 3, 2), runs(nli, [(3, 2, 1)], 1, rng))
    write(path, "nli-rungs.jsonl", runs(nli, THREE, 2, rng, rung("60"), 0.3), runs(nli, THREE, 2, rng, rung("240"), 0.7))
    write(path, "nli-sizes.jsonl", runs(nli, TWO, 1, rng), control(nli, 2, 2))
    write(path, "nli-heads.jsonl", runs(nli, [(1, 2, 3), (4, 5, 6)], 2, rng, seeding=Seeding(fresh_head=True)))
    patient = bundle("patient")
    uniform = dataclasses.replace(patient, match="uniform")
    write(path, "nli-mapping.jsonl", runs(nli, [(1, 2, 3)], 2, rng, objective=patient), runs(nli, [(1, 2, 3)], 2, rng, objective=uniform))
    write(path, "sick.jsonl", runs(other, THREE, 2, rng), control(other, 3, 1))
    write(path, "nli-long.jsonl", runs(nli, [(1, 2, 3), (1, 3, 5), (2, 4, 6), (4, 5, 6)], 1, rng, Budget(epochs=9)))
    return path

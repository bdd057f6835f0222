"""The rival of measuring seams without training: a short run of every student that has one seam alone."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from core.recipe import Budget, Recipe
from core.recipe.seams import Seam, seams
from core.store.ground import ground
from core.store.seam_costs import possible
from core.studies.sweep import in_turn, sweep


def alone(seam: Seam, layers: int) -> tuple[int, ...]:
    """Return the choice of a teacher's layers that has this seam and no other."""
    return tuple(layer for layer in range(1, layers + 1) if layer not in seam.missing)


def heal(teacher_name: str, task_name: str, steps: int, path: Path, seed: int = 0) -> Iterator[dict]:
    """Make the short runs that the file does not hold yet; yields as core.studies.sweep.sweep does, whose file this is."""
    from core.training.distill import distill
    from core.training.loading import load_pair

    teacher, task, _ = load_pair(teacher_name, task_name)
    choices = [alone(seam, teacher.layers) for seam in possible(teacher.layers)]
    recipes = [Recipe(teacher_name, task_name, choice, budget=Budget(steps=steps), seed=seed) for choice in choices]
    yield from sweep(recipes, path, teacher.key, task.hash, in_turn(distill))


def with_healed(document: Mapping, records: Iterable[Mapping]) -> dict:
    """Return a document of core/studies/seams/measure.py with, under each seam and under `healed N`, what short runs of N steps come to, of the runs
    that were made with its teacher and data; the mean over seeds. seconds: by N under `healed`, of one run of each seam."""
    found: dict[tuple[Seam, int], list[Mapping]] = {}
    for record in records:
        over = seams(record["recipe"]["layers"], document["layers"])
        steps = record["recipe"]["budget"]["steps"]
        if steps and len(over) == 1 and ground(record) == (document["teacher_hash"], document["task_hash"]):
            found.setdefault((over[0], steps), []).append(record)
    mean = lambda some: {figure: sum(one["final"][figure] for one in some) / len(some) for figure in ("accuracy", "agreement")}
    every = []
    for one in document["seams"]:
        mine = {f"healed {steps}": mean(some) for (seam, steps), some in found.items() if seam == Seam(one["below"], one["above"])}
        every.append(one | mine)
    took = {str(steps): sum(some[0]["seconds"] for (_, n), some in found.items() if n == steps) for _, steps in found}
    return {**document, "seams": every, "healed": took}

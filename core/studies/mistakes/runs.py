"""Making the mistakes: live runs of a teacher, and the study of how often the figures alone give them away."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.recipe import RUNGS, Budget, Recipe
from core.store.ground import check_unchanged, ground
from core.studies.mistakes.catalogue import MISTAKES
from core.studies.mistakes.hooks import check, overrides_for
from core.studies.mistakes.plan import SHORTEST, recipes_of
from core.training.distill import distill
from core.training.events import Event
from core.training.overrides import CORRECT, mistaken_id

FIXED_PAIRS = {"stale-optimizer": 8000}  # the whole split: dropout's noise in their mean cross-entropy (`movement`) is small beside 0.002 nats
LEFT_OUT = ("predictions", "groups", "macro_f1", "agreement")


@dataclass(frozen=True)
class Case:
    """One table: runs of some layer choices, all with one mistake ("" for correct ones) and one seed."""

    mistake: str
    recipes: tuple[Recipe, ...]

    @property
    def id(self) -> str:
        return mistaken_id(self.recipes[0], f"{self.mistake}/{len(self.recipes)}")

    @property
    def seed(self) -> int:
        return self.recipes[0].seed


def run(case: Case, teacher_layers: int, fixed_pairs: int = 0) -> Iterator[Event]:
    """Yield the events of every run of the case, one after another; the last is finished {record} with all records under "runs".

    fixed_pairs: see Overrides.
    """
    for recipe in case.recipes:
        if case.mistake:
            check(case.mistake, recipe, teacher_layers)
    made = replace(overrides_for(case.mistake) if case.mistake else CORRECT, fixed_pairs=fixed_pairs)
    records = []
    for recipe in case.recipes:
        for event in distill(recipe, overrides=made):
            if event.kind != "finished":
                yield event
        records.append(event.data["record"])
        check_unchanged(records[-1], ground(records[0]))
    first = records[0]
    yield Event("finished", {"record": {
        "id": case.id, "status": "finished", "mistake": case.mistake or None, "seed": case.seed, "runs": records,
        # the checkpoint's, also where the mistake draws a new head
        "teacher": {name: first["teacher"][name].partition("-head-")[0] for name in ("hash", "identity", "key")},
        "task_hash": first["task_hash"],
    }})


def studied(case: Case, teacher_layers: int) -> Iterator[Event]:
    """Act as `run` does, with the loss of fixed pairs where the study wants it, and of each run only what `diagnose` reads and where it was made."""
    for event in run(case, teacher_layers, FIXED_PAIRS.get(case.mistake, 0)):
        yield event if event.kind != "finished" else Event("finished", {"record": shortened(event.data["record"])})


def shortened(record: dict) -> dict:
    """Return a case's record with the curves at their evaluations alone and without predictions."""
    return record | {"runs": [_brief(run) for run in record["runs"]]}


def _brief(record: dict) -> dict:
    points, losses = [], []
    for point in record["curve"]:
        losses += [] if point["loss"] is None else [point["loss"]]
        if point["val_accuracy"] is not None:
            kept = {name: point[name] for name in ("step", "val_accuracy", "val_loss", "fixed_loss") if name in point}
            points.append(kept | {"loss": sum(losses) / len(losses) if losses else None})
            losses = []
    without = lambda part: {name: value for name, value in part.items() if name not in LEFT_OUT}
    return without(record) | {"curve": points} | {part: without(record[part]) for part in ("teacher", "initial", "final")}


def plan(teacher: str, task: str, layers: int, seeds: int, correct_seeds: int, budget: Budget = RUNGS[SHORTEST], k: int | None = None) -> list[Case]:
    """Plan every mistake with a signature over `seeds` seeds and the correct runs of all presets ("") over `correct_seeds`.

    A seed is planned for all before the next.
    """
    names = ("", *(name for name, each in MISTAKES.items() if each.look))
    return [
        Case(name, recipes_of(name, teacher, task, layers, seed, budget, k))
        for seed in range(max(seeds, correct_seeds))
        for name in names
        if seed < (seeds if name else correct_seeds)
    ]

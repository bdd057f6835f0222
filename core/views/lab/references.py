"""Saved runs that the Lab shows beside the learner's: an example for an empty page, other seeds of a run, presets at the same settings."""

import dataclasses
from collections.abc import Iterable

from core.recipe import RUNGS, Recipe, preset_label, preset_of
from core.statistics.distributions import wilson
from core.store.ground import ground, teacher_key
from core.views.common.choice import Choice, choices_of_presets
from core.views.common.recipe_runs import finished_run
from core.views.common.text import layers_text


def example(chosen: Choice, records: Iterable[dict]) -> dict | None:
    """Return the finished run that an empty page opens on: of another number of layers than the learner's, so that nothing is given away.

    The nearest: of this teacher and task where there is one, full as on the ladder, a preset; None when all have this number of layers.
    """
    k = len(chosen.layers)

    def distance(record: dict) -> tuple:
        recipe = record["recipe"]
        return (
            recipe["teacher"] != chosen.teacher, recipe["task"] != chosen.task, not recipe["budget"]["epochs"],
            recipe["budget"]["epochs"] != RUNGS["full"].epochs,
            preset_of(recipe["layers"], record["teacher"]["layers"]) is None, abs(len(recipe["layers"]) - k), recipe["layers"], recipe["seed"],
            record["id"],
        )

    others = (r for r in records if len(r["recipe"]["layers"]) != k and not r["recipe"]["seeding"]["untrained_layers"])
    return min(others, key=distance, default=None)


def seed_band(recipe: dict, weights: str | None, records: Iterable[dict], data: str | None = None) -> list[dict]:
    """Rows {"step", "low", "high", "line"}: accuracies between which the saved runs lie that differ from this one in nothing but the seed.

    Empty when nothing was saved of this recipe. weights: the teacher's key; data: the task's hash, where it is known. Curves of another
    teacher or other data are not comparable.
    """
    same_ground = lambda r: teacher_key(r) == weights and data in (None, r.get("task_hash"))
    others = [r for r in records if r["recipe"] | {"seed": recipe["seed"]} == recipe and same_ground(r)]
    curves = [{p["step"]: p["val_accuracy"] for p in r["curve"] if p.get("val_accuracy") is not None} for r in others]
    steps = sorted(set.intersection(*map(set, curves))) if curves else []
    if len(steps) < 2:
        return []
    name = f"saved, {len(others)} seeds" if len(others) > 1 else f"saved, seed {others[0]['recipe']['seed']}"
    values = {step: [curve[step] for curve in curves] for step in steps}
    return [{"step": step, "low": min(found), "high": max(found), "line": name} for step, found in values.items()]


def reference_rows(record: dict) -> tuple[list[dict], list[str]]:
    """Rows for `figures.comparison`, and the labels of the presets that have not been run like this.

    The presets' runs have the same teacher, data, objective, budget and seed. Students come best first.
    """
    recipe = Recipe.from_dict(record["recipe"])
    n = sum(map(sum, record["final"]["confusion"]))
    named: dict[tuple[int, ...], str] = {}  # of two presets that name the same layers, the first
    for name, layers in choices_of_presets(record["teacher"]["layers"], recipe.k).items():
        named.setdefault(layers, preset_label(name, recipe.k, record["teacher"]["layers"]).removeprefix("the "))
    title = "untrained layers" if recipe.seeding.untrained_layers else named.get(recipe.layers) or layers_text(recipe.layers)
    students, missing = [_row(f"this run: {title}", record["final"], n, "this")], []
    for layers, label in named.items():
        if layers == recipe.layers and not recipe.seeding.untrained_layers:
            continue
        seeding = dataclasses.replace(recipe.seeding, untrained_layers=False)
        twin = dataclasses.replace(recipe, layers=layers, seeding=seeding, allow_repeats=False)
        found = finished_run(twin.id, recipe.teacher, recipe.task, *ground(record))
        if found and found["split"] == record["split"]:
            students.append(_row(label, found["final"], n, "other"))
        else:
            missing.append(label)
    students.sort(key=lambda row: -row["accuracy"])
    levels = [_row("before its first step", record["initial"], n, "level")]
    if record.get("majority") is not None:
        levels.append({"name": "always one class", "accuracy": record["majority"], "low": None, "high": None, "loss": None, "kind": "level"})
    return [_row("teacher", record["teacher"], n, "teacher"), *students, *levels], missing


def _row(name: str, figures: dict, n: int, kind: str) -> dict:
    low, high = wilson(figures["accuracy"], n)
    return {"name": name, "accuracy": figures["accuracy"], "low": low, "high": high, "loss": figures["loss"], "kind": kind}

"""What a run is seen against: its teacher, itself before the first step, and the presets run so far at the same settings."""

import dataclasses

from core.errors import LabError
from core.recipe import PRESETS, Recipe, preset, preset_label
from core.statistics.distributions import wilson
from core.views.common.recipe_runs import finished_run
from core.views.common.text import layers_text

NOT_SHOWN = "random"


def presets_of_size(record: dict) -> dict[str, tuple[int, ...]]:
    """Names of the presets of this K and their layers; of two that name the same layers, the first."""
    found: dict[str, tuple[int, ...]] = {}
    for name in PRESETS:
        try:
            layers = preset(name, record["teacher"]["layers"], len(record["recipe"]["layers"]))
        except LabError:
            continue
        if name != NOT_SHOWN and layers not in found.values():
            found[name] = layers
    return found


def reference_rows(record: dict) -> tuple[list[dict], list[str]]:
    """Rows for `figures.comparison`, and the labels of the presets that have not been run like this.

    The presets' runs have the same teacher, data, objective, budget and seed. Students come best first.
    """
    recipe = Recipe.from_dict(record["recipe"])
    n = sum(map(sum, record["final"]["confusion"]))
    named = presets_of_size(record)
    own = next((preset_label(name, recipe.k) for name, layers in named.items() if layers == recipe.layers), "")
    title = f"this run: {own.removeprefix('the ') or layers_text(recipe.layers)}"
    if recipe.seeding.untrained_layers:
        title = "this run: untrained layers"
    students, missing = [_row(title, record["final"], n, "this")], []
    for name, layers in named.items():
        label = preset_label(name, recipe.k).removeprefix("the ")
        if layers == recipe.layers and not recipe.seeding.untrained_layers:
            continue
        seeding = dataclasses.replace(recipe.seeding, untrained_layers=False)
        twin = dataclasses.replace(recipe, layers=layers, seeding=seeding, allow_repeats=False)
        found = finished_run(twin.id, recipe.teacher, recipe.task, record["teacher"]["hash"], record["task_hash"])
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

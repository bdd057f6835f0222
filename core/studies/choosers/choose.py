"""One chooser run on a teacher and a task, its result kept as readable JSON (core/store/layer_scores.py)."""

import dataclasses
from collections.abc import Callable

from core.recipe import Recipe
from core.store import layer_scores
from core.studies.choosers import picks
from core.studies.choosers.capacity import Limit, layers_allowed, milliseconds_of, parameters_of
from core.studies.choosers.methods import method_named
from core.studies.choosers.sample import sample_of

KEPT = 1000  # choices listed in a document, the best


def choose(
    name: str, recipe: Recipe, k: int | None = None, limit: Limit | None = None, again: bool = False,
    progress: Callable[[float, str], None] = lambda done, text: None,
) -> dict:
    """Return the document of a chooser's ranking, kept by teacher, task, method and k; one kept with the same settings is not computed again.

    recipe: names teacher and task, and is what short runs are made of; its layers and budget do not matter. With a limit and no k, k is
    the largest that the limit allows, measured now. Test examples are never read.

    {method, title, teacher, task, k, choices: [{layers, score}] best first, complete, layer_scores: {layer: score}, seconds, steps,
    settings, settings_hash, …}, under `size` the student's parameters and, where a limit was given, the limit and the time of a forward pass.
    LabError for an unknown method, a k or a limit that cannot be, a teacher that is not ready.
    """
    method = method_named(name)
    teacher, sample = sample_of(recipe, progress)
    size = layers_allowed(teacher, sample, k, limit)
    section = f"choices--{name}--k{size}"
    settings = method.settings_for(recipe)
    hashed = method.settings_hash(settings)
    kept = layer_scores.read(teacher.hash, sample.task_hash, section)
    if again or not kept or picks.own_hash(kept) != hashed or kept["environment"]["dtype"] != sample.device.dtype:
        ranked = method.run(teacher, sample, size)
        document = {
            "method": name, "title": method.title, "baseline": method.baseline, "labels": method.labels,
            "teacher": recipe.teacher, "teacher_hash": teacher.hash, "task": recipe.task, "task_hash": sample.task_hash,
            "layers": teacher.layers, "k": size, "settings": settings, "settings_hash": hashed,
            "sample": {"train": len(sample.train), "validation": len(sample.validation)},
            "choices": [{"layers": list(scored.layers), "score": scored.score} for scored in ranked.choices[:KEPT]],
            "complete": ranked.complete and len(ranked.choices) <= KEPT,
            "layer_scores": {str(layer): score for layer, score in ranked.layer_scores.items()},
            "seconds": ranked.seconds, "steps": ranked.steps, "notes": list(ranked.notes),
            "environment": {"device": sample.device.kind, "device_name": sample.device.name, "dtype": sample.device.dtype},
        }
        layer_scores.write(teacher.hash, sample.task_hash, section, document)
        kept = layer_scores.read(teacher.hash, sample.task_hash, section)
    measured = {"limit": dataclasses.asdict(limit), "milliseconds": milliseconds_of(teacher, sample, size)} if limit else {}
    return kept | {"settings": settings, "settings_hash": hashed, "size": {"parameters": parameters_of(teacher, size), **measured}}

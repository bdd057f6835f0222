"""One chooser run on a teacher and a task, its result kept as readable JSON (core/store/layer_scores.py)."""

from collections.abc import Callable

from core.errors import LabError
from core.models.families import layers
from core.models.teachers import Teacher
from core.recipe import Recipe
from core.store import layer_scores
from core.studies.choosers import picks
from core.studies.choosers.methods import method_named
from core.studies.choosers.sample import sample_of

KEPT = 1000  # choices listed in a document, the best


def choose(
    name: str, recipe: Recipe, k: int | None = None, most: int | None = None, again: bool = False,
    progress: Callable[[float, str], None] = lambda done, text: None,
) -> dict:
    """Return the document of a chooser's ranking, kept by teacher, task, method and k; one kept with the same settings is not computed again.

    recipe: names teacher and task, and is what short runs are made of; its layers and budget do not matter. most: parameters that the
    student may have; without k, k is the largest that this allows. Test examples are never read.

    {method, title, teacher, task, k, choices: [{layers, score}] best first, complete, layer_scores: {layer: score}, seconds, steps,
    settings, settings_hash, …}, under `size` the student's parameters and, where it was given, the limit.
    LabError for an unknown method, a k or a limit that cannot be, a teacher that is not ready.
    """
    method = method_named(name)
    teacher, sample = sample_of(recipe, progress)
    size = layers_allowed(teacher, k, most)
    section = f"choices--{name}--k{size}"
    settings = method.settings_for(recipe)
    hashed = method.settings_hash(settings)
    kept = layer_scores.read(teacher.key, sample.task_hash, section)
    if again or not kept or picks.own_hash(kept) != hashed or kept["environment"]["dtype"] != sample.device.dtype:
        ranked = method.run(teacher, sample, size)
        document = {
            "method": name, "title": method.title, "baseline": method.baseline, "labels": method.labels,
            "teacher": recipe.teacher, "teacher_hash": teacher.key, "task": recipe.task, "task_hash": sample.task_hash,
            "layers": teacher.layers, "k": size, "settings": settings, "settings_hash": hashed,
            "sample": {"train": len(sample.train), "validation": len(sample.validation)},
            "choices": [{"layers": list(scored.layers), "score": scored.score} for scored in ranked.choices[:KEPT]],
            "complete": ranked.complete and len(ranked.choices) <= KEPT,
            "layer_scores": {str(layer): score for layer, score in ranked.layer_scores.items()},
            "seconds": ranked.seconds, "steps": ranked.steps, "notes": list(ranked.notes),
            "environment": {"device": sample.device.kind, "device_name": sample.device.name, "dtype": sample.device.dtype},
        }
        layer_scores.write(teacher.key, sample.task_hash, section, document)
        kept = layer_scores.read(teacher.key, sample.task_hash, section)
    limit = {"limit": {"parameters": most}} if most is not None else {}
    return kept | {"settings": settings, "settings_hash": hashed, "size": {"parameters": parameters_of(teacher, size), **limit}}


def parameters_of(teacher: Teacher, k: int) -> int:
    """Count the parameters of a student of k layers: all layers of an encoder have the same number."""
    one = sum(parameter.numel() for parameter in layers(teacher.model)[0].parameters())
    return teacher.model.num_parameters() - (teacher.layers - k) * one


def layers_allowed(teacher: Teacher, k: int | None, most: int | None) -> int:
    """Return k where it is given, else the largest with at most `most` parameters. LabError when it does not fit, or neither is given."""
    total = teacher.layers
    if k is not None and not 1 <= k <= total:
        raise LabError(f"A student of {k} layers cannot be made: the teacher has {total}, so choose k from 1 to {total}.")
    if k is None and most is None:
        raise LabError("A chooser needs the student's number of layers or the most parameters it may have; give one.")
    for size in range(total, 0, -1) if k is None else [k]:
        if most is None or parameters_of(teacher, size) <= most:
            return size
    if k is None:
        raise LabError("Not even a student of 1 layer is within the limit; choose a higher limit.")
    raise LabError(f"A student of {k} layers is above the limit; choose fewer layers or a higher limit.")

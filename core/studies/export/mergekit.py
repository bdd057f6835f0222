"""The same choice as a slice file of mergekit (Goddard et al. 2024, "Arcee's MergeKit: A Toolkit for Merging Large Language Models")."""

import json
from collections.abc import Mapping, Sequence

from core.errors import LabError
from core.models.families import FAMILIES
from core.recipe import Seeding

KNOWN = ("bert", "roberta", "distilbert")  # families whose sequence classifiers mergekit has an architecture file for


def mergekit(recipe: Mapping, model_type: str, teacher: str) -> str:
    """Return the file, YAML, for `mergekit-yaml FILE FOLDER`: it makes the student as it is before its first step.

    recipe: as JSON has it. model_type: transformers' name of the teacher's architecture. teacher: the folder or hub id of the fine-tuned teacher.
    LabError for a family that mergekit does not know, and where not everything is copied.
    """
    if model_type not in KNOWN:
        there = ", ".join(FAMILIES[name].title for name in KNOWN)
        raise LabError(f"mergekit knows no {FAMILIES[model_type].title} classifier (of the families here: {there}); the other two ways work.")
    if Seeding(**recipe["seeding"]) != Seeding():
        raise LabError("mergekit copies layers and draws none, and a part of this student is drawn fresh; the transformers lines do both.")
    one = f"- sources:\n  - model: {json.dumps(teacher)}\n    layer_range: "
    slices = "".join(f"{one}[{first - 1}, {last}]\n" for first, last in _runs(recipe["layers"]))
    layers = ", ".join(map(str, recipe["layers"]))
    return (f"# Layers {layers} of the teacher, counted from 1, nearest the input. A range here counts from 0 and leaves its end out.\n"
            f"# Run: mergekit-yaml FILE student\nmerge_method: passthrough\ndtype: float32\nslices:\n{slices}")


def _runs(layers: Sequence[int]) -> list[tuple[int, int]]:
    """Return first and last layer of each stretch in which every layer follows the one before."""
    found: list[tuple[int, int]] = []
    for layer in layers:
        if found and layer == found[-1][1] + 1:
            found[-1] = found[-1][0], layer
        else:
            found.append((layer, layer))
    return found

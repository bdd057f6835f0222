"""On which recipes a mistake is shown. Torch-free."""

from dataclasses import replace

from core.errors import LabError
from core.recipe import PRESETS, RUNGS, Budget, Recipe, bundle, preset
from core.studies.mistakes.catalogue import mistakes

SHORTEST = "60"


def recipes_of(
    names: str, teacher: str, task: str, layers: int, seed: int = 0, budget: Budget = RUNGS[SHORTEST], k: int | None = None
) -> tuple[Recipe, ...]:
    """List the recipes on which mistakes are shown; for "" those of all presets. layers: the teacher's number, half of it k where k is not given."""
    made = mistakes(names) if names else ()
    objective = next((each.objective for each in made if each.objective != "hinton"), "hinton")
    choices = max((each.presets for each in made), key=len, default=tuple(PRESETS))
    chosen = [preset(name, layers, k or max(1, layers // 2), seed) for name in choices]
    return tuple(Recipe(teacher, task, choice, bundle(objective), budget, seed=seed) for choice in chosen)


def of_choices(names: str, recipe: Recipe, teacher_layers: int) -> list[Recipe]:
    """List this recipe, or where a mistake spans several choices, the recipe with each of them. LabError where the teacher is too small for them."""
    spans = max((each.presets for each in mistakes(names)), key=len)
    if len(spans) == 1:
        return [recipe]
    if recipe.k > teacher_layers // 2:
        raise LabError(f"A teacher of {teacher_layers} layers has too few odd or even ones for a student of {recipe.k}; choose fewer.")
    return [replace(recipe, layers=preset(name, teacher_layers, recipe.k, recipe.seed)) for name in spans]

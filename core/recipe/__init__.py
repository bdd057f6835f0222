"""The vocabulary: recipe, layer choice, presets, objectives as data, the ladder of budgets. Torch-free."""

from core.recipe.budget import RUNGS, Budget, evaluation_steps, rung
from core.recipe.layers import PRESETS, check_layers, parse_layers, preset, preset_label, preset_of
from core.recipe.matching import hidden_layers_used, matched_layers
from core.recipe.objective import BUNDLES, HIDDEN_LOSSES, LOSSES, Objective, bundle
from core.recipe.recipe import Optimiser, Recipe, Seeding

__all__ = [
    "BUNDLES", "HIDDEN_LOSSES", "LOSSES", "PRESETS", "RUNGS", "Budget", "Objective", "Optimiser", "Recipe", "Seeding",
    "bundle", "check_layers", "evaluation_steps", "hidden_layers_used", "matched_layers", "parse_layers", "preset",
    "preset_label", "preset_of", "rung",
]

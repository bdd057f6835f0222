"""The vocabulary: recipe, layer choice, presets, objectives as data, the ladder of budgets. Torch-free."""

from core.recipe.budget import RUNGS, Budget, evaluation_steps, rung
from core.recipe.labels import Labels
from core.recipe.layers import PRESETS, check_layers, count_of_layers, known_as, parse_layers, preset, preset_label, preset_of
from core.recipe.map_plan import MOST_RUNS, MOST_SEEDS, MapPlan, each, map_plan
from core.recipe.objective import BUNDLES, Objective, attention_layers_used, bundle, hidden_layers_used, layers_compared, matched_layers
from core.recipe.recipe import Optimiser, Recipe, Seeding

__all__ = [
    "BUNDLES", "MOST_RUNS", "MOST_SEEDS", "PRESETS", "RUNGS", "Budget", "Labels", "MapPlan", "Objective", "Optimiser", "Recipe", "Seeding",
    "attention_layers_used", "bundle", "check_layers", "count_of_layers", "each", "evaluation_steps", "hidden_layers_used", "known_as",
    "layers_compared", "map_plan", "matched_layers", "parse_layers", "preset", "preset_label", "preset_of", "rung",
]

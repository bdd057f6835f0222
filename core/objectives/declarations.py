"""What is declared of a loss, a bundle and a layer weighting, and how declarations are found."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")

# What a loss reads. The functions take, of student and teacher in this order:
LABELS = "labels"  # (student logits (B, C), labels (B,)); no teacher
LOGITS = "logits"  # (student logits (B, C), teacher logits (B, C), temperature)
HIDDEN_STATES = "hidden states"  # of matched layers: (hidden (B, T, D), hidden (B, T, D), mask (B, T), 1 for a token and 0 for padding)
FIRST_TOKEN = "first token"  # the same, but only token 0 need be there
ATTENTION_MAPS = "attention maps"  # of matched layers: (attention, attention, mask); attention.scores() is (B, H, T, T), before the softmax
RELATIONS = "relations"  # the same; attention.queries, .keys and .values are (B, H, T, d)
BETWEEN_LAYERS = (HIDDEN_STATES, FIRST_TOKEN, ATTENTION_MAPS, RELATIONS)
TOKENS, EXAMPLES = "tokens", "examples"


@dataclass(frozen=True)
class Loss:
    """A loss between student and teacher, or between student and labels.

    name: in a recipe's JSON. label: for legends. symbol and formula: LaTeX without dollar signs, the symbol for sums of several losses.
    reading: one sentence. needs: one of the kinds above. mean_over: TOKENS or EXAMPLES. function: imports torch when called.
    softened: whether the temperature counts. order: place in menus.
    """

    name: str
    title: str
    label: str
    symbol: str
    formula: str
    reading: str
    source: str
    needs: str
    mean_over: str
    function: Callable
    softened: bool = False
    order: int = 100

    @property
    def between_layers(self) -> bool:
        return self.needs in BETWEEN_LAYERS


@dataclass(frozen=True)
class Bundle:
    """A weighted sum of losses that has a name; its fields from `weights` on are those of core.recipe.Objective.

    title: for menus. line: one sentence. weights: loss name -> weight.
    """

    name: str
    title: str
    line: str
    source: str
    weights: dict[str, float]
    temperature: float = 1.0
    match: str = "seeding"
    hidden_layers: str = "all"
    order: int = 100


@dataclass(frozen=True)
class Weighting:
    """A way to weight the compared layers among themselves; `emphasis` in a recipe's JSON.

    make: (compared teacher layers, shared, relevance) -> core.objectives.layer_weights.LayerWeights, where shared() gives the parameters of
    the student's first layer, and relevance() one number for each teacher layer. None: all layers count the same throughout.
    """

    name: str
    title: str
    reading: str
    formula: str
    source: str
    make: Callable | None = None
    order: int = 100


def declared(kind: type[T], *packages: ModuleType) -> dict[str, T]:
    """Return name -> declaration for all of this kind in the packages' files, by their order and name."""
    files = [f"{package.__name__}.{file.name}" for package in packages for file in pkgutil.iter_modules(package.__path__)]
    found = [one for file in files for one in vars(importlib.import_module(file)).values() if isinstance(one, kind)]
    return {one.name: one for one in sorted(found, key=lambda one: (one.order, one.name))}

"""The families of encoder that a teacher may come from: one file each, which makes a FAMILY (core/models/family.py); adding one is adding a file."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from core.errors import LabError
from core.models.family import Family

if TYPE_CHECKING:
    from torch import Tensor, nn
    from transformers import PreTrainedConfig, PreTrainedModel


def _declared() -> list[Family]:
    modules = (importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return sorted((module.FAMILY for module in modules), key=lambda family: (family.order, family.title))


FAMILIES: dict[str, Family] = {family.model_type: family for family in _declared()}


def family_titles() -> str:
    """Return the families for a sentence: "BERT, RoBERTa, MPNet, DistilBERT or ELECTRA"."""
    *titles, last = (family.title for family in FAMILIES.values())
    return f"{', '.join(titles)} or {last}"


def family_of(config_or_model: PreTrainedConfig | PreTrainedModel) -> Family:
    """Return the family of a config or a model; LabError when it is none of the known ones."""
    model_type = getattr(getattr(config_or_model, "config", config_or_model), "model_type", None)
    if model_type not in FAMILIES:
        raise LabError(f"A model of type {model_type!r} cannot be a teacher; choose a {family_titles()} encoder.")
    return FAMILIES[model_type]


def layer_of(name: str, family: Family) -> int | None:
    """Return the layer (1-based, 1 nearest the input) that a state-dict name belongs to; None when it belongs to no layer."""
    prefix = family.layers + "."
    if not name.startswith(prefix):
        return None
    return int(name[len(prefix):].split(".", 1)[0]) + 1


def part_of(name: str, family: Family) -> str:
    """Return the part a state-dict name belongs to: "embeddings", a layer as "1", "2", ..., "pooler" or "head".

    Raises LabError for a weight that a sequence classifier of this family does not have.
    """
    layer = layer_of(name, family)
    if layer is not None:
        return str(layer)
    for part in ("embeddings", "pooler", "head"):
        if name.startswith(getattr(family, part)):
            return part
    raise LabError(f"The model has a weight {name!r}, which no {family.model_type} sequence classifier has; choose another checkpoint.")


def layers(model: PreTrainedModel) -> nn.ModuleList:
    """Return the model's layers; index 0 holds layer 1, nearest the input."""
    return model.get_submodule(family_of(model).layers)


def word_embeddings(model: PreTrainedModel) -> nn.Embedding:
    """Return the table of word embeddings, weight (V, E); E is the hidden size except in ELECTRA, which may project."""
    return model.get_submodule(family_of(model).backbone).get_input_embeddings()


def layer_count(config: PreTrainedConfig) -> int:
    """Return how many layers a model of this config has."""
    return getattr(config, family_of(config).layer_count)


def head_count(model: PreTrainedModel) -> int:
    """Return how many attention heads a layer has."""
    return getattr(model.config, family_of(model).heads)


def hidden_size(model: PreTrainedModel) -> int:
    """Return the hidden size D."""
    return getattr(model.config, family_of(model).hidden)


def exit_logits(model: PreTrainedModel, hidden: Tensor) -> Tensor:
    """Compute the head (with the pooler, where there is one) on hidden states (B, T, D): logits (B, C). Only the first token is read.

    After the last layer these are the model's own logits. Of an earlier layer it is the logit lens (nostalgebraist 2020, "interpreting
    GPT: the logit lens"), there for next-token prediction; the head was never trained on those layers.
    """
    return family_of(model).classify(model, hidden)

"""The five families of encoder a teacher may come from, and where each keeps its parts (transformers' names)."""

from dataclasses import dataclass

from torch import nn
from transformers import PreTrainedConfig, PreTrainedModel

from core.errors import LabError


@dataclass(frozen=True)
class Family:
    """Where a sequence classifier of one model type keeps its parts.

    model_type: transformers' name of the architecture. backbone: the attribute that holds the encoder.
    layers: the module path of the list of layers. layer_count: the config key with their number.
    embeddings, pooler, head: prefixes of state-dict names. Relative-position tables and ELECTRA's projection belong to
    the embeddings, since one copy serves all layers; every weight after the last layer belongs to the pooler or the head.
    """

    model_type: str
    backbone: str
    layers: str
    embeddings: tuple[str, ...]
    pooler: tuple[str, ...]
    head: tuple[str, ...]
    layer_count: str = "num_hidden_layers"


FAMILIES: dict[str, Family] = {
    family.model_type: family
    for family in (
        Family("bert", "bert", "bert.encoder.layer", ("bert.embeddings.",), ("bert.pooler.",), ("classifier.",)),
        Family("roberta", "roberta", "roberta.encoder.layer", ("roberta.embeddings.",), (), ("classifier.",)),
        Family(
            "mpnet", "mpnet", "mpnet.encoder.layer", ("mpnet.embeddings.", "mpnet.encoder.relative_attention_bias."), (),
            ("classifier.",),
        ),
        Family(
            "distilbert", "distilbert", "distilbert.transformer.layer", ("distilbert.embeddings.",), (),
            ("pre_classifier.", "classifier."), layer_count="n_layers",
        ),
        Family(
            "electra", "electra", "electra.encoder.layer", ("electra.embeddings.", "electra.embeddings_project."), (),
            ("classifier.",),
        ),
    )
}


def family_of(config_or_model: PreTrainedConfig | PreTrainedModel) -> Family:
    """The family of a config or a model; LabError when it is none of the five."""
    model_type = getattr(getattr(config_or_model, "config", config_or_model), "model_type", None)
    if model_type not in FAMILIES:
        raise LabError(
            f"A model of type {model_type!r} cannot be a teacher; choose a BERT, RoBERTa, MPNet, DistilBERT or ELECTRA encoder."
        )
    return FAMILIES[model_type]


def layer_of(name: str, family: Family) -> int | None:
    """The layer (1-based, 1 nearest the input) that a state-dict name belongs to; None when it belongs to no layer."""
    prefix = family.layers + "."
    if not name.startswith(prefix):
        return None
    return int(name[len(prefix):].split(".", 1)[0]) + 1


def part_of(name: str, family: Family) -> str:
    """The part a state-dict name belongs to: "embeddings", a layer as "1", "2", ..., "pooler" or "head".

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
    """The model's layers; index 0 holds layer 1, nearest the input."""
    return model.get_submodule(family_of(model).layers)


def word_embeddings(model: PreTrainedModel) -> nn.Embedding:
    """The table of word embeddings, weight (V, E); E is the hidden size except in ELECTRA, which may project."""
    return model.get_submodule(family_of(model).backbone).get_input_embeddings()


def layer_count(config: PreTrainedConfig) -> int:
    """How many layers a model of this config has."""
    return getattr(config, family_of(config).layer_count)

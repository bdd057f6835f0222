"""Where the families keep their parts.

Run: python -m pytest tests/test_families.py
"""


import pytest
import torch
from transformers import GPT2Config, XLMRobertaConfig

from core.errors import LabError
from core.models.families import FAMILIES as DECLARED
from core.models.families import family_of, family_titles, layer_count, layer_of, layers, part_of, word_embeddings
from tests.tiny import FAMILIES, tiny_model


@pytest.mark.parametrize("name", FAMILIES)
def test_every_weight_has_its_part(name):
    model = tiny_model(name, layers=3)
    family = family_of(model)
    by_part: dict[str, set[int]] = {}
    for key, weight in model.state_dict().items():
        by_part.setdefault(part_of(key, family), set()).add(weight.data_ptr())
    assert set(by_part) == {"embeddings", "1", "2", "3", "head"} | ({"pooler"} if name == "bert" else set())
    # the parts hold what the modules hold, found without looking at names
    backbone = getattr(model, family.backbone)
    for j, layer in enumerate(layers(model), start=1):
        assert by_part[str(j)] == {p.data_ptr() for p in layer.parameters()}
    shared = list(backbone.embeddings.parameters())
    if name == "mpnet":
        shared += list(backbone.encoder.relative_attention_bias.parameters())
    if name == "electra":
        shared += list(backbone.embeddings_project.parameters())
    assert by_part["embeddings"] == {p.data_ptr() for p in shared}
    after = {p.data_ptr() for n, p in model.named_parameters() if not n.startswith(family.backbone + ".")}
    assert by_part["head"] == after


@pytest.mark.parametrize("name", FAMILIES)
def test_counts_and_modules(name):
    model = tiny_model(name, layers=5, vocab=37)
    assert layer_count(model.config) == 5 == len(layers(model))
    assert family_of(model) == family_of(model.config)
    assert word_embeddings(model).weight.shape[0] == 37
    assert word_embeddings(model) is model.get_input_embeddings()


@pytest.mark.parametrize("name", FAMILIES)
def test_layers_are_numbered_from_the_input(name):
    model = tiny_model(name, layers=12)
    family = family_of(model)
    ids = torch.tensor([[2, 7, 8, 3]])
    states = model(input_ids=ids, output_hidden_states=True).hidden_states
    with torch.no_grad():  # layer 12 moves the last state alone, layer 1 all but the embeddings
        for key, parameter in model.named_parameters():
            if layer_of(key, family) == 12:
                parameter.mul_(1.5)
    moved = [not torch.equal(a, b) for a, b in zip(states, model(input_ids=ids, output_hidden_states=True).hidden_states)]
    assert moved == [False] * 12 + [True]


def test_every_declared_family_is_tested_here():
    assert tuple(DECLARED) == FAMILIES and family_titles() == "BERT, RoBERTa, MPNet, DistilBERT or ELECTRA"


def test_layer_of_reads_more_than_one_digit():
    family = family_of(tiny_model("bert", layers=1))
    assert layer_of("bert.encoder.layer.0.output.dense.weight", family) == 1
    assert layer_of("bert.encoder.layer.11.output.dense.weight", family) == 12
    assert layer_of("bert.embeddings.LayerNorm.weight", family) is None
    assert layer_of("classifier.weight", family) is None


@pytest.mark.parametrize("config", [GPT2Config(), XLMRobertaConfig(), object()])
def test_other_types_are_refused_in_one_sentence(config):
    with pytest.raises(LabError, match=r"choose a BERT, RoBERTa, MPNet, DistilBERT or ELECTRA encoder\.$"):
        family_of(config)


def test_an_unknown_weight_is_refused():
    with pytest.raises(LabError, match="adapter.weight"):
        part_of("adapter.weight", family_of(tiny_model("bert", layers=1)))

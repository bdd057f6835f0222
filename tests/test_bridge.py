"""Seams of a choice, and bridges over them."""

import copy

import pytest
import torch

from core.models.bridge import fit_bridge, laid, lay
from core.models.bypass import only_layers
from core.models.families import family_of, layer_of, layers
from core.models.first_token import first_token_only
from core.recipe.seams import Seam, seams
from tests import tiny


def test_seams_of_a_choice():
    assert seams((1, 4, 5, 6), 6) == (Seam(1, 4),)
    assert seams((2, 4), 6) == (Seam(0, 2), Seam(2, 4), Seam(4, 7)) and [one.length for one in seams((2, 4), 6)] == [1, 1, 2]
    assert seams((1, 2, 3), 3) == () and Seam(3, 7).missing == (4, 5, 6) and str(Seam(0, 2)) == "0→2"
    for wrong in ((4, 2), (2, 2), (0, 1), (7,)):
        with pytest.raises(ValueError):
            seams(wrong, 6)


def test_a_bridge_finds_the_affine_map():
    torch.manual_seed(0)
    below, weight, bias = torch.randn(500, 8), torch.randn(8, 8), torch.randn(8)
    bridge = fit_bridge(below, below @ weight.T + bias)
    assert torch.allclose(bridge.weight, weight, atol=1e-2) and torch.allclose(bridge.bias, bias, atol=1e-2) and not bridge.weight.requires_grad


def scaled(factor: float) -> torch.nn.Linear:
    states = torch.randn(200, 16, generator=torch.Generator().manual_seed(0))
    return fit_bridge(states, factor * states, 1e-9)


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_a_bridge_changes_what_a_layer_gets(family):
    model = tiny.tiny_model(family)
    batch = {"input_ids": torch.arange(5, 25).view(2, 10), "attention_mask": torch.ones(2, 10, dtype=torch.long)}
    with torch.no_grad():
        plain = model(**batch).logits
        for position in (1, 2, len(layers(model)) + 1):
            with laid(model, {position: scaled(1)}):
                assert torch.allclose(model(**batch).logits, plain, atol=1e-4)
            with laid(model, {position: scaled(-1)}):
                turned = model(**batch).logits
                assert not torch.allclose(turned, plain, atol=1e-3)
                with first_token_only(model):
                    assert torch.allclose(model(**batch).logits, turned, atol=1e-5)
            assert torch.equal(model(**batch).logits, plain) and not any("bridge" in name for name in model.state_dict())
        with only_layers(model, (1, 3)):
            cut = model(**batch).logits
            with laid(model, {2: scaled(-1)}):
                assert not torch.allclose(model(**batch).logits, cut, atol=1e-3)
    student = copy.deepcopy(model)
    lay(student, 2, scaled(-1))
    assert {layer_of(name, family_of(student)) for name in student.state_dict() if "bridge" in name} == {2}

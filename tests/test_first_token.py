"""The last layer for the first token alone is the same mathematics. Run: python -m pytest tests/test_first_token.py"""

import pytest
import torch

from core.models.first_token import first_token_only
from tests.tiny import FAMILIES, tiny_model

IDS = torch.tensor([[2, 5, 6, 7, 3, 8, 3], [2, 9, 3, 0, 0, 0, 0], [2, 5, 5, 3, 0, 0, 0]])
ATTENTIONS = [(family, "eager") for family in FAMILIES] + [(family, "sdpa") for family in FAMILIES if family != "mpnet"]


def loss_and_gradients(model):
    model.zero_grad()
    out = model(input_ids=IDS, attention_mask=(IDS != 0).long())
    loss = torch.nn.functional.cross_entropy(out.logits, torch.tensor([0, 1, 2]))
    loss.backward()
    return out.logits.detach(), {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize(("family", "attention"), ATTENTIONS)
@pytest.mark.parametrize("padded", (True, False))
def test_logits_and_gradients_are_the_same(family, attention, padded, monkeypatch):
    if not padded:
        monkeypatch.setattr("tests.test_first_token.IDS", IDS[:1].repeat(3, 1))
    model = tiny_model(family)
    model.set_attn_implementation(attention)
    logits, gradients = loss_and_gradients(model)
    with first_token_only(model):
        shorter, others = loss_and_gradients(model)
        assert model(input_ids=IDS, output_hidden_states=True).hidden_states[-1].shape[1] == 1
    torch.testing.assert_close(shorter, logits, atol=1e-6, rtol=1e-5)
    assert set(others) == set(gradients)
    for name in gradients:
        torch.testing.assert_close(others[name], gradients[name], atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_model_is_whole_again_afterwards(family):
    model = tiny_model(family)
    names = set(model.state_dict())
    with first_token_only(model):
        assert set(model.state_dict()) == names
    assert model(input_ids=IDS, output_hidden_states=True).hidden_states[-1].shape[1] == IDS.shape[1]
    with first_token_only(model, wanted=False):
        assert model(input_ids=IDS, output_hidden_states=True).hidden_states[-1].shape[1] == IDS.shape[1]


@pytest.mark.parametrize("family", FAMILIES)
def test_dropout_still_acts_in_training(family):
    model = tiny_model(family).train()
    with first_token_only(model):
        assert not torch.equal(model(input_ids=IDS).logits, model(input_ids=IDS).logits)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert torch.isfinite(model(input_ids=IDS, attention_mask=(IDS != 0).long()).logits).all()

"""Signals: kept or live, by example index. Run: python -m pytest tests/test_signals.py"""

import math

import pytest
import torch

from core.home import home
from core.training.device import pick
from core.training.loading import load_pair
from core.training.signals import CachedSignals, LiveSignals, SignalRequest, entropy, prepare


def ask_for(teacher, split, ask, **options):
    *_, signals = prepare(teacher, split, ask, pick("fp32"), **options)
    return signals


@pytest.fixture
def loaded(teacher, task):
    found, _, encoded = load_pair(teacher, task)
    return found, encoded["train"]


@pytest.mark.parametrize(
    "ask", (SignalRequest(), SignalRequest(True, (1, 4)), SignalRequest(False, (2,)), SignalRequest(True, (2, 3), cls_only=True))
)
def test_kept_signals_equal_live_ones_in_any_order(loaded, ask):
    teacher, split = loaded
    kept, live = ask_for(teacher, split, ask), ask_for(teacher, split, ask, cache=False)
    assert isinstance(kept, CachedSignals) and isinstance(live, LiveSignals)
    for indices in torch.randperm(len(split), generator=torch.Generator().manual_seed(0)).split(7):
        batch = split.batch(indices)
        a, b = kept(batch), live(batch)
        if ask.logits:
            torch.testing.assert_close(a.logits, b.logits, atol=1e-5, rtol=0)
        else:
            assert a.logits is None and b.logits is None
        for layer in ask.hidden:
            width = 1 if ask.cls_only else batch.input_ids.shape[1]
            mask = batch.attention_mask[:, :width].unsqueeze(2)
            torch.testing.assert_close(a.hidden[layer] * mask, b.hidden[layer][:, :width] * mask, atol=1e-5, rtol=0)


def test_signals_are_computed_once_and_survive_damage(loaded):
    teacher, split = loaded
    first = ask_for(teacher, split, SignalRequest()).logits
    files = list((home() / "cache" / "signals").glob("*.safetensors"))
    assert len(files) == 1
    assert [v for v in prepare(teacher, split, SignalRequest(), pick("fp32")) if isinstance(v, float)] == []
    files[0].write_bytes(files[0].read_bytes()[:50])
    assert torch.equal(ask_for(teacher, split, SignalRequest()).logits, first)


def test_other_weights_have_other_signals(loaded):
    teacher, split = loaded
    first = ask_for(teacher, split, SignalRequest()).logits
    teacher.identity = "another"
    with torch.no_grad():
        teacher.model.classifier.bias.add_(1.0)
    assert torch.allclose(ask_for(teacher, split, SignalRequest()).logits, first + 1.0, atol=1e-5)


def test_signals_carry_no_gradient(loaded):
    teacher, split = loaded
    teacher.model.requires_grad_(True)
    signal = ask_for(teacher, split, SignalRequest(True, (1,)), cache=False)(split.batch([0, 1]))
    assert not signal.logits.requires_grad and not signal.hidden[1].requires_grad


def test_entropy_has_its_closed_forms():
    assert entropy(torch.zeros(5, 3), 2.0) == pytest.approx(math.log(3))
    assert entropy(torch.tensor([[1000.0, 0.0, 0.0]]), 1.0) == pytest.approx(0.0, abs=1e-12)

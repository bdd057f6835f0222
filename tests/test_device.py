"""The device and its precision. Run: python -m pytest tests/test_device.py"""

import pytest
import torch

from core.errors import LabError
from core.training import device


def test_the_cpu_is_always_there(monkeypatch):
    monkeypatch.setenv("LAYER_LAB_DEVICE", "cpu")
    found = device.pick("fp32")
    assert found.kind == "cpu" and found.dtype == "float32" and found.name and found.threads >= 1
    assert device.pick("bf16").autocast is torch.bfloat16


def test_auto_takes_bf16_only_where_it_is_multiplied_in_hardware(monkeypatch):
    monkeypatch.setenv("LAYER_LAB_DEVICE", "cpu")
    for pays, dtype in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr(device, "bf16_pays", lambda kind, pays=pays: pays)
        assert device.pick("auto").dtype == dtype


@pytest.mark.parametrize("pays", [True, False])
def test_what_auto_means_can_be_asked_for(monkeypatch, pays):
    monkeypatch.setenv("LAYER_LAB_DEVICE", "cpu")
    monkeypatch.setattr(device, "bf16_pays", lambda kind: pays)
    for asked, dtype in (("fp32", "float32"), ("BF16", "bfloat16"), ("", "bfloat16" if pays else "float32")):
        monkeypatch.setenv("LAYER_LAB_PRECISION", asked)
        assert device.pick("auto").dtype == dtype
        assert device.pick("fp32").dtype == "float32"  # a recipe's own word counts
    monkeypatch.setenv("LAYER_LAB_PRECISION", "fp16")
    with pytest.raises(LabError, match="must be fp32 or bf16, or not be set"):
        device.pick("auto")


def test_a_device_that_is_not_there_is_one_sentence(monkeypatch):
    monkeypatch.setenv("LAYER_LAB_DEVICE", "abacus")
    with pytest.raises(LabError, match=r"does not have; it has .*cpu\."):
        device.pick()


def test_bf16_autocast_reaches_the_matrix_products(monkeypatch):
    monkeypatch.setenv("LAYER_LAB_DEVICE", "cpu")
    x = torch.randn(4, 4)
    with device.pick("bf16").context():
        assert torch.nn.functional.linear(x, x).dtype is torch.bfloat16
    with device.pick("fp32").context():
        assert torch.nn.functional.linear(x, x).dtype is torch.float32

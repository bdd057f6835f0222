"""A bridge over a seam: an affine map from the states that reach the seam to those that the layer above knew in the teacher."""

import contextlib
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle
from transformers import PreTrainedModel

from core.models.families import layers

RIDGE = 1e-4  # of the mean squared state: keeps the equations solvable where states hardly vary in a direction


def fit_bridge(below: Tensor, above: Tensor, ridge: float = RIDGE) -> nn.Linear:
    """Return the affine map that takes states `below` nearest to states `above`, by least squares with a ridge on the weight.

    below, above: (N, D) states of the same N tokens in the teacher; padding is to be left out before. The map is fixed (no gradient)."""
    x, y = below.double(), above.double()
    x_mean, y_mean = x.mean(0), y.mean(0)
    x, y = x - x_mean, y - y_mean
    gram = x.T @ x
    gram.diagonal().add_(ridge * gram.diagonal().mean())
    weight = torch.linalg.solve(gram, x.T @ y).T  # (D, D)
    made = nn.utils.skip_init(nn.Linear, x.shape[1], y.shape[1], device=below.device, dtype=torch.float32)
    made.weight.data.copy_(weight)
    made.bias.data.copy_(y_mean - weight @ x_mean)
    return made.requires_grad_(False)


def lay(model: PreTrainedModel, position: int, bridge: nn.Linear) -> RemovableHandle:
    """Put a bridge before the model's layer at `position` (1-based), or after its last one (position K + 1); return what takes it off again.

    Its weights become part of that layer: an optimizer finds them, and a record counts them as the layer's."""
    whole = layers(model)
    if position <= len(whole):
        whole[position - 1].add_module("bridge", bridge)
        return whole[position - 1].register_forward_pre_hook(_before)
    whole[-1].add_module("bridge_after", bridge)
    return whole[-1].register_forward_hook(_after)


@contextlib.contextmanager
def laid(model: PreTrainedModel, bridges: Mapping[int, nn.Linear]) -> Iterator[None]:
    """Lay bridges by their positions within; afterwards the model is as before."""
    held = [(layers(model)[min(position, len(layers(model))) - 1], lay(model, position, bridge)) for position, bridge in bridges.items()]
    try:
        yield
    finally:
        for layer, hook in held:
            hook.remove()
            layer._modules.pop("bridge", None), layer._modules.pop("bridge_after", None)


def of_bridge(name: str) -> bool:
    """Return whether a weight of this state-dict name belongs to a bridge that was laid."""
    return not {"bridge", "bridge_after"}.isdisjoint(name.split("."))


def _before(layer: nn.Module, inputs: tuple) -> tuple:
    return layer.bridge(inputs[0]), *inputs[1:]


def _after(layer: nn.Module, inputs: tuple, output):
    return (layer.bridge_after(output[0]), *output[1:]) if isinstance(output, tuple) else layer.bridge_after(output)  # a tuple: MPNet's

"""Running a model on some of its layers, or with each layer turned down by a gate; the weights stay as they are and are not copied."""

import contextlib
from collections.abc import Iterator, Sequence

from torch import Tensor, nn
from transformers import PreTrainedModel

from core.models.families import family_of, layers


@contextlib.contextmanager
def only_layers(model: PreTrainedModel, chosen: Sequence[int]) -> Iterator[None]:
    """Within, the model has these layers (1-based) in this order: it computes what a student seeded with them would, before its first step."""
    path, name = family_of(model).layers.rsplit(".", 1)
    parent, whole = model.get_submodule(path), layers(model)
    setattr(parent, name, nn.ModuleList(whole[layer - 1] for layer in chosen))
    try:
        yield
    finally:
        setattr(parent, name, whole)


@contextlib.contextmanager
def gated(model: PreTrainedModel, gates: Sequence[Tensor]) -> Iterator[None]:
    """Within, layer l gives h + g (layer(h) - h): the layer itself at g = 1, and what went in at g = 0, as if it were not there.

    gates: one a layer, each broadcasting to (B, T, D), such as (B, 1, 1) for a gate an example. Gradients reach them.
    """
    handles = [layer.register_forward_hook(_turned_down(gate)) for layer, gate in zip(layers(model), gates, strict=True)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _turned_down(gate: Tensor):
    def hook(layer: nn.Module, inputs: tuple, output):
        hidden = inputs[0]
        if isinstance(output, tuple):  # MPNet's
            return (hidden + gate * (output[0] - hidden), *output[1:])
        return hidden + gate * (output - hidden)

    return hook

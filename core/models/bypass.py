"""Running a model on some of its layers, or with each layer turned down by a gate; the weights stay as they are and are not copied."""

import contextlib
import functools
from collections.abc import Iterator, Sequence

from torch import Tensor, nn
from transformers import PreTrainedModel

from core.models.families import family_of, layers


class PrefixCache:
    """The outputs of the layers of the last choice, batch by batch: what the next choice begins with too is not computed again.

    For choices that are evaluated on the same batches in the same order, each once from the first batch to the last. In lexicographic order
    most choices begin as the one before. It holds (B, T, D) for each batch and each layer of one choice but its last.
    """

    def __init__(self):
        self._layers: list[tuple[int, list]] = []  # the layer, and its output for each batch

    def layers(self, whole: nn.ModuleList, chosen: Sequence[int]) -> list[nn.Module]:
        """Return the chosen layers (1-based); those that the last choice began with too give their cached outputs."""
        before = [layer for layer, _ in self._layers]
        shared = next((i for i, (a, b) in enumerate(zip(before, chosen[:-1], strict=False)) if a != b), min(len(before), len(chosen) - 1))
        self._layers = self._layers[:shared] + [(layer, []) for layer in chosen[shared:-1]]
        cached = [_Cached(outputs) for _, outputs in self._layers[:shared]]
        new = [_Recorded(whole[layer - 1], outputs) for layer, outputs in self._layers[shared:]]
        return [*cached, *new, whole[chosen[-1] - 1]]


class _Cached(nn.Module):
    """Stands in for a layer by its outputs, in the order of the batches."""

    def __init__(self, outputs: list):
        super().__init__()
        self._outputs = iter(outputs)

    def forward(self, *_, **__):
        return next(self._outputs)


class _Recorded(nn.Module):
    """A layer whose outputs are kept."""

    def __init__(self, layer: nn.Module, outputs: list):
        super().__init__()
        self._layer, self._outputs = layer, outputs

    def forward(self, *inputs, **options):
        self._outputs.append(self._layer(*inputs, **options))
        return self._outputs[-1]


@contextlib.contextmanager
def only_layers(model: PreTrainedModel, chosen: Sequence[int], cache: PrefixCache | None = None) -> Iterator[None]:
    """Give the model only these layers (1-based), in this order: it computes what a student seeded with them would, before its first step.

    cache: shared by choices that are evaluated one after the other.
    """
    path, name = family_of(model).layers.rsplit(".", 1)
    parent, whole = model.get_submodule(path), layers(model)
    setattr(parent, name, nn.ModuleList(cache.layers(whole, chosen) if cache else (whole[layer - 1] for layer in chosen)))
    try:
        yield
    finally:
        setattr(parent, name, whole)


@contextlib.contextmanager
def gated(model: PreTrainedModel, gates: Sequence[Tensor]) -> Iterator[None]:
    """Turn each layer l down to h + g (layer(h) - h) within the context: the layer itself at g = 1, its input at g = 0, as if it were not there.

    gates: one a layer, each broadcasting to (B, T, D), such as (B, 1, 1) for a gate an example. Gradients reach them.
    """
    with contextlib.ExitStack() as hooks:
        for layer, gate in zip(layers(model), gates, strict=True):
            hooks.enter_context(layer.register_forward_hook(functools.partial(_turn_down, gate)))
        yield


def _turn_down(gate: Tensor, layer: nn.Module, inputs: tuple, output):
    hidden = inputs[0]
    if isinstance(output, tuple):  # MPNet's
        return (hidden + gate * (output[0] - hidden), *output[1:])
    return hidden + gate * (output - hidden)

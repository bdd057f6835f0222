"""What the attention of a layer computed: queries, keys, values, and the scores before the softmax.

transformers gives maps only under eager attention (under SDPA `output_attentions=True` returns an empty tuple), after dropout, and
never the scores before the softmax. Here the outputs of the query, key and value projections are caught instead, and the scores made
from them: the same numbers on every attention backend, without dropout, with a gradient where there is one.
"""

import contextlib
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor
from transformers import PreTrainedModel

from core.errors import LabError
from core.models.families import family_of, head_count, layers
from core.objectives.tensors import scaled_products


@dataclass(frozen=True)
class Vectors:
    """The attention of one layer: H heads of width d, over B examples of T tokens.

    queries, keys, values: (B, H, T, d). bias: (1, H, T, T), added to the scores. kept: (B, H, T, T), the scores themselves, where only
    they were kept. None: not there, or not asked for.
    """

    queries: Tensor | None = None
    keys: Tensor | None = None
    values: Tensor | None = None
    bias: Tensor | None = None
    kept: Tensor | None = None

    @property
    def heads(self) -> int:
        return next(x for x in (self.kept, self.queries, self.keys, self.values) if x is not None).shape[1]

    def scores(self) -> Tensor:
        """Compute (B, H, T, T): q·k / sqrt(d), with the bias, before mask and softmax. Vaswani et al. 2017, "Attention Is All You Need", equation 1.

        In float32 at least, whatever autocast does around it.
        """
        if self.kept is not None:
            return self.kept
        found = scaled_products(self.queries, self.keys)
        return found if self.bias is None else found + self.bias


@contextlib.contextmanager
def caught(model: PreTrainedModel, wanted: Sequence[int]) -> Iterator[dict[int, Vectors]]:
    """Give a dictionary that every forward pass fills again within the block: layer (1-based, of `wanted`) -> its Vectors.

    LabError when a layer has no such projections, or when its attention was computed for the first token alone.
    """
    outputs: dict[int, list[Tensor]] = {}
    with contextlib.ExitStack() as hooks:
        for layer in wanted:
            try:
                modules = [layers(model)[layer - 1].get_submodule(path) for path in family_of(model).projections]
            except (AttributeError, IndexError):
                raise LabError(
                    f"{type(model).__name__} gives no attention maps of layer {layer}; choose an objective without attention, such as hinton."
                ) from None
            outputs[layer] = [None, None, None]
            for place, module in enumerate(modules):
                hooks.enter_context(module.register_forward_hook(functools.partial(_keep, outputs[layer], place)))
        yield _Read(model, outputs)


def _keep(row: list, place: int, module, inputs, output: Tensor) -> None:
    row[place] = output


class _Read(dict):
    """Layer -> Vectors, made from what the hooks kept at the last forward pass."""

    def __init__(self, model: PreTrainedModel, outputs: dict[int, list[Tensor]]):
        super().__init__()
        self.model, self.outputs = model, outputs

    def __missing__(self, layer: int) -> Vectors:
        queries, keys, values = self.outputs[layer]
        if queries is None or queries.shape != keys.shape:
            raise LabError(
                f"{type(self.model).__name__} computed no attention maps in layer {layer}; choose an objective without attention, such as hinton."
            )
        split = [x.unflatten(-1, (head_count(self.model), -1)).transpose(1, 2) for x in (queries, keys, values)]
        bias = family_of(self.model).position_bias
        return Vectors(*split, bias and bias(self.model, queries))

"""A model run layer by layer on one batch, so that a chain of some of its layers can begin at any state that is known."""

from collections.abc import Iterable, Mapping

from torch import Tensor
from transformers import PreTrainedModel

from core.models.families import exit_logits, layers


class Stepwise:
    """A model, opened on one batch. states: L + 1 of (B, T, D), index 0 the embeddings, index l what layer l gives there.

    Call it, and what it offers, within the device's context. What layers get besides their input (masks, relative positions) is the model's own."""

    def __init__(self, model: PreTrainedModel, inputs: Mapping[str, Tensor]):
        besides = []
        hook = layers(model)[0].register_forward_pre_hook(lambda _, args, options: besides.append((args[1:], options)), with_kwargs=True)
        try:
            self.states: tuple[Tensor, ...] = model(**inputs, output_hidden_states=True).hidden_states
        finally:
            hook.remove()
        self._model, self._layers, (self._args, self._options) = model, layers(model), besides[0]

    def run(self, hidden: Tensor, chosen: Iterable[int]) -> Tensor:
        """Return what these layers (1-based), one after the other, make of states (B, T, D)."""
        for layer in chosen:
            out = self._layers[layer - 1](hidden, *self._args, **self._options)
            hidden = out[0] if isinstance(out, tuple) else out  # a tuple: MPNet's
        return hidden

    def logits(self, hidden: Tensor) -> Tensor:
        """Return what the head makes of states: (B, C) float32."""
        return exit_logits(self._model, hidden).float()

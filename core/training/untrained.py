"""Losses of students before their first step."""

from collections.abc import Sequence

from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from core.data.batches import EncodedSplit
from core.models.bypass import PrefixCache, only_layers
from core.training.device import Device
from core.training.evaluate import predict


class UntrainedLosses:
    """Of choices of a model's layers on one split; what a choice begins with as the one before it did is not computed again."""

    def __init__(self, model: PreTrainedModel, split: EncodedSplit, device: Device):
        self._model, self._split, self._device = model.to(device.torch), split, device
        self._cache = PrefixCache()

    def of(self, choice: Sequence[int]) -> float:
        """Cross-entropy with the labels, mean nats, of the model on these layers (1-based) alone, with the weights they have now."""
        with only_layers(self._model, choice, self._cache):
            return float(cross_entropy(predict(self._model, self._split, self._device).double(), self._split.labels))

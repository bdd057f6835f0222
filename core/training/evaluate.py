"""Logits of a whole split, and what is read off them; losses of students before their first step."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from core.data.batches import EncodedSplit, sequential
from core.models.bypass import PrefixCache, only_layers
from core.training.device import Device
from core.training.events import TURN, Event, completed

EVALUATION_BATCH = 64


def predicting(model, split: EncodedSplit, device: Device) -> Iterator[Event]:
    """Yield a turn after every batch; returns logits (N, C) float32 on the CPU, in the split's order.

    The model is in eval mode meanwhile, and afterwards as it was.
    """
    was_training = model.training
    model.eval()
    order, out = sequential(split.lengths, EVALUATION_BATCH), []
    try:
        for indices in order:
            batch = split.batch(indices).to(device.torch)
            with torch.inference_mode(), device.context():  # closed before the turn
                out.append(model(**batch.model_inputs()).logits.float())
            yield TURN
    finally:
        model.train(was_training)
    rows = torch.empty(len(split), out[0].shape[1])
    rows[torch.cat(order)] = torch.cat(out).cpu()
    return rows


def predict(model, split: EncodedSplit, device: Device) -> Tensor:
    """Return what `predicting` returns, without turns."""
    return completed(predicting(model, split, device))


def brief(logits: Tensor, labels: Tensor) -> dict:
    """accuracy and loss (cross-entropy with the labels, mean nats)."""
    return {
        "accuracy": float((logits.argmax(1) == labels).double().mean()),
        "loss": float(torch.nn.functional.cross_entropy(logits.double(), labels)),
    }


def scores(logits: Tensor, labels: Tensor, teacher_logits: Tensor | None, tags=()) -> dict:
    """Return all that a run reports of a split.

    accuracy, loss, macro_f1 (over the classes that occur or are predicted, as in scikit-learn), agreement with the teacher's predictions (None
    without a teacher), confusion (rows true, columns predicted), groups (accuracy and n by tag), predictions (one character an example: its class).
    """
    predicted, truth = logits.argmax(1).numpy(), labels.numpy()
    classes = logits.shape[1]
    confusion = np.zeros((classes, classes), dtype=int)
    np.add.at(confusion, (truth, predicted), 1)
    hits = np.diag(confusion)
    totals = confusion.sum(0) + confusion.sum(1)
    f1 = np.divide(2 * hits, totals, out=np.zeros(classes), where=totals > 0)
    agreement = None if teacher_logits is None else float(np.mean(predicted == teacher_logits.argmax(1).numpy()))
    return brief(logits, labels) | {
        "macro_f1": float(f1[totals > 0].mean()),
        "agreement": agreement,
        "confusion": confusion.tolist(),
        "groups": _groups(predicted == truth, tags),
        "predictions": "".join(map(str, predicted.tolist())),
    }


def figures(result: dict) -> dict:
    """Return the figures of a result of `scores` that a record keeps of the teacher and of the first student."""
    return {name: result[name] for name in ("accuracy", "loss", "macro_f1", "groups")}


def by_group(result: dict, labels: tuple[str, ...]) -> dict[str, float]:
    """Return accuracy by tag, of a result of `scores`; by class (recall), as class:LABEL, where the split has no tags."""
    if result["groups"]:
        return {name: group["accuracy"] for name, group in result["groups"].items()}
    rows = zip(labels, result["confusion"], strict=True)
    return {f"class:{label}": row[i] / sum(row) for i, (label, row) in enumerate(rows) if sum(row)}


def _groups(correct: np.ndarray, tags) -> dict:
    members: dict[str, list[int]] = {}
    for i, names in enumerate(tags):
        for name in names:
            members.setdefault(name, []).append(i)
    return {name: {"accuracy": float(correct[rows].mean()), "n": len(rows)} for name, rows in sorted(members.items())}


class UntrainedLosses:
    """Losses of students before their first step: of choices of a model's layers, on one split.

    What a choice begins with as the one before it did is not computed again.
    """

    def __init__(self, model, split: EncodedSplit, device: Device):
        self._model, self._split, self._device = model.to(device.torch), split, device
        self._cache = PrefixCache()

    def of(self, choice: Sequence[int]) -> float:
        """Cross-entropy with the labels, mean nats, of the model on these layers (1-based) alone, with the weights they have now."""
        with only_layers(self._model, choice, self._cache):
            return float(torch.nn.functional.cross_entropy(predict(self._model, self._split, self._device).double(), self._split.labels))

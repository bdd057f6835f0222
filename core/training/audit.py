"""What a run measures of its own making: what was copied from the teacher, what the optimizer holds, how far each part of the student moved."""

import torch
from torch import Tensor

from core.data.batches import EncodedSplit, sequential
from core.models.bridge import of_bridge
from core.models.families import family_of, layer_count, layer_of, part_of, word_embeddings
from core.training.device import Device
from core.training.evaluate import EVALUATION_BATCH


def audit(student, teacher, kept_words: Tensor, optimizer, rates: list[float]) -> dict:
    """JSON-ready facts for `diagnose`, taken before the first step. rates: the learning rate of every step. kept_words: as in `copied`.

    optimizer_holds: the share of the student's trained weights that the optimizer updates. peak_rate: the highest rate.
    """
    weights = [p for p in student.parameters() if p.requires_grad]
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    share = sum(p.numel() for p in weights if id(p) in held) / sum(p.numel() for p in weights)
    return copied(student, teacher, kept_words) | {"optimizer_holds": share, "peak_rate": max(rates)}


def copied(student, teacher, kept_words: Tensor) -> dict:
    """Return which parts of the student equal the teacher's, tensor by tensor.

    layers: for each student layer the teacher layer (1-based) that it equals, None where there is none. embeddings, pooler, head:
    True or False; absent where the model has none. kept_words: (U,) ids, the rows left where the student's word embeddings were cut.
    """
    ours, theirs = _parts(student), _parts(teacher)
    words = next(name for name, parameter in student.named_parameters() if parameter is word_embeddings(student).weight)
    if len(ours["embeddings"][words]) < len(theirs["embeddings"][words]):
        theirs["embeddings"][words] = theirs["embeddings"][words][kept_words.to(teacher.device)]
    candidates = range(1, layer_count(teacher.config) + 1)
    layers = [
        next((layer for layer in candidates if _equal(ours[str(j)], theirs[str(layer)])), None)
        for j in range(1, layer_count(student.config) + 1)
    ]
    return {"layers": layers} | {part: _equal(ours[part], theirs[part]) for part in ("embeddings", "pooler", "head") if part in ours}


@torch.inference_mode()
def training_mode_loss(model, split: EncodedSplit, examples: Tensor, device: Device) -> float:
    """Cross-entropy with the labels over fixed examples, (M,) positions, with dropout on. While the weights stay, dropout alone moves it.

    The masks are new at every call; the run's own random numbers and the model's mode stay as they were.
    """
    was_training, total = model.training, 0.0
    with torch.random.fork_rng():
        model.train()
        for chosen in sequential(split.lengths[examples], EVALUATION_BATCH):
            batch = split.batch(examples[chosen]).to(device.torch)
            with device.context():
                logits = model(**batch.model_inputs()).logits.float()
            total += float(torch.nn.functional.cross_entropy(logits, batch.labels, reduction="sum"))
    model.train(was_training)
    return total / len(examples)


def snapshot(model) -> dict[str, Tensor]:
    """Return a copy of all parameters."""
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def update_norms(model, before: dict[str, Tensor]) -> dict[str, float]:
    """Return the Euclidean norm of the change since `before`, by part: embeddings, each layer 1..K, pooler, head."""
    family = family_of(model)
    squares: dict[str, Tensor] = {}
    for name, parameter in model.named_parameters():
        part = part_of(name, family)
        change = (parameter.detach().float() - before[name].float()).square().sum()  # MPS has no float64
        squares[part] = squares[part] + change if part in squares else change
    order = {"embeddings": -1, "pooler": 10_000, "head": 10_001}
    parts = sorted(squares, key=lambda part: order.get(part) or int(part))
    return {part: float(squares[part].sqrt()) for part in parts}


def _parts(model) -> dict[str, dict[str, Tensor]]:
    """Tensors by part and, within it, by name; a layer's names leave out its number. A bridge, which no teacher has, is left out."""
    family, parts = family_of(model), {}
    for name, tensor in model.state_dict().items():
        if of_bridge(name):
            continue
        layer = layer_of(name, family)
        inner = name if layer is None else name[len(f"{family.layers}.{layer - 1}."):]
        parts.setdefault(part_of(name, family), {})[inner] = tensor
    return parts


def _equal(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> bool:
    return ours.keys() == theirs.keys() and all(torch.equal(tensor, theirs[name].to(tensor.device)) for name, tensor in ours.items())

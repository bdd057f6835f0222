"""The layer weights of a run, from its teacher and its student; and how much the teacher's loss depends on each of its layers."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core.data.batches import EncodedSplit, sequential
from core.data.task import stratified
from core.models.bypass import gated
from core.models.families import layers
from core.models.teachers import Teacher
from core.objectives import WEIGHTINGS
from core.objectives.layer_weights import LayerWeights
from core.recipe import Objective, layers_compared
from core.training.device import Device

RELEVANCE_EXAMPLES = 512  # ours: of train
FISHER_BATCH = 32


def layer_weights_for(
    objective: Objective, teacher: Teacher, train: EncodedSplit, matched: tuple[int, ...], student, device: Device
) -> LayerWeights | None:
    """Return what weights the compared layers among themselves; None where all count the same throughout. matched: K teacher layers.

    Relevance is measured on RELEVANCE_EXAMPLES training examples, the same for every seed.
    """
    compared, make = layers_compared(objective, len(matched)), WEIGHTINGS[objective.emphasis].make
    if make is None or not compared:
        return None

    def relevance() -> list[float]:
        sample = train.take(torch.tensor(stratified(train.labels.tolist(), RELEVANCE_EXAMPLES, seed=0)))
        return fisher(teacher, sample, device)

    return make(tuple(matched[j - 1] for j in compared), lambda: layers(student)[0].parameters(), relevance)


def fisher(teacher: Teacher, split: EncodedSplit, device: Device) -> list[float]:
    """Return one score a layer, layer 1 first: ½ mean over examples of g², g the gradient of an example's cross-entropy in the layer's gate at 1.

    The gate turns a layer down from itself to nothing (core.models.bypass.gated). By the empirical Fisher information this estimates what
    shutting the gate adds to the loss: Theis, Korshunova, Tejani and Huszár 2018, "Faster gaze prediction with dense networks and Fisher
    pruning", there for feature maps. In float32, in eval mode; no weight gets a gradient.
    """
    model = teacher.model.to(device.torch)
    squares = torch.zeros(teacher.layers, dtype=torch.float64)
    for indices in sequential(split.lengths, FISHER_BATCH):
        batch = split.batch(indices).to(device.torch)
        gates = [torch.ones(len(indices), 1, 1, device=device.torch, requires_grad=True) for _ in range(teacher.layers)]
        with torch.enable_grad(), gated(model, gates):
            loss = cross_entropy(model(**batch.model_inputs()).logits, batch.labels, reduction="sum")
        gradients: tuple[Tensor, ...] = torch.autograd.grad(loss, gates)
        squares += torch.stack([gradient.square().sum() for gradient in gradients]).cpu()
    return (squares / len(split) / 2).tolist()

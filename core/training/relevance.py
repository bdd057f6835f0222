"""How much the teacher's loss on the task depends on each of its layers."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core.data.batches import EncodedSplit, sequential
from core.models.bypass import gated
from core.models.teachers import Teacher
from core.training.device import Device

FISHER_BATCH = 32


def fisher(teacher: Teacher, split: EncodedSplit, device: Device) -> list[float]:
    """One score a layer, layer 1 first: ½ mean over examples of g², g the gradient of an example's cross-entropy in the layer's gate at 1.

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

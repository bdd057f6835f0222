"""Floating-point operations of an encoder, by formula. A multiplication with its addition counts as two."""

import torch
from torch import Tensor
from transformers import PreTrainedModel

from core.models.families import family_of, hidden_size, layer_count, part_of
from core.models.first_token import is_cut


def linear_shapes(model: PreTrainedModel) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return (inputs, outputs) of every linear layer: those that read every token, and those that read one token a sequence.

    The latter are pooler and head, and in a cut last layer (core/models/first_token.py) all but keys and values.
    """
    family, last = family_of(model), str(layer_count(model.config))
    per_token, per_sequence = [], []
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear):
            part = part_of(f"{name}.weight", family)
            once = part in ("pooler", "head") or (is_cut(model) and part == last and not name.endswith(family.projections[1:]))
            (per_sequence if once else per_token).append((module.in_features, module.out_features))
    return per_token, per_sequence


def forward_flops(model: PreTrainedModel, lengths: Tensor) -> float:
    """Count the FLOPs of one forward pass over sequences of these lengths, (B,).

    2 W Σt + 4 L D Σt² + 2 H B: W weights of the linear layers that read every token, t a sequence's length, L layers of hidden size D (queries with
    keys, then weights with values: 2 t² D each), H weights of those that read one token a sequence. A cut last layer has one query, so t² is t there.
    Embedding look-ups, normalisation, activations and softmax are left out. The count of Kaplan et al. 2020, "Scaling Laws for Neural Language
    Models", section 2.1, which also leaves those out.
    """
    per_token, per_sequence = (sum(a * b for a, b in shapes) for shapes in linear_shapes(model))
    t = lengths.double()
    cut = int(is_cut(model))
    attention = 4 * hidden_size(model) * ((layer_count(model.config) - cut) * float(t.square().sum()) + cut * float(t.sum()))
    return 2 * per_token * float(t.sum()) + attention + 2 * per_sequence * len(t)


def training_flops(model: PreTrainedModel, lengths: Tensor) -> float:
    """Count forward and backward: three times the forward pass, since the backward pass multiplies once for inputs and once for weights."""
    return 3 * forward_flops(model, lengths)

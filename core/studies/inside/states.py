"""One pass of a teacher over a sample: what every layer made of every example."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.batches import EncodedSplit, sequential
from core.models.attention import caught
from core.models.families import exit_logits, head_count, hidden_size
from core.models.teachers import Teacher
from core.training.device import Device

LOOK_BATCH = 64
LEAST = torch.finfo(torch.float32).min


@dataclass
class States:
    """N examples in the split's order, on the CPU in float32. Index 0 of the first dimension is the embeddings, index l layer l.

    first: (L + 1, N, D), the first token's hidden states, which the head reads. mean: (L + 1, N, D), over all non-pad tokens.
    influence: (L,), Block Influence. exits: (L + 1, N, C), the head's logits there. entropy (nats), distance (tokens): (L, H).
    """

    first: Tensor
    mean: Tensor
    influence: Tensor
    exits: Tensor
    entropy: Tensor
    distance: Tensor


@torch.no_grad()
def look(teacher: Teacher, split: EncodedSplit, device: Device, attention: bool = True) -> Iterator[float | States]:
    """Yield the share done, and at last the States. attention: False leaves entropy and distance at zero, and saves their time.

    Block Influence is 1 - cos(h in, h out) of a layer, the mean over non-pad tokens: Men et al., "ShortGPT: Layers in Large Language
    Models are More Redundant Than You Expect" (arXiv 2403.03853).
    """
    model, layers = teacher.model.to(device.torch), teacher.layers
    n, width = len(split), hidden_size(model)
    first, mean = (torch.empty(layers + 1, n, width) for _ in range(2))
    exits = torch.empty(layers + 1, n, model.config.num_labels)
    turned = torch.zeros(layers, dtype=torch.float64)
    spread, reach = (torch.zeros(layers, head_count(model), dtype=torch.float64) for _ in range(2))
    tokens = 0
    order = sequential(split.lengths, LOOK_BATCH)
    for done, indices in enumerate(order, 1):
        batch = split.batch(indices).to(device.torch)
        mask = batch.attention_mask
        with caught(model, range(1, layers + 1) if attention else ()) as vectors:
            with device.context():
                states = model(**batch.model_inputs(), output_hidden_states=True).hidden_states
                early = [exit_logits(model, state) for state in states]
            for layer in range(1, layers + 1) if attention else ():
                scores = vectors[layer].scores()
                spread[layer - 1] += entropy(scores, mask).sum((0, 2)).cpu()
                reach[layer - 1] += distance(scores, mask).sum((0, 2)).cpu()
        states = [state.float() for state in states]  # each (B, T, D)
        weights = mask.unsqueeze(2).float()
        for layer, state in enumerate(states):
            first[layer, indices] = state[:, 0].cpu()
            mean[layer, indices] = ((state * weights).sum(1) / weights.sum(1)).cpu()
            exits[layer, indices] = early[layer].float().cpu()
            if layer:
                turned[layer - 1] += ((1 - F.cosine_similarity(states[layer - 1], state, dim=-1)) * mask).sum().cpu()
        tokens += batch.tokens
        yield done / len(order)
    yield States(first, mean, (turned / tokens).float(), exits, (spread / tokens).float(), (reach / tokens).float())


def maps(scores: Tensor, mask: Tensor) -> Tensor:
    """Compute attention probabilities (B, H, T, T): each query's row sums to 1 over the tokens; keys at padding get none.

    scores: (B, H, T, T) before the softmax; mask: (B, T), 1 for a token.
    """
    return torch.softmax(scores.masked_fill(mask[:, None, None, :] == 0, LEAST), dim=-1)


def entropy(scores: Tensor, mask: Tensor) -> Tensor:
    """Compute the entropy of each query's attention in nats, (B, H, T); 0 at padding. 0 is one token alone, ln(tokens) is all alike.

    Clark et al. 2019, "What Does BERT Look At? An Analysis of BERT's Attention", which averages it over queries and examples.
    """
    found = maps(scores, mask)
    return torch.special.entr(found).sum(-1) * mask[:, None, :]


def distance(scores: Tensor, mask: Tensor) -> Tensor:
    """Return how many tokens away each query's attention lies, its mean of |i - j|, (B, H, T); 0 at padding.

    Vig and Belinkov 2019, "Analyzing the Structure of Attention in a Transformer Language Model".
    """
    place = torch.arange(scores.shape[-1], device=scores.device)
    away = (place[:, None] - place[None, :]).abs().to(scores.dtype)  # (T, T)
    return (maps(scores, mask) * away).sum(-1) * mask[:, None, :]

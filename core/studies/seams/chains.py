"""Students with bridges over all their seams at once, nothing trained: what a teacher cut down to a choice of its layers answers then."""

import functools
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn

from core.data.batches import EncodedSplit, sequential
from core.models.bridge import fit_bridge
from core.models.families import layer_count
from core.models.first_token import first_token_only
from core.models.stepwise import Stepwise
from core.recipe.seams import Seam
from core.studies.inside.states import LOOK_BATCH
from core.studies.seams.moments import to_head
from core.training.device import Device

Choice = tuple[int, ...]
Bridging = Callable[[Choice, int], nn.Module | None]  # what lies between these layers and the layer (or head) above them; None: nothing


def missing(chain: Choice, above: int) -> Seam:
    """Return the seam between a chain and what comes next; of length 0 where nothing is missing."""
    return Seam(chain[-1] if chain else 0, above)


@torch.inference_mode()
def answers(model, split: EncodedSplit, choices: Sequence[Choice], bridging: Bridging, device: Device) -> Iterator:
    """Yield the share done, at last choice -> logits (N, C) of the model on these layers, ascending, in the split's order."""
    order, count = sequential(split.lengths, LOOK_BATCH), layer_count(model.config)
    found = {choice: torch.empty(len(split), model.config.num_labels) for choice in choices}
    for done, indices in enumerate(order):
        batch = split.batch(indices).to(device.torch)
        with device.context(), first_token_only(model):
            opened = Stepwise(model, batch.model_inputs())
            after = _after(opened, bridging)
        for n, choice in enumerate(sorted(choices)):
            with device.context(), first_token_only(model):
                found[choice][indices] = opened.logits(_over(after(choice), choice, count + 1, bridging)).cpu()
            yield (done + n / len(choices)) / len(order)
    yield found


def _after(opened: Stepwise, bridging: Bridging) -> Callable[[Choice], Tensor]:
    """Return the states after a chain of layers; what choices begin with alike is computed once."""

    @functools.cache
    def after(chain: Choice) -> Tensor:
        if chain == tuple(range(1, len(chain) + 1)):
            return opened.states[len(chain)]
        before = chain[:-1]
        return opened.run(_over(after(before), before, chain[-1], bridging), chain[-1:])

    return after


def _over(hidden: Tensor, chain: Choice, above: int, bridging: Bridging) -> Tensor:
    """Return what the layer (or head) `above` gets after a chain of layers."""
    bridge = bridging(chain, above)
    return hidden if bridge is None else bridge(hidden)


def along(opened: Stepwise, choice: Choice, count: int, bridging: Bridging) -> Iterator[Tensor]:
    """Yield the states after each layer of a choice, of a model of `count` layers, and last what the head reads. Below the first seam they are the
    whole model's, which are known."""
    hidden = opened.states[0]
    for n, layer in enumerate(choice):
        known = choice[: n + 1] == tuple(range(1, n + 2))
        hidden = opened.states[layer] if known else opened.run(_over(hidden, choice[:n], layer, bridging), (layer,))
        yield hidden
    yield _over(hidden, choice, count + 1, bridging)


@torch.inference_mode()
def in_sequence(model, split: EncodedSplit, choices: Sequence[Choice], device: Device) -> Iterator:
    """Yield the share done, at last the bridges of every choice by (layers before, layer or head above), fitted in sequence: each to the states that
    the student itself has there, with the bridges before it laid. The last, before the head, is fitted for every choice."""
    count, made = layer_count(model.config), {}
    opened, real = [], []
    for indices in sequential(split.lengths, LOOK_BATCH):
        batch = split.batch(indices).to(device.torch)
        with device.context(), first_token_only(model):
            opened.append(Stepwise(model, batch.model_inputs()))
        real.append(batch.attention_mask.bool())
    tokens = lambda states: torch.cat([state[mask] for state, mask in zip(states, real, strict=True)]).float()
    first = lambda states: torch.cat([state[:, 0] for state in states]).float()
    of_teacher = lambda layer: [one.states[layer] for one in opened]
    wanted = sorted({(choice[:n], (*choice, count + 1)[n]) for choice in choices for n in range(len(choice) + 1)})
    after: dict[Choice, list[Tensor]] = {(): of_teacher(0)}
    for done, (chain, above) in enumerate(wanted):  # in lexicographic order a chain comes after what it begins with
        for old in [old for old in after if old != chain[:len(old)]]:
            del after[old]
        if chain not in after:
            with device.context(), first_token_only(model):
                after[chain] = [one.run(_over(hidden, chain[:-1], chain[-1], lambda *at: made.get(at)), chain[-1:])
                                for one, hidden in zip(opened, after[chain[:-1]], strict=True)]
        if above == count + 1:
            made[chain, above] = to_head(first(after[chain]), first(of_teacher(count))).to(device.torch)
        elif missing(chain, above).length:
            made[chain, above] = fit_bridge(tokens(after[chain]), tokens(of_teacher(above - 1))).to(device.torch)
        yield done / len(wanted)
    yield made

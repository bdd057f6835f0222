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
from core.training.device import Device

Choice = tuple[int, ...]
Bridging = Callable[[Choice, Seam], nn.Module | None]  # the bridge over a seam that comes after these layers; None: it is cut


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
                reached = _over(after(choice), choice, count + 1, bridging)
                found[choice][indices] = opened.logits(reached).cpu()
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
    seam = Seam(chain[-1] if chain else 0, above)
    bridge = bridging(chain, seam) if seam.length else None
    return hidden if bridge is None else bridge(hidden)


def along(opened: Stepwise, choice: Choice, count: int, bridging: Bridging) -> Iterator[Tensor]:
    """Yield the states after each layer of a choice, of a model of `count` layers, and last what the head reads."""
    hidden = opened.states[0]
    for n, layer in enumerate(choice):
        hidden = opened.run(_over(hidden, choice[:n], layer, bridging), (layer,))
        yield hidden
    yield _over(hidden, choice, count + 1, bridging)


@torch.inference_mode()
def refitted(model, split: EncodedSplit, choices: Sequence[Choice], device: Device) -> Iterator:
    """Yield the share done, at last the bridges of every choice, fitted in sequence: each to the states that the student itself has below the seam,
    with the bridges before it laid. By (layers before, seam)."""
    count, made = layer_count(model.config), {}
    order = sequential(split.lengths, LOOK_BATCH)
    opened, real = [], []
    for indices in order:
        batch = split.batch(indices).to(device.torch)
        with device.context():
            opened.append(Stepwise(model, batch.model_inputs()))
        real.append(batch.attention_mask.bool())
    target = lambda layer: torch.cat([one.states[layer][mask] for one, mask in zip(opened, real, strict=True)]).float()
    wanted = sorted({(choice[:n], (*choice, count + 1)[n]) for choice in choices for n in range(len(choice) + 1)})
    after: dict[Choice, list[Tensor]] = {(): [one.states[0] for one in opened]}
    for done, (chain, above) in enumerate(wanted):  # in lexicographic order a chain comes after what it begins with
        for old in [old for old in after if old != chain[:len(old)]]:
            del after[old]
        if chain not in after:
            with device.context():
                after[chain] = [
                    one.run(_over(hidden, chain[:-1], chain[-1], lambda before, seam: made[before, seam]), chain[-1:])
                    for one, hidden in zip(opened, after[chain[:-1]], strict=True)
                ]
        seam = Seam(chain[-1] if chain else 0, above)
        if seam.length:
            own = torch.cat([hidden[mask] for hidden, mask in zip(after[chain], real, strict=True)]).float()
            made[chain, seam] = fit_bridge(own, target(above - 1)).to(device.torch)
        yield done / len(wanted)
    yield made

"""Taking a trained student's weights into the next stage, and asking which of its layers it can do without."""

import itertools
from collections.abc import Iterator

from torch import Tensor

from core.data.batches import EncodedSplit
from core.models.families import family_of, layer_of
from core.training.device import Device
from core.training.evaluate import UntrainedLosses
from core.training.events import TURN, Event


def carried(student, state: dict[str, Tensor], places: tuple[int, ...]):
    """The student with the weights of an earlier one, in place. state: the earlier one's state dict.

    places: which layer (1-based) of the earlier student becomes each layer of this one.
    """
    family = family_of(student)
    found = {}
    for name in student.state_dict():
        j = layer_of(name, family)
        earlier = name if j is None else name.replace(f"{family.layers}.{j - 1}.", f"{family.layers}.{places[j - 1] - 1}.", 1)
        found[name] = state[earlier]
    student.load_state_dict(found)
    return student


def state_of(model) -> dict[str, Tensor]:
    """A copy of all weights."""
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def least_missed(model, layers: int, remove: int, split: EncodedSplit, device: Device) -> Iterator[Event]:
    """Take layers away one at a time, always the one whose absence leaves the lowest loss on the split; yields a turn after every measurement.

    Returns the places (1-based) that stay, and for each removal {removed, losses}: the place taken away, and the mean cross-entropy with
    the labels without each place that was left. The model is as before afterwards.
    """
    kept, removals, before = tuple(range(1, layers + 1)), [], UntrainedLosses(model, split, device)
    for _ in range(remove):
        losses = {}
        for rest in itertools.combinations(kept, len(kept) - 1):
            (out,) = set(kept) - set(rest)
            losses[out] = before.of(rest)
            yield TURN
        worst = min(losses, key=lambda place: (losses[place], place))
        removals.append({"removed": worst, "losses": {str(place): losses[place] for place in sorted(losses)}})
        kept = tuple(place for place in kept if place != worst)
    return kept, removals

"""The stages of each method, as generators: they yield a Stage and are sent its outcome, (model, steps made); turns in between."""

import itertools
from collections.abc import Generator, Iterator

from torch import Tensor

from core.data.batches import EncodedSplit
from core.errors import LabError
from core.models.families import family_of, layer_of
from core.models.flops import forward_flops, training_flops
from core.models.seeding import seed_student
from core.models.teachers import Teacher
from core.objectives.weightings.gradient_norm import NORM_EVERY
from core.recipe import Objective, Recipe, count_of_layers, layers_compared
from core.studies.stages.staged import FIRST_SHARE, PATIENCE, REPLACING, Stage, Staged
from core.studies.stages.theseus import Replacing, blocks, freeze_all_but_layers
from core.training.device import Device
from core.training.evaluate import UntrainedLosses
from core.training.events import TURN, Event
from core.training.layer_weights import RELEVANCE_EXAMPLES

HIDDEN_FIRST = Objective("hidden-states", (("hidden_mse", 1.0),))
LABELS = Objective("cross-entropy", (("cross_entropy", 1.0),))

Plan = Generator[Stage | Event, tuple, None]


def plan(staged: Staged, teacher: Teacher, check: EncodedSplit, lengths: Tensor, steps: int, device: Device) -> Plan:
    """Plan the stages of a run of `steps` in all. check: the part of validation that decides. lengths: of the training examples.

    LabError when there are fewer steps than stages.
    """
    recipe = staged.recipe
    most = {"one-stage": 1, "shrinking": -(-(teacher.layers - recipe.k) // staged.remove)}.get(staged.method, 2)
    if steps < most:
        raise LabError(f"This run has up to {most} stages and {steps} steps; give it a longer budget.")
    if staged.method == "one-stage":
        return _one_stage(recipe, steps)
    if staged.method == "two-stage":
        return _two_stages(recipe, steps)
    if staged.method == "theseus":
        return _theseus(recipe, teacher, lengths, steps)
    return _shrinking(staged, teacher, check, steps, device)


def _one_stage(recipe: Recipe, steps: int) -> Plan:
    yield Stage("one stage", recipe.layers, recipe.objective, steps, start=lambda student: student)


def _two_stages(recipe: Recipe, steps: int) -> Plan:
    """Hidden states of all matched layers alone, then the recipe's objective. The order is that of Jiao et al. 2020, "TinyBERT"."""
    first = max(1, round(FIRST_SHARE * steps))
    model, made = yield Stage("hidden states", recipe.layers, HIDDEN_FIRST, first, start=lambda student: student)
    if steps > made:
        yield Stage("the objective", recipe.layers, recipe.objective, steps - made, start=_going_on(model, recipe.k))


def _theseus(recipe: Recipe, teacher: Teacher, lengths: Tensor, steps: int) -> Plan:
    first = max(1, round(FIRST_SHARE * steps))
    replacing: list[Replacing] = []

    def start(student):
        freeze_all_but_layers(student)
        replacing.append(Replacing(student, teacher.model.to(student.device), first, REPLACING, recipe.seed))
        return student

    # the teacher's blocks run with probability 1 - p, on average (1 - REPLACING) / 2, forward and backward to their inputs
    teachers_share = 2 * (1 - REPLACING) / 2 * forward_flops(teacher.model, lengths) / len(lengths) * recipe.optimiser.batch_size
    choice = {"blocks": [list(block) for block in blocks(teacher.layers, recipe.k)], "replacing": REPLACING}
    model, made = yield Stage("replacing", recipe.layers, LABELS, first, start, choice=choice, extra_flops=teachers_share)
    replacing[0].remove()
    if steps > made:
        yield Stage("fine-tuning", recipe.layers, recipe.objective, steps - made, start=_going_on(model, recipe.k))


def _shrinking(staged: Staged, teacher: Teacher, check: EncodedSplit, steps: int, device: Device) -> Plan:
    """Remove, train until validation stops improving, and again; the last stage has all steps that are left.

    Which layer goes is measured on the student as it stands: the one whose absence leaves the lowest loss on the check part of validation.
    """
    recipe, k = staged.recipe, staged.recipe.k
    if k == teacher.layers:  # nothing to remove
        yield Stage(count_of_layers(k), tuple(range(1, k + 1)), recipe.objective, steps, start=lambda student: student)
        return
    layers, left = tuple(range(1, teacher.layers + 1)), steps
    model = seed_student(teacher.model, layers).to(device.torch)
    start = None
    while len(layers) > k:
        going = min(staged.remove, len(layers) - k)
        places, removals = yield from least_missed(model, len(layers), going, check, device)
        choice = {"removed": [_named(removal, layers) for removal in removals], "by": "loss on the check part without the layer"}
        start = (lambda student: student) if start is None else _going_on(model, len(layers), places)
        layers = tuple(layers[place - 1] for place in places)
        stages_left = -(-(len(layers) - k) // staged.remove) + 1
        last = stages_left == 1
        planned, patience = (left, None) if last else (left // stages_left, PATIENCE)
        model, made = yield Stage(count_of_layers(len(layers)), layers, recipe.objective, planned, start, patience, choice)
        left -= made


def _named(removal: dict, layers: tuple[int, ...]) -> dict:
    """Name teacher layers in a removal in the place of the student's."""
    return {"layer": layers[removal["removed"] - 1], "losses": {str(layers[int(place) - 1]): loss for place, loss in removal["losses"].items()}}


def _going_on(model, k: int, places: tuple[int, ...] | None = None):
    """Return the start of a stage that continues a student of k layers, with the layers at `places` (1-based), by default all."""
    state = state_of(model)
    return lambda student: carried(student, state, places or tuple(range(1, k + 1)))


def emphasis_flops(following: Stage, model, teacher: Teacher, lengths: Tensor, steps: int, batch_size: int) -> float:
    """Count the FLOPs that an adaptive emphasis takes besides the steps of a stage.

    gradient-norm: every NORM_EVERY steps, for the loss of each compared layer j, gradients of the inputs down to layer 1 and of its weights:
    j + 1 times a layer's forward pass. relevance: once, forward and backward to the gates through the teacher. Learned uncertainty: nothing.
    """
    objective, k = following.objective, len(following.layers)
    one = forward_flops(model, lengths) / len(lengths)
    if objective.emphasis == "gradient-norm":
        passes = sum(j + 1 for j in layers_compared(objective, k)) / k
        return -(-steps // NORM_EVERY) * batch_size * passes * one
    if objective.emphasis == "relevance":
        return 2 * min(RELEVANCE_EXAMPLES, len(lengths)) * forward_flops(teacher.model, lengths) / len(lengths)
    return 0.0


def step_flops(model, lengths: Tensor, batch_size: int) -> float:
    """Count the FLOPs of one training step of a student, on average over the training examples. lengths: (N,) tokens of each."""
    return training_flops(model, lengths) / len(lengths) * batch_size


def carried(student, state: dict[str, Tensor], places: tuple[int, ...]):
    """Give the student the weights of an earlier one, in place, and return it. state: the earlier one's state dict.

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
    """Copy all weights."""
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

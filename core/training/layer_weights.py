"""The layer weights of a run, from its teacher and its student."""

import torch

from core.data.batches import EncodedSplit
from core.data.task import stratified
from core.models.families import layers
from core.models.teachers import Teacher
from core.objectives import WEIGHTINGS
from core.objectives.layer_weights import LayerWeights
from core.recipe import Objective, layers_compared
from core.training.device import Device
from core.training.relevance import fisher

RELEVANCE_EXAMPLES = 512  # ours: of train


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

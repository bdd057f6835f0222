"""What a chooser may see of a task: a part of train, a part of validation, and nothing of test."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from core.data.batches import EncodedSplit
from core.data.task import stratified
from core.models.teachers import Teacher
from core.recipe import Budget, Recipe
from core.studies.choosers.methods.learned_gates import TRAIN_EXAMPLES
from core.studies.inside.states import States, look
from core.training.device import Device, pick
from core.training.evaluate import UntrainedLosses
from core.training.loading import load_pair


@dataclass(frozen=True)
class Sample:
    """train: what gates learn from. validation: what choices are measured on, the check part.

    task_hash: of the whole task's data. recipe: what short runs are made of; its layers and budget are replaced. progress: called with
    the share done and a text; what it raises ends the chooser.
    """

    train: EncodedSplit
    validation: EncodedSplit
    task_hash: str
    recipe: Recipe
    device: Device
    progress: Callable[[float, str], None] = lambda done, text: None

    def states(self, teacher: Teacher) -> States:
        """Compute the hidden states that the teacher has of the validation examples."""
        *_, states = look(teacher, self.validation, self.device, attention=False)
        return states

    def untrained_losses(self, teacher: Teacher) -> UntrainedLosses:
        """Return what computes the losses of untrained students on the validation examples."""
        return UntrainedLosses(teacher.model, self.validation, self.device)

    def short_run(self, layers: tuple[int, ...], steps: int) -> Recipe:
        """Return the recipe of a short run of a choice; it reads no test example."""
        base = self.recipe
        return Recipe(base.teacher, base.task, layers, base.objective, Budget(steps=steps), base.optimiser, base.seeding, base.seed)


def sample_of(recipe: Recipe, progress: Callable[[float, str], None] = lambda done, text: None) -> tuple[Teacher, Sample]:
    """Load the recipe's teacher and a sample of its task. LabError for a teacher that is not ready."""
    teacher, task, encoded = load_pair(recipe.teacher, recipe.task)
    train = encoded["train"].take(torch.tensor(stratified(task.train.labels, TRAIN_EXAMPLES, seed=0)))
    validation = encoded["validation"].take(torch.tensor(task.check_indices))
    return teacher, Sample(train, validation, task.hash, recipe, pick(recipe.optimiser.precision), progress)

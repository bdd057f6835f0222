"""Module replacing: student layers stand in for blocks of the teacher with rising probability.

Xu, Zhou, Ge, Wei and Zhou 2020, "BERT-of-Theseus: Compressing BERT by Progressive Module Replacing". Blocks of neighbouring teacher layers,
as equal as can be, are each replaced by one student layer with a probability that rises linearly to 1 over the stage, anew at every
step; embeddings, pooler and head are the teacher's and stay; only the labels teach. Afterwards the student alone is fine-tuned.
Departures: any chosen layers may seed the student (the paper takes the first K); a step for which no student layer is drawn, and which
would teach nothing, takes the one that came nearest; the fine-tuning has the recipe's objective and moves embeddings, pooler and head too.
"""

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from core.models.families import family_of, layers, part_of


def blocks(teacher_layers: int, k: int) -> list[tuple[int, ...]]:
    """Return the teacher layers (1-based) that each of K student layers stands in for.

    >>> blocks(6, 3)
    [(1, 2), (3, 4), (5, 6)]
    >>> blocks(5, 2)
    [(1, 2), (3, 4, 5)]
    """
    ends = [j * teacher_layers // k for j in range(k + 1)]
    return [tuple(range(start + 1, end + 1)) for start, end in zip(ends, ends[1:])]


class Replacing:
    """While the student trains, each of its layers gives what its block of the teacher gives instead, with probability 1 - p.

    p rises linearly from `first` at step 0 to 1 at the last of `steps`. One draw a layer and step, from a generator of its own. In eval mode
    the student is alone. Hooks stay until `remove`.
    """

    def __init__(self, student: PreTrainedModel, teacher: PreTrainedModel, steps: int, first: float, seed: int):
        self.student, self.steps, self.first = student, steps, first
        self.generator = torch.Generator().manual_seed(seed)
        self.step = -1
        self.replaced: list[bool] = []
        theirs = layers(teacher)
        groups = blocks(len(theirs), len(layers(student)))
        self.handles = [student.register_forward_pre_hook(self._begin)]
        for j, (layer, group) in enumerate(zip(layers(student), groups, strict=True)):
            block = [theirs[number - 1] for number in group]
            self.handles.append(layer.register_forward_hook(self._hook(j, block), with_kwargs=True))

    @property
    def probability(self) -> float:
        """Return p at this step."""
        return min(1.0, self.first + (1 - self.first) * self.step / max(1, self.steps - 1))

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()

    def _begin(self, model, inputs) -> None:
        if model.training:
            self.step += 1
            draws = torch.rand(len(layers(self.student)), generator=self.generator)
            self.replaced = (draws < self.probability).tolist()
            if self.probability > 0 and not any(self.replaced):
                self.replaced[int(draws.argmin())] = True

    def _hook(self, j: int, block: list[nn.Module]):
        def hook(layer: nn.Module, inputs: tuple, options: dict, output):
            if not layer.training or self.replaced[j]:
                return None
            hidden = inputs[0]
            for each in block:
                hidden = _states(each(hidden, *inputs[1:], **options))
            return (hidden, *output[1:]) if isinstance(output, tuple) else hidden

        return hook


def _states(output) -> Tensor:
    return output[0] if isinstance(output, tuple) else output


def freeze_all_but_layers(student: PreTrainedModel) -> None:
    """Let embeddings, pooler and head take no update."""
    family = family_of(student)
    for name, parameter in student.named_parameters():
        parameter.requires_grad_(part_of(name, family).isdigit())

"""Any gap in a teacher tried at once, cut or bridged: what it answers then to some examples, and to a text of one's own. Forward passes only."""

import functools
from collections.abc import Sequence

import torch

from core.data.batches import sequential
from core.data.task import Task, stratified
from core.errors import LabError
from core.models.first_token import first_token_only
from core.models.stepwise import Stepwise
from core.models.teachers import Teacher
from core.recipe.seams import seams
from core.studies.ask import opened_on
from core.studies.inside.states import LOOK_BATCH
from core.studies.seams.chains import along
from core.studies.seams.measure import TRAIN_EXAMPLES, read_states, shuffled
from core.studies.seams.moments import Moments
from core.training.device import Device, pick
from core.training.loading import load_pair

EXAMPLES = 200  # of the check part: as many as five of MiniLM's layers read within a second on one CPU thread
SHOWN = 6


def try_gap(teacher_name: str, task_name: str, layers: Sequence[int], bridged: bool, first: str | None = None, second: str | None = None) -> dict:
    """Return what a teacher answers on these of its layers alone, ascending (1-based), with nothing trained.

    bridged: with a least-squares bridge over every seam. The first such call of a teacher and task reads the texts that bridges are fitted to, which
    takes some seconds; all else is within a second for MiniLM. first, second: a text of one's own, or a pair.

    {layers, seams: [[below, above]], bridged, labels: C names, examples: how many, majority, accuracy, whole: the uncut teacher's accuracy,
    shown: a few examples, those that broke first, each {first, second, label, whole, gap}, the last two C probabilities}; with a text, under `text`
    {whole: L + 1 times C probabilities of the head, index 0 after the embeddings, gap: the same after each kept layer, [layer, probabilities],
    answer: C probabilities at the end}. The random state of torch stays as it was. LabError for a teacher that is not ready, a choice or a text that
    cannot be."""
    with torch.random.fork_rng():  # loading a model draws random numbers
        teacher, task, encoded = load_pair(teacher_name, task_name)
    chosen = tuple(layers)
    try:
        over = seams(chosen, teacher.layers)
    except ValueError:
        raise LabError(f"A gap is tried on layers in ascending order, each once, from 1 to {teacher.layers}.") from None
    if not chosen:
        raise LabError("At least one layer has to stay; add one.")
    one = _trial(teacher, task, encoded)
    bridges = {seam: one.bridge(seam) for seam in over} if bridged else {}
    bridging = lambda chain, seam: bridges.get(seam)
    answers = one.answers(chosen, bridging)
    found = {"layers": list(chosen), "seams": [[seam.below, seam.above] for seam in over], "bridged": bridged, "labels": list(task.labels)}
    found |= _figures(answers, one, task)
    if first is not None:
        with opened_on(teacher_name, task_name, first, second) as (model, inputs, _):
            opened = Stepwise(model, inputs)
            said = lambda state: torch.softmax(opened.logits(state)[0].double().cpu(), 0).tolist()
            *states, last = along(opened, chosen, teacher.layers, bridging)
            found["text"] = {"whole": list(map(said, opened.states)), "gap": [[layer, said(state)] for layer, state in zip(chosen, states)],
                             "answer": said(last)}
    return found


class _Trial:
    """A teacher's states of the tried examples, kept open, and its bridges."""

    def __init__(self, teacher: Teacher, task: Task, encoded: dict, device: Device):
        self.model, self.task_hash, self.device, self.layers = teacher.model.to(device.torch), task.hash, device, teacher.layers
        check = encoded["validation"].take(torch.tensor(task.check_indices))
        self.rows = list(stratified(check.labels.tolist(), EXAMPLES, seed=0))
        self.split = check.take(torch.tensor(self.rows))
        self._train = encoded["train"].take(torch.tensor(stratified(task.train.labels, TRAIN_EXAMPLES, seed=0)))
        self._order, self._opened = sequential(self.split.lengths, LOOK_BATCH), []
        for indices in self._order:
            with torch.inference_mode(), device.context(), first_token_only(self.model):
                self._opened.append(Stepwise(self.model, self.split.batch(indices).to(device.torch).model_inputs()))
        self.whole = self._ordered([self._said(one, one.states[-1]) for one in self._opened])
        self.bridge = functools.cache(lambda seam: self._moments.bridge(seam).to(device.torch))

    @functools.cached_property
    def _moments(self) -> Moments:
        found = Moments()
        for _ in read_states(self.model, shuffled(self._train), self.device, found):
            pass
        return found

    def answers(self, chosen: tuple[int, ...], bridging) -> torch.Tensor:
        """Return (N, C) probabilities of the examples, in their order."""
        made = []
        for one in self._opened:
            with torch.inference_mode(), self.device.context(), first_token_only(self.model):
                *_, last = along(one, chosen, self.layers, bridging)
                made.append(self._said(one, last))
        return self._ordered(made)

    def _said(self, opened: Stepwise, state: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode(), self.device.context():
            return torch.softmax(opened.logits(state), 1).cpu()

    def _ordered(self, made: list) -> torch.Tensor:
        rows = torch.empty(len(self.split), made[0].shape[1])
        rows[torch.cat(self._order)] = torch.cat(made)
        return rows


_last: list[_Trial] = []  # the one that was tried last


def _trial(teacher: Teacher, task: Task, encoded: dict) -> _Trial:
    device = pick()
    if not (_last and _last[0].model is teacher.model and _last[0].task_hash == task.hash and _last[0].device == device):
        _last[:] = [_Trial(teacher, task, encoded, device)]
    return _last[0]


def _figures(answers: torch.Tensor, one: _Trial, task: Task) -> dict:
    labels, check = one.split.labels, task.split("check")
    right, before = answers.argmax(1) == labels, one.whole.argmax(1) == labels
    broke = (before & ~right).nonzero().flatten().tolist()
    kept = (before & right).nonzero().flatten().tolist()
    shown = [*broke[: SHOWN - min(2, len(kept))], *kept][:SHOWN]
    example = lambda i: {"first": check.first[one.rows[i]], "second": check.second[one.rows[i]] if check.second else None,
                         "label": int(labels[i]), "whole": one.whole[i].tolist(), "gap": answers[i].tolist()}
    mean = lambda hits: float(hits.double().mean())
    return {"examples": len(labels), "majority": int(labels.bincount().max()) / len(labels), "accuracy": mean(right), "whole": mean(before),
            "shown": list(map(example, shown))}

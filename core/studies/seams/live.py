"""Any gap in a teacher tried at once, cut and bridged: what it answers then to some examples, and to a text of one's own. Forward passes only."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from core.data.batches import sequential
from core.data.task import Task, stratified
from core.errors import LabError
from core.models.first_token import first_token_only
from core.models.stepwise import Stepwise
from core.models.teachers import Teacher
from core.recipe.seams import Seam, seams
from core.studies.ask import opened_on
from core.studies.inside.states import LOOK_BATCH
from core.studies.seams.chains import Bridging, Choice, along, missing
from core.studies.seams.fitted import FittedBridges
from core.studies.seams.measure import shuffled
from core.studies.seams.settings import TRAIN_EXAMPLES
from core.training.device import Device, pick
from core.training.events import Event
from core.training.loading import load_pair

EXAMPLES = 150  # of the check part: as many as MiniLM reads twice within a second on one CPU thread, cut and bridged
SHOWN = 6
CUT, BRIDGED, WHOLE = "cut", "bridged", "whole"
HEAD, MAPPED = "head", "mapped"  # how a layer's states are read: by the head, or by a bridge to the head first


def try_gap(teacher_name: str, task_name: str, layers: Sequence[int], first: str | None = None, second: str | None = None) -> Iterator[Event]:
    """Yield what a teacher answers on these of its layers alone, ascending (1-based), with nothing trained: cut {…} at once, then how far fitting is,
    and answer {…}, with least-squares bridges over every seam too. The first call of a teacher and task reads the texts that bridges are fitted to,
    which takes some seconds, once; all else is within a second for MiniLM. first, second: a text of one's own, or a pair.

    Both are {layers, teacher_layers, seams: [[below, above]], labels: C names, examples: how many, majority, accuracy: {whole, cut, bridged: of the
    examples}, mended: how many the bridged teacher gets right and the cut one wrong, undone: the other way round, broke: a few examples that the
    whole teacher gets right and the cut one wrong, each {first, second, label, said: two of the labels}}.
    With a text, under `text` {answers: {whole, cut, bridged: C probabilities}, after: {head, mapped: {whole, cut, bridged: [[layer, C
    probabilities]]}}}: after each layer that is there, what the head reads, and what it reads through a bridge from that layer to the head. What is
    bridged, mended, undone or mapped is in `answer` alone. The random state of torch stays as it was. LabError for a teacher that is not ready, a
    choice or a text that cannot be."""
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
    found = {"layers": list(chosen), "teacher_layers": teacher.layers, "seams": [[seam.below, seam.above] for seam in over],
             "labels": list(task.labels)}
    asked = (teacher_name, task_name, first, second, chosen)
    read = lambda ways, lenses: {} if first is None else {"text": _text(*asked, ways, lenses)}
    ways: dict[str, Bridging] = {CUT: lambda *at: None}
    yield Event("cut", found | read(ways, {}) | one.figures(chosen, ways, task))
    lenses = [Seam(layer, teacher.layers + 1) for layer in range(1, teacher.layers)] if first is not None else []
    yield from one.bridges.fit([*over, *lenses])
    ways[BRIDGED] = lambda chain, above: one.bridges[seam] if (seam := missing(chain, above)).length else None
    yield Event("answer", found | read(ways, {seam.below: one.bridges[seam] for seam in lenses}) | one.figures(chosen, ways, task))


def _text(teacher_name: str, task_name: str, first: str, second: str | None, chosen: Choice, ways: Mapping[str, Bridging],
          lenses: Mapping[int, nn.Module]) -> dict:
    """Return what is said of one text (`try_gap`). lenses: by layer, its bridge to the head; {} while they are not there."""
    with opened_on(teacher_name, task_name, first, second) as (model, inputs, _):
        opened = Stepwise(model, inputs)
        count = len(opened.states) - 1
        said = lambda state: torch.softmax(opened.logits(state)[0].double().cpu(), 0).tolist()
        every = {WHOLE: [*opened.states[1:], opened.states[-1]]} | {name: list(along(opened, chosen, count, way)) for name, way in ways.items()}
        at = {WHOLE: range(1, count + 1)} | dict.fromkeys(ways, chosen)
        lens = lambda layer, state: lenses[layer](state) if layer in lenses else state
        readers: dict[str, Callable[[int, Tensor], Tensor]] = {HEAD: lambda _, state: state} | ({MAPPED: lens} if lenses else {})
        after = {how: {name: [[layer, said(reads(layer, state))] for layer, state in zip(at[name], states)] for name, states in every.items()}
                 for how, reads in readers.items()}
        return {"answers": {name: said(states[-1]) for name, states in every.items()}, "after": after}


class _Trial:
    """A teacher's states of the tried examples, kept open, its bridges, and what was answered so far."""

    def __init__(self, teacher: Teacher, task: Task, encoded: dict, device: Device):
        self.model, self.task_hash, self.device, self.layers = teacher.model.to(device.torch), task.hash, device, teacher.layers
        check = encoded["validation"].take(torch.tensor(task.check_indices))
        self.rows = list(stratified(check.labels.tolist(), EXAMPLES, seed=0))
        self.split = check.take(torch.tensor(self.rows))
        train = encoded["train"].take(torch.tensor(stratified(task.train.labels, TRAIN_EXAMPLES, seed=0)))
        self.bridges = FittedBridges(teacher, task.hash, shuffled(train), device)
        self._order, self._opened = sequential(self.split.lengths, LOOK_BATCH), []
        for indices in self._order:
            with torch.inference_mode(), device.context(), first_token_only(self.model):
                self._opened.append(Stepwise(self.model, self.split.batch(indices).to(device.torch).model_inputs()))
        self._whole = self._ordered([self._said(one, one.states[-1]) for one in self._opened])
        self._answered: dict[tuple[Choice, str], Tensor] = {}

    def figures(self, chosen: Choice, ways: Mapping[str, Bridging], task: Task) -> dict:
        """Return the accuracies, and the examples that a cut breaks (`try_gap`)."""
        for name, bridging in ways.items():
            if (chosen, name) not in self._answered:
                self._answered[chosen, name] = self._answers(chosen, bridging)
        labels, check = self.split.labels, task.split("check")
        said = {WHOLE: self._whole} | {name: self._answered[chosen, name] for name in ways}
        right = {name: classes == labels for name, classes in said.items()}
        broke = (right[WHOLE] & ~right[CUT]).nonzero().flatten().tolist()[:SHOWN]
        example = lambda i: {"first": check.first[self.rows[i]], "second": check.second[self.rows[i]] if check.second else None,
                             "label": task.labels[int(labels[i])], "said": task.labels[int(said[CUT][i])]}
        found = {"examples": len(labels), "majority": int(labels.bincount().max()) / len(labels),
                 "accuracy": {name: float(hits.double().mean()) for name, hits in right.items()}, "broke": list(map(example, broke))}
        if BRIDGED in right:
            found |= {"mended": int((right[BRIDGED] & ~right[CUT]).sum()), "undone": int((right[CUT] & ~right[BRIDGED]).sum())}
        return found

    def _answers(self, chosen: Choice, bridging: Bridging) -> Tensor:
        """Return (N,) the classes that the examples are given, in their order."""
        made = []
        for one in self._opened:
            with torch.inference_mode(), self.device.context(), first_token_only(self.model):
                *_, last = along(one, chosen, self.layers, bridging)
                made.append(self._said(one, last))
        return self._ordered(made)

    def _said(self, opened: Stepwise, state: Tensor) -> Tensor:
        with torch.inference_mode(), self.device.context():
            return opened.logits(state).argmax(1).cpu()

    def _ordered(self, made: list[Tensor]) -> Tensor:
        rows = torch.empty(len(self.split), dtype=torch.long)
        rows[torch.cat(self._order)] = torch.cat(made)
        return rows


_last: list[_Trial] = []  # the one that was tried last


def _trial(teacher: Teacher, task: Task, encoded: dict) -> _Trial:
    device = pick()
    if not (_last and _last[0].model is teacher.model and _last[0].task_hash == task.hash and _last[0].device == device):
        _last[:] = [_Trial(teacher, task, encoded, device)]
    return _last[0]

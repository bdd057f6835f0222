"""A staged run: one Session a stage, its record made of theirs."""

import dataclasses
from collections.abc import Callable, Iterator

import torch

from core.models.seeding import seed_student
from core.recipe import Budget, check_layers
from core.store.ground import check_unchanged
from core.studies.stages.plans import emphasis_flops, plan, step_flops
from core.studies.stages.staged import Stage, Staged
from core.training.device import pick
from core.training.events import Clock, Event, never, stage
from core.training.held_out import HeldOut
from core.training.loading import load_pair
from core.training.overrides import Overrides
from core.training.session import Session

STOPPED = object()


class Patience:
    """Whether validation has stopped improving: `over` after `evaluations` in a row that are not below the lowest loss so far."""

    def __init__(self, evaluations: int | None):
        self.evaluations, self.lowest, self.since = evaluations, float("inf"), 0

    @property
    def over(self) -> bool:
        return self.evaluations is not None and self.since >= self.evaluations

    def see(self, loss: float) -> None:
        self.since = 0 if loss < self.lowest else self.since + 1
        self.lowest = min(self.lowest, loss)


def run(staged: Staged, stop: Callable[[], bool] = never) -> Iterator[Event]:
    """Yield the events of every stage, each step and evaluation with its `stage` number; the last is finished {record}.

    All stages together make the steps of the recipe's budget. They are decided on the check part of validation; where the budget is in
    epochs, or the staged run asks for it, the final student, the first and the teacher are measured on the test split too, once, at the
    end. The record is a run's, with `staged` (what decided it), `stages` (each one's layers, choice, reason, how it ended),
    `training_flops` over all stages (the student's; in module replacing the teacher's blocks; what an adaptive emphasis computes besides),
    and an id that is no recipe's. Each stage's curve is the part of the record's that names it. LabError for what a user can mend.
    stop: as in distill; it ends the stage that trains, and the run with it.
    """
    yield from (clock := Clock()).timed(_run(staged, stop, clock))


def _run(staged: Staged, stop: Callable[[], bool], clock: Clock) -> Iterator[Event]:
    recipe, device = staged.recipe, pick(staged.recipe.optimiser.precision)
    yield stage("preparing", "Loading the teacher and the task")
    teacher, task, encoded = load_pair(recipe.teacher, recipe.task)
    check_layers(recipe.layers, teacher.layers)
    lengths, check = encoded["train"].lengths, encoded["validation"].take(torch.tensor(task.check_indices))
    steps = recipe.budget.total_steps(len(task.train), recipe.optimiser.batch_size)
    stages = plan(staged, teacher, check, lengths, steps, device)
    done, records, parts, sent, stopped = 0, [], [], None, False
    while not stopped:
        following = yield from _next(stages, sent, stop)
        if not isinstance(following, Stage):
            stopped = following is STOPPED
            break
        budget = Budget(steps=following.steps, examples=recipe.budget.examples)
        one = dataclasses.replace(recipe, layers=following.layers, objective=following.objective, budget=budget)
        session = Session(one, overrides=Overrides(start=following.start))
        ended = yield from _train(session, following, len(records) + 1, done, stop)
        if ended is None:  # stopped before its first step could be made: the stages before are the run
            stopped = True
            break
        record, model = ended["record"], session.student
        check_unchanged(record, (teacher.key, task.hash))
        flops = record["steps"] * (step_flops(model, lengths, recipe.optimiser.batch_size) + following.extra_flops)
        flops += emphasis_flops(following, model, teacher, lengths, record["steps"], recipe.optimiser.batch_size)
        parts.append({
            "name": following.name, "layers": list(following.layers), "objective": following.objective.to_dict(), "steps": record["steps"],
            "planned": following.steps, "ended": ended["how"], "choice": following.choice, "training_flops": flops,
            "update_norms": record["update_norms"], "initial": record["initial"], "final": record["final"], "seconds": record["train_seconds"],
        })
        records.append(record)
        done += record["steps"]
        sent = (model, record["steps"])
        stopped = ended["how"] == "stopped"
    if not records:
        return
    final = records[-1] | {
        "id": staged.id, "status": "stopped" if stopped else "finished", "staged": staged.to_dict(), "stages": parts,
        "initial": records[0]["initial"], "recipe": dataclasses.replace(recipe, layers=tuple(parts[-1]["layers"])).to_dict(),
        "curve": _joined(parts, [record["curve"] for record in records]), "steps": done, "steps_planned": steps,
        "training_flops": sum(part["training_flops"] for part in parts), "train_seconds": sum(part["seconds"] for part in parts),
    }
    del final["audit"]  # of the last stage alone, which starts from the stage before
    if (recipe.budget.full or staged.test) and not stopped:
        yield stage("evaluating", "Evaluating the student on the test split")
        final |= yield from _on_test(teacher, task, encoded, model, parts[0]["layers"], device)
    yield Event("finished", {"record": final | {"seconds": clock.seconds}})


def _next(stages, sent, stop: Callable[[], bool]) -> Iterator[Event]:
    """Yield turns while the next stage is chosen; returns it, None after the last, or STOPPED."""
    while True:
        try:
            following = stages.send(sent)
        except StopIteration:
            return None
        if isinstance(following, Stage):
            return following
        yield following
        if stop():
            return STOPPED
        sent = None


def _train(session: Session, following: Stage, number: int, before: int, stop: Callable[[], bool]) -> Iterator[Event]:
    """Yield the events of one stage; returns {record, how}: planned, improved no more, or stopped. None: stopped while it was prepared."""
    patience = Patience(following.patience)
    where = {"stage_number": number, "stage_name": following.name, "steps_before": before}
    for event in session.prepare():
        yield Event(event.kind, event.data | where)
        if event.kind in ("turn", "stage") and stop():
            return None
    patience.see(event.data["initial"]["loss"])
    for event in session.train(lambda: patience.over or stop()):
        if event.kind == "evaluated":
            patience.see(event.data["val_loss"])
        yield Event(event.kind, event.data | where)
    for event in session.record():
        if event.kind != "finished":
            yield Event(event.kind, event.data | where)
    how = "planned" if session.made == session.steps else "improved no more" if patience.over else "stopped"
    return {"record": event.data["record"], "how": how}


def _joined(parts: list[dict], curves: list[list[dict]]) -> list[dict]:
    """Join all curves: steps and seconds go on, each point names its stage, and the point before a later stage's first step is left out."""
    curve, steps, seconds = [], 0, 0.0
    for number, (part, points) in enumerate(zip(parts, curves, strict=True), 1):
        for point in points:
            if point["step"] or number == 1:
                curve.append(point | {"step": point["step"] + steps, "seconds": point["seconds"] + seconds, "stage": number})
        steps, seconds = steps + part["steps"], seconds + part["seconds"]
    return curve


def _on_test(teacher, task, encoded, model, first_layers: list[int], device) -> Iterator[Event]:
    """Yield turns; returns the figures on the test split as a full run has them, and under `check` those of the check part."""
    held_out = HeldOut(True, task, encoded)
    teacher_logits = yield from held_out.asking(teacher, device)
    results = []
    for one in (seed_student(teacher.model, first_layers).to(device.torch), model):
        logits = yield from held_out.predicting(one, held_out.read, device)
        results.append(held_out.scores(logits, teacher_logits))
    found = held_out.report(held_out.scores(teacher_logits, teacher_logits), *results, reported="test", decides="check")
    found["teacher"] |= teacher.marks
    return found

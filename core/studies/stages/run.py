"""A staged run: one `distill` a stage, its record made of theirs."""

import dataclasses
import time
from collections.abc import Callable, Iterator

import torch

from core.models.seeding import seed_student
from core.recipe import Budget, check_layers
from core.studies.stages.plans import emphasis_flops, plan, step_flops
from core.studies.stages.staged import Stage, Staged
from core.training.device import pick
from core.training.distill import distill
from core.training.evaluate import predict
from core.training.events import Event, stage
from core.training.held_out import HeldOut
from core.training.loading import teacher_and_task
from core.training.overrides import Variation
from core.training.signals.prepare import Ask, prepare


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


def run(staged: Staged, stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
    """Events of every stage, each step and evaluation with its `stage` number; the last is finished {record}.

    All stages together make the steps of the recipe's budget. They are decided on the check part of validation; where the budget is in
    epochs, or the staged run asks for it, the final student, the first and the teacher are measured on the test split too, once, at the
    end. The record is a run's, with `staged` (what decided it), `stages` (each one's layers, choice, reason, how it ended),
    `training_flops` over all stages (the student's; in module replacing the teacher's blocks; what an adaptive emphasis computes besides),
    and an id that is no recipe's. Each stage's curve is the part of the record's that names it. LabError for what a user can mend.
    """
    began = time.perf_counter()
    recipe, device = staged.recipe, pick(staged.recipe.optimiser.precision)
    yield stage("preparing", "Loading the teacher and the task")
    teacher, task, encoded = teacher_and_task(recipe.teacher, recipe.task)
    check_layers(recipe.layers, teacher.layers)
    train, check = encoded.splits["train"], encoded.splits["validation"].take(torch.tensor(task.check_indices))
    steps = recipe.budget.total_steps(len(task.train), recipe.optimiser.batch_size)
    stages = plan(staged, teacher, check, train.lengths, steps, device)
    done, records, told, curves, sent = 0, [], [], [], None
    while True:
        try:
            following: Stage = stages.send(sent)
        except StopIteration:
            break
        model, record, ended = yield from _train(staged, following, len(records) + 1, done, stop)
        flops = record["steps"] * (step_flops(model, train.lengths, recipe.optimiser.batch_size) + following.extra_flops)
        flops += emphasis_flops(following, model, teacher, train.lengths, record["steps"], recipe.optimiser.batch_size)
        told.append({
            "name": following.name, "layers": list(following.layers), "objective": following.objective.to_dict(), "steps": record["steps"],
            "planned": following.steps, "ended": ended, "choice": following.choice, "training_flops": flops,
            "update_norms": record["update_norms"], "initial": record["initial"], "final": record["final"], "seconds": record["train_seconds"],
        })
        records.append(record)
        curves.append(record["curve"])
        done += record["steps"]
        sent = (model, record["steps"])
        if ended == "stopped":
            break
    finished = told[-1]["ended"] != "stopped"
    final = records[-1] | {
        "id": staged.id, "status": "finished" if finished else "stopped", "staged": staged.to_dict(), "stages": told,
        "recipe": dataclasses.replace(recipe, layers=following.layers).to_dict(), "initial": records[0]["initial"],
        "curve": _joined(told, curves), "steps": done, "steps_planned": steps, "training_flops": sum(part["training_flops"] for part in told),
        "train_seconds": sum(part["seconds"] for part in told),
    }
    del final["audit"]  # of the last stage alone, which starts from the stage before
    if (recipe.budget.full or staged.test) and finished:
        yield stage("evaluating", "Evaluating the student on the test split")
        final |= _on_test(teacher, task, encoded, model, told[0]["layers"], device)
    yield Event("finished", {"record": final | {"seconds": time.perf_counter() - began}})


def _train(staged: Staged, following: Stage, number: int, before: int, stop: Callable[[], bool]) -> Iterator:
    """Events of one stage; returns the trained model, the record, and how it ended: planned, improved no more, or stopped."""
    budget = Budget(steps=following.steps, examples=staged.recipe.budget.examples)
    recipe = dataclasses.replace(staged.recipe, layers=following.layers, objective=following.objective, budget=budget)
    held, patience, told_to = {}, Patience(following.patience), []

    def start(student):
        held["model"] = following.start(student)
        return held["model"]

    def ends() -> bool:
        if stop():
            told_to.append(True)
        return bool(told_to) or patience.over

    for event in distill(recipe, ends, variation=Variation(start=start)):
        if event.kind == "prepared":
            patience.see(event.data["initial"]["loss"])
        if event.kind == "evaluated":
            patience.see(event.data["val_loss"])
        if event.kind == "finished":
            record = event.data["record"]
            ended = "planned" if record["status"] == "finished" else "stopped" if told_to else "improved no more"
            return held["model"], record, ended
        yield Event(event.kind, event.data | {"stage_number": number, "stage_name": following.name, "steps_before": before})
    raise RuntimeError("distill ended without a record")


def _joined(told: list[dict], curves: list[list[dict]]) -> list[dict]:
    """One curve of all stages: steps and seconds go on, each point names its stage, and the point before a later stage's first step is left out."""
    curve, steps, seconds = [], 0, 0.0
    for number, (part, points) in enumerate(zip(told, curves, strict=True), 1):
        for point in points:
            if point["step"] or number == 1:
                curve.append(point | {"step": point["step"] + steps, "seconds": point["seconds"] + seconds, "stage": number})
        steps, seconds = steps + part["steps"], seconds + part["seconds"]
    return curve


def _on_test(teacher, task, encoded, model, first_layers: list[int], device) -> dict:
    """Figures on the test split as a full run has them; what was measured on the check part moves under `check`."""
    held_out = HeldOut(True, task, encoded.splits)
    teacher_logits = {}
    for name in held_out.read:
        *_, asked = prepare(teacher, encoded.splits[name], Ask(), device)
        teacher_logits[name] = asked.logits.cpu()
    ask = lambda student: held_out.scores({name: predict(student, held_out.split(name), device) for name in held_out.read}, teacher_logits)
    found, first = ask(model), ask(seed_student(teacher.model, first_layers).to(device.torch))
    taught = held_out.scores(teacher_logits, teacher_logits)
    brief = lambda result: {name: result[name] for name in ("accuracy", "loss", "macro_f1", "groups")}
    whole = lambda result: {name: value for name, value in result.items() if name != "predictions"}
    facts = {"hash": teacher.hash, "layers": teacher.layers, "predictions": taught["test"]["predictions"]}
    return {
        "split": "test", "teacher": brief(taught["test"]) | facts | {"curve_accuracy": taught["check"]["accuracy"]}, "initial": brief(first["test"]),
        "final": whole(found["test"]), "predictions": found["test"]["predictions"], "majority": task.test.majority(),
        "check": {"teacher": brief(taught["check"]), "initial": brief(first["check"]), "final": brief(found["check"]),
                  "predictions": found["check"]["predictions"]},
    }

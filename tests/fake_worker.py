"""A stand-in for the worker in page tests: it plays a job's events into the store, without torch."""

from pathlib import Path

from core.models.weights import file_hash
from core.recipe import Recipe
from core.store import jobs, workers
from core.views.common.recipe_runs import ground_now

LABELS = ["entailment", "neutral", "contradiction"]
WORKER = "fake/1/0"


def claim() -> jobs.Job:
    """Take the next job, as a living worker."""
    workers.beat(WORKER, 1, "fake", "auto")
    return jobs.claim(WORKER)


def play(job: jobs.Job, steps: int, of: int = 60) -> None:
    """Prepared, then `steps` steps of `of`, evaluated at every tenth."""
    recipe_layers = len(job.payload["layers"])
    jobs.emit(job.id, "stage", {"stage": "preparing", "text": "Loading the teacher and the task", "done": None})
    jobs.emit(job.id, "prepared", {
        "steps": of, "k": recipe_layers, "teacher_layers": 6, "train_examples": 600, "device": "cpu", "dtype": "float32",
        "parameters": {"student": 17_000_000, "teacher": 22_700_000},
        "teacher": {"accuracy": 0.9, "loss": 0.3}, "initial": {"accuracy": 0.4, "loss": 1.1}, "curve": {"teacher": 0.9, "initial": 0.4},
    })
    for step in range(1, steps + 1):
        losses = {"cross_entropy": 1.2 - step / 100, "soft_targets": 0.6 - step / 200}
        jobs.emit(job.id, "step", {"step": step, "of": of, "loss": sum(losses.values()) / 2, "losses": losses, "seconds": step * 0.1,
                                   "eta": (of - step) * 0.1, "tokens_per_second": 9000.0})
        if step % 10 == 0:
            jobs.emit(job.id, "evaluated", {"step": step, "val_accuracy": 0.4 + step / 200, "val_loss": 1.0, "seconds": step * 0.1})


def record(recipe: Recipe, status: str = "finished", **changes) -> dict:
    """A record as `distill` makes it, with round figures: 120 of 150 right, 30 of each row's 50 wrong in one cell."""
    base = {
        "id": recipe.id, "status": status, "recipe": recipe.to_dict(), "split": "check", "labels": LABELS, "task_hash": "0" * 16,
        "steps": 60, "steps_planned": 60,
        "teacher": {"accuracy": 0.9, "loss": 0.3, "hash": "1" * 16, "layers": 6}, "initial": {"accuracy": 0.4, "loss": 1.1},
        "final": {"accuracy": 0.8, "loss": 0.6, "agreement": 0.85, "confusion": [[40, 5, 5], [5, 40, 5], [5, 5, 40]],
                  "groups": {"phenomenon:negation": {"accuracy": 0.6, "n": 50}, "template:unseen": {"accuracy": 0.9, "n": 100}}},
        "predictions": "0" * 150,
        "curve": [{"step": 0, "loss": None, "losses": {}, "seconds": 0.0, "val_accuracy": 0.4, "val_loss": 1.1},
                  {"step": 60, "loss": 0.7, "losses": {"cross_entropy": 0.8, "soft_targets": 0.6}, "seconds": 6.0,
                   "val_accuracy": 0.8, "val_loss": 0.6}],
        "update_norms": {"embeddings": 0.1, **{str(j + 1): 0.5 for j in range(recipe.k)}, "head": 0.02},
        "parameters": {"student": 17_000_000, "teacher": 22_700_000}, "majority": 1 / 3, "tokens_per_second": 9000.0,
        "train_seconds": 6.0, "seconds": 8.0, "environment": {"device": "cpu", "dtype": "float32", "threads": 2, "versions": {}}, "notes": [],
    }
    made = base | changes
    weights, data = ground_now(recipe.teacher, recipe.task)
    if weights and weights.partition("-")[0] == made["teacher"]["hash"]:  # of the teacher and the data that are here
        made["teacher"] = made["teacher"] | {"key": weights}
        made["task_hash"] = changes.get("task_hash", data)
    return made


def of_teacher(folder: str) -> dict:
    """The teacher's part of a record, with the hash of the weights in this folder."""
    return {"accuracy": 0.9, "loss": 0.3, "hash": file_hash(Path(folder) / "model.safetensors")[:16], "layers": 4}


def finish(job: jobs.Job, **changes) -> dict:
    """Keep the job's record and close it; returns the record."""
    made = record(Recipe.from_dict(job.payload), **changes)
    jobs.finish(job.id, made["status"], "Stopped by the learner." if made["status"] == "stopped" else None, made)
    return made

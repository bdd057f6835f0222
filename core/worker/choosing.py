"""Two kinds of job: layers chosen by algorithm, and distillation in stages. Both can be stopped."""

import time

from core.errors import LabError
from core.recipe import Recipe
from core.store import jobs
from core.worker.control import Attention

REPORT_SECONDS = 0.3  # between two reports of a chooser's progress


class _Stopped(Exception):
    """Thrown out of a chooser when its job has to end."""


def choose(job: jobs.Job, attention: Attention):
    """A chooser's ranking, kept in core/store/layer_scores.py. payload: {teacher, task, method, k}."""
    from core.studies.choosers.choose import choose as run_chooser
    from core.worker.handlers import Ended

    told = ("", float("-inf"))

    def progress(done: float, text: str) -> None:
        nonlocal told
        if attention.stop():
            raise _Stopped
        if text != told[0] or time.monotonic() - told[1] > REPORT_SECONDS:
            told = (text, time.monotonic())
            attention.emit("stage", {"stage": "choosing", "text": text, "done": done})

    wanted = job.payload
    attention.emit("stage", {"stage": "preparing", "text": "Loading the teacher and the task", "done": None})
    try:
        document = run_chooser(wanted["method"], Recipe(wanted["teacher"], wanted["task"], (1,)), wanted["k"], again=True, progress=progress)
    except _Stopped:
        return Ended("stopped", attention.reason)
    attention.emit("chosen", {"layers": document["choices"][0]["layers"], "seconds": document["seconds"]})
    return Ended("finished")


def stages(job: jobs.Job, attention: Attention):
    """A run in stages; its record says so and answers no recipe. payload: {method, recipe, remove}."""
    from core.studies.stages.run import run
    from core.studies.stages.staged import Staged
    from core.worker.handlers import Ended

    wanted = job.payload
    for event in run(Staged(wanted["method"], Recipe.from_dict(wanted["recipe"]), wanted["remove"]), attention.stop):
        if event.kind == "finished":
            return Ended(event.data["record"]["status"], attention.reason, event.data["record"])
        attention.emit(event.kind, event.data)
        if event.data.get("stage") == "preparing" and attention.stop():
            return Ended("stopped", attention.reason)
    raise LabError("The stages ended without a record; run them again.")

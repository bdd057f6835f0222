"""Runs jobs: stores what they yield, looks between two events whether they have to end, and sees that each ends in the store."""

import contextlib
import logging
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import LabError
from core.home import home
from core.recipe import Recipe
from core.store import facts, jobs, races, records
from core.store.waiting import FORWARD, TRAINING
from core.training.events import Event
from core.worker.kinds import KINDS, TOGETHER
from core.worker.memory import OUT_OF_MEMORY, out_of_memory

MOST_TOGETHER = 16  # requests that are answered at once
FORWARD_SECONDS = 0.5  # after this long, what trains goes on for a step before the next request
LOOK_SECONDS = 0.2  # between two looks at the store, at least
LIMIT_MINUTES = 120.0
STOPPED = "Stopped by the learner."
MEASURED = ("tune", "prepare", "inside", "seams")  # kinds whose duration depends on teacher and task alone
log = logging.getLogger("layer_lab.worker")


@contextlib.contextmanager
def going_on(lost: str) -> Iterator[None]:
    """Log what is lost where the store takes nothing (it is full, busy or gone), and go on."""
    try:
        yield
    except LabError as error:
        log.warning("%s: %s", lost, error)


def limit_minutes() -> float:
    """Return the longest that a job may run: LAYER_LAB_JOB_MINUTES, by default 120. Raise LabError when that is no number above 0."""
    text = os.environ.get("LAYER_LAB_JOB_MINUTES", "").strip()
    try:
        minutes = float(text) if text else LIMIT_MINUTES
    except ValueError:
        minutes = math.nan
    if not minutes > 0:
        raise LabError(f"LAYER_LAB_JOB_MINUTES is {text!r}; it must be a number of minutes above 0.")
    return minutes


class Control:
    """The control of one running job. reason: why it has to end, one sentence; None while it may go on."""

    def __init__(self, job: jobs.Job):
        self.job = job
        self.reason: str | None = None
        self._minutes = limit_minutes()
        self._end = time.monotonic() + 60 * self._minutes
        self._looked = -math.inf

    def stop(self) -> bool:
        """Return whether the job has to end, as the last look found it: a job may ask this at every step."""
        return self.reason is not None

    def look(self) -> bool:
        """Look at the store and the clock unless that was done a moment ago; return whether this call looked."""
        if self.reason is not None or time.monotonic() - self._looked <= LOOK_SECONDS:
            return False
        with going_on("the store was not looked at"):
            if jobs.cancelled(self.job.id):
                self.reason = STOPPED
            elif time.monotonic() > self._end:
                self.reason = f"Stopped at the time limit of {self._minutes:g} minutes; LAYER_LAB_JOB_MINUTES sets another."
        self._looked = time.monotonic()
        return True


@dataclass(frozen=True)
class Ended:
    """How a job ended: finished, stopped or failed, with a reason for the last two; paused: it gave the device up.

    record: the run that closes it. seconds: how long it took. row: the record's, where it is stored already.
    last: an event that is stored with it.
    """

    status: str
    reason: str | None = None
    record: dict | None = None
    seconds: float = 0.0
    row: int | None = None
    last: Event | None = None


class Runner:
    """The jobs of one worker. unstored: jobs that have ended, which the store did not take yet (it is full, busy or gone)."""

    def __init__(self, worker: str):
        self.worker = worker
        self.unstored: list[tuple[jobs.Job, Ended]] = []

    def claim(self, lane: tuple[str, ...]) -> jobs.Job | None:
        return jobs.claim(self.worker, lane)

    def run(self, job: jobs.Job) -> None:
        """Run one job; it ends finished, stopped, paused or failed with a sentence."""
        try:
            ended = self._follow(job, Control(job))
        except LabError as error:
            ended = Ended("failed", str(error))
        except Exception as error:
            log.exception("job %s", job.id)
            unexpected = f"The program met an unexpected {type(error).__name__}; details are in {home() / 'worker.log'}. Try another choice."
            ended = Ended("failed", OUT_OF_MEMORY if out_of_memory(error) else unexpected)
        self._close(job, ended)

    def run_together(self, several: list[jobs.Job]) -> None:
        """Answer requests of one kind at once; each ends as soon as its answer is there. What breaks them all off leaves the rest to be run alone."""
        left = {job.id: job for job in several}
        try:
            for job, said in TOGETHER[several[0].kind](several):
                del left[job.id]
                self._close(job, Ended("failed", str(said)) if isinstance(said, LabError) else Ended("finished", last=said))
        except Exception:
            log.exception("jobs %s", ", ".join(map(str, left)))
        for job in left.values():
            self.run(job)

    def _close(self, job: jobs.Job, ended: Ended) -> None:
        self.unstored.append((job, ended))
        with going_on(f"job {job.id} ended {ended.status}, which is stored as soon as it can be"):
            self.close_ended()

    def _follow(self, job: jobs.Job, control: Control) -> Ended:
        """Store a job's events and records as it yields them; between two of them, look whether it has to end and serve requests."""
        began, row = time.monotonic(), None
        for event in KINDS[job.kind](job, control.stop):
            if event.kind == "finished":
                record, seconds = event.data.get("record"), event.data.get("seconds", time.monotonic() - began)
                if "folder" in event.data:
                    _emit(job, "finished", {"folder": event.data["folder"]})
                return Ended(record["status"] if record else "finished", control.reason, record, seconds, row)
            if event.kind == "paused":
                return Ended("paused")
            if event.kind == "measured":
                with going_on(f"the run of job {job.id} is stored later"):
                    row = jobs.keep(job.id, event.data["record"])
                continue
            if event.kind == "made" and "record" in event.data:
                event = _stored(event)
            if event.kind != "turn":
                _emit(job, event.kind, event.data)
            if control.look() and control.reason is None and job.kind in TRAINING:
                with going_on("no request was served"):
                    self.serve_forward()
        if control.reason is None:
            raise RuntimeError(f"a job of kind {job.kind} ended without saying how")
        return Ended("stopped", control.reason)

    def close_ended(self) -> None:
        """Store what has ended; LabError while the store takes nothing. A run that is over is not lost to a full disk."""
        while self.unstored:
            job, ended = self.unstored[0]
            if ended.status == "paused":
                races.set_aside(job.id)
            else:
                last = ended.last and (ended.last.kind, ended.last.data)
                jobs.finish(job.id, ended.status, ended.reason, record=ended.record, row=ended.row, last=last)
            self.unstored.pop(0)
            remember(job, ended.status, ended.record, ended.seconds)

    def serve_forward(self) -> bool:
        """Serve waiting forward-only requests, no further one after FORWARD_SECONDS; return whether there was one."""
        end = time.monotonic() + FORWARD_SECONDS
        served = False
        while (not served or time.monotonic() < end) and (job := self.claim(FORWARD)) is not None:
            if job.kind in TOGETHER:
                self.run_together([job, *jobs.claim_alike(self.worker, job, MOST_TOGETHER - 1)])
            else:
                self.run(job)
            served = True
        return served


def _stored(event: Event) -> Event:
    """Keep the record of a `made` event; return the event with the record's row and id in its place."""
    data = dict(event.data)
    record = data.pop("record")
    return Event("made", data | {"row": records.add(record), "id": record["id"]})


def _emit(job: jobs.Job, kind: str, data: dict) -> None:
    """Report an event. What the store does not take is not shown; the run's record holds its whole curve all the same."""
    with going_on(f"an event of job {job.id} is not kept"):
        jobs.emit(job.id, kind, data)


def remember(job: jobs.Job, status: str, record: dict | None, seconds: float) -> None:
    """Store what later estimates of time need; seconds: how long the job took.

    Of a run: seconds a step by teacher, task and K; seconds before and after the steps; the task's training examples.
    """
    with going_on(f"no estimate is kept of job {job.id}"):
        if record is not None and "staged" not in record:  # stages of other sizes say nothing of one size's pace
            _remember_run(Recipe.from_dict(record["recipe"]), record)
        elif status == "finished" and job.kind in MEASURED:
            _note(f"{job.kind}_seconds", f"{job.payload['teacher']}/{job.payload['task']}", seconds)


def _remember_run(recipe: Recipe, record: dict) -> None:
    if record["steps"] >= 10:
        _note("rate", f"{recipe.teacher}/{recipe.task}/{recipe.k}", record["train_seconds"] / record["steps"])
    if recipe.budget.examples is None and recipe.labels.kept is None:
        _note("train_examples", recipe.task, record["train_examples"])
    if record["status"] == "finished":
        _note("around", f"{recipe.teacher}/{recipe.task}", max(0.0, record["seconds"] - record["train_seconds"]))


def _note(fact: str, name: str, value) -> None:
    facts.put(fact, facts.get(fact, {}) | {name: value})

"""Runs jobs: stores what they yield, looks after them between two events, and sees that each ends in the store."""

import logging
import time
from dataclasses import dataclass

from core.errors import LabError
from core.home import home
from core.store import jobs, races, records
from core.store.waiting import FORWARD
from core.training.events import Event
from core.worker.control import Control
from core.worker.estimates import remember
from core.worker.kinds import KINDS
from core.worker.memory import OUT_OF_MEMORY, out_of_memory

FORWARD_SECONDS = 0.5  # after this long, what trains goes on for a step before the next request
log = logging.getLogger("layer_lab.worker")


@dataclass(frozen=True)
class Ended:
    """How a job ended: finished, stopped or failed, with a reason for the last two; paused: it gave the device up.

    record: the run that closes it. seconds: how long it took.
    """

    status: str
    reason: str | None = None
    record: dict | None = None
    seconds: float = 0.0


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
        self.unstored.append((job, ended))
        try:
            self.close_ended()
        except LabError as error:
            log.warning("job %s ended %s, which is stored as soon as it can be: %s", job.id, ended.status, error)

    def _follow(self, job: jobs.Job, control: Control) -> Ended:
        """Store a job's events and records as it yields them; between two of them, look whether it has to end and serve requests."""
        began = time.monotonic()
        for event in KINDS[job.kind](job, control.stop):
            if event.kind == "finished":
                record, seconds = event.data.get("record"), event.data.get("seconds", time.monotonic() - began)
                if "folder" in event.data:
                    _emit(job, "finished", {"folder": event.data["folder"]})
                return Ended(record["status"] if record else "finished", control.reason, record, seconds)
            if event.kind == "paused":
                return Ended("paused")
            if event.kind == "made" and "record" in event.data:
                event = _stored(event)
            if event.kind != "turn":
                _emit(job, event.kind, event.data)
            if control.look() and control.reason is None and job.kind not in FORWARD:
                self._serve_forward_unless_busy()
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
                jobs.finish(job.id, ended.status, ended.reason, record=ended.record)
            self.unstored.pop(0)
            remember(job, ended.status, ended.record, ended.seconds)

    def serve_forward(self) -> bool:
        """Serve waiting forward-only requests, no further one after FORWARD_SECONDS; return whether there was one."""
        end = time.monotonic() + FORWARD_SECONDS
        served = False
        while (not served or time.monotonic() < end) and (job := self.claim(FORWARD)) is not None:
            self.run(job)
            served = True
        return served

    def _serve_forward_unless_busy(self) -> None:
        try:
            self.serve_forward()
        except LabError as error:  # the store is full or busy: the job goes on
            log.warning("%s", error)


def _stored(event: Event) -> Event:
    """Keep the record of a `made` event; return the event with the record's row and id in its place."""
    data = dict(event.data)
    record = data.pop("record")
    return Event("made", data | {"row": records.add(record), "id": record["id"]})


def _emit(job: jobs.Job, kind: str, data: dict) -> None:
    """Report an event. What the store does not take is not shown; the run's record holds its whole curve all the same."""
    try:
        jobs.emit(job.id, kind, data)
    except LabError as error:
        log.warning("an event of job %s is not kept: %s", job.id, error)

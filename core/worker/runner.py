"""Runs jobs, and sees that each ends in the store, whatever happens to it or to the store meanwhile."""

import logging
import time

from core.errors import LabError
from core.home import home
from core.store import jobs, races
from core.store.waiting import FORWARD
from core.worker.control import Attention
from core.worker.handlers import HANDLERS, Ended, remember
from core.worker.memory import OUT_OF_MEMORY, out_of_memory

FORWARD_SECONDS = 0.5  # after this long, what trains goes on for a step before the next request
log = logging.getLogger("layer_lab.worker")


class Runner:
    """The jobs of one worker. unstored: jobs that have ended, which the store did not take yet (it is full, busy or gone)."""

    def __init__(self, worker: str):
        self.worker = worker
        self.unstored: list[tuple[jobs.Job, Ended]] = []

    def claim(self, lane: tuple[str, ...]) -> jobs.Job | None:
        return jobs.claim(self.worker, lane)

    def run(self, job: jobs.Job) -> None:
        """Run one job; it ends finished, stopped or failed with a sentence."""
        try:
            ended = HANDLERS[job.kind](job, Attention(job, self.serve_forward))
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

    def close_ended(self) -> None:
        """Store what has ended; LabError while the store takes nothing. A run that is over is not lost to a full disk."""
        while self.unstored:
            job, ended = self.unstored[0]
            if ended.status == "paused":
                races.set_aside(job.id)
            else:
                jobs.finish(job.id, ended.status, ended.reason, record=ended.record)
            self.unstored.pop(0)
            remember(job, ended)

    def serve_forward(self) -> bool:
        """Serve waiting forward-only requests, no further one after FORWARD_SECONDS; whether there was one."""
        end = time.monotonic() + FORWARD_SECONDS
        served = False
        while (not served or time.monotonic() < end) and (job := self.claim(FORWARD)) is not None:
            self.run(job)
            served = True
        return served

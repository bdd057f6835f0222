"""What a worker looks at while a job runs: was it told to stop, is its time over, does a forward-only request wait."""

import logging
import math
import os
import time
from collections.abc import Callable

from core.errors import LabError
from core.store import jobs
from core.store.waiting import FORWARD

LOOK_SECONDS = 0.2  # how often, at most
LIMIT_MINUTES = 120.0
STOPPED = "Stopped by the learner."
log = logging.getLogger("layer_lab.worker")


def limit_minutes() -> float:
    """The longest that a job may run: LAYER_LAB_JOB_MINUTES, by default 120. LabError when that is no number above 0."""
    text = os.environ.get("LAYER_LAB_JOB_MINUTES", "").strip()
    try:
        minutes = float(text) if text else LIMIT_MINUTES
    except ValueError:
        minutes = math.nan
    if not minutes > 0:
        raise LabError(f"LAYER_LAB_JOB_MINUTES is {text!r}; it must be a number of minutes above 0.")
    return minutes


class Attention:
    """Of one running job. `stop` is what a training asks before every step; reason: why the job has to end, None while it may go on."""

    def __init__(self, job: jobs.Job, serve_forward: Callable[[], bool] = lambda: False):
        self.job = job
        self.reason: str | None = None
        self._serve_forward = serve_forward
        self._minutes = limit_minutes()
        self._end = time.monotonic() + 60 * self._minutes
        self._looked = -math.inf

    def stop(self) -> bool:
        if self.reason is None and time.monotonic() - self._looked > LOOK_SECONDS:
            self._look()
        return self.reason is not None

    def _look(self) -> None:
        try:
            if jobs.cancelled(self.job.id):
                self.reason = STOPPED
            elif time.monotonic() > self._end:
                self.reason = f"Stopped at the time limit of {self._minutes:g} minutes; LAYER_LAB_JOB_MINUTES sets another."
            elif self.job.kind not in FORWARD:
                self._serve_forward()
        except LabError as error:  # the store is full or busy: the job goes on
            log.warning("%s", error)
        self._looked = time.monotonic()

    def emit(self, kind: str, data: dict) -> None:
        """Report an event. What the store does not take is not shown; the run's record holds its whole curve all the same."""
        try:
            jobs.emit(self.job.id, kind, data)
        except LabError as error:
            log.warning("an event of job %s is not kept: %s", self.job.id, error)

"""Whether a running job has to end: it was told to stop, or its time is over."""

import logging
import math
import os
import time

from core.errors import LabError
from core.store import jobs

LOOK_SECONDS = 0.2  # between two looks at the store, at least
LIMIT_MINUTES = 120.0
STOPPED = "Stopped by the learner."
log = logging.getLogger("layer_lab.worker")


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
        try:
            if jobs.cancelled(self.job.id):
                self.reason = STOPPED
            elif time.monotonic() > self._end:
                self.reason = f"Stopped at the time limit of {self._minutes:g} minutes; LAYER_LAB_JOB_MINUTES sets another."
        except LabError as error:  # the store is full or busy: the job goes on
            log.warning("%s", error)
        self._looked = time.monotonic()
        return True

"""When a waiting job will have its result, by playing the fair order through with the seconds that this machine measured."""

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import LabError
from core.recipe import Recipe
from core.store import facts, jobs
from core.store.workers import workers

MEASURED = ("rate", "around", "train_examples", "tune_seconds", "prepare_seconds", "inside_seconds", "seams_seconds")


@dataclass(frozen=True)
class Forecast:
    """A job in the queue. position: 1 is the next to start, 0 runs. ahead: jobs that are served before it, running ones included.

    length: running and waiting jobs. starts, ends, all_done: seconds from now until it starts, until it is over, and until
    the whole queue is; None while something that this depends on was never measured here.
    """

    position: int
    ahead: int
    length: int
    starts: float | None
    ends: float | None
    all_done: float | None


def forecast(job_id: int) -> Forecast | None:
    """Forecast a running or waiting job of the training lane; None for any other."""
    queue = jobs.queue()
    place = next((n for n, job in enumerate(queue) if job.id == job_id), None)
    if place is None:
        return None
    times = _times(queue)
    starts, ends = times[job_id]
    running = sum(job.status == "running" for job in queue)
    position = max(0, place + 1 - running)
    return Forecast(position, place if position else 0, len(queue), _known(starts), _known(ends), _known(max(end for _, end in times.values())))


def all_done() -> float | None:
    """Return the seconds until the whole queue is done: 0 when it is empty, None while something in it was never measured here."""
    return _known(max((end for _, end in _times(jobs.queue()).values()), default=0.0))


def _times(queue: list[jobs.Job]) -> dict[int, tuple[float, float]]:
    known = measured()
    left = [(job.id, _left(job, known)) for job in queue if job.status == "running"]
    waiting = [(job.id, seconds(job, known)) for job in queue if job.status == "queued"]
    return schedule(left, waiting, max(1, len(workers())))


def schedule(running: Sequence[tuple[int, float]], waiting: Sequence[tuple[int, float]], workers: int) -> dict[int, tuple[float, float]]:
    """Return (starts, ends) by job, seconds from now, when each worker that gets free takes the next waiting job.

    running: (job, seconds left). waiting: (job, seconds it takes), in the order they are served. Infinite seconds are unknown ones.
    """
    times = {job: (0.0, left) for job, left in running}
    free = [left for _, left in running] + [0.0] * max(0, workers - len(running))
    heapq.heapify(free)
    for job, takes in waiting:
        start = heapq.heappop(free)
        times[job] = (start, start + takes)
        heapq.heappush(free, start + takes)
    return times


def measured() -> dict[str, dict]:
    """Return what this machine measured of times, by the facts' names."""
    return {name: facts.get(name) or {} for name in MEASURED}


def of_runs(recipe: Recipe, runs: int, known: Mapping[str, Mapping[str, float]]) -> tuple[float | None, bool]:
    """Return the seconds that so many runs of recipes like this take, None while that is unknown; and whether their size was measured here: else it
    is taken from the nearest one, as if time grew with the layers. known: `measured`."""
    pair, examples = f"{recipe.teacher}/{recipe.task}", known["train_examples"].get(recipe.task)
    rates = {int(name.rpartition("/")[2]): rate for name, rate in known["rate"].items() if name.rpartition("/")[0] == pair}
    if not rates or (examples is None and recipe.budget.full):
        return None, False
    near = min(rates, key=lambda k: (abs(k - recipe.k), k))
    steps = recipe.budget.total_steps(examples or 0, recipe.optimiser.batch_size)
    return runs * (rates[near] * recipe.k / near * steps + known["around"].get(pair, 0.0)), near == recipe.k


def seconds(job: jobs.Job, measured: Mapping[str, Mapping[str, float]]) -> float:
    """Return how long a job takes on this machine, infinity when that was never measured. measured: facts by name.

    A run: its steps, and what lies before and after them (getting ready, evaluating).
    """
    if job.kind in ("distill", "race"):
        return sum(_run_seconds(payload, measured) for payload in job.payload.get("recipes", [job.payload]))
    return measured.get(f"{job.kind}_seconds", {}).get(_pair(job.payload), math.inf)


def _pair(payload: dict) -> str:
    return f"{payload.get('teacher')}/{payload.get('task')}"


def _run_seconds(payload: dict, measured: Mapping[str, Mapping[str, float]]) -> float:
    try:
        recipe = Recipe.from_dict(payload)
    except LabError:
        return 0.0  # it fails at once
    rate = measured["rate"].get(f"{_pair(payload)}/{recipe.k}")
    examples = measured["train_examples"].get(recipe.task)
    if rate is None or (examples is None and recipe.budget.full):
        return math.inf
    return rate * recipe.budget.total_steps(examples, recipe.optimiser.batch_size) + measured["around"].get(_pair(payload), 0.0)


def _left(job: jobs.Job, measured: Mapping[str, Mapping[str, float]]) -> float:
    """Return the seconds left of a running job: as its last step said, else of what it takes in all."""
    step = jobs.last_event(job.id, "step")
    at, left = (step["at"], step["eta"] * len(job.payload.get("recipes", [None]))) if step else (job.started, seconds(job, measured))
    return max(0.0, left - (jobs.now() - at))


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None

"""Repeated timing: interleaved, so that what else the machine does falls on all alike; median and spread."""

import statistics
from collections.abc import Callable, Hashable


def summary(values: list[float]) -> dict:
    """median, min, max and the values themselves."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "values": values}


def interleaved(jobs: dict[Hashable, Callable[[], object]], repeats: int, progress: Callable[[str], None] = lambda text: None) -> dict:
    """Each job `repeats` times, one of each after the other, each repeat beginning with another job; results by job, in order."""
    results: dict = {name: [None] * repeats for name in jobs}
    names = list(jobs)
    for repeat in range(repeats):
        for name in names[repeat % len(names):] + names[: repeat % len(names)]:
            progress(f"repeat {repeat + 1} of {repeats}: {name if isinstance(name, str) else ', '.join(map(str, name))}")
            results[name][repeat] = jobs[name]()
    return results

"""How long a class waits: learners who all press Run at once, on one server with one worker, until each has a result.

Each learner is a session of the server with the default budget and seed and any three layers, drawn with a fixed seed: equal choices are one
run. drawn=False goes through all choices before one comes again, which is the most work that a class of this size can ask for.
"""

import random
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path

from core.errors import LabError
from core.studies.light_clients import OPTIONS, Client
from tests.bench.browser import served
from tests.bench.repeats import summary

LAYERS, CHOSEN = 6, 3  # of the default teacher
LINK = {"teacher": "minilm-l6", "task": "composed-nli"}
LOOK_SECONDS = 10.0  # between two looks of a learner; a look draws a whole page, and a browser that waits polls one line of it
MOST_SECONDS = 7200.0


def measure(
    learners: int, progress: Callable[[str], None] = lambda text: None, link: dict[str, str] = LINK, layers: int = LAYERS, look: float = LOOK_SECONDS,
    drawn: bool = True,
) -> dict:
    """{"learners", "choices": different ones, "seconds": from the common press on Run to each learner's result, median, min, max and values}.

    layers: of the link's teacher. look: seconds between two looks, by which a result may be noticed too late. LabError when a learner gets no result.
    """
    every = list(combinations(range(1, layers + 1), min(CHOSEN, layers)))
    choices = random.Random(0).choices(every, k=learners) if drawn else [every[n % len(every)] for n in range(learners)]
    with tempfile.TemporaryDirectory() as scratch, served(Path(scratch) / "home", "run", "app.py", *OPTIONS) as address:
        together = threading.Barrier(learners)

        def learner(n: int) -> float:
            try:
                client = Client(address, **link, layers=",".join(map(str, choices[n])))
                together.wait(MOST_SECONDS)
                took = _until_result(client, choices[n], look)
            except BaseException:
                together.abort()
                raise
            progress(f"{took:.0f} s: layers {', '.join(map(str, choices[n]))}")
            return took

        with ThreadPoolExecutor(learners) as pool:
            seconds = list(pool.map(learner, range(learners)))
    return {"learners": learners, "choices": len(set(choices)), "seconds": summary(seconds)}


def _until_result(client: Client, layers: tuple[int, ...], look: float) -> float:
    """Skip the prediction, press Run and look until the headline of this run stands there; seconds."""
    headline = f"A student from layers {', '.join(map(str, layers))} "
    began = time.monotonic()
    if client.has("Skip"):
        client.press("Skip")
    client.press("Run")
    while not client.shows(headline):
        if time.monotonic() - began > MOST_SECONDS:
            raise LabError(f"A learner had no result after {MOST_SECONDS / 60:.0f} minutes; the page says: {client.text()[:500]}")
        if client.has("Run"):
            raise LabError(f"A learner's run ended without a result; the page says: {client.text()[:500]}")
        time.sleep(look)
        client.look()
    return time.monotonic() - began


def report(found: dict) -> str:
    """A line with the median and the longest time."""
    seconds = found["seconds"]
    minutes = lambda value: "{} min {} s".format(*divmod(round(value), 60))
    return (
        f"{found['learners']} learners press Run at once, {found['choices']} different choices; a result after "
        f"{minutes(seconds['median'])} (median), {minutes(seconds['max'])} (longest), {minutes(seconds['min'])} (shortest)"
    )

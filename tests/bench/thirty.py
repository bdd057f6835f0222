"""How long a class waits for answers: learners who each ask a student of their own about a text that they typed, all at once, while a run trains.

They ask and look through the store, as often as the page does; the worker is a process of its own that trains 240 steps meanwhile. What a page
draws of an answer is not in it. In the first round no student is loaded; in the others all are, and each learner asks about another text.
"""

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import combinations
from pathlib import Path

from core.errors import LabError
from core.recipe import Budget, Recipe
from core.store import jobs, students
from pages.parts.lab.try_it import LOOK
from tests.bench.repeats import summary

ROOT = Path(__file__).resolve().parents[2]
LEARNERS, ROUNDS, STEPS, SEED_STEPS = 30, 4, 240, 10
PAUSE = 3.0  # seconds between two rounds
MOST_SECONDS = 900.0
TEACHER, TASK = "minilm-l6", "composed-nli"
WORDS = ("dog", "woman", "boy", "girl", "cat", "man", "child", "bird"), ("runs", "sleeps", "sings", "eats", "waits", "plays"), (
    "in the garden", "near the old house", "", "with a friend", "by the river in the early morning", "again")


def measure(progress: Callable[[str], None] = lambda text: None, learners: int = LEARNERS, rounds: int = ROUNDS, steps: int = STEPS,
            seed_steps: int = SEED_STEPS) -> dict:
    """{"learners", "rounds": [{"clock", "processor": seconds from asking to the answer, as median, min, max and values, "step": of the run,
    "load": of the machine over the last minute}]}.

    processor: what the worker's process has used of it meanwhile, the run's steps between the answers included; None where no /proc tells it. The
    first round is cold. LabError when an answer fails to come.
    """
    with tempfile.TemporaryDirectory() as home:
        before = os.environ.get("LAYER_LAB_HOME")
        os.environ["LAYER_LAB_HOME"] = home
        try:
            progress(f"{learners} students of {seed_steps} steps are made")
            keys = _students(learners, seed_steps)
            return {"learners": learners, "rounds": _rounds(keys, rounds, steps, progress)}
        finally:
            os.environ.pop("LAYER_LAB_HOME")
            if before is not None:
                os.environ["LAYER_LAB_HOME"] = before


def _students(count: int, steps: int) -> list[str]:
    """Keep one trained student under as many names, each of another choice while there are any; return the keys."""
    from safetensors.torch import load_file, save_file

    from core.training.distill import distill

    *_, last = distill(Recipe(TEACHER, TASK, (1, 3, 5), budget=Budget(steps=steps)), keep=True)
    one = students.of(last.data["record"])
    tensors, every = load_file(one.path), list(combinations(range(1, 7), 3))
    keys = []
    for n in range(count):
        record = one.record | {"id": f"{n:012x}", "recipe": one.record["recipe"] | {"layers": list(every[n % len(every)])}}
        keys.append(students.write(record, one.about, one.size, lambda path, header: save_file(tensors, path, header)))
    return keys


def _rounds(keys: list[str], rounds: int, steps: int, progress: Callable[[str], None]) -> list[dict]:
    draw, found = random.Random(0), []
    with open(Path(os.environ["LAYER_LAB_HOME"]) / "worker.log", "ab") as log:
        worker = subprocess.Popen([sys.executable, "-m", "core", "work"], cwd=ROOT, env={"OMP_WAIT_POLICY": "passive", **os.environ}, stdout=log,
                                  stderr=log)
    try:
        recipe = Recipe(TEACHER, TASK, (1, 2, 6), budget=Budget(steps=steps), seed=7)
        run = jobs.submit("distill", recipe.to_dict(), recipe.id, "trainer")
        _until(lambda: jobs.last_event(run.id, "step"), "the run has not begun")
        for number in range(rounds):
            if jobs.get(run.id).over:
                raise LabError("The run was over before the last round; give it more steps.")
            found.append(_round(keys, draw, worker.pid) | {"step": jobs.last_event(run.id, "step")["step"], "load": os.getloadavg()[0]})
            progress(_line(number, found[-1]))
            time.sleep(PAUSE)
    finally:
        worker.kill()
        worker.wait()
    return found


def _round(keys: list[str], draw: random.Random, pid: int) -> dict:
    texts = [" ".join(filter(None, ("A", *(draw.choice(words) for words in WORDS)))) for _ in keys]
    together = threading.Barrier(len(keys))

    def learner(n: int) -> tuple[float, float | None]:
        together.wait(MOST_SECONDS)
        began, used = time.monotonic(), _processor_seconds(pid)
        job = jobs.submit("try_it", {"students": [keys[n]], "first": texts[n], "second": "Somebody is outside."}, learner=f"learner {n}")
        while not jobs.get(job.id).over:
            if time.monotonic() - began > MOST_SECONDS:
                raise LabError(f"A question has no answer after {MOST_SECONDS:.0f} s.")
            time.sleep(LOOK)
        if jobs.last_event(job.id, "answer") is None:
            raise LabError(jobs.get(job.id).reason or "A question ended without an answer.")
        return time.monotonic() - began, None if used is None else _processor_seconds(pid) - used

    with ThreadPoolExecutor(len(keys)) as pool:
        clock, processor = zip(*pool.map(learner, range(len(keys))), strict=True)
    return {"clock": summary(clock), "processor": None if None in processor else summary(processor)}


def _processor_seconds(pid: int) -> float | None:
    with suppress(OSError, ValueError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return None


def _until(there: Callable[[], object], why: str) -> None:
    end = time.monotonic() + MOST_SECONDS
    while not there():
        if time.monotonic() > end:
            raise LabError(f"After {MOST_SECONDS:.0f} s {why}.")
        time.sleep(0.2)


def _line(number: int, found: dict) -> str:
    show = lambda times: f"{times['median']:.2f} s in the middle, {times['max']:.2f} s the last"
    processor = f"; of the worker's processor time {show(found['processor'])}" if found["processor"] else ""
    return (f"round {number + 1}{', no student loaded' if number == 0 else ''}: {show(found['clock'])} by the clock{processor}; "
            f"step {found['step']}, load {found['load']:.1f}")


def report(found: dict) -> str:
    """A line for each round."""
    return "\n".join((f"{found['learners']} learners ask at once, each their own student, while a run trains; from asking to the answer:",
                      *(_line(number, one) for number, one in enumerate(found["rounds"]))))

"""A sweep: many recipes, one record a line in a readable JSONL file, resumable after a kill at any point."""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import LabError
from core.recipe import PRESETS, Recipe, check_layers, parse_layers, preset
from core.store.exchange import line
from core.store.ground import ground
from core.store.saved import read
from core.training.diverged import Diverged
from core.training.events import Event, without_turns


def choices(text: str, teacher_layers: int) -> list[tuple[int, ...]]:
    """Return the layer choices that a specification names, in order, without doubles.

    Parts divided by ';': 'all:3' is every ascending choice of 3 layers, 'odd:3' a preset, '1,3,5' a choice.
    LabError for anything else.
    """
    found: list[tuple[int, ...]] = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, colon, k = part.partition(":")
        if not colon:
            found.append(check_layers(parse_layers(part), teacher_layers))
            continue
        if not k.isdigit() or name not in ("all", *PRESETS):
            raise LabError(f"{part!r} names no layer choices; write all:3, a preset such as odd:3, or layers such as 1,3,5.")
        if name == "all":
            if not 1 <= int(k) <= teacher_layers:
                raise LabError(f"There are no choices of {k} layers: the teacher has {teacher_layers}.")
            found += itertools.combinations(range(1, teacher_layers + 1), int(k))
        else:
            found.append(preset(name, teacher_layers, int(k)))
    if not found:
        raise LabError("The sweep names no layer choices; write for example --layers all:3.")
    return list(dict.fromkeys(found))


def append(path: Path, record: dict) -> None:
    """Add one line and have it on the disk; a torn last line of an earlier kill is cut off first."""
    try:
        with path.open("ab+") as file:
            _cut_torn_line(file)
            file.write(f"{line(record)}\n".encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise LabError(f"The record cannot be written to {path} ({error.strerror}); free some disk space, then run it again.") from error


def _cut_torn_line(file) -> None:
    end = file.seek(0, os.SEEK_END)
    if end == 0:
        return
    file.seek(0)
    whole = file.read().rfind(b"\n") + 1
    if whole != end:
        file.truncate(whole)


def key(record: dict) -> tuple:
    """Return what makes a record answer a recipe: its id, the teacher and the data."""
    return record["id"], *ground(record)


Engine = Callable[[list[Recipe]], Iterator[tuple[Recipe | None, Event]]]


def in_turn(run: Callable[[Recipe], Iterator[Event]]) -> Engine:
    """Return the engine that makes one run after the other in this process."""

    def engine(recipes: list[Recipe]) -> Iterator[tuple[Recipe, Event]]:
        for recipe in recipes:
            try:
                for event in without_turns(run(recipe)):
                    yield recipe, event
            except Diverged as error:
                yield recipe, Event("failed", {"reason": str(error)})

    return engine


def sweep(recipes: list[Recipe], path: Path, teacher: str, task_hash: str, engine: Engine) -> Iterator[dict]:
    """Run what the file does not hold yet; yields {done, of, eta, recipe, event} as it goes, a finished run once it is on the disk.

    teacher: its key (core/store/ground.py). engine: recipes -> (recipe, event) pairs, in any order of the recipes; a run's last event is
    finished {record}, or failed {reason} where its losses were no longer finite: it is not kept, and the others go on. eta: seconds left, from the
    runs made in this call, while the first trains from its steps, None before. A record made with another teacher or data does not count as
    done. LabError when another sweep has the file, or when a run comes back that was made with others.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LabError(f"Another sweep is writing {path}; wait for it or choose another --out.") from None
    with lock:
        there = {key(record) for record in read(path)}
        left = [recipe for recipe in recipes if (recipe.id, teacher, task_hash) not in there]
        pace = Pace(len(left))
        before = len(recipes) - len(left)
        for recipe, event in engine(left):
            record = event.data["record"] if event.kind == "finished" else None
            if record is not None and record["status"] == "finished":
                if key(record) != (recipe.id, teacher, task_hash):
                    raise LabError("A run was made with another teacher or other data than this sweep's; give every machine the same files.")
                append(path, record)
                pace.one_more()
            left_of_run = event.data.get("eta") if event.kind == "step" else None
            yield {"done": before + pace.made, "of": len(recipes), "eta": pace.seconds_left(left_of_run), "recipe": recipe, "event": event}
            if record is not None and record["status"] != "finished":
                return
        yield {"done": before + pace.made, "of": len(recipes), "eta": 0.0, "recipe": None, "event": None}


class Pace:
    """How long the runs that are left will take, from those made since the start. Times in seconds."""

    def __init__(self, runs: int):
        self.runs, self.made = runs, 0
        self.began = self.last = time.monotonic()

    def one_more(self) -> None:
        self.made, self.last = self.made + 1, time.monotonic()

    def seconds_left(self, of_run: float | None = None) -> float | None:
        """Return the seconds left; between two runs they count down. of_run: what the run that trains has left; while the first does, the others
        are taken to be as long. None before.
        """
        now = time.monotonic()
        if self.made:
            each = (self.last - self.began) / self.made
            return max(0.0, each * (self.runs - self.made) - (now - self.last))
        return None if of_run is None else (now - self.began) * (self.runs - 1) + of_run * self.runs

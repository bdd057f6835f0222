"""A race: up to four recipes trained in turn, one step each, on the same batches in the same order: a paired comparison.

Each runner is `distill` of its recipe, advanced from one turn to the next, with generators of random numbers of its own: its record
is the one that `distill` alone gives.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core.errors import LabError
from core.recipe import Recipe
from core.store.races import check
from core.training.checkpoint import Place, put_random_states, random_states
from core.training.distill import code_version, distill
from core.training.events import Event

CHANGED = "The program has changed since this race was paused, so it cannot end as it began; stop it and start it again."


class Race:
    """recipes: 2 to 4, as of core.store.races.check (LabError). folder: of a checkpoint to go on from.

    stop: asked before every step, as by distill. micro_batch: as of distill; a checkpoint has its own.
    """

    def __init__(
        self, recipes: Sequence[Recipe], stop: Callable[[], bool] = lambda: False, folder: Path | None = None, micro_batch: int | None = None,
    ):
        check(recipes)
        about = json.loads((folder / "race.json").read_text()) if folder else {"seconds": [0.0] * len(recipes)}
        if folder and (about["code"] != code_version() or about["ids"] != [recipe.id for recipe in recipes]):
            raise LabError(CHANGED)
        self.recipes = list(recipes)
        self.micro_batch = about.get("micro_batch", micro_batch)
        self.runners = [_Runner(n, recipe, stop, folder, about["seconds"][n], self.micro_batch) for n, recipe in enumerate(recipes)]

    def events(self) -> Iterator[Event]:
        """What distill reports, with "runner" (from 0); before every round of one step each: round {step}, where a race may be saved."""
        for runner in self.runners:
            yield from runner.advance()
        while any(runner.going for runner in self.runners):
            yield Event("round", {"step": self.runners[0].place.training.made})
            for runner in self.runners:
                if runner.going:
                    yield from runner.advance()

    def save(self, folder: Path) -> None:
        """Write a checkpoint, all of it or nothing; only at a round event. One that is there is replaced."""
        new = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        for runner in self.runners:
            runner.place.save(new, runner.random)
        about = {
            "code": code_version(), "ids": [recipe.id for recipe in self.recipes], "seconds": [runner.seconds for runner in self.runners],
            "micro_batch": self.micro_batch,
        }
        (new / "race.json").write_text(json.dumps(about))
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)


class _Runner:
    """One distillation. seconds: its own, without those of the others."""

    def __init__(
        self, number: int, recipe: Recipe, stop: Callable[[], bool], folder: Path | None, seconds: float, micro_batch: int | None,
    ):
        self.number, self.seconds, self.going = number, seconds, True
        self.place = Place(f"runner-{number + 1}", folder)
        self.random = random_states()
        self._events = distill(recipe, stop, micro_batch=micro_batch, place=self.place)

    def advance(self) -> Iterator[Event]:
        """Events up to the next turn, or to the end."""
        while True:
            put_random_states(self.random)
            began = time.perf_counter()
            event = next(self._events, None)
            self.seconds += time.perf_counter() - began
            self.random = random_states()
            if event is None:
                self.going = False
                return
            if event.kind == "turn":
                return
            if event.kind == "finished":
                event.data["record"]["seconds"] = self.seconds
            yield Event(event.kind, event.data | {"runner": self.number})

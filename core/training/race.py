"""A race: up to four recipes trained in turn, one step each, on the same batches in the same order: a paired comparison.

Each runner is a Session, with generators of random numbers of its own: its record is the one that `distill` alone gives.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.errors import LabError
from core.recipe import Recipe
from core.store.races import check
from core.training.device import code_version
from core.training.diverged import Diverged
from core.training.events import TURN, Event, never
from core.training.session import Session

GENERATORS = {"cpu": torch, "cuda": torch.cuda, "mps": torch.mps}
DAMAGED = "The checkpoint of the paused race cannot be read ({problem}); stop this race and start it again."
CHANGED = "The program has changed since this race was paused, so it cannot end as it began; stop it and start it again."
OTHER = "The teacher or the task's data have changed since this race began, so it cannot end as it began; stop it and start it again."


class Race:
    """recipes: 2 to 4, checked by core.store.races.check (LabError). folder: a checkpoint to go on from.

    broken: runners (from 0) that broke off because their losses were no longer finite, each with its reason; the others go on.
    stop: asked at every turn, as in distill. micro_batch, keep: as in distill; a checkpoint has its own micro_batch.
    """

    def __init__(
        self, recipes: Sequence[Recipe], stop: Callable[[], bool] = never, folder: Path | None = None, micro_batch: int | None = None,
        keep: bool = False,
    ):
        check(recipes)
        self.about = about = json.loads((folder / "race.json").read_text()) if folder else {}
        if folder and (about["code"] != code_version() or about["ids"] != [recipe.id for recipe in recipes]):
            raise LabError(CHANGED)
        self.stop, self.folder, self.micro_batch = stop, folder, about.get("micro_batch", micro_batch)
        self.broken: dict[int, str] = {int(number): reason for number, reason in about.get("broken", {}).items()}
        self.sessions = [Session(recipe, micro_batch=self.micro_batch, keeps=keep) for recipe in recipes]

    def events(self) -> Iterator[Event]:
        """Yield what distill reports, with "runner" (from 0); before every round of one step each round {step}, where a race may be saved.

        A runner that breaks off reports broke_off {reason} and no more. Where all do, the last event is theirs.
        """
        start = random_states()
        for number, session in enumerate(self.sessions):
            if number in self.broken:
                continue
            session.random = start
            try:
                for event in self._own(number, session.prepare()):
                    yield event
                    if event.kind in ("turn", "stage") and self.stop():
                        return
            except Diverged as error:
                yield self._break_off(number, error)
                continue
            if session.stands_on != (self.about.get("stands_on") if self.folder else self.sessions[0].stands_on):
                raise LabError(OTHER)
            if self.folder:
                self._load(session, self.folder / f"runner-{number + 1}")
        going = [number for number in range(len(self.sessions)) if number not in self.broken]
        while going:
            yield Event("round", {"step": self.sessions[going[0]].made})
            for number in tuple(going):
                yield TURN
                session, stopped = self.sessions[number], self.stop()
                try:
                    for event in () if stopped else self._own(number, session.advance()):
                        yield event
                        if event.kind == "turn" and session.made < session.steps and self.stop():
                            break  # in the middle of an evaluation, which is left unfinished
                    if stopped or session.made == session.steps:
                        yield from self._own(number, session.record())
                        going.remove(number)
                except Diverged as error:
                    going.remove(number)
                    yield self._break_off(number, error)

    def save(self, folder: Path) -> None:
        """Write a checkpoint, all of it or nothing; only at a round event. One that is there is replaced."""
        new = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        for number, session in enumerate(self.sessions):
            if number in self.broken:
                continue
            tensors, values = session.state()
            tensors = {key: value.detach().cpu().clone().contiguous() for key, value in tensors.items()}
            save_file(tensors, new / f"runner-{number + 1}.safetensors")
            (new / f"runner-{number + 1}.json").write_text(json.dumps(values))
        ids = [session.recipe.id for session in self.sessions]
        about = {"code": code_version(), "ids": ids, "micro_batch": self.micro_batch, "broken": self.broken}
        about["stands_on"] = next(session.stands_on for number, session in enumerate(self.sessions) if number not in self.broken)
        (new / "race.json").write_text(json.dumps(about))
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)

    def _break_off(self, number: int, error: Diverged) -> Event:
        self.broken[number] = str(error)
        return Event("broke_off", {"runner": number, "reason": str(error)})

    def _load(self, session: Session, file: Path) -> None:
        """Put a saved state into a prepared session. LabError when the files are not those of this run."""
        try:
            session.load_state(load_file(file.with_suffix(".safetensors")), json.loads(file.with_suffix(".json").read_text()))
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise LabError(DAMAGED.format(problem=type(error).__name__)) from error

    def _own(self, number: int, events: Iterator[Event]) -> Iterator[Event]:
        """Yield a session's events, made with its own random numbers."""
        session = self.sessions[number]
        while True:
            put_random_states(session.random)
            event = next(events, None)
            session.random = random_states()
            if event is None:
                return
            yield Event(event.kind, event.data | {"runner": number})


def random_states() -> dict[str, Tensor]:
    """Return the states of the generators that training draws from (dropout), by device."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return {name: GENERATORS[name].get_rng_state() for name, has in there.items() if has}


def put_random_states(states: dict[str, Tensor]) -> None:
    """Set the generators to states of `random_states`."""
    for name, state in states.items():
        GENERATORS[name].set_rng_state(state)

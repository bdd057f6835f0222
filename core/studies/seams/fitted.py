"""The bridges of a teacher on a task, fitted once: one safetensors file each below LAYER_LAB_HOME/bridges, known by what they are fitted to."""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from core.data.batches import EncodedSplit
from core.errors import LabError
from core.home import folder, home
from core.models.bridge import RIDGE
from core.models.teachers import Teacher
from core.recipe.seams import Seam
from core.store.database import to_json
from core.store.seam_costs import possible
from core.studies.seams.measure import read_states
from core.studies.seams.moments import Reading
from core.studies.seams.settings import BATCH, DEEP, SETTINGS
from core.training.device import Device
from core.training.events import Event, followed

PAIRS = 16  # of teacher and task whose bridges stay on the disk; those that were fitted first go
READING = "Reading texts that bridges are fitted to"


class FittedBridges:
    """Bridges to a teacher's own states of `texts`, on a device. Those of another teacher, task, arithmetic or of other settings have other names."""

    def __init__(self, teacher: Teacher, task_hash: str, texts: EncodedSplit, device: Device):
        self._teacher, self._texts, self._device = teacher, texts, device
        settings = hashlib.sha256(to_json([SETTINGS, RIDGE, BATCH]).encode()).hexdigest()[:8]
        self._folder = f"{teacher.key}--{task_hash}--{device.kind}-{device.dtype}-{settings}"
        self._found: dict[Seam, nn.Linear] = {}
        self._reading: Reading | None = None

    def __getitem__(self, seam: Seam) -> nn.Linear:
        """Return a bridge that `fit` was asked for. KeyError for another."""
        return self._found[seam]

    def fit(self, seams: Sequence[Seam]) -> Iterator[Event]:
        """Yield events of progress till the bridges over these seams are there; nothing where they are there already.

        Of a teacher that is not deep all bridges are fitted with the first one, since reading the texts takes nearly all of the time."""
        missing = [seam for seam in seams if seam not in self._found and not self._read(seam)]
        if not missing:
            return
        if self._reading is None:
            made = Reading()
            yield from followed(read_states(self._teacher.model, self._texts, self._device, made), READING, "evaluating")
            self._reading = made
        every = possible(self._teacher.layers) if self._teacher.layers <= DEEP else ()
        for seam in dict.fromkeys((*missing, *every)):
            with torch.inference_mode():
                self._found[seam] = self._reading.bridge(seam).to(self._device.torch)
            self._write(seam)
        _make_room()

    def _path(self, seam: Seam) -> Path:
        return home() / "bridges" / self._folder / f"{seam.below}-{seam.above}.safetensors"

    def _read(self, seam: Seam) -> bool:
        """Find a bridge on the disk; return whether it is there and whole."""
        try:
            found = load_file(self._path(seam))
            rows, columns = found["weight"].shape
            made = nn.utils.skip_init(nn.Linear, columns, rows)
            made.load_state_dict(found)
        except (OSError, SafetensorError, KeyError, ValueError, RuntimeError):
            return False
        self._found[seam] = made.requires_grad_(False).to(self._device.torch)
        return True

    def _write(self, seam: Seam) -> None:
        """Keep a bridge; on a full disk it serves till the worker ends."""
        path = self._path(seam)
        part = path.with_suffix(f".{os.getpid()}.part")
        with contextlib.suppress(LabError):
            try:
                folder("bridges", self._folder)
                save_file({name: value.cpu().contiguous() for name, value in self._found[seam].state_dict().items()}, part)
                part.replace(path)
            except (OSError, SafetensorError):
                part.unlink(missing_ok=True)


def _make_room() -> None:
    with contextlib.suppress(OSError):
        for old in sorted((home() / "bridges").iterdir(), key=lambda path: path.stat().st_mtime)[:-PAIRS]:
            shutil.rmtree(old, ignore_errors=True)

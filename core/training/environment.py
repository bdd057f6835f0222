"""Where and with what a run was made."""

import functools
import hashlib
import importlib.metadata
import platform
from pathlib import Path

from core.training.device import Device

CORE = Path(__file__).resolve().parent.parent
ROOMS = ("objectives", "recipe", "data", "models", "training")


def environment(device: Device) -> dict:
    """Return device, dtype, threads, versions and code version, JSON-ready."""
    versions = {name: importlib.metadata.version(name) for name in ("torch", "transformers", "tokenizers")}
    return {
        "device": device.kind, "device_name": device.name, "dtype": device.dtype, "threads": device.threads,
        "versions": {"python": platform.python_version(), **versions}, "code": code_version(),
    }


@functools.cache
def code_version() -> str:
    """Return the first 12 hex digits of the sha256 of the source that decides a run: the rooms objectives, recipe, data, models and training."""
    digest = hashlib.sha256()
    for file in sorted(file for room in ROOMS for file in (CORE / room).rglob("*.py")):
        digest.update(file.relative_to(CORE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]

"""What each file of saved runs is for and how it is made again: core/saved_runs/index.json, the plan of the saved runs in its order."""

import json
from dataclasses import dataclass
from pathlib import Path

from core.errors import LabError
from core.store import saved

NAME = "index.json"


@dataclass(frozen=True)
class Block:
    """file: its name. block: the part of the plan it belongs to. purpose: a sentence. commands: they make the file, run in this order.
    minutes: one run's computing time as planned, of one CPU thread."""

    file: str
    block: str
    purpose: str
    commands: tuple[str, ...]
    minutes: float


def blocks(folder: Path | None = None) -> dict[str, Block]:
    """Return the blocks by file name; a file need not be there yet. LabError when the index is broken."""
    path = (folder or saved.FOLDER) / NAME
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text())
        return {
            file: Block(file, values["block"], values["purpose"], tuple(values["commands"]), float(values["minutes"]))
            for file, values in found.items()
        }
    except (json.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise LabError(f"The index of saved runs {path} is damaged; restore the file.") from None

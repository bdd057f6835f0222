"""Sessions between two steps, written to a folder and read back: safetensors and JSON, nothing else."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.errors import LabError
from core.training.session import Session

DAMAGED = "The checkpoint of the paused race cannot be read ({problem}); stop this race and start it again."


def save(session: Session, folder: Path, name: str) -> None:
    """Write the session's state to <name>.safetensors and <name>.json."""
    tensors, values = session.state()
    save_file({key: value.detach().cpu().clone().contiguous() for key, value in tensors.items()}, folder / f"{name}.safetensors")
    (folder / f"{name}.json").write_text(json.dumps(values))


def load(session: Session, folder: Path, name: str) -> None:
    """Put a saved state into a prepared session. LabError when the files are not those of this run."""
    try:
        session.load_state(load_file(folder / f"{name}.safetensors"), json.loads((folder / f"{name}.json").read_text()))
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise LabError(DAMAGED.format(problem=type(error).__name__)) from error


def random_states() -> dict[str, Tensor]:
    """Return the states of the generators that training draws from (dropout), by device."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    if torch.backends.mps.is_available():
        states["mps"] = torch.mps.get_rng_state()
    return states


def put_random_states(states: dict[str, Tensor]) -> None:
    """Set the generators to states of `random_states`."""
    torch.set_rng_state(states["cpu"])
    if "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"])
    if "mps" in states:
        torch.mps.set_rng_state(states["mps"])

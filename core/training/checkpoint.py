"""Where a runner of a race stands between two steps, written to a folder and put back: safetensors and JSON, nothing else."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.errors import LabError
from core.objectives.layer_weights import LayerWeights
from core.training.loop import Training

DAMAGED = "The checkpoint of the paused race cannot be read ({problem}); stop this race and start it again."


class Place:
    """Of one runner. distill hands over what it holds (`hold`); `save` writes it; a place made with a folder puts it back before the first step.

    folder: where the checkpoint's files <name>.safetensors and <name>.json are; None for a new run.
    """

    def __init__(self, name: str, folder: Path | None = None):
        self.name, self.folder = name, folder
        self.training: Training | None = None

    def hold(self, training: Training, curve: list[dict], emphasis: LayerWeights | None) -> None:
        self.training, self.curve, self.emphasis = training, curve, emphasis

    def save(self, folder: Path, random: dict[str, Tensor]) -> None:
        """Parameters, optimizer state, the generators' states, losses not yet reported, counts and the curve. random: `random_states`."""
        training, standing = self.training, self.training.standing
        tensors = {f"model/{name}": value for name, value in training.model.named_parameters()}
        for number, state in standing.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{number}/{name}": value for name, value in state.items()}
        tensors |= {f"sums/{name}": value for name, value in standing.sums.items()}
        tensors |= {f"random/{name}": value for name, value in random.items()}
        kept = vars(self.emphasis) if self.emphasis else {}
        tensors |= {f"emphasis/{name}": value for name, value in kept.items() if isinstance(value, Tensor)}
        about = {
            "made": training.made, "seconds": standing.seconds, "evaluating": standing.evaluating, "tokens": standing.tokens,
            "counted": standing.counted, "curve": self.curve, "emphasis_calls": getattr(self.emphasis, "calls", None),
        }
        save_file({name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()}, folder / f"{self.name}.safetensors")
        (folder / f"{self.name}.json").write_text(json.dumps(about))

    def restore(self, training: Training) -> None:
        """Called by the loop before its first step. LabError when the files are not those of this run."""
        if self.folder is None:
            return
        try:
            self._restore(training)
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise LabError(DAMAGED.format(problem=type(error).__name__)) from error

    def _restore(self, training: Training) -> None:
        about = json.loads((self.folder / f"{self.name}.json").read_text())
        parts: dict[str, dict[str, Tensor]] = {}
        for key, value in load_file(self.folder / f"{self.name}.safetensors").items():
            kind, name = key.split("/", 1)
            parts.setdefault(kind, {})[name] = value
        standing = training.standing
        with torch.no_grad():
            for name, parameter in training.model.named_parameters():
                parameter.copy_(parts["model"][name])
        states: dict[int, dict[str, Tensor]] = {}
        for name, value in parts.get("optimizer", {}).items():
            number, field = name.split("/")
            states.setdefault(int(number), {})[field] = value
        standing.optimizer.load_state_dict(standing.optimizer.state_dict() | {"state": states})
        device = training.device.torch
        standing.sums = {name: value.to(device) for name, value in parts.get("sums", {}).items()}
        training.made, standing.counted, standing.tokens = about["made"], about["counted"], about["tokens"]
        standing.seconds, standing.evaluating = about["seconds"], about["evaluating"]
        self.curve[:] = about["curve"]
        for name, value in parts.get("emphasis", {}).items():
            setattr(self.emphasis, name, value.to(device))
        if about["emphasis_calls"] is not None:
            self.emphasis.calls = about["emphasis_calls"]
        put_random_states(parts["random"])


def random_states() -> dict[str, Tensor]:
    """The states of the generators that training draws from (dropout), by device."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    if torch.backends.mps.is_available():
        states["mps"] = torch.mps.get_rng_state()
    return states


def put_random_states(states: dict[str, Tensor]) -> None:
    torch.set_rng_state(states["cpu"])
    if "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"])
    if "mps" in states:
        torch.mps.set_rng_state(states["mps"])

"""What a checkpoint folder holds where it lacks what Layer Lab reads: the sentence that says so, and the way out."""

import json
import shlex
from pathlib import Path

CONVERT = (  # reads tensors only (weights_only), and copies those that share memory, which safetensors does not take
    "import glob, torch, safetensors.torch as s; w = {}; "
    "[w.update(torch.load(f, map_location='cpu', weights_only=True)) for f in sorted(glob.glob('pytorch_model*.bin'))]; "
    "s.save_file({k: v.clone().contiguous() for k, v in w.items()}, 'model.safetensors', {'format': 'pt'})"
)


def transformer_folder(path: Path) -> Path:
    """Return where the encoder of a folder lies: the folder itself, or that of a sentence-transformers model whose encoder has one of its own."""
    if not (path / "config.json").is_file() and (path / "modules.json").is_file():
        for module in _json(path / "modules.json", list):
            inner = module.get("path") if isinstance(module, dict) else None
            if isinstance(inner, str) and inner == Path(inner).name and str(module.get("type")).endswith(".Transformer"):
                return path / inner
    return path


def no_config(path: Path) -> str:
    """Return the sentence about a folder without config.json."""
    if (path / "adapter_config.json").is_file():
        return adapter(path)
    inside = sorted((one.parent for one in path.glob("*/config.json")), key=lambda one: (len(one.name), one.name))
    instead = f"; there is one in {inside[-1]}, so name that folder" if inside else ", so it is not a model; name a folder saved with save_pretrained"
    return f"The folder {path} holds no config.json{instead}."


def is_pointer(file: Path) -> bool:
    """Return whether a file is what a clone without Git LFS leaves in the place of a large one."""
    return file.is_file() and file.stat().st_size < 1000 and b"git-lfs" in file.read_bytes()


def pointer(file: Path | str, what: str) -> str:
    """Return the sentence about such a file, in whose place `what` belongs."""
    return f"{file} is a pointer of Git LFS, not {what}; run `git lfs pull` in its folder."


def no_weights(path: Path, mend: str) -> str:
    """Return the sentence about a folder without safetensors weights. mend: what to do where nothing else is there, after a semicolon."""
    names = sorted(one.name for one in path.iterdir() if one.is_file()) if path.is_dir() else []
    if any(name.startswith("pytorch_model") and name.endswith(".bin") for name in names):
        told = f"The weights in {path} are a pickle (pytorch_model.bin), which Layer Lab does not read."
        return f"{told} This converts them: {conversion(path)}"
    if others := [name for name in names if name.endswith(".safetensors") and name != "logits.safetensors"]:
        return f"The folder {path} holds {others[0]} and no model.safetensors; if these are the weights, rename the file to model.safetensors."
    if others := [name for name in names if name in ("tf_model.h5", "flax_model.msgpack", "model.onnx")]:
        return f"The weights in {path} are of another framework ({others[0]}); save the model from PyTorch with save_pretrained."
    return f"The weights {path / 'model.safetensors'} are missing; {mend}."


def conversion(path: Path | str) -> str:
    """Return the command, for a shell, that makes model.safetensors of the folder's pytorch_model.bin (or its numbered parts)."""
    return f'cd {shlex.quote(str(path))} && python -c "{CONVERT}"'


def adapter(path: Path) -> str:
    """Return the sentence about a folder with a PEFT adapter."""
    base = _json(path / "adapter_config.json", dict).get("base_model_name_or_path")
    return (f"The folder {path} holds a PEFT adapter{f' of {base}' if base else ''}, not a whole model; merge it with merge_and_unload() of peft, "
            "save the merged model with save_pretrained, and name that folder.")


def _json(path: Path, kind: type):
    """Return the file's JSON if it is of this kind, else an empty one: it only makes a sentence better."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        found = None
    return found if isinstance(found, kind) else kind()

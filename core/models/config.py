"""What a checkpoint's config.json says of the model, read without torch."""

import json
from pathlib import Path

from core.errors import LabError
from core.models.families import FAMILIES


def read_config(path: Path) -> dict:
    """Read config.json of a checkpoint folder; LabError if it is missing, broken or of another architecture."""
    try:
        config = json.loads((path / "config.json").read_text())
    except FileNotFoundError:
        raise LabError(f"The folder {path} holds no config.json, so it is not a model; name a folder saved with save_pretrained.") from None
    except (json.JSONDecodeError, UnicodeDecodeError, OSError):
        raise LabError(f"{path / 'config.json'} cannot be read as JSON; save the model again.") from None
    if str(config.get("model_type")) not in FAMILIES:
        raise LabError(f"{path.name} is a {config.get('model_type')!r} model; Layer Lab takes {', '.join(FAMILIES)} encoders.")
    return config


def is_classifier(config: dict) -> bool:
    return any(name.endswith("ForSequenceClassification") for name in config.get("architectures") or ())


def sizes(config: dict) -> tuple[int, int, int, int]:
    family = FAMILIES[config["model_type"]]
    return tuple(config.get(key) for key in (family.layer_count, family.hidden, "vocab_size", family.intermediate))

"""Where things are kept: everything the program writes lies under one folder."""

import os
import re
from pathlib import Path

from platformdirs import user_cache_dir

from core.errors import LabError

UPLOAD = re.compile(r"upload/[0-9a-f]{16}/\w[\w.-]*", re.ASCII)


def home() -> Path:
    """`LAYER_LAB_HOME`, by default the user's cache folder. Made if missing; LabError if it cannot be written."""
    path = Path(os.environ.get("LAYER_LAB_HOME") or user_cache_dir("layer-lab")).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(f"The folder {path} cannot be made ({error.strerror}); set LAYER_LAB_HOME to one you can write.") from error
    return path


def folder(*names: str) -> Path:
    """Return a folder below home, made if missing."""
    path = home().joinpath(*names)
    path.mkdir(parents=True, exist_ok=True)
    return path


def data_folder() -> Path | None:
    """`LAYER_LAB_DATA`, the folder of user-supplied data files; None when it is not set."""
    value = os.environ.get("LAYER_LAB_DATA")
    return Path(value).expanduser().resolve() if value else None


def uploaded(name: str) -> Path | None:
    """Return where what is called upload/KEY/NAME lies, whether it is there or not; None for any other name. KEY: of its content's sha256."""
    return home() / "uploads" / name.removeprefix("upload/") if UPLOAD.fullmatch(name) else None

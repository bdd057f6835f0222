"""Whether the Hugging Face hub can be reached, and how much a download from it may be."""

import threading
from collections.abc import Callable
from contextlib import suppress

from core.errors import LabError

PROBE_SECONDS = 8
DOWNLOAD_GB = 3.0  # of a model or a data set; a large encoder of 24 layers has 1.4


def hub_reachable() -> bool:
    """Return whether the hub answers within 8 seconds. In a thread, since looking up a name can block for longer than any timeout."""
    from huggingface_hub import constants
    from huggingface_hub.utils import get_session

    answered = threading.Event()

    def ask() -> None:
        with suppress(Exception):  # whatever went wrong, the hub did not answer
            get_session().head(constants.ENDPOINT, timeout=PROBE_SECONDS)
            answered.set()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    return answered.is_set()


def check_download(hub_id: str, files, wanted: Callable[[str], bool]) -> None:
    """Raise LabError where a download from the hub would be larger than DOWNLOAD_GB.

    files: huggingface_hub's list of the repository's (`siblings`, asked for with files_metadata=True). wanted: which of them are downloaded, by name.
    """
    size = sum(file.size or 0 for file in files or () if wanted(file.rfilename))
    if size > DOWNLOAD_GB * 1e9:
        raise LabError(f"{hub_id} is a download of {size / 1e9:,.1f} GB, and at most {DOWNLOAD_GB:g} GB are fetched from the hub; choose a "
                       "smaller one, or put a copy into the folder named by LAYER_LAB_HUB.")

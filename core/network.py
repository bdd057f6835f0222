"""Whether the Hugging Face hub can be reached."""

import threading
from contextlib import suppress

PROBE_SECONDS = 8


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

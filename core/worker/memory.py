"""A device that ran out of memory: how it says so, making room, and a second try. No torch at import."""

import gc
import sys
from collections.abc import Callable, Iterator

from core.training.events import Event

OUT_OF_MEMORY = "The device ran out of memory; choose a smaller batch, fewer layers or a smaller teacher, and run again."
AGAIN = "The device ran out of memory; the {what} starts again, half a batch at a time"
WORDS = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory")


def at_half_the_batch(start: Callable[[int | None], Iterator[Event]], batch_size: int, what: str) -> Iterator[Event]:
    """Yield the events of start(None); out of memory, yield `again` and the events of start(half the batch). what: run or race."""
    try:
        yield from start(None)
        return
    except Exception as error:
        if batch_size == 1 or not out_of_memory(error):
            raise
    make_room()
    yield Event("again", {"text": AGAIN.format(what=what)})
    yield from start(-(-batch_size // 2))


def out_of_memory(error: Exception) -> bool:
    """Return whether this is Python's error, CUDA's, or a RuntimeError of MPS or the CPU, which only its text tells apart."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in WORDS)


def make_room() -> None:
    """Give back what the failed attempt held, once nothing refers to it any more."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()

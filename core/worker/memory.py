"""A device that ran out of memory: how it says so, and making room. No torch at import."""

import gc
import sys

OUT_OF_MEMORY = "The device ran out of memory; choose a smaller batch, fewer layers or a smaller teacher, and run again."
AGAIN = "The device ran out of memory; the {what} starts again, half a batch at a time"
WORDS = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory")


def out_of_memory(error: Exception) -> bool:
    """Python's error, CUDA's, or the RuntimeErrors of MPS and of the CPU, which only their texts tell apart."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in WORDS)


def make_room() -> None:
    """Give back what the failed attempt held. Called when nothing refers to it any more."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()

"""Training whose figures are no longer finite numbers: it breaks off, with a sentence in the place of a record."""

import math
from collections.abc import Iterable

from core.errors import LabError


class Diverged(LabError):
    """A run that broke off because a loss became NaN or infinite; other runs can go on."""


def finite(values: Iterable[float]) -> bool:
    """Return whether all values are finite numbers."""
    return all(map(math.isfinite, values))


def broke_off(training, what: str) -> Diverged:
    """Return the error of a training that cannot go on. training: a core.training.loop.Training. what: the figure that is not finite."""
    settings, dtype = training.settings, training.device.dtype
    in_fp32 = [] if dtype == "float32" else ["fp32 (--precision fp32)"]
    if training.made <= 1:
        ways = in_fp32 or ["another objective", "another teacher"]
        return Diverged(f"{what} is not a finite number at the first step already, so the learning rate is hardly the cause; "
                        f"choose {' or '.join(ways)}.")
    ways = ["a lower learning rate", *in_fp32, *(["to clip gradients (--clip 1)"] if not settings.clip else [])]
    return Diverged(f"The training broke off: by step {training.made} of {training.steps} {what[0].lower()}{what[1:]} was no longer a finite "
                    f"number, at a learning rate of up to {settings.learning_rate:g} in {dtype}; choose {' or '.join(ways)}.")


def unsound_signal(signals) -> Diverged | None:
    """Return the error that names a kept signal of the teacher which is not finite; None where all are, or none is kept."""
    for kind, by_layer in (("hidden states", "hidden"), ("queries, keys or values", "vectors")):
        for layer, kept in getattr(signals, by_layer, {}).items():
            parts = kept if isinstance(kept, list) else [kept]
            if not all(bool(part.isfinite().all()) for part in parts):
                return Diverged(f"The teacher's {kind} at layer {layer} hold NaN or infinity, so nothing can be learnt from them; "
                                "choose an objective that does not read them, or fp32 (--precision fp32).")
    return None

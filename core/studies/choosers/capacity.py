"""How large a student may be: by its parameters, or by the time of a forward pass; and how many layers that leaves."""

import statistics
import time
from dataclasses import dataclass

import torch

from core.errors import LabError
from core.models.bypass import only_layers
from core.models.families import layers
from core.models.teachers import Teacher
from core.studies.choosers.sample import Sample

LATENCY_BATCH, LATENCY_REPEATS = 32, 5  # ours: a forward pass over this many examples, the median of as many


@dataclass(frozen=True)
class Limit:
    """At most this many parameters, and at most this many milliseconds for a forward pass over 32 examples, on this machine."""

    parameters: int | None = None
    milliseconds: float | None = None

    def __post_init__(self):
        for name in ("parameters", "milliseconds"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise LabError(f"The limit of {name} is {value!r}; it must be above 0.")


def parameters_of(teacher: Teacher, k: int) -> int:
    """Count the parameters of a student of k layers: all layers of an encoder have the same number."""
    one = sum(parameter.numel() for parameter in layers(teacher.model)[0].parameters())
    return teacher.model.num_parameters() - (teacher.layers - k) * one


@torch.inference_mode()
def milliseconds_of(teacher: Teacher, sample: Sample, k: int) -> float:
    """Measure the median time of a student of k layers for a forward pass over the first examples of the sample."""
    model = teacher.model.to(sample.device.torch)
    batch = sample.validation.batch(torch.arange(min(LATENCY_BATCH, len(sample.validation)))).to(sample.device.torch)
    times = []
    with only_layers(model, range(1, k + 1)), sample.device.context():
        for _ in range(1 + LATENCY_REPEATS):
            began = time.perf_counter()
            float(model(**batch.model_inputs()).logits[0, 0])  # waits for an accelerator to finish
            times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times[1:])  # the first warms up


def fits(teacher: Teacher, sample: Sample, k: int, limit: Limit) -> bool:
    """Return whether a student of k layers is within the limit."""
    if limit.parameters is not None and parameters_of(teacher, k) > limit.parameters:
        return False
    return limit.milliseconds is None or milliseconds_of(teacher, sample, k) <= limit.milliseconds


def layers_allowed(teacher: Teacher, sample: Sample, k: int | None, limit: Limit | None) -> int:
    """Return k where it is given, else the largest that the limit allows. LabError when it does not fit, or neither is given."""
    total = teacher.layers
    if k is not None and not 1 <= k <= total:
        raise LabError(f"A student of {k} layers cannot be made: the teacher has {total}, so choose k from 1 to {total}.")
    if k is None and limit is None:
        raise LabError("A chooser needs the student's number of layers or a capacity limit; give one.")
    for size in range(total, 0, -1) if k is None else [k]:
        if limit is None or fits(teacher, sample, size, limit):
            return size
    if k is None:
        raise LabError("Not even a student of 1 layer is within the limit; choose a higher limit.")
    raise LabError(f"A student of {k} layers is above the limit; choose fewer layers or a higher limit.")

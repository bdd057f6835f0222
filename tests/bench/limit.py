"""How near the machine's limit: FLOP/s of the student's forward and backward over the measured rate of its own matrix products."""

import statistics
import time
from collections import Counter
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import PreTrainedModel

from core.models.families import head_count, hidden_size, layer_count
from core.models.first_token import is_cut
from core.models.flops import linear_shapes, training_flops
from tests.bench import bound, ours
from tests.bench.protocol import Setting, order, synchronise
from tests.bench.repeats import summary


def limit(setting: Setting, repeats: int, progress: Callable[[str], None], seconds_each: float = 0.15) -> dict:
    """The measured rate of every product that occurs, the rate they give together, and the shares of it that are reached.

    Utilisation counts only FLOPs of tokens that are not padding; `padded` counts all that is multiplied.
    forward_backward: the student alone. loop: our whole loop, with optimizer, clipping, gathering of batches and signals.
    """
    batches = order(setting, "bucketed")
    middle = sorted(batches, key=lambda batch: int(setting.split.lengths[batch].max()))[len(batches) // 2]
    rows, width = len(middle), int(setting.split.lengths[middle].max())
    student = ours.prepared_student(setting, ours.Parts())
    products = []
    for (kind, *shape), count in _products(student, rows, width).items():
        progress(f"matrix product {kind} {'x'.join(map(str, shape))}")
        products.append({"kind": kind, "shape": shape, "count": count, "flops": _flops(shape), "rate": _rate(setting, kind, shape, seconds_each)})
    total = sum(product["count"] * product["flops"] for product in products)
    rate = total / sum(product["count"] * product["flops"] / product["rate"] for product in products)

    lengths = [setting.split.lengths[batch] for batch in batches]
    useful = sum(training_flops(student, t) for t in lengths) / len(batches)
    padded = sum(training_flops(student, t.max().repeat(len(t))) for t in lengths) / len(batches)
    learn = bound.jobs(setting)["student"]
    learn()
    alone, loop = [], []
    for repeat in range(repeats):
        progress(f"repeat {repeat + 1} of {repeats}: student and loop")
        alone.append(learn())
        loop.append(ours.run(setting, batches, 0).seconds / len(batches))
    reached = {}
    for name, seconds in (("forward_backward", alone), ("loop", loop)):
        median = statistics.median(seconds)
        reached[name] = {
            "seconds_per_step": summary(seconds), "flops_per_second": useful / median,
            "utilisation": useful / median / rate, "padded_utilisation": padded / median / rate,
        }
    return {
        "dtype": setting.device.dtype, "batch": rows, "tokens": width, "products": products, "matmul_rate": rate,
        "flops_per_step": useful, "padded_flops_per_step": padded, **reached,
    }


def _products(student: PreTrainedModel, rows: int, width: int) -> Counter:
    """(kind, m, k, n) -> how often in a step. A linear layer of k inputs and n outputs over m tokens is multiplied three times.

    Those that read one token a sequence are left out but for the attention of a cut last layer: they are hardly any work.
    """
    found: Counter = Counter()
    for k, n in linear_shapes(student)[0]:
        m = rows * width
        found["forward", m, k, n] += 1
        found["backward to inputs", m, n, k] += 1
        found["backward to weights", n, m, k] += 1
    heads = head_count(student)
    size, cut = hidden_size(student) // heads, int(is_cut(student))
    for queries, times in ((width, layer_count(student.config) - cut), (1, cut)):
        for shape in ((rows * heads, queries, size, width), (rows * heads, queries, width, size)):  # scores, then values
            if times:
                found["attention", *shape] += 3 * times  # each with two products backward, of the same cost
    return found


def _flops(shape: tuple[int, ...]) -> float:
    return 2.0 * torch.tensor(shape, dtype=torch.float64).prod().item()


def _rate(setting: Setting, kind: str, shape: tuple[int, ...], seconds: float) -> float:
    """FLOP/s of one product, called as autograd calls it; the median of calls that fill about `seconds`."""
    job = _product(setting, kind, shape)
    device = setting.device
    times: list[float] = []
    for _ in range(3):
        job()
    synchronise(device)
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(times) < 3:
        began = time.perf_counter()
        job()
        synchronise(device)
        times.append(time.perf_counter() - began)
    return _flops(shape) / statistics.median(times)


def _product(setting: Setting, kind: str, shape: tuple[int, ...]) -> Callable[[], Tensor]:
    dtype = setting.device.autocast or torch.float32
    new = lambda *sizes: torch.randn(*sizes, dtype=dtype, device=setting.device.torch)
    if kind == "attention":
        b, m, k, n = shape
        left, right = new(b, m, k), new(b, k, n)
        return lambda: torch.bmm(left, right)
    m, k, n = shape
    if kind == "forward":
        x, weight = new(m, k), new(n, k)
        return lambda: F.linear(x, weight)
    if kind == "backward to inputs":
        gradient, weight = new(m, k), new(k, n)
        return lambda: gradient @ weight
    gradient, x = new(k, m), new(k, n)  # (tokens, outputs), (tokens, inputs)
    return lambda: gradient.T @ x

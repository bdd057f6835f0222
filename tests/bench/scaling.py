"""Seconds a step and peak memory against K, hidden size, batch and sequence length; each point in a process of its own.

Run as `python -m tests.bench.scaling JSON` it measures one point and prints it as JSON.
"""

import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import LabError
from tests.bench.memory import peak_bytes
from tests.bench.repeats import summary

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Point:
    """A student of k layers, `hidden` wide (heads as wide as the teacher's), on `batch` sequences of `length` tokens without padding."""

    folder: str
    k: int
    hidden: int
    batch: int
    length: int
    steps: int = 5
    precision: str = "auto"


def points(folder: str, k: int, hidden: int, layers: int, quick: bool, precision: str = "auto") -> list[tuple[str, Point]]:
    """(axis, point): one axis varied at a time around a student of k layers, batch 32, 32 tokens."""
    base = Point(folder, k, hidden, 32, 32, steps=3 if quick else 10, precision=precision)
    axes = {
        "k": sorted({1, k, layers} if quick else {1, *range(2, layers + 1, max(1, layers // 6)), k, layers}),
        "hidden": [hidden // 2, hidden] if quick else [hidden // 4, hidden // 2, hidden, hidden * 2],
        "batch": [8, 32] if quick else [8, 16, 32, 64, 128],
        "length": [16, 64] if quick else [16, 32, 64, 128],
    }
    return [(axis, dataclasses.replace(base, **{axis: value})) for axis, values in axes.items() for value in values]


def scale(chosen: list[tuple[str, Point]], progress: Callable[[str], None]) -> list[dict]:
    """A row a point: axis, its sizes, seconds a step, peak memory in bytes, and of that what the process had before the first step."""
    rows, known = [], {}
    for axis, point in chosen:
        if point not in known:
            progress(f"K {point.k}, hidden {point.hidden}, batch {point.batch}, {point.length} tokens")
            command = [sys.executable, "-m", "tests.bench.scaling", json.dumps(dataclasses.asdict(point))]
            done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
            if done.returncode:
                raise LabError(f"A point of the scaling ended with an error ({(done.stderr.strip().splitlines() or ['no message'])[-1]}).")
            known[point] = json.loads(done.stdout.strip().splitlines()[-1])
        rows.append({"axis": axis, "value": getattr(point, axis)} | known[point])
    return rows


def measure(point: Point) -> dict:
    """The point's own figures: training steps of a fresh student on random tokens, the first two not counted."""
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    from core.recipe import Optimiser
    from core.training.device import pick
    from core.training.loop import make_optimizer

    device = pick(point.precision)
    config = AutoConfig.from_pretrained(point.folder, local_files_only=True, trust_remote_code=False)
    backend = "eager" if config.model_type == "mpnet" else "sdpa"
    sized = resized(config, point)  # a checkpoint may be kept in fp16; students are trained in fp32
    model = AutoModelForSequenceClassification.from_config(sized, attn_implementation=backend, dtype=torch.float32).to(device.torch).train()
    optimizer = make_optimizer(model, Optimiser(), device)
    ids = torch.randint(5, config.vocab_size, (point.batch, point.length), device=device.torch)
    labels = torch.randint(0, config.num_labels, (point.batch,), device=device.torch)
    before, seconds = peak_bytes(), []
    for step in range(point.steps + 2):
        began = time.perf_counter()
        with device.context():
            logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        torch.nn.functional.cross_entropy(logits.float(), labels).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0, foreach=True)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if device.kind == "cuda":
            torch.cuda.synchronize()
        if step >= 2:
            seconds.append(time.perf_counter() - began)
    peak = torch.cuda.max_memory_allocated() if device.kind == "cuda" else peak_bytes()
    sizes = {name: getattr(point, name) for name in ("k", "hidden", "batch", "length")}
    return sizes | {"seconds_per_step": summary(seconds), "peak_bytes": peak, "before_bytes": before}


def resized(config, point: Point):
    """The config with the point's layers and width: the feed-forward part and the number of heads grow with it, a head's size stays."""
    names = {"hidden": "hidden_size", "inner": "intermediate_size", "heads": "num_attention_heads", "layers": "num_hidden_layers"}
    if config.model_type == "distilbert":
        names = {"hidden": "dim", "inner": "hidden_dim", "heads": "n_heads", "layers": "n_layers"}
    width, heads = getattr(config, names["hidden"]), getattr(config, names["heads"])
    count = max(1, round(heads * point.hidden / width))
    if point.hidden % count:
        count = heads
    setattr(config, names["inner"], round(getattr(config, names["inner"]) * point.hidden / width))
    setattr(config, names["hidden"], point.hidden)
    setattr(config, names["heads"], count)
    setattr(config, names["layers"], point.k)
    if point.length + 2 > config.max_position_embeddings:
        config.max_position_embeddings = point.length + 2
    return config


if __name__ == "__main__":
    print(json.dumps(measure(Point(**json.loads(sys.argv[1])))))

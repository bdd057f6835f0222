"""Where our loop's time goes: torch's profiler over a few steps, operations by their own time."""

import torch
from torch.profiler import ProfilerActivity

from tests.bench import ours
from tests.bench.protocol import Setting, order


def profile(setting: Setting, steps: int = 10, top: int = 15) -> dict:
    """operations: [{name, calls, seconds, share}], most expensive first; share of all operations' own time on the device that trains."""
    batches = order(setting, "bucketed")[:steps]
    ours.run(setting, batches[:1], 0)
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * (setting.device.kind == "cuda")
    with torch.profiler.profile(activities=activities) as recorded:
        ours.run(setting, batches, 0)
    key = "self_device_time_total" if setting.device.kind == "cuda" else "self_cpu_time_total"
    events = sorted(recorded.key_averages(), key=lambda event: getattr(event, key), reverse=True)
    total = sum(getattr(event, key) for event in events)
    rows = [
        {"name": event.key, "calls": event.count, "seconds": getattr(event, key) / 1e6, "share": getattr(event, key) / total}
        for event in events[:top]
    ]
    return {"steps": len(batches), "seconds": total / 1e6, "operations": rows}

"""Peak memory of this process while something runs, where the system can say so."""

import re
from pathlib import Path

import torch

from core.training.device import Device


class Peak:
    """`with Peak(device) as peak: ...`; then peak.bytes: device memory on CUDA, else resident memory on Linux, else None.

    Linux keeps the high-water mark (VmHWM) and lets a process reset its own; getrusage's ru_maxrss cannot be reset, so
    it serves only where one process measures one thing (scaling.py).
    """

    def __init__(self, device: Device):
        self.device, self.bytes = device, None

    def __enter__(self) -> "Peak":
        if self.device.kind == "cuda":
            torch.cuda.reset_peak_memory_stats()
        else:
            try:
                Path("/proc/self/clear_refs").write_text("5")
                self.resets = True
            except OSError:
                self.resets = False
        return self

    def __exit__(self, *_) -> None:
        if self.device.kind == "cuda":
            self.bytes = torch.cuda.max_memory_allocated()
        elif self.resets:
            found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
            self.bytes = int(found[1]) * 1024 if found else None

"""Peak memory of this process, and of a part of its life where the system can tell it apart."""

import re
import resource
import sys
from pathlib import Path

from core.training.device import Device

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_bytes() -> int:
    """The most resident memory this process had.

    Linux's VmHWM where there is one: ru_maxrss of getrusage counts kilobytes there, and a child starts with its parent's.
    """
    if STATUS.is_file() and (found := re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())):
        return int(found[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class Peak:
    """`with Peak(device) as peak: ...`; then peak.bytes: device memory on CUDA; resident memory on Linux, where a process may
    reset its own high-water mark; None elsewhere."""

    def __init__(self, device: Device):
        self.device, self.bytes, self.resets = device, None, False

    def __enter__(self) -> "Peak":
        if self.device.kind == "cuda":
            import torch

            torch.cuda.reset_peak_memory_stats()
            return self
        try:
            CLEAR.write_text("5")
            self.resets = True
        except OSError:
            pass
        return self

    def __exit__(self, *_) -> None:
        if self.device.kind == "cuda":
            import torch

            self.bytes = torch.cuda.max_memory_allocated()
        elif self.resets:
            self.bytes = peak_bytes()

"""The device, picked once: CUDA, else MPS, else the CPU; and the precision that pays on it."""

import contextlib
import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from core.errors import LabError


@dataclass(frozen=True)
class Device:
    """kind: cuda, mps or cpu. autocast: the dtype of matrix products under autocast, None for plain fp32."""

    kind: str
    name: str
    autocast: torch.dtype | None
    threads: int

    @property
    def torch(self) -> torch.device:
        return torch.device(self.kind)

    @property
    def dtype(self) -> str:
        return "float32" if self.autocast is None else str(self.autocast).removeprefix("torch.")

    def context(self):
        """The autocast context of forward passes."""
        if self.autocast is None:
            return contextlib.nullcontext()
        return torch.autocast(self.kind, dtype=self.autocast)

    def peak_memory(self) -> int | None:
        """Bytes of device memory at the peak, None on the CPU."""
        return torch.cuda.max_memory_allocated() if self.kind == "cuda" else None


def bf16_pays(kind: str) -> bool:
    """bf16 is used where the hardware multiplies it: emulated on a CPU without such instructions it is several times slower."""
    if kind == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if kind == "cpu":
        return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return False


def pick(precision: str = "auto") -> Device:
    """The best device there is; `LAYER_LAB_DEVICE` (cuda, mps or cpu) names another. precision: auto, fp32 or bf16; what auto means here
    `LAYER_LAB_PRECISION` decides where it is set. LabError for a device that is not there, or a precision that is none."""
    wanted = os.environ.get("LAYER_LAB_DEVICE", "").lower()
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted and not there.get(wanted):
        raise LabError(f"LAYER_LAB_DEVICE is {wanted!r}, which this machine does not have; it has {', '.join(k for k, v in there.items() if v)}.")
    kind = wanted or next(kind for kind, has in there.items() if has)
    if precision == "auto":
        precision = asked_precision() or ("bf16" if bf16_pays(kind) else "fp32")
    if kind == "cuda":
        name = torch.cuda.get_device_name()
    else:
        name = cpu_name()
    return Device(kind, name, torch.bfloat16 if precision == "bf16" else None, torch.get_num_threads())


def asked_precision() -> str:
    """`LAYER_LAB_PRECISION`; empty where it is not set."""
    asked = os.environ.get("LAYER_LAB_PRECISION", "").lower()
    if asked not in ("", "fp32", "bf16"):
        raise LabError(f"LAYER_LAB_PRECISION is {asked!r}; it must be fp32 or bf16, or not be set.")
    return asked


def matmul_rate(device: Device, tokens: int = 700, width: int = 384, seconds: float = 0.3) -> float:
    """FLOP/s of a layer's largest matrix product, (tokens, width) x (width, 4 width), measured now in the device's dtype."""
    dtype = device.autocast or torch.float32
    x, w = (torch.randn(*size, device=device.torch, dtype=dtype) for size in ((tokens, width), (4 * width, width)))
    torch.nn.functional.linear(x, w)
    products, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        y = torch.nn.functional.linear(x, w)
        products += 1
    float(y[0, 0])  # waits for an accelerator to finish
    return products * 2 * tokens * width * 4 * width / (time.perf_counter() - began)


def cpu_name() -> str:
    """The processor's model where the system tells it, else its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    return model or platform.processor() or platform.machine()


def seed_all(seed: int) -> None:
    """Seed every generator that training draws from."""
    torch.manual_seed(seed)

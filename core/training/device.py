"""The device, picked once: CUDA, else MPS, else the CPU; the precision that pays on it; and with what a run was made."""

import contextlib
import functools
import hashlib
import importlib.metadata
import os
import platform
import re
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from core.errors import LabError

CORE = Path(__file__).resolve().parent.parent
ROOMS = ("objectives", "recipe", "data", "models", "training")


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
        """Return the autocast context of forward passes."""
        return contextlib.nullcontext() if self.autocast is None else torch.autocast(self.kind, dtype=self.autocast)


def bf16_pays(kind: str) -> bool:
    """Return whether the hardware multiplies bf16: emulated on a CPU without such instructions it is several times slower."""
    if kind == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if kind == "cpu":
        return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return False


def pick(precision: str = "auto") -> Device:
    """Return the machine's best device; `LAYER_LAB_DEVICE` (cuda, mps or cpu) names another. precision: auto, fp32 or bf16; what auto means here
    `LAYER_LAB_PRECISION` decides where it is set. LabError for a device that is not there, or a precision that is none."""
    wanted = os.environ.get("LAYER_LAB_DEVICE", "").lower()
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted and not there.get(wanted):
        raise LabError(f"LAYER_LAB_DEVICE is {wanted!r}, which this machine does not have; it has {', '.join(k for k, v in there.items() if v)}.")
    kind = wanted or next(kind for kind, has in there.items() if has)
    if precision == "auto":
        precision = os.environ.get("LAYER_LAB_PRECISION", "").lower()
        if precision not in ("", "fp32", "bf16"):
            raise LabError(f"LAYER_LAB_PRECISION is {precision!r}; it must be fp32 or bf16, or not be set.")
        precision = precision or ("bf16" if bf16_pays(kind) else "fp32")
    name = torch.cuda.get_device_name() if kind == "cuda" else cpu_name()
    return Device(kind, name, torch.bfloat16 if precision == "bf16" else None, torch.get_num_threads())


def matmul_rate(device: Device, tokens: int = 700, width: int = 384, seconds: float = 0.3) -> float:
    """Measure the FLOP/s of a layer's largest matrix product, (tokens, width) x (width, 4 width), measured now in the device's dtype."""
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
    """Return the processor's model where the system names it, else its architecture."""
    file = Path("/proc/cpuinfo")
    model = re.search(r"^model name[^:]*:(.*)$", file.read_text() if file.is_file() else "", re.MULTILINE)
    return (model and model[1].strip()) or platform.processor() or platform.machine()


def environment(device: Device) -> dict:
    """Return device, dtype, threads, versions and code version, JSON-ready."""
    versions = {name: importlib.metadata.version(name) for name in ("torch", "transformers", "tokenizers")}
    return {
        "device": device.kind, "device_name": device.name, "dtype": device.dtype, "threads": device.threads,
        "versions": {"python": platform.python_version(), **versions}, "code": code_version(),
    }


@functools.cache
def code_version() -> str:
    """Return the first 12 hex digits of the sha256 of the source that decides a run: the rooms objectives, recipe, data, models and training."""
    digest = hashlib.sha256()
    for file in sorted(file for room in ROOMS for file in (CORE / room).rglob("*.py")):
        digest.update(file.relative_to(CORE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]

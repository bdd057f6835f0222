"""The whole benchmark: every pair of teacher and student, task and workload, part by part."""

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch

from core.errors import LabError
from core.models.families import hidden_size
from core.recipe import bundle
from core.training.device import environment, pick
from tests.bench import ablation, limit, peers, profile, scaling
from tests.bench.protocol import Setting, make_setting

WORKLOADS = {"logits": "hinton", "hidden": "distilbert", "patient": "patient", "assignment": "assignment"}
PARTS = ("peers", "accuracy", "ablation", "limit", "profile", "scaling")
BUDGET, QUICK_BUDGET = 4e12, 0.8e12  # FLOPs of one run of the slowest loop


@dataclass(frozen=True)
class Options:
    """pairs: (teacher, student layers or None for half). steps: None for as many as the budget allows."""

    pairs: tuple[tuple[str, int | None], ...]
    tasks: tuple[str, ...]
    workloads: tuple[str, ...]
    parts: tuple[str, ...]
    repeats: int = 5
    steps: int | None = None
    epochs: int = 3
    seeds: int = 3
    width: int | None = None
    precision: str = "auto"
    quick: bool = False


def bench(options: Options, progress: Callable[[str], None] = lambda text: None) -> dict:
    """{environment, quick, cells, scaling, notes}; a cell has a part's results under its name.

    Parts but `peers` and `accuracy` are run on the first workload alone; a quick run takes of all pairs but the first only
    `peers` and `limit`, on the first workload. A pair that is not here is left out with a note; LabError when none is here.
    """
    device = pick(options.precision)
    result: dict = {"environment": surroundings(device), "quick": options.quick, "cells": [], "scaling": [], "notes": []}
    scaled = set()
    reasons: list[LabError] = []
    for teacher, k in options.pairs:
        short = options.quick and teacher != options.pairs[0][0]
        parts = tuple(part for part in options.parts if part in ("peers", "limit")) if short else options.parts
        for task in options.tasks:
            for workload in options.workloads[: 1 if short else None]:
                where = f"{teacher}, {task}, {workload}"
                report = partial(_tell, progress, where)
                report("loading")
                build = partial(make_setting, teacher, task, k, bundle(WORKLOADS[workload]), device, width=options.width)
                try:
                    setting = build(steps=options.steps, budget=QUICK_BUDGET if options.quick else BUDGET)
                except LabError as error:
                    result["notes"].append(f"{where}: {error}")
                    reasons.append(error)
                    continue
                result["cells"].append(_cell(setting, options, parts, workload, partial(build, steps=None), report))
                if "scaling" in parts and teacher not in scaled:
                    scaled.add(teacher)
                    chosen = scaling.points(
                        str(setting.teacher.folder.resolve()), len(setting.layers), hidden_size(setting.student), setting.teacher.layers,
                        options.quick, options.precision,
                    )
                    try:
                        result["scaling"].append({"teacher": teacher, "rows": scaling.scale(chosen, report)})
                    except LabError as error:  # what was measured before it took long and is kept
                        result["notes"].append(f"{where}: {error}")
    if not result["cells"]:
        raise reasons[0]
    return result


def surroundings(device) -> dict:
    """What the times depend on besides the program. load: runnable processes in the last minute; above the threads, times are not to be trusted."""
    there = environment(device) | {"machine": platform.machine(), "cpus": os.cpu_count(), "omp_wait_policy": os.environ.get("OMP_WAIT_POLICY")}
    capability = torch.backends.cpu.get_cpu_capability()
    return there | {"cpu_capability": capability, "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None}


def _cell(
    setting: Setting, options: Options, parts: tuple[str, ...], workload: str, whole: Callable[[], Setting], report: Callable[[str], None]
) -> dict:
    cell = {
        "teacher": setting.teacher.name, "task": setting.task.name, "workload": workload, "objective": setting.objective.name,
        "layers": list(setting.layers), "teacher_layers": setting.teacher.layers, "hidden": hidden_size(setting.student),
        "batch_size": setting.optimiser.batch_size, "dtype": setting.device.dtype, "examples": len(setting.split),
        "train_examples": setting.train_examples, "whole": setting.drawn is None, "longest": setting.width,
        "mean_length": setting.train_tokens / setting.train_examples,
        "notes": list(setting.notes),
    }
    if "peers" in parts:
        cell["peers"] = peers.compare(setting, options.repeats, report, warm=not options.quick)
    if "accuracy" in parts:
        cell["accuracy"] = peers.accuracies(whole(), options.epochs, options.seeds, report)
    if workload != options.workloads[0]:
        return cell
    if "ablation" in parts:
        cell["ablation"] = ablation.ablate(setting, options.repeats, report)
        if not options.quick:
            cell["ablation"]["frozen_embeddings"] = ablation.frozen_cost(whole(), options.epochs, options.seeds, report)
    if "limit" in parts:
        cell["limit"] = limit.limit(setting, options.repeats, report)
    if "profile" in parts:
        report("profiling")
        cell["profile"] = profile.profile(setting)
    return cell


def _tell(progress: Callable[[str], None], where: str, text: str) -> None:
    progress(f"{where}: {text}")

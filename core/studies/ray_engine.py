"""A sweep's runs spread over a Ray cluster: one run a processor (or a GPU), the records the same as in this process.

Ray is an optional extra (`pip install ray`). `ray.init()` joins the cluster that RAY_ADDRESS names or that runs on this machine,
else it starts one here. Every node needs this program, the fine-tuned teacher and the data at the same paths.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from core.errors import LabError
from core.home import data_folder, home
from core.recipe import Recipe
from core.store.database import to_json
from core.training.diverged import Diverged
from core.training.events import Event

RETRIES = 3  # of a run whose process died
WAIT_SECONDS = 5.0  # between two signs of life while no run ends


def spread(recipes: list[Recipe]) -> Iterator[tuple[Recipe | None, Event]]:
    """Run the recipes on a Ray cluster, as an engine of `sweep`: finished {record} of each recipe as it ends, or failed {reason} where its
    losses were no longer finite, and waiting {left} while none does.

    A run whose process dies is made again from its start, at most RETRIES times. LabError when Ray is missing, when a process
    died too often, or for what is wrong with a recipe.
    """
    ray = _ray()
    mine = not ray.is_initialized()
    if mine:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(log_to_driver=False, include_dashboard=False, logging_level="ERROR")
    try:
        gpus = 1 if ray.cluster_resources().get("GPU") else 0
        task = ray.remote(_run).options(num_cpus=1, num_gpus=gpus, max_retries=RETRIES)
        waiting = {task.remote(recipe.canonical(), _surroundings()): recipe for recipe in recipes}
        while waiting:
            ready, _ = ray.wait(list(waiting), timeout=WAIT_SECONDS)
            if not ready:
                yield None, Event("waiting", {"left": len(waiting)})
            for run in ready:
                recipe = waiting.pop(run)
                try:
                    yield recipe, Event("finished", {"record": _record(ray, run)})
                except Diverged as error:
                    yield recipe, Event("failed", {"reason": str(error)})
    finally:
        if mine:
            ray.shutdown()


def _ray():
    try:
        import ray
    except ImportError:
        raise LabError("The engine ray needs the package ray; install it with `pip install ray`, or leave --engine out.") from None
    return ray


def _surroundings() -> dict:
    """Return what a run reads from its process: the program's variables with their paths made absolute, and the current folder."""
    variables = {name: value for name, value in os.environ.items() if name.startswith("LAYER_LAB_")} | {"LAYER_LAB_HOME": str(home())}
    if data_folder():
        variables["LAYER_LAB_DATA"] = str(data_folder())
    return {"variables": variables, "folder": str(Path.cwd())}


def _run(recipe: str, surroundings: dict) -> str:
    """Make one whole run, on a node. recipe and the record that comes back are JSON."""
    os.environ.update(surroundings["variables"])
    os.chdir(surroundings["folder"])
    from core.training.distill import distill

    *_, last = distill(Recipe.from_json(recipe))
    return to_json(last.data["record"])


def _record(ray, run) -> dict:
    try:
        return json.loads(ray.get(run))
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, LabError):
            raise error.cause from None
        raise
    except ray.exceptions.RayError as error:
        died = f"A run's process died {RETRIES + 1} times on the cluster ({type(error).__name__})"
        raise LabError(f"{died}; see that a node has memory for it, then run the sweep again: finished runs are kept.") from error

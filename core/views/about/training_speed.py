"""How fast a training step is, as `python -m tests.bench` measured it once: read from the file that comes with the program."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import LabError

FOLDER = Path(__file__).resolve().parents[3] / "core" / "saved_runs" / "bench"
LOOPS, SIZES = {"minilm": "training-6.json", "mpnet": "training-12.json"}, "training-sizes.json"
COMMANDS = (
    *(f"python -m tests.bench --quick --repeats 5 --parts peers --pair {pair} --out core/saved_runs/bench/{name}" for pair, name in LOOPS.items()),
    f"python -m tests.bench --pair minilm --workload logits --parts scaling --out core/saved_runs/bench/{SIZES}",
)


@dataclass(frozen=True)
class Speed:
    """where: the machine of the loops' times in words. peers: rows of the page's table. axes: points of each size that was varied, by its name."""

    where: str
    peers: tuple[dict, ...]
    axes: dict[str, tuple[dict, ...]]


def saved_speed(folder: Path = FOLDER) -> Speed | None:
    """Read the measured times; None where nothing was measured. LabError for a file that cannot be read."""
    files = [folder / name for name in (*LOOPS.values(), SIZES)]
    if not all(file.is_file() for file in files):
        return None
    try:
        *loops, sizes = (json.loads(file.read_text()) for file in files)
        return speed_of_results(loops, sizes)
    except (OSError, ValueError, KeyError, TypeError) as error:
        again = " and ".join(f"`{command}`" for command in COMMANDS)
        raise LabError(f"The measured times cannot be read ({type(error).__name__}); {again} make them again.") from error


def speed_of_results(results: Sequence[dict], sizes: dict) -> Speed:
    """Return the page's figures. results: of the loops, taken on one machine. sizes: of the scaling."""
    here = results[0]["environment"]
    where = f"{here['device_name']}, {here['threads']} threads, {here['dtype']}, torch {here['versions']['torch']}"
    peers = [
        {
            "student": f"{cell['teacher']}, {len(cell['layers'])} of {cell['teacher_layers']} layers",
            "task": cell["task"], "objective": cell["objective"],
            "loop": f"{row['loop']}, {row['settings']}", "ms a step": round(1000 * row["seconds_per_step"]["median"]),
            "times ours": round(row["times_ours"]["median"], 2),
        }
        for result in results for cell in result["cells"] for row in cell["peers"]["rows"]
    ]
    axes: dict[str, list[dict]] = {}
    for part in sizes["scaling"][:1]:
        for row in part["rows"]:
            took = row["seconds_per_step"]
            point = {"ms": 1000 * took["median"], "low": 1000 * took["min"], "high": 1000 * took["max"], "megabytes": row["peak_bytes"] / 2**20}
            axes.setdefault(row["axis"], []).append({"value": row["value"]} | point)
    return Speed(where, tuple(peers), {name: tuple(points) for name, points in axes.items()})

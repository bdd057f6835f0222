"""Count how often verdicts are false where all choices are equal, and how often they see a gap: drawn worlds, the pages' own functions."""

import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tqdm import tqdm

from core.commands.output import answer, table
from core.store.saved import FOLDER, read

SAVED_EVERY = FOLDER / "calibration" / "every-choice.jsonl"
DEFAULT = FOLDER / "calibration" / "drawn-worlds.jsonl"
HEAD = ("worlds", "seeds", "examples", "gap", "what", "share", "holds")


def add(parser) -> None:
    parser.add_argument("--out", metavar="FILE", help="where the counts are kept, a cell a line; cells that are there are not counted again")
    parser.add_argument("--worlds", type=int, help="worlds of each cell (default: 2000 without a gap, 200 with one)")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--every", action="store_true", help="instead: the explanation of every choice, beside a control and by groups of examples")
    parser.add_argument("--bounds", action="store_true", help="instead: bounds of regret, intervals of tau, tables of choosers, in worlds with gaps")


def run(args) -> None:
    """Without --out: the saved counts."""
    if args.bounds:
        bounds(args)
        return
    if args.every:
        every(args)
        return
    if args.out:
        from core.findings.calibration.rates import NULL, POWER, cells, count

        make(Path(args.out), [(cell, args.worlds or (POWER if cell.gap else NULL)) for cell in cells()], count, args.processes)
    found = read(Path(args.out) if args.out else DEFAULT)
    answer(args, found, lambda: table(HEAD, [row for one in found for row in rows(one)]))


def every(args) -> None:
    """Count the false verdicts of every choice's explanation; without --out, show the saved counts."""
    from core.findings.calibration.rates import EVERY, cells, count_every

    if args.out:
        make(Path(args.out), [(cell, args.worlds or EVERY) for cell in cells() if not cell.gap], count_every, args.processes)
    found = read(Path(args.out) if args.out else SAVED_EVERY)
    share = lambda one, count: f"{100 * count / one['worlds']:.1f} %"
    cell = lambda one: (one["cell"]["world"], one["cell"]["seeds"], one["cell"]["examples"])
    row = lambda one: (*cell(one), share(one, max(one["counts"])), share(one, min(one["counts"])))
    answer(args, found, lambda: table(("worlds", "seeds", "examples", "worst choice", "best choice"), map(row, found)))


def bounds(args) -> None:
    """Count how often bounds and intervals are right, one process; without --out, the saved counts."""
    from core.findings.calibration.coverage import PATH, WORLDS, make

    if args.out:
        make(Path(args.out), args.worlds or WORLDS)
    found = read(Path(args.out) if args.out else PATH)
    row = lambda one: (*one["cell"].values(), f"{100 * one['covered'] / one['worlds']:.1f} %", one["width"])
    answer(args, found, lambda: table(("what", "where", "SDs", "seeds", "right", "median width"), map(row, found)))


def make(path: Path, wanted: list[tuple], count, processes: int) -> None:
    """Count every cell, in so many worlds, that the file does not hold yet."""
    kept = read(path)
    done = [one["cell"] for one in kept]
    left = [(cell, worlds) for cell, worlds in wanted if vars(cell) not in done]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one) + "\n" for one in kept))  # without a line that was torn
    with ProcessPoolExecutor(processes) as pool, path.open("a") as file:
        for (cell, _), counted in tqdm(zip(left, pool.map(count, *zip(*left)) if left else (), strict=True), total=len(left), unit="cell"):
            file.write(json.dumps({"status": "finished", "cell": vars(cell)} | counted) + "\n")
            file.flush()
            os.fsync(file.fileno())


def rows(one: dict) -> list[tuple]:
    """Return a row a statistic; of false verdicts also whether a rate of 5 % is refuted."""
    from core.findings.calibration.rates import holds

    cell, worlds = one["cell"], one["worlds"]
    return [
        (cell["world"], cell["seeds"], cell["examples"], f"{100 * cell['gap']:.0f} points" if cell["gap"] else "none", name,
         f"{100 * number / worlds:.1f} %", "" if cell["gap"] else "yes" if holds(number, worlds) else "NO")
        for name, number in one["counts"].items()
    ]

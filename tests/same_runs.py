"""Whether two versions of the code make the same runs, bit for bit. Run: python -m tests.same_runs OLD NEW [--only WORD]

OLD and NEW: commits of this repository, or folders that hold a copy of it. Each makes the same runs on this machine, of a tiny teacher and of
the bundled one, in one thread, fp32 and AVX2. What a run decided is compared (ids, curves, weight updates, predictions, final figures), not
how long it took. Exit 0 when all are equal, 1 when a run differs, 2 when one cannot be made. It takes some minutes.
"""

import argparse
import contextlib
import dataclasses
import inspect
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALIKE = {  # one thread and the instructions that every x86 machine of the last ten years has
    "OMP_NUM_THREADS": "1", "LAYER_LAB_PRECISION": "fp32", "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2", "HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1",
}
POINT = ("step", "loss", "losses", "val_accuracy", "val_loss", "emphasis", "stage")
SEVERAL = "teacher-dropout+no-t-squared+embeddings-not-copied+odd-wraps+epochs-averaged"  # mistakes that leave the student trained


# --- inside one version of the code: nothing of tests/ is imported, and both the first and the present form of the functions are served ---


def cases(teacher: str, task: str) -> dict[str, Callable[[], list[dict]]]:
    """Return by name what makes the records of each case."""
    from core.recipe import Budget, Optimiser, Recipe, Seeding, bundle
    from core.studies.mistakes.runs import Case
    from core.studies.mistakes.runs import run as mistaken
    from core.studies.stages.run import run as in_stages
    from core.studies.stages.staged import Staged
    from core.training.distill import distill
    from core.training.race import Race

    settings = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")
    tiny = lambda name, **more: Recipe(teacher, task, **({
        "layers": (1, 3), "objective": bundle(name), "budget": Budget(steps=24), "optimiser": settings, "seed": 3} | more))
    bundled = lambda name: Recipe("minilm-l6", "composed-nli", (1, 3, 5), bundle(name), Budget(steps=60), Optimiser(precision="fp32"))
    weighed = lambda name, emphasis: dataclasses.replace(bundle(name), emphasis=emphasis)
    staged = lambda method, objective: in_stages(Staged(method, tiny("hinton", objective=objective, budget=Budget(steps=40))))
    made = {f"objective {name}": lambda name=name: records(distill(tiny(name)))
            for name in ("assignment", "distilbert", "patient", "attention", "tinybert", "cross-entropy")}
    return made | {
        "objective hinton, bundled teacher": lambda: records(distill(bundled("hinton"))),
        "objective minilm, bundled teacher": lambda: records(distill(bundled("minilm"))),
        "full budget, fresh head, untrained layers": lambda: records(distill(
            tiny("hinton", budget=Budget(epochs=2, examples=64), seeding=Seeding(fresh_head=True, untrained_layers=True)))),
        "micro-batches of 5": lambda: records(distill(tiny("minilm"), micro_batch=5)),
        "race of two": lambda: records(Race([tiny("distilbert"), tiny("attention", layers=(2, 4, 1), allow_repeats=True)]).events()),
        "one stage, uncertainty weights": lambda: records(staged("one-stage", weighed("tinybert", "uncertainty"))),
        "two stages, gradient norms": lambda: records(staged("two-stage", weighed("attention", "gradient-norm"))),
        "shrinking, relevance": lambda: records(staged("shrinking", weighed("minilm", "relevance"))),
        "theseus": lambda: records(staged("theseus", bundle("hinton"))),
        "mistakes": lambda: records(mistaken(Case(SEVERAL, (tiny("hinton"),)), 4))[0]["runs"],
        "a mistake by its overrides": lambda: records(distill(tiny("distilbert"), **overrides(distill, "padding-in-loss"))),
    }


def overrides(distill: Callable, mistake: str) -> dict:
    """Return the argument of `distill` that makes a mistake: `overrides`, in the first version `variation`."""
    from core.studies.mistakes import hooks

    name = next(name for name in ("overrides", "variation") if name in inspect.signature(distill).parameters)
    made = next(found for found in ("overrides", "overrides_of", "overrides_for", "variation") if hasattr(hooks, found))
    return {name: getattr(hooks, made)(mistake)}


def records(events: Iterator) -> list[dict]:
    return [event.data["record"] for event in events if event.kind == "finished"]


def decided(record: dict) -> dict:
    """Return what must be equal; floats as JSON has them, to the last bit."""
    names = ("id", "status", "steps", "split", "predictions", "update_norms", "initial", "final", "reported", "training_flops")
    found = {name: record[name] for name in names if name in record}
    found["curve"] = [{name: point[name] for name in POINT if name in point} for point in record["curve"]]
    if "stages" in record:
        of_a_stage = ("name", "layers", "steps", "ended", "choice", "update_norms")
        found["stages"] = [{name: stage[name] for name in of_a_stage} for stage in record["stages"]]
    if "check" in record:
        found["check"] = record["check"]["predictions"]
    return found


def inside(teacher: str, task: str, out: Path, only: str) -> None:
    """Make every case with this word in its name with the core that is found first, and write {case: [what each record decided]}."""
    found = {}
    for name, make in cases(teacher, task).items():
        if only not in name:
            continue
        found[name] = [decided(record) for record in make()]
        assert found[name], name
        print(name, file=sys.stderr, flush=True)
    out.write_text(json.dumps(found))


# --- beside both ---


@contextlib.contextmanager
def tree(version: str, folder: Path) -> Iterator[Path]:
    """The folder of a version: itself, or a worktree of a commit that is removed afterwards."""
    if (Path(version) / "core").is_dir():
        yield Path(version).resolve()
        return
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(folder), version], cwd=ROOT, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(folder)], cwd=ROOT, check=True)


def start(code: Path, teacher: str, task: str, folder: Path, only: str) -> subprocess.Popen:
    folder.mkdir()
    environment = os.environ | ALIKE | {"PYTHONPATH": str(code), "LAYER_LAB_HOME": str(folder / "home")}
    return subprocess.Popen([sys.executable, "-P", __file__, "--inside", teacher, task, str(folder / "out.json"), only], cwd=code, env=environment)


def differences(old, new, where: str = "") -> list[str]:
    """Return the places where two JSON values differ, each with both values. A key that the new one has besides is none: records may hold more."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [each for name in old for each in differences(old.get(name), new.get(name), f"{where}.{name}".lstrip("."))]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [each for n, pair in enumerate(zip(old, new)) for each in differences(*pair, f"{where}[{n}]")]
    return [] if json.dumps(old) == json.dumps(new) else [f"{where}: {old!r} != {new!r}"]


def compared(old: dict, new: dict) -> tuple[str, bool]:
    """Return a table, a line a run, with the first differences under a run that has any; and whether all are equal."""
    lines, equal = [f"{'case':45} {'id':12} {'steps':>5} {'last loss':>22}  old and new"], True
    for name in {**old, **new}:
        was, now = old.get(name, []), new.get(name, [])
        for n in range(max(len(was), len(now))):
            wrong = differences(was[n] if n < len(was) else None, now[n] if n < len(now) else None)
            one, equal = (was[n] if n < len(was) else now[n]), equal and not wrong
            lines.append(f"{name:45} {one['id']:12} {one['steps']:5} {one['curve'][-1]['loss']!r:>22}  {'differ' if wrong else 'equal'}")
            lines += [f"    {each[:200]}" for each in wrong[:5]] + ([f"    and {len(wrong) - 5} more"] if len(wrong) > 5 else [])
    return "\n".join(lines), equal


def main(old: str, new: str, only: str = "") -> int:
    from tests.tiny import save_tiny_teacher
    from tests.tiny_task import write_task

    with tempfile.TemporaryDirectory() as temporary, contextlib.ExitStack() as stack:
        folder = Path(temporary)
        teacher, task = str(save_tiny_teacher(folder / "teacher")), write_task(folder / "data")
        trees = [stack.enter_context(tree(version, folder / f"tree-{n}")) for n, version in enumerate((old, new))]
        running = [start(code, teacher, task, folder / f"run-{n}", only) for n, code in enumerate(trees)]
        if any([process.wait() for process in running]):
            return 2
        table, equal = compared(*(json.loads((folder / f"run-{n}" / "out.json").read_text()) for n in range(2)))
    equal = equal and "\n" in table
    print(table, "All runs are equal." if equal else "Some runs differ, or there are none.", sep="\n")
    return 0 if equal else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2], sys.argv[3], Path(sys.argv[4]), sys.argv[5])
        sys.exit()
    parser = argparse.ArgumentParser(prog="python -m tests.same_runs", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", metavar="OLD", help="a commit, or a folder")
    parser.add_argument("new", metavar="NEW", help="a commit, or a folder")
    parser.add_argument("--only", metavar="WORD", default="", help="make only the cases with this word in their name")
    sys.exit(main(**vars(parser.parse_args())))

"""Run many recipes and keep each as one line of a file; a finished run is never repeated."""

import sys
from pathlib import Path

from tqdm import tqdm

from core.commands.distill import budget_of, objective_of, optimiser_of, recipe_options, seeding_of
from core.commands.output import choice, percent
from core.errors import LabError
from core.models.catalogue import not_ready, slug, status
from core.recipe import Recipe
from core.store import saved
from core.studies import sweep as study


def add(parser) -> None:
    parser.add_argument("--layers", required=True, help="choices: all:3, a preset such as odd:3, or 1,3,5; several with ';'")
    parser.add_argument("--seeds", default="0", help="for example 0,1,2")
    parser.add_argument("--out", help="the file (default: by teacher and task, under core/saved_runs)")
    recipe_options(parser)


def seeds_of(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise LabError(f"The seeds {text!r} are not whole numbers with commas, for example 0,1,2.") from None


def recipes_of(args) -> list[Recipe]:
    """Every choice with every seed; a seed is finished for all choices before the next begins, so that a cut sweep is balanced."""
    there = status(args.teacher, args.task)
    if not there.ready:
        raise not_ready(args.teacher, args.task)
    found = study.choices(args.layers, there.layers)
    return [
        Recipe(args.teacher, args.task, layers, objective_of(args), budget_of(args), optimiser_of(args), seeding_of(args), seed)
        for seed in seeds_of(args.seeds)
        for layers in found
    ]


def default_path(teacher: str, task: str) -> Path:
    return saved.FOLDER / f"{slug(teacher)}--{slug(task)}.jsonl"


def truth_of(split) -> saved.Truth:
    clusters = split.clusters if split.clusters is not None else range(len(split))
    number = {cluster: n for n, cluster in enumerate(dict.fromkeys(clusters))}
    return saved.Truth("".join(map(str, split.labels)), tuple(number[cluster] for cluster in clusters))


def run(args) -> None:
    recipes = recipes_of(args)
    from core.training.distill import distill
    from core.training.warm import teacher_and_task

    teacher, task, _ = teacher_and_task(args.teacher, args.task)
    path = Path(args.out) if args.out else default_path(args.teacher, args.task)
    saved.write_truth(args.task, task.hash, {name: truth_of(task.split(name)) for name in ("check", "test")}, path.parent)
    with tqdm(total=len(recipes), unit="run", file=sys.stderr, dynamic_ncols=True, mininterval=1.0) as bar:
        for state in study.sweep(recipes, path, teacher.hash, task.hash, distill):
            event = state["event"]
            bar.n = state["done"]
            if event is not None and event.kind == "step":
                step = f"step {event.data['step']}/{event.data['of']}"
                bar.set_postfix_str(f"{choice(state['recipe'].layers)} seed {state['recipe'].seed} {step}", refresh=False)
            elif event is not None and event.kind == "finished":
                record = event.data["record"]
                tqdm.write(
                    f"{choice(record['recipe']['layers'])} seed {record['recipe']['seed']}: {percent(record['final']['accuracy'])} "
                    f"in {record['seconds']:.0f} s", file=sys.stderr,
                )
            bar.refresh()
    print(path)

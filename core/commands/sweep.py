"""Run many recipes and keep each as one line of a file; a finished run is never repeated. With --check, run some of them again."""

import sys
from pathlib import Path

from tqdm import tqdm

from core.commands.distill import recipe_options, recipe_with
from core.commands.output import choice, fit_lines, follow, percent, tell_broke_off
from core.errors import LabError
from core.findings.finding import points
from core.models.catalogue import ready_layers, slug
from core.recipe import Recipe, each
from core.store import saved
from core.studies import ray_engine, repeat
from core.studies import sweep as study
from core.studies.stages.staged import Staged


def add(parser) -> None:
    parser.add_argument("--layers", help="choices: all:3, a preset such as odd:3, or 1,3,5; several with ';'")
    parser.add_argument("--seeds", default="0", help="for example 0,1,2")
    parser.add_argument("--out", help="the file (default: by teacher and task, under core/saved_runs)")
    parser.add_argument("--engine", choices=("local", "ray"), default="local", help="ray spreads the runs over a Ray cluster (pip install ray)")
    parser.add_argument("--check", action="store_true", help="run three of the file's recipes again; exit code 1 unless they come out alike")
    parser.add_argument("--check-seed", type=int, default=0, help="which three")
    recipe_options(parser)


def seeds_of(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise LabError(f"The seeds {text!r} are not whole numbers with commas, for example 0,1,2.") from None


def recipes_of(args, teacher_layers: int) -> list[Recipe]:
    """Return every choice with every seed; a seed is finished for all choices before the next begins, so that a cut sweep is balanced."""
    if args.layers is None:
        raise LabError("The sweep names no layer choices; write for example --layers all:3.")
    choices, seeds = study.choices(args.layers, teacher_layers), seeds_of(args.seeds)
    settings = recipe_with(args, choices[0], seeds[0])
    return [recipe for seed in seeds for recipe in each(settings, choices, seed)]


def run(args) -> None:
    path = Path(args.out) if args.out else saved.FOLDER / f"{slug(args.teacher)}--{slug(args.task)}.jsonl"
    if args.check:
        check(path, args.check_seed)
    else:
        make(args, path)


def make(args, path: Path) -> None:
    recipes = recipes_of(args, ready_layers(args.teacher, args.task))
    from core.training.distill import distill
    from core.training.loading import load_pair

    teacher, task, _ = load_pair(args.teacher, args.task)
    saved.write_truth(args.task, task.hash, saved.truths_of(task), path.parent)
    engine = ray_engine.spread if args.engine == "ray" else study.in_turn(distill)
    layout = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} runs [{elapsed}{postfix}]"
    said, broke_off = set(), []
    with tqdm(total=len(recipes), file=sys.stderr, dynamic_ncols=True, mininterval=1.0, miniters=0, bar_format=layout) as bar:
        for state in study.sweep(recipes, path, teacher.key, task.hash, engine):
            event = state["event"]
            if event is not None:
                left = "" if state["eta"] is None else f"{tqdm.format_interval(state['eta'])} left"
                bar.set_postfix_str(", ".join(filter(None, (left, now_text(state["recipe"], event)))), refresh=False)
            if event is not None and event.kind == "prepared":
                for line in fit_lines(event.data["fit"]):
                    if line not in said:
                        said.add(line)
                        tqdm.write(line, file=sys.stderr)
            if event is not None and event.kind == "failed":
                broke_off.append(f"{choice(state['recipe'].layers)} seed {state['recipe'].seed}: {event.data['reason']}")
                tqdm.write(broke_off[-1], file=sys.stderr)
            if event is not None and event.kind == "finished":
                record = event.data["record"]
                tqdm.write(f"{run_text(record)}: {percent(record['final']['accuracy'])} in {record['seconds']:.0f} s", file=sys.stderr)
            bar.update(state["done"] - bar.n)
    print(path)
    tell_broke_off(broke_off)


def now_text(recipe: Recipe | None, event) -> str:
    """Say what is being done: the step, or the stage beside training and how far it is."""
    if event.kind == "step":
        return f"{choice(recipe.layers)} seed {recipe.seed} step {event.data['step']}/{event.data['of']}"
    if event.kind == "stage":
        done = event.data["done"]
        return event.data["text"] + (f" {100 * done:.0f} %" if done is not None else "")
    return ""


def run_text(record: dict) -> str:
    recipe = record["recipe"]
    return f"{'untrained ' * recipe['seeding']['untrained_layers']}{choice(recipe['layers'])} seed {recipe['seed']}"


def check(path: Path, seed: int) -> None:
    """Run three of the file's recipes again. SystemExit with 1 unless each comes within half a point; one of another processor may be as far off as
    another seed."""
    if not path.is_file():
        raise LabError(f"There is no file {path}; a sweep makes one.")
    from core.studies.stages.run import run as run_stages
    from core.training.device import pick
    from core.training.distill import distill

    def arithmetic(precision: str) -> tuple[str, str, str]:
        device = pick(precision)
        return device.kind, device.dtype, device.name

    outcomes, records = [], saved.read(path)
    for stored in repeat.pick_comparable(records, arithmetic, seed):
        events = run_stages(Staged.of(stored)) if "staged" in stored else distill(Recipe.from_dict(stored["recipe"]))
        again = follow(events)["record"]
        found = repeat.compare(stored, again, records)
        outcomes.append(found)
        within = "half a point" if found.allowed == repeat.TOLERANCE else f"{points(found.allowed)}, as another seed would"
        print(
            f"{run_text(stored)} ({found.id}): saved {percent(found.stored)}, now {percent(found.found)}, {found.differing} of {found.of} "
            f"examples classed otherwise: {f'the same within {within}' if found.holds else 'NOT the same'}"
            f"{f' (made on another processor, {found.elsewhere})' if found.elsewhere else ''}"
        )
    good, off = sum(outcome.holds for outcome in outcomes), sum(bool(outcome.elsewhere) for outcome in outcomes)
    rest = f"; {off} were made on another processor, which rounds otherwise: only that they lie within what seeds do was checked" if off else ""
    print(f"{good} of {len(outcomes)} saved runs of {path} were found again{rest}")
    if good < len(outcomes):
        raise SystemExit(1)

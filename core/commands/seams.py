"""Seams, the places where a student's layers were not neighbours in the teacher: what the saved runs say, and an experiment."""

import json
import sys
from pathlib import Path

from tqdm import tqdm

from core.commands.output import answer, fit_lines, percent, table, tell_broke_off
from core.commands.sweep import seeds_of
from core.errors import LabError
from core.models.catalogue import ready_layers
from core.store import saved
from core.store.database import plain_json
from core.studies.seams import arms
from core.studies.seams import experiment_table as shown


def add(parser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--study", action="store_true", help="what tells a choice's accuracy, by the saved full runs (half a minute)")
    what.add_argument("--experiment", action="store_true", help="what share of a seam's cost is wrong input, what share missing work")
    parser.add_argument("--make", action="store_true", help="with --experiment: run what the file lacks; it can be stopped and goes on")
    parser.add_argument("--seeds", default=",".join(map(str, arms.SEEDS)), help="of the experiment, for example 0,1,2,3,4")
    parser.add_argument("--out", metavar="FILE", help="the experiment's runs (default: the saved ones); with --study, also its figures, as JSON")


def run(args) -> None:
    if args.study:
        show_study(args)
        return
    path, planned = Path(args.out or arms.FILE), list(arms.trials(seeds=seeds_of(args.seeds)))
    if args.make:
        make(path, planned)
    show_experiment(args, saved.read(path), planned)


def show_study(args) -> None:
    """Print the tables of the study, computed anew from the saved runs."""
    from core.findings.seams.sentences import sentences
    from core.findings.seams.tables import tables
    from core.studies.seams.report import study

    found = study()
    if args.out:
        write(Path(args.out), found)
    text = lambda: [f"{one.title}\n\n{table(one.head, one.rows)}\n{one.below}".rstrip() for one in tables(found)]
    answer(args, found, lambda: "\n\n".join([*text(), *sentences(found)]))


def write(path: Path, found: dict) -> None:
    """Write figures as JSON, one part of them a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = (f" {json.dumps(name)}: {json.dumps(plain_json(part), separators=(',', ':'))}" for name, part in found.items())
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")


def make(path: Path, planned: list[arms.Trial]) -> None:
    """Run what the file lacks, and draw how far it is."""
    from core.studies.seams import experiment

    for teacher, task in dict.fromkeys((one.recipe.teacher, one.recipe.task) for one in planned):
        try:
            ready_layers(teacher, task)
        except LabError as error:  # said now, since its turn may come in hours; what comes before it is made
            print(error, file=sys.stderr)
    said, broke_off = set(), []
    layout = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} runs [{elapsed}{postfix}]"
    with tqdm(total=len(planned), file=sys.stderr, dynamic_ncols=True, mininterval=1.0, miniters=0, bar_format=layout) as bar:
        for state in experiment.make(path, planned):
            event, trial = state["event"], state["trial"]
            bar.update(state["done"] - bar.n)
            if event is None:
                continue
            left = "" if state["eta"] is None else f"{tqdm.format_interval(state['eta'])} left, "
            step = f" step {event.data['step']}/{event.data['of']}" if event.kind == "step" else ""
            bar.set_postfix_str(f"{left}{name_of(trial)}{step}")
            lines = fit_lines(event.data["fit"]) if event.kind == "prepared" else []
            if event.kind == "failed":
                broke_off.append(f"{name_of(trial)}: {event.data['reason']}")
                lines = broke_off[-1:]
            if event.kind == "finished":
                record = event.data["record"]
                lines = [f"{name_of(trial)}: {percent(record['final']['accuracy'])} in {record['seconds']:.0f} s"]
            for line in lines:
                if line not in said:
                    said.add(line)
                    tqdm.write(line, file=sys.stderr)
    tell_broke_off(broke_off)


def name_of(trial: arms.Trial) -> str:
    return f"{trial.recipe.task} {trial.gap or 'no gap'} {trial.arm} seed {trial.recipe.seed}"


def show_experiment(args, records: list[dict], planned: list[arms.Trial]) -> None:
    """Print the shares, the verdict on every prediction, and how many runs are missing."""
    by_task, left = shown.measured_by_task(records), arms.missing(records, planned)
    found, cells = shown.predictions_of(by_task), shown.arm_rows(by_task)
    minutes = arms.seconds(records, planned) / 60
    lines = [table(shown.HEAD, cells), *shown.split_lines(by_task)] if cells else []
    lines += [table(shown.HEAD_PREDICTIONS, shown.prediction_rows(found)), shown.verdict_line(found)] if found else []
    lines.append(f"{len(left)} of {len(planned)} runs are missing, about {minutes:.0f} minutes; --make runs them." if left else "No run is missing.")
    document = {
        "arms": [dict(zip(shown.HEAD, row)) for row in cells], "split": shown.split_lines(by_task),
        "predictions": [dict(zip(shown.HEAD_PREDICTIONS, row)) for row in shown.prediction_rows(found)],
        "missing": [one.experiment | {"task": one.recipe.task, "seed": one.recipe.seed} for one in left], "minutes": minutes,
    }
    answer(args, document, lambda: "\n".join(lines))

"""Distil in several stages: progressive shrinking, module replacing, or hidden states before logits."""

import shlex
import sys
from pathlib import Path

from core.commands.distill import layers_of, recipe_options, recipe_with
from core.commands.output import answer, choice, follow, percent, table
from core.errors import LabError
from core.findings.choosers.contrasts import estimates, title
from core.findings.choosers.contrasts import summary as contrasts_summary
from core.recipe import PRESETS
from core.store import saved
from core.studies.contrasts import missing
from core.studies.stages.staged import METHODS, Staged

HEAD = ("contrast", "points", "95 %", "p", "verdict", "FLOPs", "seeds")


def add(parser) -> None:
    parser.add_argument("--method", choices=tuple(METHODS), default="shrinking")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--layers", help="teacher layers that seed the student, for example 1,3,5; shrinking chooses them itself")
    which.add_argument("--preset", choices=tuple(PRESETS), default="first-k")
    parser.add_argument("--k", type=int, help="student layers, without --layers")
    parser.add_argument("--remove", type=int, default=1, help="layers that a stage of shrinking takes away at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--test", action="store_true", help="measure the student on the test split although the budget is in steps")
    parser.add_argument("--contrasts", metavar="FILE", help="train nothing: what the study's runs in this file say, and which are missing")
    parser.add_argument("--make", action="store_true", help="with --contrasts: run what is missing; it can be stopped and goes on")
    parser.add_argument("--out", metavar="FILE", help="add the record to this file, one a line")
    recipe_options(parser)


def run(args) -> None:
    if args.make and not args.contrasts:
        raise LabError("--make runs what a study's file lacks; name the file with --contrasts.")
    if args.contrasts:
        if args.make:
            make(Path(args.contrasts))
        show(args)
        return
    recipe = recipe_with(args, layers_of(args), args.seed)
    from core.studies.stages.run import run as run_stages
    from core.studies.sweep import append

    record = follow(run_stages(Staged(args.method, recipe, args.remove, args.test)), quiet=args.json)["record"]
    if args.out:
        append(Path(args.out), record)
    answer(args, record, lambda: summary(record))


def make(path: Path) -> None:
    """Run everything that the study in this file lacks. What is there is not run again."""
    from core.__main__ import parser

    while left := missing(saved.read(path)):
        args = parser().parse_args(shlex.split(left[0].text)[3:])
        print(f"{len(left)} runs are missing, about {sum(command.minutes for command in left):.0f} minutes: {left[0].text}", file=sys.stderr)
        args.out = str(path)
        run(args)
        if left[0] in missing(saved.read(path)):
            raise LabError("The run that was made is not the one that the study lacks; this program's study and its command line disagree.")


def summary(record: dict) -> str:
    """Write a line a stage, and what came out."""
    lines = []
    for number, part in enumerate(record["stages"], 1):
        removed = ", ".join(str(each["layer"]) for each in part["choice"].get("removed", ()))
        reason = f" (removed {removed}, missed least)" if removed else ""
        lines.append(
            f"stage {number}, {part['name']}{reason}: layers {choice(part['layers'])}, {part['steps']} of {part['planned']} steps "
            f"({part['ended']}), check accuracy {percent(part['final']['accuracy'])}"
        )
    final = record["final"]
    return "\n".join([
        *lines,
        f"on {record['split']}: accuracy {percent(final['accuracy'])} (before the first step {percent(record['initial']['accuracy'])}, "
        f"teacher {percent(record['teacher']['accuracy'])}), {record['steps']} steps, {record['training_flops']:.3g} training FLOPs",
    ])


def show(args) -> None:
    """Print what the runs of the study's file say, and the commands that are still to be run with their core minutes."""
    records = saved.read(Path(args.contrasts))
    truth = saved.truth(records[0]["task_hash"], "test") if records else None
    found, left = estimates(records, truth), missing(records)
    found_json = [
        {"arm": one.contrast.arm, "kind": one.contrast.kind, "named": one.contrast.named, "difference": one.comparison.difference,
         "interval": one.interval, "p": one.comparison.p, "p_holm": one.p_holm, "verdict": one.word, "flops": one.flops,
         "seeds": len(one.contrast.runs), "runs": list(one.comparison.runs)} for one in found
    ]
    minutes = sum(command.minutes for command in left)
    lines = [table(HEAD, map(row, found)), contrasts_summary(found)] if found else []
    lines.append(f"{len(left)} runs are missing, about {minutes:.0f} minutes of one core:" if left else "No run is missing.")
    lines += [f"{command.text}  # {command.minutes:.1f} min" for command in left]
    answer(args, {"contrasts": found_json, "missing": list(map(vars, left))}, lambda: "\n".join(lines))


def row(one) -> tuple:
    """Return a row of the printed table, as HEAD names it."""
    span = "-" if one.interval is None else f"{100 * one.interval[0]:+z.1f} to {100 * one.interval[1]:+z.1f}"
    p = "-" if one.p_holm is None else "<0.001" if one.p_holm < 0.001 else f"{one.p_holm:.3f}"
    return title(one.contrast), f"{100 * one.comparison.difference:+z.1f}", span, p, one.told, f"{one.flops:.2f}", len(one.contrast.runs)

"""The part of `stages` that reads the study of stages and adaptive attention."""

from pathlib import Path

from core.commands.output import print_json, table
from core.findings.choosers.contrasts import estimates, summary, title
from core.store import saved
from core.studies.contrasts import missing

HEAD = ("contrast", "points", "95 %", "p", "verdict", "FLOPs", "seeds")


def show(path: Path, as_json: bool) -> None:
    """Print what the runs of a file say, and the commands that are still to be run with their core minutes."""
    records = saved.read(path)
    truth = saved.truth(records[0]["task_hash"], "test") if records else None
    found, left = estimates(records, truth), missing(records)
    if as_json:
        print_json({
            "contrasts": [
                {"arm": one.contrast.arm, "kind": one.contrast.kind, "named": one.contrast.named, "difference": one.comparison.difference,
                 "interval": one.interval, "p": one.comparison.p, "p_holm": one.p_holm, "verdict": one.word, "flops": one.flops,
                 "seeds": len(one.contrast.runs), "runs": list(one.comparison.runs)} for one in found
            ],
            "missing": [vars(command) for command in left],
        })
        return
    if found:
        print(table(HEAD, map(row, found)))
        print(summary(found))
    minutes = sum(command.minutes for command in left)
    print(f"{len(left)} runs are missing, about {minutes:.0f} minutes of one core:" if left else "No run is missing.")
    for command in left:
        print(f"{command.text}  # {command.minutes:.1f} min")


def row(one) -> tuple:
    """Return a row of the printed table, as HEAD names it."""
    span = "-" if one.interval is None else f"{100 * one.interval[0]:+z.1f} to {100 * one.interval[1]:+z.1f}"
    p = "-" if one.p_holm is None else "<0.001" if one.p_holm < 0.001 else f"{one.p_holm:.3f}"
    return title(one.contrast), f"{100 * one.comparison.difference:+z.1f}", span, p, one.word, f"{one.flops:.2f}", len(one.contrast.runs)

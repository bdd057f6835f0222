"""Say what a run shows, what it does not, and how sure that is."""

import dataclasses
import textwrap
from pathlib import Path

from core.commands.output import answer
from core.errors import LabError
from core.findings.explanation.explain import above_the_fold, explain
from core.findings.explanation.prediction import Prediction
from core.findings.finding import Finding
from core.findings.known_runs import own_runs
from core.store import layer_scores, records
from core.store.ground import ground
from core.store.saved import read, saved_runs, truth

WIDTH = 110


def add(parser) -> None:
    parser.add_argument("run_id", help="a run's id, or enough of its beginning: of the store, else of the saved runs")
    parser.add_argument("--file", help="a file of saved runs in which to look for it; its other runs are compared with too")
    parser.add_argument("--predicted", type=float, metavar="PERCENT", help="the accuracy you predicted, in percent")


def run(args) -> None:
    if args.predicted is not None and not 0 <= args.predicted <= 100:
        raise LabError(f"The predicted accuracy is {args.predicted:g}; give percent, from 0 to 100.")
    if args.file:
        found = read(Path(args.file))
        if not found:
            raise LabError(f"The file {args.file} holds no finished runs; a sweep makes one.")
        record, more = one_with_id(found, args.run_id, args.file), found
    else:
        record, more = stored(args.run_id) or one_with_id(saved_runs(), args.run_id, "the store and the saved runs"), []
    saved = [*saved_runs(), *own_runs(record["recipe"]["teacher"], record["recipe"]["task"]), *more]
    prediction = Prediction(args.predicted / 100) if args.predicted is not None else None
    inside = layer_scores.read(*ground(record))
    findings = explain(record, saved, truth(record["task_hash"], record["split"]), prediction, inside)
    document = {"id": record["id"], "above_the_fold": above_the_fold(findings), "findings": [dataclasses.asdict(one) for one in findings]}
    answer(args, document, lambda: as_text(findings))


def stored(run_id: str) -> dict | None:
    """Return the run of the store whose id begins with this; None where there is none."""
    try:
        return records.get(run_id)
    except LabError as error:
        if "give more" in str(error):
            raise
        return None


def one_with_id(found: list[dict], run_id: str, where: str) -> dict:
    """Return the one run whose id begins with this. LabError for none, or for several."""
    matching = {record["id"]: record for record in found if run_id and record["id"].startswith(run_id)}
    if not matching:
        raise LabError(f"There is no run {run_id!r} in {where}; `python -m core runs` lists runs.")
    if len(matching) > 1:
        raise LabError(f"{len(matching)} runs begin with {run_id!r}; give more of the id.")
    return next(iter(matching.values()))


def as_text(findings: list[Finding]) -> str:
    """Write the findings above the fold, then the rest, each with how sure it is."""
    fold = above_the_fold(findings)
    lines = [line(finding) for finding in findings]
    return "\n".join(lines[:fold] + (["", "More:"] + lines[fold:] if lines[fold:] else []))


def line(finding: Finding) -> str:
    return textwrap.fill(f"{finding.kind} ({finding.strength}): {finding.sentence}", WIDTH, subsequent_indent="  ")

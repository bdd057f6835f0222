"""Say which mistakes a table of figures per epoch is consistent with, and which it cannot show."""

import dataclasses
import sys
from pathlib import Path

from core.commands.output import answer
from core.errors import LabError
from core.findings.diagnose import Known, diagnose, how_read, read_table
from core.findings.diagnose.readers import format_names
from core.findings.diagnose.reading import LARGEST, decoded
from core.findings.finding import Finding


def add(parser) -> None:
    parser.add_argument("file", metavar="FILE", help="CSV with strategy,epoch,train_loss,val_loss,val_accuracy (columns may be missing; a layers "
                        f"column may be added), a run's JSON, a file of saved runs, or what these write or print: {format_names()}; - reads stdin")
    parser.add_argument("--use", metavar="COLUMN", action="append", default=[], help="the column to take where several claim one figure; repeatable")
    parser.add_argument("--all", action="store_true", help="also name the mistakes that no figures show")
    parser.add_argument("--classes", type=int, help="how many classes the task has")
    parser.add_argument("--majority", type=float, help="share of the most frequent class in the split: what chance is")
    parser.add_argument("--examples", type=int, help="how many examples the split has")
    parser.add_argument("--fresh-head", action="store_true", help="the students' classifiers were drawn anew")


def run(args) -> None:
    table = read_table(_text(args.file), known_of(args), args.use)
    findings = how_read(table) + diagnose(table)
    answer(args, [dataclasses.asdict(finding) for finding in findings], lambda: report(findings, args.all))


def known_of(args) -> Known:
    if args.classes is not None and args.classes < 2:
        raise LabError(f"The option --classes is {args.classes}; a task has at least 2.")
    if args.majority is not None and not 0 < args.majority < 1:
        raise LabError(f"The option --majority is {args.majority:g}; it is a share between 0 and 1.")
    if args.examples is not None and args.examples < 1:
        raise LabError(f"The option --examples is {args.examples}; it must be at least 1.")
    return Known(args.classes, args.majority, args.examples, args.fresh_head or None)


def _text(name: str) -> str:
    if name == "-":
        return sys.stdin.read(LARGEST + 1)
    try:
        with Path(name).open("rb") as file:
            return decoded(file.read(4 * LARGEST + 1), f"The file {name}")
    except OSError as error:
        raise LabError(f"The file {name} cannot be read ({error.strerror}).") from None


def report(findings: list[Finding], everything: bool = False) -> str:
    """Write one finding a paragraph. everything: also the names of the mistakes that no figures show."""
    return "\n\n".join(_paragraph(finding, everything) for finding in findings)


def _paragraph(finding: Finding, everything: bool) -> str:
    if finding.kind == "read":
        return f"{finding.sentence} {finding.more}".strip()
    more = finding.more
    if finding.kind == "not-visible" and more and not everything:
        more = "--all names them."
    return f"[{finding.strength}] {finding.sentence}" + (f" {more}" if more else "")

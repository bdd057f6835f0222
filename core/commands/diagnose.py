"""Say which mistakes a table of figures per epoch is consistent with, and which it cannot show."""

import dataclasses
import sys
from pathlib import Path

from core.commands.output import answer
from core.errors import LabError
from core.findings.diagnose import Known, diagnose
from core.findings.finding import Finding


def add(parser) -> None:
    parser.add_argument("file", metavar="FILE", help="CSV with strategy,epoch,train_loss,val_loss,val_accuracy (columns may be missing; a layers "
                        "column may be added), a pasted table, a run's JSON or a file of saved runs; - reads stdin")
    parser.add_argument("--classes", type=int, help="how many classes the task has")
    parser.add_argument("--majority", type=float, help="share of the most frequent class in the split: what chance is")
    parser.add_argument("--examples", type=int, help="how many examples the split has")
    parser.add_argument("--fresh-head", action="store_true", help="the students' classifiers were drawn anew")


def run(args) -> None:
    findings = diagnose(_text(args.file), known_of(args))
    answer(args, [dataclasses.asdict(finding) for finding in findings], lambda: report(findings))


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
        return sys.stdin.read()
    try:
        return Path(name).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise LabError(f"The file {name} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise LabError(f"The file {name} is not text in UTF-8.") from None


def report(findings: list[Finding]) -> str:
    """Write one finding a paragraph."""
    return "\n\n".join(f"[{finding.strength}] {finding.sentence}" + (f" {finding.more}" if finding.more else "") for finding in findings)

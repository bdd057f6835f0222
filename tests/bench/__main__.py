"""Time the distillation loop against what a user would run instead, and against the machine's limit."""

import os
import sys
from pathlib import Path

from core.__main__ import Parser, execute
from core.commands.output import print_json
from core.errors import LabError
from core.home import data_folder
from core.store.database import to_json

PAIRS = {"minilm": ("minilm-l6", 3), "mpnet": ("mpnet-base", 6)}
WORKLOADS = ("logits", "hidden", "patient", "assignment")
USUAL = ("logits", "hidden")
PARTS = ("peers", "accuracy", "ablation", "limit", "profile", "scaling")


def add(parser) -> None:
    parser.add_argument("--app", action="store_true", help="time the app in a browser instead: clicks, the first picture, the first loss point")
    parser.add_argument("--learners", type=int, metavar="N", help="with --app: N learners press Run at once; how long until each has a result")
    parser.add_argument("--thirty", action="store_true", help="how long thirty learners wait who ask their own students at once while a run trains")
    parser.add_argument("--quick", action="store_true", help="few steps, three repeats, no accuracy: at most 15 minutes on two quiet cores")
    parser.add_argument("--workload", default="all", help=f"{', '.join(WORKLOADS)}, several with commas, or all ({' and '.join(USUAL)}; the default)")
    parser.add_argument("--pair", choices=(*PAIRS, "all"), default="all", help="minilm is 6->3, mpnet 12->6")
    parser.add_argument("--teacher", metavar="NAME", help="a teacher by name or folder, half of whose layers make the student, instead of --pair")
    parser.add_argument("--task", help="several with commas, or all (composed-nli and sick); default sick where its file is, else composed-nli")
    parser.add_argument("--parts", help=f"of {', '.join(PARTS)}, with commas; default all, without accuracy when quick")
    parser.add_argument("--repeats", type=int, help="default 5, 3 when quick")
    parser.add_argument("--steps", type=int, help="steps of a timed run; default by the sizes of the models")
    parser.add_argument("--epochs", type=int, default=3, help="of the accuracy runs")
    parser.add_argument("--seeds", type=int, default=3, help="of the accuracy runs")
    parser.add_argument("--pad-to", type=int, help="width of batches that are padded to the data set's longest, if that is shorter")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--out", metavar="FILE", help="write the JSON to a file as well")


def options_of(args) -> dict:
    """The keyword arguments of the benchmark's options. LabError for what does not exist."""
    for name in ("repeats", "steps", "epochs", "seeds", "learners"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise LabError(f"The option --{name} is {value}; it must be at least 1.")
    pairs = ((args.teacher, None),) if args.teacher else tuple(PAIRS.values()) if args.pair == "all" else (PAIRS[args.pair],)
    parts = _several("parts", args.parts, PARTS) if args.parts else tuple(part for part in PARTS if not (args.quick and part == "accuracy"))
    return {
        "pairs": pairs, "tasks": _tasks(args.task), "workloads": USUAL if args.workload == "all" else _several("workload", args.workload, WORKLOADS),
        "parts": parts, "repeats": args.repeats or (3 if args.quick else 5), "steps": args.steps, "epochs": args.epochs, "seeds": args.seeds,
        "width": args.pad_to, "precision": args.precision, "quick": args.quick,
    }


def _several(name: str, text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    for part in found:
        if part not in known:
            raise LabError(f"The option --{name} knows no {part!r}; choose from {', '.join(known)}.")
    if not found:
        raise LabError(f"The option --{name} is empty; choose from {', '.join(known)}.")
    return found


def _tasks(text: str | None) -> tuple[str, ...]:
    if text is None:
        there = data_folder()
        return ("sick",) if there and (there / "SICK.txt").is_file() else ("composed-nli",)
    if text == "all":
        return ("composed-nli", "sick")
    return (text,) if text.startswith(("file:", "hub:")) else tuple(part.strip() for part in text.split(",") if part.strip())


def run(args) -> None:
    options = options_of(args)
    if args.out and not Path(args.out).resolve().parent.is_dir():
        raise LabError(f"The folder of {args.out} does not exist; make it or choose another --out.")
    progress = lambda line: print(line, file=sys.stderr, flush=True)
    if args.learners and not args.app:
        raise LabError("The option --learners belongs to --app; give both.")
    if args.thirty:
        from tests.bench.thirty import measure
        from tests.bench.thirty import report as text

        result = measure(progress)
    elif args.learners:
        from tests.bench.app_class import measure
        from tests.bench.app_class import report as text

        result = measure(args.learners, progress)
    elif args.app:
        from tests.bench.app import measure
        from tests.bench.app import report as text

        result = measure(options["repeats"], progress)
    else:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from tests.bench.report import text
        from tests.bench.suite import Options, bench

        result = bench(Options(**options), progress)
    if args.out:
        try:
            Path(args.out).write_text(to_json(result) + "\n")
        except OSError as error:
            raise LabError(f"The result cannot be written to {args.out} ({error.strerror}).") from error
    if args.json:
        print_json(result)
    else:
        print(text(result))


def main(argv: list[str] | None = None) -> int:
    parser = Parser(prog="python -m tests.bench", description=__doc__)
    add(parser)
    parser.set_defaults(run=run)
    return execute(parser, argv)


if __name__ == "__main__":
    sys.exit(main())

"""Print pairs without their labels for a blind reading, or score the reader's answers."""

import sys
from pathlib import Path

from core.commands.output import percent, print_json
from core.data.catalogue import load
from core.errors import LabError
from core.studies import reading


def add(parser) -> None:
    parser.add_argument("--task", default="composed-nli")
    parser.add_argument("--n", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--score", metavar="FILE", help="the reader's answers, one label a line (or number, tab, label), in the printed order")
    parser.add_argument("--json", action="store_true")


def run(args) -> None:
    task = load(args.task)
    drawn = reading.sample(task, args.n, args.seed)
    if not args.score:
        for number, (part, i) in enumerate(drawn, 1):
            split = task.split(part)
            print("\t".join(filter(None, (str(number), split.first[i], split.second[i] if split.second else None))))
        return
    answers = answers_of(Path(args.score), task.labels, len(drawn))
    truth = [task.labels[task.split(part).labels[i]] for part, i in drawn]
    wrong = [(number, answer, label) for number, (answer, label) in enumerate(zip(answers, truth, strict=True), 1) if answer != label]
    result = {"n": len(truth), "agreement": 1 - len(wrong) / len(truth), "kappa": reading.kappa(answers, truth), "differ": [n for n, *_ in wrong]}
    if args.json:
        print_json(result)
        return
    print(f"{result['n']} pairs: agreement {percent(result['agreement'])}, Cohen's kappa {result['kappa']:.2f}")
    for number, answer, label in wrong:
        part, i = drawn[number - 1]
        print(f"{number}: reader {answer}, label {label}: {task.split(part).first[i]} / {(task.split(part).second or [''])[i]}", file=sys.stderr)


def answers_of(path: Path, labels: tuple[str, ...], n: int) -> list[str]:
    """Return the reader's labels in order. LabError for a missing file, another number of answers or a label the task does not have."""
    try:
        lines = [line.rsplit("\t", 1)[-1].strip() for line in path.read_text().splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(f"The answers in {path} cannot be read ({error}); name a text file with one label a line.") from None
    unknown = next((line for line in lines if line not in labels), None)
    if unknown is not None:
        raise LabError(f"{path} holds {unknown[:40]!r}, which is no label; write {', '.join(labels)}.")
    if len(lines) != n:
        raise LabError(f"{path} holds {len(lines)} answers for {n} pairs; give one a line, in the order in which they were printed.")
    return lines

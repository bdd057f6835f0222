"""Print pairs without their labels for a blind reading, or score the reader's answers."""

import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from core.commands.output import percent, print_json
from core.data.catalogue import load
from core.data.task import Task
from core.errors import LabError

PARTS = ("train", "validation", "test")


def add(parser) -> None:
    parser.add_argument("--task", default="composed-nli")
    parser.add_argument("--n", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--score", metavar="FILE", help="the reader's answers, one label a line (or number, tab, label), in the printed order")


def run(args) -> None:
    task = load(args.task)
    drawn = sample(task, args.n, args.seed)
    if not args.score:
        for number, (part, i) in enumerate(drawn, 1):
            split = task.split(part)
            print("\t".join(filter(None, (str(number), split.first[i], split.second[i] if split.second else None))))
        return
    answers = answers_of(Path(args.score), task.labels, len(drawn))
    truth = [task.labels[task.split(part).labels[i]] for part, i in drawn]
    wrong = [(number, answer, label) for number, (answer, label) in enumerate(zip(answers, truth, strict=True), 1) if answer != label]
    result = {"n": len(truth), "agreement": 1 - len(wrong) / len(truth), "kappa": kappa(answers, truth), "differ": [n for n, *_ in wrong]}
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


def sample(task: Task, n: int, seed: int) -> list[tuple[str, int]]:
    """Draw n examples from all splits together, as (split, position)."""
    everything = [(part, i) for part in PARTS for i in range(len(task.split(part)))]
    return random.Random(seed).sample(everything, min(n, len(everything)))


def kappa(a: Sequence, b: Sequence) -> float:
    """Compute Cohen's kappa of two labellings of the same N items: agreement beyond what the two label shares alone would give.

    Cohen 1960, "A coefficient of agreement for nominal scales". NaN when chance agreement is 1.
    """
    n = len(a)
    observed = sum(x == y for x, y in zip(a, b, strict=True)) / n
    shares = Counter(a), Counter(b)
    expected = sum(shares[0][label] * shares[1][label] for label in shares[0]) / n**2
    return (observed - expected) / (1 - expected) if expected < 1 else float("nan")

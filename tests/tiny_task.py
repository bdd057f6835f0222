"""A tiny labelled task as a CSV file: pairs whose label a small model can learn."""

import csv
import random
from pathlib import Path
from urllib.parse import quote

ANIMALS, VERBS, SIZES = ("dog", "cat"), ("runs", "sleeps"), ("big", "small", "red")


def task_name(path: str | Path, text, label: str, split: str | None = None) -> str:
    """The task name for these columns of this file. text: a column, or a sequence of one or two."""
    columns = (text,) if isinstance(text, str) else text
    name = f"file:{quote(str(path), safe='/:~ ')}?text={','.join(quote(column, safe=' ') for column in columns)}&label={quote(label, safe=' ')}"
    return name + (f"&split={quote(split, safe=' ')}" if split else "")


def write_task(folder: Path, train: int = 96, held_out: int = 48, seed: int = 0) -> str:
    """Writes tiny.csv and returns the task's name. entailment: same verb; contradiction: "not"; neutral: another animal."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tiny.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("premise", "hypothesis", "label", "split"))
        for split, n in (("train", train), ("validation", held_out), ("test", held_out)):
            for i in range(n):
                animal, verb = rng.choice(ANIMALS), rng.choice(VERBS)
                subject = " ".join(["the", *rng.sample(SIZES, rng.randint(0, 3)), animal])
                other = ANIMALS[1 - ANIMALS.index(animal)]
                label = ("entailment", "neutral", "contradiction")[i % 3]
                hypothesis = {"entailment": f"a {animal} {verb}", "neutral": f"some {other} {verb}", "contradiction": f"no {animal} {verb}"}[label]
                writer.writerow((f"{subject} {verb}", hypothesis, label, split))
    return task_name(str(path), ("premise", "hypothesis"), "label", "split")

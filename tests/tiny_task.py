"""A tiny labelled task as a CSV file: pairs whose label a small model can learn."""

import csv
import random
from pathlib import Path

from core.data.files import task_name

ANIMALS, VERBS, SIZES = ("dog", "cat"), ("runs", "sleeps"), ("big", "small", "red")


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

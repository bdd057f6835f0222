"""How far dropout alone moves the training-mode loss of a student that takes no update: the same pairs, asked again and again.

`python -m tests.movement [--out FILE]` measures it over the task's whole training split.
"""

import argparse
import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from core.data.batches import sequential
from core.models.seeding import seed_student
from core.recipe import Recipe, bundle, matched_layers
from core.training.device import environment, pick
from core.training.evaluate import EVALUATION_BATCH
from core.training.loading import load_pair
from core.training.signals import prepare, request_for
from core.training.student import student_loss

EVALUATIONS = 5  # the assignment's epochs
PATH = Path(__file__).resolve().parents[1] / "core" / "saved_runs" / "mistakes" / "movement.json"


def movement(recipe: Recipe, evaluations: int = EVALUATIONS) -> dict:
    """{"pairs", "evaluations", "assignment", "cross_entropy", ...}: of each loss "losses", its mean over the training split at every evaluation,
    "moves", the highest minus the lowest of them, and "pair_sd", the standard deviation of one pair's loss over dropout masks. In nats.

    "assignment" is the assignment's own loss, (cross-entropy + KL + cosine of the logits) / 3 at temperature 1, averaged over pairs as its log
    averages it; "cross_entropy" its first part, which is what core.training.audit.training_mode_loss measures in a run.
    """
    device = pick(recipe.optimiser.precision)
    teacher, _, encoded = load_pair(recipe.teacher, recipe.task)
    split, objective = encoded["train"], bundle("assignment")
    matched = matched_layers(objective, recipe.layers, teacher.layers)
    *_, signals = prepare(teacher, split, request_for(objective, matched), device)
    student = seed_student(teacher.model, recipe.layers, recipe.seeding, recipe.seed).to(device.torch).train()
    loss = student_loss(replace(recipe, objective=objective), signals, matched, device)
    groups = sequential(split.lengths, EVALUATION_BATCH)
    sizes, seen = [len(chosen) for chosen in groups], {"assignment": [], "cross_entropy": []}
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(recipe.seed)
        for _ in range(evaluations):
            both = [loss(student, split.batch(chosen).to(device.torch)) for chosen in groups]
            seen["assignment"].append([float(total) for total, _ in both])
            seen["cross_entropy"].append([float(parts["cross_entropy"]) for _, parts in both])
    return {
        "teacher": recipe.teacher, "task": recipe.task, "layers": list(recipe.layers), "seed": recipe.seed, "pairs": sum(sizes),
        "evaluations": evaluations, "environment": environment(device), **{name: summary(values, sizes) for name, values in seen.items()},
    }


def summary(batches: Sequence[Sequence[float]], sizes: Sequence[int]) -> dict:
    """batches: of every evaluation the mean loss of every batch; sizes: of the batches."""
    means = [sum(value * n for value, n in zip(one, sizes)) / sum(sizes) for one in batches]
    # a batch's mean varies by one pair's variance over the batch's size; pooled over the batches
    variance = statistics.fmean(n * statistics.variance(values) for n, values in zip(sizes, zip(*batches)))
    return {"losses": means, "moves": max(means) - min(means), "pair_sd": math.sqrt(variance)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=str(PATH))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--teacher", default="minilm-l6")
    parser.add_argument("--task", default="composed-nli")
    args = parser.parse_args()
    found = [movement(Recipe(args.teacher, args.task, (1, 3, 5), seed=seed)) for seed in range(args.seeds)]
    path = Path(args.out)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""What a run's record says, ready to be drawn.

One run of one seed on a few hundred examples: its accuracy is given with the 95 % interval that the number of examples
alone allows, and nothing is concluded that lies within it.
"""

from dataclasses import dataclass

from core.statistics.distributions import wilson
from core.views.common.text import choice_text, percent, points

SPLITS = {"check": "check examples (a fixed part of validation)", "test": "test examples", "validation": "validation examples"}


@dataclass(frozen=True)
class Result:
    """Figures are fractions; interval is Wilson's for the student's accuracy. cautions: sentences to read with the headline."""

    headline: str
    student: float
    teacher: float
    initial: float
    agreement: float | None
    majority: float | None
    n: int
    split: str
    interval: tuple[float, float]
    cautions: tuple[str, ...]


def result(record: dict) -> Result:
    final, teacher, initial = record["final"], record["teacher"], record["initial"]
    n = sum(map(sum, final["confusion"]))
    low, high = wilson(final["accuracy"], n)
    choice = choice_text(record["recipe"]["layers"], teacher.get("layers"))
    who = f"A student from {choice}"
    if record["recipe"].get("seeding", {}).get("untrained_layers"):
        k = len(record["recipe"]["layers"])
        who = f"A student of {k} untrained layer{'s' if k != 1 else ''}"
    headline = f"{who} gets {percent(final['accuracy'])} of {n} examples right; the teacher gets {percent(teacher['accuracy'])}."
    return Result(headline, final["accuracy"], teacher["accuracy"], initial["accuracy"], final.get("agreement"), record.get("majority"), n,
                  SPLITS.get(record.get("split"), "examples"), (low, high), cautions(record, low, high, n))


def cautions(record: dict, low: float, high: float, n: int) -> tuple[str, ...]:
    out = []
    if record["status"] == "stopped":
        out.append(f"This run was stopped after {record['steps']} of {record['steps_planned']} steps; it does not answer its recipe.")
    gap = record["final"]["accuracy"] - record["teacher"]["accuracy"]
    interval = f"{percent(low)} to {percent(high)}"
    out.append(f"Student minus teacher: {points(gap)}. One seed on {n} examples: 95 % interval of the student's accuracy {interval}.")
    if not record["recipe"]["budget"].get("epochs"):
        out.append("A short run shows how a choice begins, not where it ends; only full runs rank choices.")
    majority = record.get("majority")
    if majority is not None and low <= majority:
        out.append(f"Always naming the most frequent class would reach {percent(majority)}, so this student is not shown to have learnt the task.")
    still = [part_name(part, record["recipe"]["layers"]) for part, norm in (record.get("update_norms") or {}).items() if norm == 0]
    if still:
        out.append(f"Did not move in training: {', '.join(still)}.")
    return tuple(out)


def group_rows(record: dict) -> list[dict]:
    """Accuracy by group, {"name", "accuracy", "n"} and the teacher's, lowest first; by class where the task has no groups."""
    groups, teachers = record["final"].get("groups") or {}, record["teacher"].get("groups") or {}
    if groups:
        rows = [
            {"name": group_name(name), "accuracy": group["accuracy"], "n": group["n"], "teacher": teachers.get(name, {}).get("accuracy")}
            for name, group in groups.items()
        ]
    else:
        rows = [
            {"name": label, "accuracy": row[i] / sum(row), "n": sum(row)}
            for i, (label, row) in enumerate(zip(record["labels"], record["final"]["confusion"], strict=True)) if sum(row)
        ]
    return sorted(rows, key=lambda row: row["accuracy"])


def group_name(tag: str) -> str:
    return tag.removeprefix("phenomenon:").replace(":", ": ").replace("_", " ")


def part_name(part: str, layers) -> str:
    """'2' -> 'layer 2 (from layer 3)'."""
    if part.isdigit() and 1 <= int(part) <= len(layers):
        return f"layer {part} (from layer {layers[int(part) - 1]})"
    return part


def norm_rows(record: dict) -> list[dict]:
    """{"part", "norm"}, from the input to the output."""
    layers = record["recipe"]["layers"]
    return [{"part": part_name(part, layers), "norm": norm} for part, norm in record["update_norms"].items()]

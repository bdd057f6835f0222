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
    """examples: how many it was measured on, and which. cautions: sentences to read with the headline."""

    headline: str
    examples: str
    cautions: tuple[str, ...]


def result(record: dict) -> Result:
    final, teacher, layers = record["final"], record["teacher"], record["recipe"]["layers"]
    n = sum(map(sum, final["confusion"]))
    who = f"A student from {choice_text(layers, teacher.get('layers'))}"
    if record["recipe"].get("seeding", {}).get("untrained_layers"):
        who = f"A student of {len(layers)} untrained layer{'s' if len(layers) != 1 else ''}"
    headline = f"{who} gets {percent(final['accuracy'])} of {n} examples right; the teacher gets {percent(teacher['accuracy'])}."
    return Result(headline, f"{n} {SPLITS.get(record.get('split'), 'examples')}", cautions(record, n))


def cautions(record: dict, n: int) -> tuple[str, ...]:
    low, high = wilson(record["final"]["accuracy"], n)
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
    return (*out, *(note for note in record.get("notes", ()) if "did not move" not in note))


def short_cautions(record: dict) -> tuple[str, ...]:
    """Return the cautions of the story: what to keep in mind with the headline."""
    if record["status"] == "stopped":
        return (f"This run was stopped after {record['steps']} of {record['steps_planned']} steps; it does not answer its recipe.",)
    if not record["recipe"]["budget"].get("epochs"):
        return ("A short run shows how a choice begins, not where it ends.",)
    return ("This is one run: with another random seed it would end a little higher or lower.",)


def group_rows(record: dict) -> list[dict]:
    """Return accuracy by group, {"name", "accuracy", "n"} and the teacher's, lowest first; by class where the task has no groups."""
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

"""The same four choices done right: saved short and full runs at two scales, and what they support."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.findings import four_choices
from core.findings.finding import Finding
from core.findings.landscape import Landscape, budgets, fullest
from core.findings.names import short_name
from core.store.saved import Block
from core.views.common.text import budget_text, percent

SCALES = (("minilm-l6", 6, 3), ("mpnet-base", 12, 6))  # the bundled teacher, and the assignment's scale
FEWEST = 2  # choices that make a comparison


@dataclass(frozen=True)
class Comparison:
    """title: teacher, task, size and budget. rows: a choice each. findings: what these runs support. note: on rows beside the four."""

    title: str
    rows: list[dict]
    findings: list[Finding]
    note: str = ""


@dataclass(frozen=True)
class Scale:
    """title: '6 of 12 layers, …'. shown: full runs first, then short ones, task by task. missing: what is not measured yet, with commands."""

    title: str
    shown: list[Comparison]
    missing: list[str]
    commands: list[str]


def scales(found: Sequence[Landscape], plan: dict[str, Block]) -> list[Scale]:
    made = []
    for teacher, layers, k in SCALES:
        mine = [one for one in found if one.pair[0] == teacher and one.k == k and one.layers == layers and len(four_choices.named(one)) >= FEWEST]
        shown, missing = [], []
        for task in sorted({one.pair[1] for one in mine}):
            here = [one for one in mine if one.pair[1] == task and one.settings["objective"]["name"] == "hinton"]
            full = fullest(one for one in here if one.settings["budget"]["epochs"])
            short = budgets(full, here) if full else here
            short = sorted((one for one in short if one.settings["budget"]["steps"]), key=lambda one: -one.settings["budget"]["steps"])
            shown += [comparison(one) for one in ([full] if full else []) + short]
            if full and not short:
                missing.append(f"Short runs of {short_name(teacher)} on {short_name(task)} at {k} of {layers} layers are not measured yet.")
        commands = []
        if not shown:
            missing.append(f"{short_name(teacher)}, {k} of {layers} layers: not measured yet. Nothing is shown rather than a figure from elsewhere.")
            commands = [line for file, block in plan.items() if file.startswith(f"{teacher}--") for line in block.commands[:1]]
        made.append(Scale(f"{short_name(teacher)}: {k} of {layers} layers", shown, missing, commands))
    return made


def comparison(one: Landscape) -> Comparison:
    taken = four_choices.taken(one)
    names = four_choices.named(one) | taken
    rows = [
        {"choice": names[choice], "before the first step": percent(_mean(one.runs[choice], "initial")),
         "after the last": percent(one.means[choice]), "seeds": ", ".join(str(run["recipe"]["seed"]) for run in one.runs[choice])}
        for choice in sorted(names, key=lambda choice: -one.means[choice])
    ]
    teacher = percent(one.one["teacher"]["accuracy"])
    title = f"{short_name(one.pair[1])}, {budget_text(one.settings['budget'])}; the teacher has {teacher}"
    note = "Beside the four, in no pair: what the assignment's code took where it says odd and even." if taken else ""
    return Comparison(title, rows, four_choices.conclusions(one), note)


def _mean(runs: Sequence[dict], part: str) -> float:
    return sum(run[part]["accuracy"] for run in runs) / len(runs)

"""The same four choices done right: saved short and full runs at two scales, and what they support."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.figures.choice_colour import choice_colour
from core.findings import four_choices
from core.findings.finding import Finding, names
from core.findings.landscape import Landscape, budgets, fullest
from core.findings.names import pair_lines, short_name
from core.recipe import preset
from core.statistics.verdict import UNKNOWN
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


PRESETS = {"first-k": "first layers", "last-k": "last layers", "odd": "odd layers", "even": "even layers"}


def full_runs(found: Sequence[Landscape]) -> list[Landscape]:
    """Return the fullest runs of each scale and task that hold two or more of the four choices."""
    made = []
    for teacher, layers, k in SCALES:
        mine = [one for one in found if (one.pair[0], one.layers, one.k) == (teacher, layers, k) and one.settings["objective"]["name"] == "hinton"
                and one.settings["budget"]["epochs"] and len(four_choices.named(one)) >= FEWEST]
        made += [fullest(one for one in mine if one.pair[1] == task) for task in sorted({one.pair[1] for one in mine})]
    return made


def lane(one: Landscape) -> str:
    """Return what names it, in lines: teacher, task and '3 of 6 layers'."""
    return "\n".join([*pair_lines(*one.pair), f"{one.k} of {one.layers} layers"])


def chosen(one: Landscape) -> dict[str, tuple[int, ...]]:
    """Return those of the four choices that were saved, by their names in the chart."""
    made = {name: preset(key, one.layers, one.k) for key, name in PRESETS.items()}
    return {name: choice for name, choice in made.items() if choice in four_choices.named(one)}


def rows(found: Sequence[Landscape]) -> list[dict]:
    """Return rows of `core.figures.lanes`: the four choices of each, trained in full."""
    made = []
    for one in found:
        for name, choice in chosen(one).items():
            low, high = one.interval(choice) or (None, None)
            made.append({"lane": lane(one), "name": name, "value": one.means[choice], "low": low, "high": high,
                         "teacher": one.one["teacher"]["accuracy"], "colour": choice_colour(choice, one.layers)})
    return made


def figures(found: Sequence[Landscape]) -> list[dict]:
    """Return the same as a table: a row a teacher and task."""
    lines = [(lane(one).replace("\n", ", "), one, chosen(one)) for one in found]
    return [{"students": name} | {called: percent(one.means[by[called]]) if called in by else "–" for called in PRESETS.values()}
            | {"teacher": percent(one.one["teacher"]["accuracy"])} for name, one, by in lines]


def sentences(one: Landscape) -> list[str]:
    """Say of one lane which choices are ahead of which by more than chance, and for how many pairs too few runs can tell."""
    called = {choice: name for name, choice in chosen(one).items()}
    pairs, ahead, same = four_choices.pairs(one), {}, {}
    for pair in pairs:
        if pair.word == four_choices.BETTER:
            ahead.setdefault(called[pair.higher], []).append(called[pair.lower])
    for name, others in ahead.items():
        same.setdefault(names(others), []).append(name)
    said = [f"The {names(some)} are ahead of the {others}." for others, some in same.items()]
    untold = sum(pair.word == UNKNOWN for pair in pairs)
    return said + ([f"For {untold} of {len(pairs)} pairs there are too few runs to tell."] if untold else [])


def comparison(one: Landscape) -> Comparison:
    taken = four_choices.taken(one)
    called = four_choices.named(one) | taken
    table = [
        {"choice": called[choice], "before the first step": percent(_mean(one.runs[choice], "initial")),
         "after the last": percent(one.means[choice]), "seeds": ", ".join(str(run["recipe"]["seed"]) for run in one.runs[choice])}
        for choice in sorted(called, key=lambda choice: -one.means[choice])
    ]
    teacher = percent(one.one["teacher"]["accuracy"])
    title = f"{short_name(one.pair[1])}, {budget_text(one.settings['budget'])}; the teacher has {teacher}"
    note = "Beside the four, in no pair: what the assignment's code took where it says odd and even." if taken else ""
    return Comparison(title, table, four_choices.conclusions(one), note)


def _mean(runs: Sequence[dict], part: str) -> float:
    return sum(run[part]["accuracy"] for run in runs) / len(runs)

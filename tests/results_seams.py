"""The parts of RESULTS.md about seams that were measured without training (tests/results.py)."""

import functools

from core.commands.output import choice, percent
from core.findings.choosers.regret import Ground
from core.findings.landscape import landscapes
from core.findings.names import pair_text
from core.findings.seam_measures import cost_in_full_runs, grounds, healing, judge
from core.store import layer_scores, saved
from core.store.saved import saved_runs
from core.studies.seams.combine import CHOSEN, CHOSEN_ON, VARIANTS
from core.studies.seams.healing import with_healed

Rows = list[list[str]]


@functools.cache
def documents() -> list[dict]:
    """Return what was measured of the pairs that come with the program, the built-in pair first, with the short runs of single seams where there are
    any."""
    folder = saved.FOLDER / "seams"
    healed = [record for path in sorted(folder.glob("*.jsonl")) for record in saved.read(path)]
    found = [with_healed(layer_scores._load(path), healed) for path in sorted(folder.glob("*--*.json"))]
    return sorted(found, key=lambda one: (one["teacher"], one["task"]) != CHOSEN_ON[0])


@functools.cache
def judged() -> list[tuple[dict, int, Ground, dict]]:
    """Return document, size, full runs and variants by name, for every size of which every choice has full runs."""
    found = landscapes(saved_runs())
    return [(document, k, ground, {one.variant: one for one in judge(document, ground)})
            for document in documents() for k, ground in (grounds(document, found) or grounds(as_saved(document), found)).items()]


def as_saved(document: dict) -> dict:
    """Return the document for the saved runs of the same teacher and data: their weights were tuned on another processor, which rounds otherwise."""
    others = {run["teacher"]["hash"] for run in saved_runs(document["teacher"], document["task"]) if run["task_hash"] == document["task_hash"]}
    return document | {"teacher_hash": others.pop()} if len(others) == 1 else document


def tuned_again(document: dict, ground: Ground) -> bool:
    return document["teacher_hash"] != ground.landscape.ground[0]


def seam_rows() -> Rows:
    """Return a row a seam of the built-in pair."""
    document, points = documents()[0], lambda lost: f"{100 * lost + 0.0:.1f}"
    return [
        [f"{one['below']} to {one['above']}", str(one["above"] - one["below"] - 1), *(points(document["accuracy"] - one[how]["accuracy"])
         for how in ("cut", "head kept", "bridged")), f"{one['cka']:.2f}", f"{one['distance']:.2f}"] for one in document["seams"]
    ]


def seams_text() -> str:
    document = documents()[0]
    return f"The whole teacher has {percent(document['accuracy'])} of these {document['examples']} examples."


def variant_table() -> Rows:
    """Return a table with a row a variant: tau with the full runs, a column a task, or teacher, and size."""
    number = lambda one: "-" if one is None or one.tau != one.tau else f"{one.tau:.2f}"  # all choices have as many missing
    name = lambda document: document["task"] if document["teacher"] == "minilm-l6" else document["teacher"]
    head = ["way", *(f"{name(document)}, {k}" for document, k, *_ in judged())]
    measured = [way for way in VARIANTS if any(way in found for *_, found in judged())]
    rows = [[f"**{way}**" if way == CHOSEN else way, *(number(found.get(way)) for *_, found in judged())] for way in measured]
    return [head, ["---", *("---:" for _ in head[1:])], *rows]


def chosen_rows() -> Rows:
    """Return a row a teacher, task and size: how the chosen variant does, and what it cost."""
    rows = []
    for document, k, ground, found in judged():
        one = found[CHOSEN]
        likely = "{:.2f} to {:.2f}".format(*one.interval) if one.interval else "one seed: none"
        seen = (document["teacher"], document["task"]) == CHOSEN_ON[0] and k in CHOSEN_ON[1]
        again = ", tuned again" if tuned_again(document, ground) else ""
        rows.append([pair_text(document["teacher"], document["task"]) + again, str(k), "yes" if seen else "no", f"{one.tau:.2f}", likely,
                     *(f"{cost:.2f}" for cost in cost_in_full_runs(document, ground))])
    return rows


def healing_rows() -> Rows:
    """Return a row a choice of five layers of the built-in pair, and of four: before its first step, and after."""
    return [[choice(layers), percent(before), percent(after)] for k in (5, 4) for layers, (before, after) in _healing(k).rows.items()]


def healing_text() -> str:
    said = []
    for k in (5, 4):
        found = _healing(k)
        low, high = found.interval
        said.append(f"tau {found.tau:.2f} ({low:.2f} to {high:.2f}) of {k} layers")
    return f"Before and after rank the choices with {' and '.join(said)}."


def _healing(k: int):
    return next(healing(ground) for document, size, ground, _ in judged() if document is documents()[0] and size == k)


PARTS = {
    "seam rows": seam_rows, "seams": seams_text, "variant table": variant_table, "chosen rows": chosen_rows,
    "healing rows": healing_rows, "healing": healing_text,
}

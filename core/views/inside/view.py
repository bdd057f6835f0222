"""What the scores of a teacher's layers show, as rows for figures and as sentences.

Accuracies tie where their 95 % intervals (Wilson) overlap: all are on the same examples, so that is stricter than a paired test.
"""

from collections.abc import Sequence

from core.statistics.distributions import wilson
from core.views.common.progress import Progress, in_parts
from core.views.common.result import group_name
from core.views.common.text import duration, layers_text, percent

EMBEDDINGS = "embeddings"
EVERYTHING, ONE_CLASS = "all examples", "always one class"
# What is measured, in order, and its share of the time that the saved measurement took.
PARTS = {"Looking at every layer": 0.12, "Comparing the layers": 0.02, "Reading what probes are trained on": 0.26, "Training probes": 0.60}


def names(layers: int) -> list[str]:
    """Name what the lists over L + 1 hold: the embeddings, then layers 1 (nearest the input) to L."""
    return [EMBEDDINGS, *(f"layer {layer}" for layer in range(1, layers + 1))]


def short_names(layers: int) -> list[str]:
    return ["emb.", *map(str, range(1, layers + 1))]


def ties(shares: Sequence[float], n: int, with_place: int) -> list[int]:
    """Return the places whose share of n is within noise of that at `with_place`."""
    low, high = wilson(shares[with_place], n)
    return [place for place, share in enumerate(shares) if wilson(share, n)[0] <= high and low <= wilson(share, n)[1]]


def basis(scores: dict) -> str:
    """Say what the scores rest on, and where they were made."""
    where = scores["environment"].get("device_name") or scores["environment"]["device"]
    origin = "saved with the program" if "file" in scores else "measured here"
    return (f"{scores['examples']} validation examples; probes trained on {scores['probe_examples']} training examples; no test example is read. "
            f"Took {duration(sum(scores['seconds'].values()))} on {where}, {origin}. Layer 1 is nearest the input.")


def similarity_text(scores: dict, measure: str) -> str:
    """Say which neighbours are the most and the least alike."""
    matrix = scores[measure]
    steps = {layer: matrix[layer - 1][layer] for layer in range(1, scores["layers"] + 1) if matrix[layer - 1][layer] is not None}
    if not steps:
        return "No two layers could be compared."
    alike, apart = (max, min) if measure == "cka" else (min, max)
    called = lambda layer: f"{'the embeddings' if layer == 1 else f'layer {layer - 1}'} and layer {layer} ({steps[layer]:.2f})"
    return f"Of neighbours the most alike are {called(alike(steps, key=steps.get))}, the least alike {called(apart(steps, key=steps.get))}."


def influence_text(scores: dict) -> str:
    return extremes(scores["influence"], "turn", "turns", "its input the most ({:.2f})", "the least ({:.2f})")


def extremes(values: Sequence[float | None], plural: str, singular: str, most: str, least: str) -> str:
    """Return 'Layer 6 turns its input the most (0.80), layers 1, 2 the least (0.14).', layers that round to the same figure named together."""
    known = {layer: value for layer, value in enumerate(values, 1) if value is not None}
    if not known:
        return ""
    places = [[layer for layer in known if form.format(known[layer]) == form.format(end)]
              for form, end in ((most, max(known.values())), (least, min(known.values())))]
    if places[0] == places[1]:
        return f"{listed(places[0])} {plural if len(known) > 1 else singular} alike.".capitalize()
    verb = plural if len(places[0]) > 1 else singular
    first, second = most.format(max(known.values())), least.format(min(known.values()))
    return f"{listed(places[0]).capitalize()} {verb} {first}, {listed(places[1])} {second}."


def probe_text(scores: dict) -> str:
    """Say from which layer on the answer can be read, and where it cannot yet."""
    found, n = [layer["accuracy"] for layer in scores["probes"]], scores["examples"]
    best = max(range(len(found)), key=found.__getitem__)
    others = [place for place in ties(found, n, best) if place != best]
    tie = f"; {within(others)}" if others else ""
    poor = [place for place, share in enumerate(found) if wilson(share, n)[0] <= scores["majority"]]
    blank = f" After {listed(poor)} it is not shown to read more than always naming one class ({percent(scores['majority'])})." if poor else ""
    return f"On all examples a probe reads the most after {listed([best])}: {percent(found[best])}{tie}.{blank}"


def exit_text(scores: dict) -> str:
    """Say which exits tie with the teacher, and which with always naming one class while a probe reads more."""
    found, n = [layer["accuracy"] for layer in scores["exits"]], scores["examples"]
    last = len(found) - 1
    same = [place for place in ties(found, n, last) if place != last]
    first = f"The whole teacher: {percent(found[last])}; " + (within(same) if same else "every earlier exit gives clearly less") + "."
    read = [layer["accuracy"] for layer in scores["probes"]]
    gap = max(range(last + 1), key=lambda place: read[place] - found[place])
    if wilson(read[gap], n)[0] > wilson(found[gap], n)[1]:
        first += f" The widest gap is after {listed([gap])}: the head gets {percent(found[gap])} right where a probe reads {percent(read[gap])}."
    return first


def within(places: Sequence[int]) -> str:
    """Return 'layers 4 and 5 are within noise of it'."""
    return f"{listed(places)} {'is' if len(places) == 1 else 'are'} within noise of it"


def listed(places: Sequence[int]) -> str:
    """Return 'the embeddings and layers 1, 2'."""
    layers = [place for place in places if place]
    parts = ["the embeddings"] * (0 in places) + [f"layer{'s' if len(layers) > 1 else ''} {layers_text(layers)}"] * bool(layers)
    return " and ".join(parts)


def attention_text(scores: dict) -> str:
    """Say which layers spread their attention most and least, and look farthest and nearest, on average over heads."""
    entropy = extremes(scores["attention"]["entropy"], "spread", "spreads", "attention the most ({:.1f} nats)", "the least ({:.1f})")
    distance = extremes(scores["attention"]["distance"], "look", "looks", "farthest ({:.1f} tokens)", "nearest ({:.1f})")
    return f"{entropy} {distance}".strip()


def probe_map(scores: dict) -> tuple[list[str], list[str], list[dict]]:
    """Return rows (the output on top, always one class at the bottom), columns (all examples, then each phenomenon) and cells of the heat map."""
    tags = list(scores["probes"][-1]["groups"])
    columns = [EVERYTHING, *map(group_name, tags)]
    layers = names(scores["layers"])
    cells = []
    for place, found in enumerate(scores["probes"]):
        values = [found["accuracy"], *((found["groups"].get(tag) or {}).get("accuracy") for tag in tags)]
        cells += [_cell(layers[place], column, value) for column, value in zip(columns, values, strict=True)]
    least = [scores["majority"], *(scores["probes"][-1]["groups"][tag]["majority"] for tag in tags)]
    cells += [_cell(ONE_CLASS, column, value) for column, value in zip(columns, least, strict=True)]
    return [*layers[::-1], ONE_CLASS], columns, cells


def _cell(row: str, column: str, value: float | None) -> dict:
    return {"row": row, "column": column, "value": None if value is None else 100 * value, "told": f"{row}, {column}: {percent(value)}"}


def measuring(status: str, events: list[dict], place: int | None, now: float) -> Progress:
    """Return how far the measurement is, from the job's events. place: jobs served first. now: seconds."""
    return in_parts(PARTS, status, events, place, now)
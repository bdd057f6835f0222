"""What the guide's first and third step show of the saved pairs: maps by layer, sentences, and the bars' numbers."""

from collections.abc import Sequence

from core.store.told_pairs import told_pairs
from core.views.common.text import layers_text, percent
from core.views.guide.steps import BUILT_IN
from core.views.inside.view import names, short_names

SURE = "0.99"
FIRM = 0.8  # a share with which an answer counts as sure


def document() -> dict | None:
    """Return the saved pairs of the built-in teacher and task; None where the file is gone."""
    return told_pairs(**BUILT_IN)


def typical(pairs: Sequence[dict]) -> int:
    """Return the pair that step 1 opens on: the teacher is about as sure of it as of most, and its label is the last of the task's."""
    return len(pairs) - 1


def hardest(pairs: Sequence[dict]) -> int:
    return max(range(len(pairs)), key=lambda place: pairs[place]["entropy"])


def pair_title(pair: dict) -> str:
    return f"{pair['first']} → {pair['second']}" if pair["second"] else pair["first"]


def layer_cells(rows: Sequence[Sequence[float]], labels: Sequence[str], who: str) -> tuple[list[str], list[str], list[dict]]:
    """Return rows (the output on top), columns (the labels) and cells in percent of the map of probabilities by layer. rows: L + 1 times C."""
    layers, short = names(len(rows) - 1), short_names(len(rows) - 1)
    cells = [
        {"row": short[place], "column": label, "value": 100 * share, "told": f"{layers[place]}, {who}: {label} {percent(share)}"}
        for place, row in enumerate(rows) for label, share in zip(labels, row, strict=True)
    ]
    return short[::-1], list(labels), cells


def since(rows: Sequence[Sequence[float]], least: float = 0.0) -> tuple[int, int]:
    """Return (the class named at the last layer, the first layer from which on it has at least this share and is the likeliest; 0: embeddings)."""
    answer = max(range(len(rows[-1])), key=rows[-1].__getitem__)
    holds = [row[answer] == max(row) and row[answer] >= least for row in rows]
    first = len(rows) - 1
    while first and holds[first - 1]:
        first -= 1
    return answer, first


def forming_sentences(labels: Sequence[str], head: Sequence[Sequence[float]], probe: Sequence[Sequence[float]] | None) -> str:
    """Say from which layer on the head is sure of its answer, and from which on a probe is sure of the same one."""
    answer, _ = since(head)
    name = f"“{labels[answer]}”"
    if head[-1][answer] < FIRM:
        return f"The teacher leans to {name} ({percent(head[-1][answer], 0)}), but is not sure of it even after its last layer."
    layer = since(head, FIRM)[1]
    text = f"The head is sure of {name} {at(layer, head)}."
    if not probe:
        return text
    read, there = since(probe, FIRM)
    if read != answer or probe[-1][read] < FIRM:
        return f"{text} The probes are not sure of it on this pair."
    if there >= layer:
        return f"{text} The probes are sure of it {at(there, probe)}."
    return f"{text} A probe is sure of it {at(there, probe)}: it can be read there, but the head cannot use it yet."


def at(layer: int, rows: Sequence) -> str:
    return "only after the last layer" if layer == len(rows) - 1 else f"from layer {layer} on" if layer else "from the embeddings on"


def stages(found: dict) -> dict[str, str]:
    """Return the moments of the student that the file tells of: step -> how it is called."""
    steps = found["pairs"][0]["student"]
    return {step: "before training" if step == "0" else f"after {step} steps" for step in steps}


def temperature(found: dict) -> float:
    """Return the temperature of the recipe that the student was trained with."""
    return float(found["recipe"]["objective"]["temperature"])


def sure_sentence(found: dict, place: int) -> str:
    """Say how nearly one-hot the teacher is, and that this is an exception where it is one."""
    pairs = found["pairs"]
    said = (f"This teacher is at least {percent(float(SURE), 0)} sure of its answer on {percent(found['sure'][SURE])} of "
            f"{found['examples']} validation pairs.")
    if place == hardest(pairs):
        return f"{said} This pair is the one that it is least sure of."
    if max(pairs[place]["head"][-1]) >= float(SURE):
        return f"{said} This pair is such a one: at T = 1 its soft targets say little more than the label."
    return f"{said} This pair is one of the few that it is unsure of."


def student_name(found: dict) -> str:
    return f"the student of layers {layers_text(found['recipe']['layers'])}"

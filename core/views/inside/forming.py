"""What the first view of Inside the teacher shows: pairs to open on, an answer forming as bars, and which kept student stands beside it."""

from collections.abc import Collection, Sequence

from core.store import students
from core.store.ground import ground
from core.store.students import Student
from core.store.told_pairs import told_pairs
from core.views.common.readiness import Readiness
from core.views.common.text import layers_text, percent
from core.views.guide.told import FIRM, forming_sentences, hardest, since
from core.views.inside.view import names, short_names

MOST_CLASSES = 4  # that have a colour of their own; of more, the likeliest and the rest
REST = "other labels"
NAMED, TOLD = 0.6, 0.14  # shares from which a piece of a bar has room for its label's name, and for its figure
LETTERS = 14  # of a name within a bar


def told(teacher: str, task: str, ready: Readiness) -> dict | None:
    """Return the saved pairs of this very teacher and task, if there are any."""
    found = told_pairs(teacher, task, ready.weights)
    return found if found and found["task_hash"] == ready.data else None


def offered(saved: dict | None, examples: Sequence[tuple[str, str | None, str]]) -> list[tuple[str, str | None, str]]:
    """Return the texts to take, (first, second, label): the hard pair first where some are saved, else examples of validation."""
    if saved is None:
        return list(examples)
    pairs = saved["pairs"]
    order = [hardest(pairs), *(place for place in range(len(pairs)) if place != hardest(pairs))]
    return [(pairs[place]["first"], pairs[place]["second"], saved["labels"][pairs[place]["label"]]) for place in order]


def at_once(saved: dict | None, first: str, second: str | None) -> dict | None:
    """Return the answer to a text that was saved with the program; None for any other."""
    pairs = saved["pairs"] if saved else ()
    pair = next((one for one in pairs if (one["first"], one["second"]) == (first, second)), None)
    return {"labels": saved["labels"], "layers": pair["head"], "probe": pair["probe"]} if pair else None


def fitting(kept: Sequence[Student], ready: Readiness) -> list[Student]:
    """Return the kept students of this very teacher and task, newest first."""
    return [one for one in kept if ground(one.record) == (ready.weights, ready.data)]


def preferred(kept: Sequence[Student], mine: Collection[str]) -> Student | None:
    """Return the newest that the learner trained, else the newest. kept: newest first. mine: keys of the learner's students."""
    return next((one for one in kept if one.key in mine), kept[0] if kept else None)


def keys_of(runs: Sequence[dict]) -> set[str]:
    """Return the keys of the students of these runs."""
    return {students.key_of(run) for run in runs}


def classes(labels: Sequence[str], last: Sequence[float]) -> list[int]:
    """Return which classes have a part of their own in a bar, in the task's order. last: what the teacher gives each."""
    most = len(labels) if len(labels) <= MOST_CLASSES else MOST_CLASSES - 1
    return sorted(sorted(range(len(labels)), key=lambda c: -last[c])[:most])


def bar_names(labels: Sequence[str], last: Sequence[float]) -> list[str]:
    """Return the names of a bar's parts, from left to right."""
    shown = classes(labels, last)
    return [*(labels[c] for c in shown), *([REST] if len(shown) < len(labels) else [])]


def bars(
    labels: Sequence[str], last: Sequence[float], stages: Sequence[Sequence[float]], at: Sequence[int] | None = None, whole: int | None = None
) -> tuple[list[str], list[dict]]:
    """Return rows, the output on top, and the bars' parts: {"row", "label", "low", "high", "middle", "text", "told"}, ends in percent.

    stages: class probabilities after the embeddings and after each layer. at: the rows of the layers, by default 1, 2, 3 and so on. whole: how many
    layers have a row, where not all of them have a stage.
    """
    places = [0, *(at or range(1, len(stages)))]
    depth = whole or max(places)
    short, long, shown = short_names(depth), names(depth), classes(labels, last)
    parts = []
    for place, stage in zip(places, stages, strict=True):
        shares = [stage[c] for c in shown]
        shares += [max(0.0, 1 - sum(shares))] if len(shown) < len(labels) else []
        low = 0.0
        for label, share in zip(bar_names(labels, last), shares, strict=True):
            figure = f"{100 * share:.0f}"
            name = label if len(label) <= LETTERS else f"{label[:LETTERS - 1]}…"
            text = f"{name} {figure}" if share >= NAMED else figure if share >= TOLD else ""
            parts.append({"row": short[place], "label": label, "low": low, "high": low + 100 * share, "middle": low + 50 * share, "text": text,
                          "told": f"{long[place]}, {label}: {percent(share)}"})
            low += 100 * share
    return short[::-1], parts


def beside(layers: Sequence[int], teacher_layers: int) -> tuple[list[int] | None, int | None]:
    """Return the `at` and `whole` of a student's bars: beside the teacher's layers that seeded it, where these ascend; else a count of its own."""
    ascends = list(layers) == sorted(set(layers))
    return (list(layers), teacher_layers) if ascends else (None, None)


def sentences(answer: dict, label: str | None = None) -> list[str]:
    """Say how the teacher's answer forms, and where its text was cut. label: the right answer, where it is known."""
    found = [f"The label is “{label}”."] if label else []
    found.append(forming_sentences(answer["labels"], answer["layers"], answer.get("probe")))
    theirs, _ = since(answer["layers"])
    if answer.get("probe") and answer["layers"][-1][theirs] < FIRM:
        found.append(probe_sentence(answer["labels"], answer["probe"]))
    if answer.get("cut"):
        found.append(f"The text was cut to {answer['tokens']} tokens.")
    return found


def probe_sentence(labels: Sequence[str], probe: Sequence[Sequence[float]]) -> str:
    """Say what the probes read, where the head is not sure: after the last layer, and where one is surer of another label."""
    its, _ = since(probe)
    place = max(range(len(probe)), key=lambda layer: max(share for c, share in enumerate(probe[layer]) if c != its))
    other = max((c for c in range(len(labels)) if c != its), key=probe[place].__getitem__)
    last = f"After it a probe reads “{labels[its]}” ({percent(probe[-1][its], 0)})"
    if probe[place][other] < FIRM or not place:
        return f"{last}."
    return f"{last}, but after layer {place} one reads “{labels[other]}” ({percent(probe[place][other], 0)})."


def student_sentence(answer: dict) -> str:
    """Say what the student answers beside the teacher, and from which of its layers on it is sure."""
    student, labels = answer["student"], answer["labels"]
    (theirs, _), (its, _) = since(answer["layers"]), since(student["stages"])
    share = student["stages"][-1][its]
    same = "says the same" if theirs == its else f"says “{labels[its]}”, the teacher “{labels[theirs]}”"
    if share < FIRM:
        return f"The student {same}, but is not sure of it ({percent(share, 0)})."
    place = since(student["stages"], FIRM)[1]
    where = "from the embeddings on" if not place else f"after its layer {place}, copied from layer {student['layers'][place - 1]}"
    return f"The student {same}; it is sure of it {where} ({percent(share, 0)})."


def student_caption(layers: Sequence[int], teacher_layers: int) -> str:
    """Say where a student's bars stand."""
    if beside(layers, teacher_layers)[0] is None:
        return f"Its layers, copied from {layers_text(layers)}, do not ascend, so they are counted within the student."
    return "Each of its layers stands beside the teacher's layer that it was copied from. It lacks the others."

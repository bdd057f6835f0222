"""What the page inside shows of a gap that is tried by hand: sentences, rows for figures, and the lesson that saved runs hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.findings.evidence import settings_of
from core.findings.landscape import full_runs
from core.findings.names import pair_text
from core.findings.why.wording import layers_named
from core.recipe.seams import Seam
from core.statistics.distributions import exact_interval, wilson
from core.statistics.noise import mean_accuracy
from core.store.ground import ground
from core.store.saved import saved_runs
from core.store.seam_costs import seam_costs
from core.views.common.choice import Choice
from core.views.common.progress import Progress, in_parts
from core.views.common.text import percent
from core.views.lab.why import hidden_text

WAYS = {"whole": "teacher", "cut": "cut", "bridged": "bridged"}  # the tried ways, and what figures call them
READINGS = {"mapped": "A fitted map, then the head", "head": "The head alone"}
FITTING = "Reading texts that bridges are fitted to"
BRIDGE = ("A bridge is a fixed linear map over a gap. It is fitted to the teacher's own states and turns what comes over the gap into what the next "
          "layer expects.")
LEGEND = ("A cell has the likeliest class and its probability in percent; the fuller, the surer. ≠ and a dashed frame: not what the teacher says "
          "after the same layer.")
READS = {
    "mapped": "Before the head reads a layer, a linear map fitted to the teacher turns that layer's states into last-layer states.",
    "head": "The head was trained on the last layer alone, so it may misread the layers before.",
}
ANSWER = "answer"
LESSON = (1, 2, 3, 4, 5)  # a choice of as many layers as the lesson is about
PAIR = Choice(layers=LESSON)  # the built-in one


def problem(layers: Sequence[int], count: int) -> str:
    """Say why these layers are no gap to try; '' where they are."""
    if not layers:
        return "At least one layer has to stay. Add one."
    return "" if len(layers) < count else "All layers are there. Take one or more away to make a gap."


def start(layers: Sequence[int], count: int) -> list[int]:
    """Return the layers to begin with: the Lab's, where they are in order and some are missing; else all but those in the middle."""
    ascending = all(a < b for a, b in zip(layers, layers[1:]))
    if layers and ascending and len(layers) < count:
        return list(layers)
    middle = (count + 1) // 2
    return [layer for layer in range(1, count + 1) if layer not in (middle - 1, middle)] if count > 2 else [1]


def fitting(status: str, events: list[dict], place: int | None, now: float) -> Progress:
    """Return how far fitting is. place: jobs served first. now: seconds."""
    found = in_parts({FITTING: 1.0}, status, [event for event in events if event["kind"] == "stage"], place, now)
    return replace(found, text=found.text.replace(" (1 of 1)", ", once for this teacher and task"))


def kept_text(answer: dict) -> list[str]:
    """Say what is left of the teacher, and what bridges mend, where so many examples tell."""
    right, n, several = answer["accuracy"], answer["examples"], len(answer["seams"]) > 1
    gone = [layer for layer in range(1, answer["teacher_layers"] + 1) if layer not in answer["layers"]]
    said = [f"Without {layers_named(gone)}, and nothing trained, the teacher gets {percent(right['cut'])} of {n} validation examples right.",
            f"Whole it gets {percent(right['whole'])}."]
    if wilson(right["cut"], n)[0] <= answer["majority"]:
        said.append(f"Always naming one class would get {percent(answer['majority'])}, so hardly anything is left.")
    if "bridged" in right:
        mended, undone = answer["mended"], answer["undone"]
        said.append(f"With a bridge over {'each' if several else 'the'} gap it gets {percent(right['bridged'])}: {counted(mended)} mended, "
                    f"{undone} newly wrong.")
        low, high = exact_interval(mended, mended + undone) if mended + undone else (0.0, 1.0)
        end = ("So part of the loss was only unexpected input: what comes after the gap could not read it." if low > 0.5
               else "Here the bridge does harm." if high < 0.5 else "That is too few to say that the bridge helps.")
        said.append(end if mended + undone else "It changes nothing.")
    return said


def counted(examples: int) -> str:
    return f"{examples} example{'s' if examples != 1 else ''}"


def kept_rows(answer: dict) -> list[dict]:
    """Return a row a bar for `figures.kept_bars`."""
    return [{"name": WAYS[way], "accuracy": share, "whole": way == "whole"} for way, share in answer["accuracy"].items()]


def top(probabilities: Sequence[float]) -> int:
    return max(range(len(probabilities)), key=probabilities.__getitem__)


def parts_at(answer: dict, way: str, reading: str) -> list[int | None]:
    """Return where the chain says another class than the teacher after the same layer, from the input on: layers, and None for the answer."""
    text = answer["text"]
    after = {name: dict(rows) for name, rows in text["after"][reading].items()}
    parted: list[int | None] = [layer for layer, said in after[way].items() if top(said) != top(after["whole"][layer])]
    return parted + [None] * (top(text["answers"][way]) != top(text["answers"]["whole"]))


def break_text(answer: dict, way: str, reading: str) -> str:
    """Say where the answer breaks, or that it does not."""
    answers, labels = answer["text"]["answers"], answer["labels"]
    parted, kept = parts_at(answer, way, reading), answer["layers"]
    name = f"{WAYS[way].capitalize()}:"
    ours, theirs = (f"{labels[top(answers[one])]!r} ({percent(max(answers[one]))})" for one in (way, "whole"))
    if not parted:
        return f"{name} it says the same as the teacher after every layer that is left, and answers {ours}."
    if None not in parted:
        return f"{name} it differs after {layers_named(parted)}, but comes back and answers {ours}."
    since = next((layer for n, layer in enumerate(kept) if all(later in parted for later in kept[n:])), None)
    end = f"It answers {ours}, the teacher {theirs}."
    if since is None:
        return f"{name} the answer breaks only before the head. {end}"
    place = ", right above a gap" if since in [above for _, above in answer["seams"]] else ""
    stays = "" if since == kept[-1] else f"{',' if place else ''} and stays broken"
    return f"{name} the answer breaks after layer {since}{place}{stays}. {end}"


def break_map(answer: dict, reading: str) -> tuple[list[str], list[str], list[dict]]:
    """Return rows (the answer on top, layer 1 at the foot), columns (the teacher first) and cells for `figures.chain_answers`."""
    text, labels = answer["text"], answer["labels"]
    name = lambda layer: ANSWER if layer is None else f"layer {layer}"
    places = [None, *range(answer["teacher_layers"], 0, -1)]
    of = {way: {**dict(rows), None: text["answers"][way]} for way, rows in text["after"][reading].items()}
    cells = []
    for way, known in of.items():
        for place in places:
            where, said = f"{WAYS[way]}, {name(place)}", known.get(place)
            cell = {"row": name(place), "column": WAYS[way], "said": None, "share": 0.0, "differs": False, "told": f"{where}: missing"}
            if said is not None:
                likeliest = sorted(range(len(labels)), key=lambda c: -said[c])[:3]
                told = ", ".join(f"{labels[c]} {percent(said[c])}" for c in likeliest)
                differs = top(said) != top(of["whole"][place])
                cell |= {"said": labels[likeliest[0]], "share": max(said), "differs": differs,
                         "told": f"{where}: {told}{'; the teacher says otherwise' if differs else ''}"}
            cells.append(cell)
    return [name(place) for place in places], [WAYS[way] for way in of], cells


@dataclass(frozen=True)
class Lesson:
    """rows: of a table, one for each layer that is gone. sentences: what they come to. note: what the figures are."""

    rows: tuple[dict, ...]
    sentences: tuple[str, ...]
    note: str


def lesson(trained: bool) -> Lesson | None:
    """Return the lesson of the built-in pair: what a cut costs, what a bridge mends, what training mends; None where its runs are not saved.

    trained: whether figures of its students of one layer less may be seen."""
    count = len(LESSON) + 1
    runs = full_runs(saved_runs(PAIR.teacher, PAIR.task), settings_of({"recipe": PAIR.recipe().to_dict()}), len(LESSON))
    costs = seam_costs(*ground(next(iter(runs.values()))[0])) if runs else None
    if costs is None or costs.layers != count:
        return None
    kept = lambda of, layer: costs.accuracy - of[Seam(layer - 1, layer + 1)]
    cut = {layer: kept(costs.cut, layer) for layer in range(1, count + 1)}
    bridged = {layer: kept(costs.bridged, layer) for layer in cut}
    after = {layer: mean_accuracy(found) for choice, found in runs.items() if choice for layer in cut if layer not in choice}
    worst = min(cut, key=cut.get)
    said = [f"Without layer {worst}{', the last before the head,' if worst == count else ''} the cut teacher gets {percent(cut[worst])} right, the "
            f"least of all {count}.",
            f"A bridge brings that to {percent(bridged[worst])}."]
    if bridged[worst] - cut[worst] > (costs.accuracy - cut[worst]) / 2:
        who = "the head" if worst == count else f"layer {worst + 1}"
        said.append(f"Most of that loss comes back, though the layer is still missing: {who} just could not read its new input.")
    if trained:
        low, high = min(after.values()), max(after.values())
        said.append(f"Training mends it too: that student ends at {percent(after[worst])}, and all {count} end between {percent(low)} and "
                    f"{percent(high)}.")
    rows = tuple({"gone": f"layer {layer}", "cut": percent(cut[layer]), "bridged": percent(bridged[layer])}
                 | ({"trained": percent(after[layer])} if trained else {}) for layer in cut)
    seeds = len(next(iter(runs.values())))
    note = f"{pair_text(PAIR.teacher, PAIR.task)}. Cut and bridged: {costs.examples} validation examples, nothing trained."
    note += f" Trained: full runs, {seeds} seeds each, on the test split." if trained else f" {hidden_text([count - 1])}"
    return Lesson(rows, tuple(said), note)

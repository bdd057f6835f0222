"""What people often believe about layer choices, where a page meets it, and the saved figures that correct it.

One list: a belief, the page and the control that show it, and a function of the saved landscapes. A correction is told only where its
figures are saved and still hold; no figure is typed here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.findings.evidence import UNTRAINED
from core.findings.landscape import Landscape
from core.recipe import preset
from core.statistics.noise import compare
from core.statistics.verdict import HIGHER, LOWER, UNKNOWN, judged_together
from core.store import layer_scores
from core.views.common.choice import Choice, choice_query
from core.views.common.text import layers_text, percent
from core.views.guide.saved import Saved
from core.views.guide.steps import BUILT_IN, KEY, LEADS, WINS

LAYERS = 6  # of the built-in teacher
SWAP = (1, 2, 3), (1, 4, 6)  # two choices that change places from seed to seed
DEEP = {"view": "researcher"}


@dataclass(frozen=True)
class Correction:
    """sentences: short ones with the figures. holds: whether the saved runs still show it."""

    sentences: tuple[str, ...]
    holds: bool


@dataclass(frozen=True)
class Misconception:
    """page: the address of the page that meets it, '' for the Lab. control: where on it. query: of the link there.

    correct: the correction, None where what it rests on is not saved.
    """

    belief: str
    page: str
    control: str
    correct: Callable[[Saved], Correction | None]
    query: dict[str, str] | None = None


def needing(*asked: tuple) -> Callable:
    """Return a decorator: the function gets these landscapes, arguments of `Saved.of`; None comes out where one is missing or lacks a choice."""

    def decorate(function: Callable) -> Callable:
        def correct(saved: Saved) -> Correction | None:
            found = [saved.of(*one[:1], **one[1]) if len(one) > 1 else saved.of(*one) for one in asked]
            try:
                return None if None in found else function(*found)
            except KeyError:  # a choice that is not saved
                return None

        correct.__doc__ = function.__doc__
        return correct

    return decorate


def lab(layers: tuple[int, ...], **more) -> dict[str, str]:
    return choice_query(Choice(layers=layers, **more))


def shown(one: Landscape, *choices: tuple[int, ...]) -> list[str]:
    return [percent(one.means[choice]) for choice in choices]


def words(one: Landscape, *pairs: tuple) -> list[str]:
    """Return the verdicts on pairs of choices that were named beforehand, tested together."""
    return [verdict.word for verdict in one.judge(pairs)]


@needing((3, {"budget": "240"}), (3,))
def early_leader(short: Landscape, full: Landscape) -> Correction:
    (a, b), (c, d) = shown(short, LEADS, WINS), shown(full, LEADS, WINS)
    return Correction(
        (f"After {short.one['steps']} steps layers {layers_text(LEADS)} lead {layers_text(WINS)} ({a} to {b}).",
         f"In full runs they lose ({c} to {d})."),
        short.means[LEADS] > short.means[WINS] and words(full, (LEADS, WINS)) == [LOWER],
    )


@needing((3,))
def last_decide(full: Landscape) -> Correction:
    last = preset("last-k", LAYERS, 3)
    low, high = shown(full, last, full.best)
    return Correction(
        (f"Layers {layers_text(last)}, nearest the output, reach {low}.", f"Layers {layers_text(full.best)} reach {high}."),
        full.against_best[last] == "worse",
    )


@needing((3,))
def even_spacing(full: Landscape) -> Correction:
    spread, even = preset("spread", LAYERS, 3), preset("even", LAYERS, 3)
    low, high = shown(full, spread, even)
    return Correction(
        (f"Layers {layers_text(spread)} are spread evenly and reach {low}.", f"Layers {layers_text(even)} are spread as evenly and reach {high}."),
        words(full, (spread, even)) == [LOWER],
    )


@needing((3,))
def effects_add(full: Landscape) -> Correction:
    pairs = ((2, 4, 6), (2, 3, 6)), ((1, 4, 6), (1, 3, 6))
    more, less = (100 * (full.means[a] - full.means[b]) for a, b in pairs)
    return Correction(
        (f"Layer 4 in place of 3 brings {more:.1f} points beside layers 2 and 6.", f"Beside layers 1 and 6 it costs {-less:.1f} points."),
        words(full, *pairs) == [HIGHER, LOWER],
    )


@needing((3,))
def order_counts(full: Landscape) -> Correction:
    ordered, mixed = (2, 4, 6), (4, 2, 6)
    a, b = shown(full, ordered, mixed)
    return Correction(
        (f"Layers {layers_text(ordered)} in this order reach {a}.", f"The same layers in the order {layers_text(mixed)} reach {b}."),
        words(full, (ordered, mixed)) == [HIGHER],
    )


@needing((3,))
def before_training(full: Landscape) -> Correction:
    ahead, behind = LEADS, (2, 3, 4)
    before = [full.runs[choice][0]["initial"]["accuracy"] for choice in (ahead, behind)]
    a, b = shown(full, ahead, behind)
    return Correction(
        (f"Before training layers {layers_text(ahead)} get {percent(before[0])} right, and {layers_text(behind)} get {percent(before[1])}.",
         f"After it layers {layers_text(behind)} are ahead ({b} to {a})."),
        before[0] > before[1] and words(full, (ahead, behind)) == [LOWER],
    )


@needing((3,), (3, {"task": "sick"}))
def other_tasks(full: Landscape, other: Landscape) -> Correction:
    (a, b), (c, d) = shown(full, LEADS, WINS), shown(other, LEADS, WINS)
    return Correction(
        (f"On the built-in task layers {layers_text(WINS)} beat {layers_text(LEADS)} ({b} to {a}).",
         f"On SICK, a task of real sentences, they lose to them ({d} to {c})."),
        words(full, (LEADS, WINS)) == [LOWER] and words(other, (LEADS, WINS)) == [HIGHER],
    )


@needing((3,))
def one_seed(full: Landscape) -> Correction:
    one, other = SWAP
    by_seed = [{run["recipe"]["seed"]: run["final"]["accuracy"] for run in full.runs[choice]} for choice in (one, other)]
    (a, b), (c, d) = ([found[seed] for found in by_seed] for seed in (0, 1))
    return Correction(
        (f"With random seed 0 layers {layers_text(one)} beat {layers_text(other)} ({percent(a)} to {percent(b)}).",
         f"With seed 1 they lose ({percent(c)} to {percent(d)})."),
        a > b and c < d,
    )


@needing((3,))
def no_difference(full: Landscape) -> Correction:
    a, b = SWAP
    verdict = full.judge([SWAP])[0]
    x, y = shown(full, a, b)
    return Correction(
        (f"Three runs each cannot tell layers {layers_text(a)} and {layers_text(b)} apart ({x} and {y} on average).",
         f"The true gap may be as wide as {100 * verdict.far:.0f} points."),
        verdict.word == UNKNOWN and verdict.known and set(verdict.comparison.n) == {3},
    )


@needing((3,), (3, {"objective": "cross-entropy"}))
def soft_targets_do_it(full: Landscape, labels: Landscape) -> Correction:
    """Every choice that both objectives were run with; none may stand out, and the layers have to matter more than the objective."""
    both = [choice for choice in labels.runs if choice in full.runs and choice != UNTRAINED]
    verdicts = judged_together([
        compare(full.runs[one], labels.runs[one], full.noises[one], labels.noises[one], full.test, full.flips) for one in both
    ])
    best, last = max(both, key=full.means.get), min(both, key=full.means.get)
    return Correction(
        (f"From labels alone layers {layers_text(best)} reach {percent(labels.means[best])}, with soft targets {percent(full.means[best])}.",
         f"In none of {len(both)} choices do these runs show that soft targets help, though a gain may hide in the noise.",
         f"The choice of layers shows: {layers_text(last)} reach {percent(full.means[last])}."),
        not any(one.clear for one in verdicts) and full.beside_best(last).clear,
    )


@needing((3, {"task": "reviews"}))
def accuracy_proves(full: Landscape) -> Correction:
    control, best = full.means[UNTRAINED], full.means[full.best]
    majority = full.one["majority"]
    return Correction(
        (f"On movie reviews a student with untrained layers reaches {percent(control)}; always one label gets {percent(majority)}.",
         f"The best copied layers reach {percent(best)}: most of that came without them."),
        control - majority > best - control > 0,
    )


@needing((5,))
def read_is_made(five: Landscape) -> Correction | None:
    """Where a probe gains most, a student without just that layer loses no more than one without a layer at which the probe gains less."""
    inside = layer_scores.find(five.one["teacher"]["hash"], BUILT_IN["task"], data=five.ground[1])
    if inside is None:
        return None
    read = [layer["accuracy"] for layer in inside["probes"]]
    most = max(range(1, len(read)), key=lambda layer: read[layer] - read[layer - 1])
    without = {layer: tuple(n for n in range(1, LAYERS + 1) if n != layer) for layer in range(1, LAYERS + 1)}
    costly = min(without, key=lambda layer: five.means[without[layer]])
    return Correction(
        (f"A probe gains most at layer {most}: from {percent(read[most - 1])} to {percent(read[most])}.",
         f"A student of the other five layers still reaches {percent(five.means[without[most]])}. One without layer {costly} does no better "
         f"({percent(five.means[without[costly]])})."),
        costly != most and words(five, (without[most], without[costly])) != [LOWER],
    )


MISCONCEPTIONS = (
    Misconception("The student that leads early wins.", "", "Guided start, step 5", early_leader, {KEY: "5"}),
    Misconception("The last layers matter most, since they decide.", "", "Presets: the last 3", last_decide, lab((4, 5, 6))),
    Misconception("Evenly spaced layers are a safe choice.", "", "Presets: evenly spread", even_spacing, lab((1, 4, 6))),
    Misconception("What single layers bring adds up.", "landscape", "Layer effects", effects_add, DEEP),
    Misconception("A layer choice is a set; its order does not count.", "", "Order and repeats", order_counts, lab((4, 2, 6))),
    Misconception("The best student before training is the best after it.", "landscape", "Before and after", before_training, DEEP),
    Misconception("The best choice for one task is the best for all.", "landscape", "Over tasks", other_tasks, DEEP),
    Misconception("One run is enough to rank two choices.", "compare", "Runs with other random seeds", one_seed),
    Misconception("No difference found means that both are equal.", "compare", "Too few runs to tell", no_difference),
    Misconception("The soft targets do the work.", "", "Objective: labels only", soft_targets_do_it, lab((2, 4, 6), objective="cross-entropy")),
    Misconception("High accuracy proves that the copied layers helped.", "compare", "Untrained layers, the control", accuracy_proves),
    Misconception("What can be read at a layer is made by that layer.", "", "Guided start, step 1", read_is_made, {KEY: "1"}),
)


def corrections(saved: Saved) -> list[tuple[Misconception, Correction]]:
    """Return every misconception whose correction the saved runs hold."""
    found = [(one, one.correct(saved)) for one in MISCONCEPTIONS]
    return [(one, correction) for one, correction in found if correction is not None and correction.holds]

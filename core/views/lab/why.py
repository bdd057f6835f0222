"""What the panel "Why?" of the Lab shows: the chain with a number a seam, and for one seam the students that have some of its layers back."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.findings.evidence import Choice
from core.findings.finding import points
from core.findings.why.at_seams import AtSeam, Step
from core.findings.why.why import Why
from core.findings.why.wording import ends, layers_named
from core.findings.words import TOO_FEW
from core.recipe.seams import Seam
from core.views.common.text import choice_text, percent

SEAMS = "A seam is where two layers meet that were not neighbours in the teacher; below it stands how many are missing."
TRAINED = "The number above: how many points more students get that have its missing layers, in saved full runs."
BRIDGED = "The number above: points that the teacher itself loses when a simple bridge stands in for the missing layers; nothing is trained."
MEASURED = "The number above: points of accuracy that the teacher itself loses with this seam alone, a fitted linear map over it, nothing trained."
UNKNOWN = "What the missing layers cost is not known yet."
BESIDE = "All that is said here is read off other saved students, so it shows what goes with a layer, not what happens inside this one."

PARTS = {"Reading the states of every layer": 0.22, "Fitting bridges": 0.01, "Trying every seam": 0.77}  # of the time that measuring takes


@dataclass(frozen=True)
class Line:
    """One student in the details of a seam. choice: None where it is the teacher itself, which cannot be loaded as a student."""

    text: str
    choice: Choice | None


@dataclass(frozen=True)
class Details:
    """title: what the seam joins, and which layers are missing. more: with layers back; same: of the same size."""

    title: str
    notes: tuple[str, ...]
    more: tuple[Line, ...]
    same: tuple[Line, ...]


def identity(seam: Seam) -> str:
    return f"{seam.below}-{seam.above}"


def label(seam: Seam, layers: int) -> str:
    """Return '1→4', 'input→2', 'output' ends as the chain names them: 'in' and 'out'."""
    return f"{seam.below or 'in'}→{seam.above if seam.above <= layers else 'out'}"


def trained(found: Why) -> bool:
    """Return whether the saved students say of every seam what comes back with its layers; else what was measured is drawn, for all of them."""
    return bool(found.seams) and all(one.closed for one in found.seams)


def rows(found: Why) -> list[dict]:
    """Return a row a seam for `figures.chain`."""
    if trained(found):
        cost = lambda one: one.closed.gain
    else:
        cost = lambda one: found.costs.cost(one.seam) if found.costs else None
    return [{"id": identity(one.seam), "below": one.seam.below, "above": one.seam.above, "cost": cost(one)} for one in found.seams]


def note(found: Why, in_short: bool = False) -> str:
    """Say what the numbers of the chain are, and what they come to beside the loss. in_short: for the story."""
    if not trained(found) and found.costs is None:
        return f"{SEAMS} {UNKNOWN}"
    said = f"{SEAMS} {TRAINED if trained(found) else BRIDGED if in_short else MEASURED}"
    if found.seen is not None and len(found.seams) > 1:
        summed = sum(row["cost"] for row in rows(found))
        said += f" Added up: about {100 * summed:.0f} points; this choice loses about {-100 * found.seen.loss.comparison.difference:.0f}."
    return said


def details(found: Why, one: AtSeam, layers: int, in_short: bool = False) -> Details:
    """Return what is known at a seam. in_short: for the story, without ranges."""
    missing = layers_named(one.seam.missing)
    title = f"{ends(one.seam, layers)}: {missing} missing"
    more = [step for step in (*one.back, one.closed) if step is not None]
    more = list({step.choice: step for step in more}.values())
    swapped = [[step for step in one.swapped if step.back == (layer,)] for layer in one.seam.missing]
    same = [max(steps, key=lambda step: step.mean) for steps in swapped if steps]
    notes = []
    if found.costs is not None:
        cost = found.costs.cost(one.seam)
        left = percent(found.costs.accuracy - cost)
        bridge = "a simple bridge" if in_short else "a fitted linear map"
        notes.append(f"The teacher itself, nothing trained: {percent(found.costs.accuracy)} whole, {left} with this seam alone and {bridge} over it.")
    lines = lambda steps: tuple(line(step, not in_short) for step in steps)
    return Details(title[0].upper() + title[1:], tuple(notes), lines(more), lines(same))


def line(step: Step, ranged: bool = True) -> Line:
    """Put a student into words: what it has back, what it gave up, its accuracy, ranged: with its range, and how it stands beside this choice."""
    what = f"{layers_named(step.back)} back"
    what += f", {layers_named(step.given_up)} given up" if step.given_up else ""
    who = choice_text(step.choice, None) if step.seeds else "the teacher itself"
    span = f", likely between {percent(step.interval[0])} and {percent(step.interval[1])}" if step.interval and ranged else ""
    return Line(f"{what} ({who}): {percent(step.mean)}{span}; {beside(step)}", step.choice if step.seeds else None)


def beside(step: Step) -> str:
    """Return '25.0 points more', 'within 2.1 points', or '25.0 points more, too few runs to tell'."""
    if step.verdict.word == "within":
        return f"within {points(step.verdict.far)} of this choice"
    said = f"{points(step.gain)} {'more' if step.gain > 0 else 'less'}"
    return said if step.verdict.clear else f"{said}, but {TOO_FEW}"


def hidden_text(sizes: Sequence[int]) -> str:
    """Say that figures of other sizes wait; '' where none do."""
    if not sizes:
        return ""
    return f"What students of {' and '.join(map(str, sizes))} layers get shows here once you have predicted a run of that size."

"""Why a run got what it got: its seams with what is known of each, and one to three findings, in plain words."""

from collections.abc import Callable
from dataclasses import dataclass

from core.findings.evidence import UNTRAINED, Evidence
from core.findings.explanation.comparisons import verdicts
from core.findings.explanation.prediction import ascending
from core.findings.finding import Finding, write
from core.findings.names import choice_name
from core.findings.why.at_seams import AtSeam, Seen, look
from core.findings.why.measured import measured
from core.findings.why.sentences import KIND, reason
from core.findings.why.students import Students, students
from core.recipe.seams import seams
from core.statistics.noise import mean_accuracy
from core.statistics.verdict import LOWER
from core.store.seam_costs import SeamCosts


@dataclass(frozen=True)
class Why:
    """students, seen: the full runs and what they show; None where none of this choice is saved. seams: () where none is drawn. hidden: numbers of
    layers of which there is something that may not be seen yet."""

    findings: tuple[Finding, ...]
    seams: tuple[AtSeam, ...] = ()
    costs: SeamCosts | None = None
    students: Students | None = None
    seen: Seen | None = None
    hidden: tuple[int, ...] = ()


def why(evidence: Evidence, mistake: str | None, costs: SeamCosts | None, opened: Callable[[int], bool]) -> Why:
    """Give the reasons of a run. mistake: what the explanation says went wrong with it. opened: whether figures of students of k layers may be seen.

    What is said of trained students are figures of saved full runs of other choices: they show what goes with a layer, no more."""
    problem = not_asked(evidence, mistake)
    if problem is not None:
        return Why((problem,))
    found = seams(evidence.choice, evidence.teacher_layers)
    full = students(evidence)
    if full is None:
        bare = tuple(AtSeam(seam, None, (), (), ()) for seam in found)
        return Why((no_full_runs(evidence), *([measured(costs, found)] if costs else [])), bare, costs)
    seen = look(full, found, opened)
    said = reason(full, seen)
    if costs and seen.loss.word == LOWER and any(one.closed is None for one in seen.seams):
        said.append(measured(costs, found))
    sizes = {evidence.k + n for one in found for n in {1, min(2, one.length), one.length}} - {evidence.teacher_layers}
    hidden = tuple(k for k in sorted(sizes) if not opened(k) and k in full.evidence.sizes)
    return Why(tuple(said), seen.seams, costs, full, seen, hidden)


def no_full_runs(evidence: Evidence) -> Finding:
    """Say that nothing can be read off trained students."""
    figures = {"choice": choice_name(evidence.choice, evidence.teacher_layers), "layers": list(evidence.choice)}
    template = "No full runs of {choice} are saved with these settings, so no trained student says what its missing layers cost."
    return write(KIND, template, figures, (), "unknown")


def not_asked(evidence: Evidence, mistake: str | None) -> Finding | None:
    """Return one sentence where no seam is drawn; None where the choice has seams that can be asked about."""
    run, choice = evidence.run, evidence.choice
    say = lambda text, figures=None, strength="unknown": write(KIND, text, figures or {}, [run["id"]], strength)
    if run["status"] != "finished":
        return say("The run was stopped before its end, so there is no result to explain.")
    if run.get("staged"):
        return say("This student was trained in stages, so its last layers alone do not explain its result.")
    if mistake:
        return say("Something else went wrong with this run, as said below, so its layers are not the reason to look at.")
    if choice == UNTRAINED:
        return say("Its layers are untrained: nothing of the teacher's layers was copied, so there is no seam between copies.")
    if len(set(choice)) < len(choice):
        return say("A layer stands in it more than once. Seams are read off choices in the teacher's order without repeats.")
    if not ascending(choice):
        return in_order(evidence)
    if len(choice) == evidence.teacher_layers:
        return say("All of the teacher's layers are there, in its order: nothing is missing that could be a reason.", {}, "likely")
    return None


def in_order(evidence: Evidence) -> Finding:
    """Say what the same layers get in the teacher's order, where saved runs tell the two apart."""
    start = "Its layers stand in another order than in the teacher; seams are read off choices in that order."
    full = students(evidence)
    verdict = verdicts(full.evidence).get(("choice", tuple(sorted(evidence.choice)))) if full else None
    if verdict is None or verdict.word != LOWER:
        return write(KIND, start, {}, [evidence.run["id"]], "unknown")
    ordered = tuple(sorted(evidence.choice))
    figures = {"layers": list(ordered), "mean": mean_accuracy(full.runs(ordered)), "gain": -verdict.comparison.difference} | verdict.figures("order")
    return write(KIND, start + " In it, {layers:layers} reach {mean:percent}, {gain:points} more.", figures, verdict.comparison.runs, "clear")



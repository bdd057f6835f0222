"""The learner's prediction: right or wrong, by how much, and what the class predicted. The one scorer of predictions."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from core.findings.evidence import UNTRAINED, Choice, Evidence, gather
from core.findings.finding import Finding, write
from core.findings.landscape import full_runs_like
from core.statistics.distributions import wilson
from core.statistics.noise import Comparison
from core.statistics.verdict import Verdict
from core.store.saved import truth

NEXT = "the class's predictions"
ENOUGH = 20  # choices saved, or all there are, before a place is scored


@dataclass(frozen=True)
class Prediction:
    """accuracy: a fraction, scored against this run; or rank: 1 is the highest mean, scored against the saved full runs.

    others: what others of the class predicted of the same kind."""

    accuracy: float | None = None
    rank: int | None = None
    others: Sequence[float] = ()


def choices_needed(k: int, layers: int) -> int:
    """Return choices whose full runs have to be saved before a choice of k layers is given a place."""
    return min(ENOUGH, math.comb(layers, k))


def ascending(choice: Choice) -> bool:
    """Return whether the choice is one of those that are ranked: no control, no other order, no repeats."""
    return choice != UNTRAINED and list(choice) == sorted(set(choice))


def rank_ground(evidence: Evidence) -> Evidence | None:
    """Return the evidence that a rank is scored against: the saved full runs, this choice's own among them; None where its own are not saved."""
    if evidence.run["recipe"]["budget"].get("epochs"):
        return evidence
    own = full_runs_like(evidence).get(evidence.choice)
    return gather(own[0], evidence.related, truth(own[0]["task_hash"], own[0]["split"])) if own else None


def rank_comparisons(evidence: Evidence, prediction: Prediction) -> dict[tuple, Comparison]:
    """Return the comparisons that scoring a rank rests on, to be counted with all others: with every other fully trained choice."""
    ground = rank_ground(evidence) if prediction.rank is not None else None
    if ground is None or ground is evidence:  # then they are counted already
        return {}
    return {("full", choice): ground.compare(runs) for choice, runs in ground.others.items()}


def prediction_findings(evidence: Evidence, verdicts: dict[tuple, Verdict], prediction: Prediction) -> list[Finding]:
    """Score a prediction: an accuracy by the 95 % interval that the number of examples allows this run, a rank by where noise leaves the choice."""
    if prediction.accuracy is not None:
        return [accuracy_finding(evidence, prediction)]
    return [rank_finding(evidence, verdicts, prediction)] if prediction.rank is not None else []


def accuracy_finding(evidence: Evidence, prediction: Prediction) -> Finding:
    run = evidence.run
    if run["status"] != "finished":
        template = "Your prediction of {predicted:percent} is not scored: the run was stopped."
        return write("prediction", template, {"predicted": prediction.accuracy}, [run["id"]], "unknown", NEXT)
    low, high = wilson(run["final"]["accuracy"], len(run["predictions"]))
    figures = {
        "predicted": prediction.accuracy, "accuracy": run["final"]["accuracy"], "miss": prediction.accuracy - run["final"]["accuracy"],
        "low": low, "high": high, "level": 0.95, "n": len(run["predictions"]), "right": low <= prediction.accuracy <= high,
    }
    interval = "the {level:whole} interval that {n} examples allow ({low:percent} to {high:percent})."
    template = "The run reached {accuracy:percent}: your prediction of {predicted:percent} is "
    if figures["right"]:
        template += "right, within " + interval
    else:
        template += "{miss:points} too " + ("high" if figures["miss"] > 0 else "low") + ", outside " + interval
    return write("prediction", template + _class(prediction, figures, "{class_median:percent}"), figures, [run["id"]], "likely", NEXT)


def rank_finding(evidence: Evidence, verdicts: dict[tuple, Verdict], prediction: Prediction) -> Finding:
    ground = rank_ground(evidence)
    saved = ground.means if ground else full_runs_like(evidence)
    ranked = [choice for choice in saved if ascending(choice)]
    figures = {"predicted_rank": prediction.rank, "choices": len(ranked), "needed": choices_needed(evidence.k, evidence.teacher_layers)}
    runs = [run["id"] for choice in ranked for run in ground.twins[choice]] if ground else []
    problem = reason_not_scored(evidence, ground, figures)
    if problem:
        template = "Your prediction of place {predicted_rank} is not scored" + problem + "."
        return write("prediction", template, figures, runs, "unknown", NEXT)
    kind = "choice" if ground is evidence else "full"
    words = [verdicts[kind, choice].word for choice in ranked if choice != evidence.choice]
    figures |= {"first_place": 1 + words.count("lower"), "last_place": len(ranked) - words.count("higher")}
    figures["right"] = figures["first_place"] <= prediction.rank <= figures["last_place"]
    template = "Your prediction of place {predicted_rank} is " + ("right" if figures["right"] else "not right")
    template += ": by the saved full runs the choice stands at place {first_place}"
    template += " of {choices}." if figures["first_place"] == figures["last_place"] else " to {last_place} of {choices}, no nearer do the runs tell."
    return write("prediction", template + _class(prediction, figures, "place {class_median:g}"), figures, runs, "clear", NEXT)


def reason_not_scored(evidence: Evidence, ground: Evidence | None, figures: dict) -> str | None:
    """Return why a place is not scored, as the end of a sentence; None where it is."""
    if evidence.run["status"] != "finished":
        return ": the run was stopped"
    if not ascending(evidence.choice):
        return ": only ascending choices of teacher layers have a place"
    if figures["choices"] < figures["needed"]:
        return " yet: it takes saved full runs of {needed} choices with this objective, and there are {choices}"
    if ground is None:
        return ": full runs of this choice are not saved"
    if not ground.noises[ground.k][ground.choice].known:
        return ": too few choices are saved with several seeds to know the noise"
    return None


def _class(prediction: Prediction, figures: dict, middle: str) -> str:
    """What the others predicted; adds it to the figures."""
    if not prediction.others:
        return ""
    figures |= {"class_size": len(prediction.others), "class_median": statistics.median(prediction.others)}
    return f" The middle of what {{class_size}} other learners predicted is {middle}."

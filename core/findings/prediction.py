"""The learner's prediction: right or wrong, by how much, and what the class predicted."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from core.findings.distributions import wilson
from core.findings.evidence import UNTRAINED, Evidence, full_runs, gather
from core.findings.family import Verdict
from core.findings.finding import Finding, write
from core.findings.noise import Comparison, compare
from core.store.saved import truth

NEXT = "the class's predictions"


@dataclass(frozen=True)
class Prediction:
    """accuracy: a fraction, scored against this run; or rank: 1 is the highest mean, scored against the saved full runs.

    others: what others of the class predicted of the same kind.
    """

    accuracy: float | None = None
    rank: int | None = None
    others: Sequence[float] = ()


def rank_ground(evidence: Evidence) -> Evidence | None:
    """What a rank is scored against: the saved full runs, this choice's own among them; None where there are none."""
    if evidence.run["recipe"]["budget"].get("epochs"):
        return evidence
    own = full_runs(evidence).get(evidence.choice)
    return gather(own[0], evidence.related, truth(own[0]["task_hash"], own[0]["split"])) if own else None


def named_before(evidence: Evidence, prediction: Prediction) -> dict[tuple, Comparison]:
    """The comparisons that scoring a rank rests on, for the family of all comparisons: with every other fully trained choice."""
    ground = rank_ground(evidence) if prediction.rank is not None else None
    if ground is None or ground is evidence:  # then they are in the family already
        return {}
    return {
        ("full", choice): compare(ground.own, runs, ground.noise, ground.noise, ground.test, ground.flips) for choice, runs in ground.others.items()
    }


def predicted(evidence: Evidence, verdicts: dict[tuple, Verdict], prediction: Prediction) -> list[Finding]:
    """An accuracy is right within the 95 % interval that the number of examples allows this run; a rank, where noise leaves the choice."""
    if prediction.accuracy is not None:
        return [accuracy_told(evidence, prediction)]
    return [rank_told(evidence, verdicts, prediction)] if prediction.rank is not None else []


def accuracy_told(evidence: Evidence, prediction: Prediction) -> Finding:
    run = evidence.run
    low, high = wilson(run["final"]["accuracy"], len(run["predictions"]))
    figures = {
        "predicted": prediction.accuracy, "accuracy": run["final"]["accuracy"], "miss": prediction.accuracy - run["final"]["accuracy"],
        "low": low, "high": high, "level": 0.95, "n": len(run["predictions"]), "right": low <= prediction.accuracy <= high,
    }
    interval = "the {level:whole} interval that {n} examples allow ({low:percent} to {high:percent})."
    template = "You predicted {predicted:percent}, the run reached {accuracy:percent}: "
    if figures["right"]:
        template += "right, within " + interval
    else:
        template += "{miss:points} too " + ("high" if figures["miss"] > 0 else "low") + ", outside " + interval
    if prediction.others:
        figures |= {"class_size": len(prediction.others), "class_median": statistics.median(prediction.others)}
        template += " The class ({class_size}) predicted {class_median:percent} in the middle."
    return write("prediction", template, figures, [run["id"]], "likely", NEXT)


def rank_told(evidence: Evidence, verdicts: dict[tuple, Verdict], prediction: Prediction) -> Finding:
    ground = rank_ground(evidence)
    figures = {"predicted_rank": prediction.rank, "choices": len(ground.means) if ground else 0}
    runs = [run["id"] for found in ground.twins.values() for run in found] if ground else []
    if not ground or ground.choice == UNTRAINED or not ground.others or not ground.noise.known:
        template = "You predicted place {predicted_rank}; too few full runs are saved to score it."
        return write("prediction", template, figures, runs, "unknown", NEXT)
    kind = "choice" if ground is evidence else "full"
    words = [verdicts[kind, choice].word for choice in ground.others]
    figures |= {"first_place": 1 + words.count("lower"), "last_place": len(ground.means) - words.count("higher")}
    figures["right"] = figures["first_place"] <= prediction.rank <= figures["last_place"]
    template = "You predicted place {predicted_rank}: " + ("right" if figures["right"] else "not right")
    template += ", by its full runs the choice is at place {first_place}"
    template += " of {choices}." if figures["first_place"] == figures["last_place"] else " to {last_place} of {choices}, the noise leaves no more."
    if prediction.others:
        figures |= {"class_size": len(prediction.others), "class_median": statistics.median(prediction.others)}
        template += " The class ({class_size}) predicted place {class_median:g} in the middle."
    return write("prediction", template, figures, runs, "clear", NEXT)

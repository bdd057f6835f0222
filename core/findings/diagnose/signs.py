"""What figures look like, one test each; every one returns the figures it rests on, or None where it does not apply."""

import math
from statistics import NormalDist

from core.findings.diagnose.table import Known, Strategy, Table

SEED_SD = 0.0056  # of four repeats of one choice (cohort, notebook C): how far apart figures of the same student lie
COINCIDENCE = 0.01  # figures that agree by chance more often than this prove nothing
NEAR_UNIFORM = 0.02  # nats: what a freshly drawn classifier's loss differs from ln(classes) by (the assignment's: up to 0.0113)
FINE_LOSS = 1e-3  # a loss printed with fewer digits may stand still while the student moves


def unchanged(strategy: Strategy, table: Table) -> tuple[str, dict] | None:
    """Return ("not-updated", figures) when accuracy and validation loss are the same at every evaluation; ("same-accuracy", figures) when the
    accuracy is and the loss is not known, or is printed too coarsely."""
    accuracies, losses = strategy.values("val_accuracy", start=True), strategy.values("val_loss", start=True)
    if losses and not constant(losses, table.loss_step):
        return None
    if len(accuracies) < 2 and len(losses) < 2 or (accuracies and (not constant(accuracies, table.accuracy_step) or accuracies[0] == 1.0)):
        return None
    training = strategy.values("train_loss")
    figures = {
        "evaluations": max(len(accuracies), len(losses)), "accuracy": accuracies[0] if accuracies else None,
        "loss": losses[0] if losses else None, "moves": max(training) - min(training) if len(training) > 1 else None,
    }
    if len(losses) >= max(2, len(accuracies)) and table.loss_step <= FINE_LOSS:
        return "not-updated", figures
    return ("same-accuracy", figures) if len(accuracies) >= 3 else None


def constant(values: list[float], step: float) -> bool:
    return max(values) - min(values) <= step / 2


def chance(known: Known) -> float | None:
    """Return the share of the most frequent class; where only the number of classes is known, the least that it can be."""
    return known.majority if known.majority is not None else 1 / known.classes if known.classes else None


def chance_interval(known: Known) -> tuple[float, float] | None:
    """Return the interval that holds 95 % of the accuracies of guessing at chance level; chance itself, twice, when the split's size is not known."""
    level = chance(known)
    if level is None:
        return None
    margin = NormalDist().inv_cdf(0.975) * math.sqrt(level * (1 - level) / known.examples) if known.examples else 0.0
    return level - margin, level + margin


def at_chance(strategy: Strategy, table: Table) -> dict | None:
    """Test for no evaluation above chance's interval."""
    interval, accuracies = chance_interval(table.known), strategy.values("val_accuracy")
    if interval is None or not accuracies or max(accuracies) > interval[1] + table.accuracy_step / 2:
        return None
    return {"highest": max(accuracies), "chance": chance(table.known), "upper": interval[1]}


def below_chance(strategy: Strategy, table: Table) -> dict | None:
    """Test for every evaluation below chance's interval. The split's size and its most frequent class have to be known."""
    accuracies = strategy.values("val_accuracy")
    if table.known.majority is None or not table.known.examples or not accuracies:
        return None
    lower = chance_interval(table.known)[0]
    return {"highest": max(accuracies), "chance": chance(table.known), "lower": lower} if max(accuracies) < lower else None


def fresh_head(strategy: Strategy, table: Table) -> dict | None:
    """Test for every validation loss near ln(classes), the loss of a classifier that finds all classes about equally likely; of fresh heads only: a
    trained one on a student that knows nothing gives losses above it, or any other."""
    losses = strategy.values("val_loss")
    if not (table.known.fresh_head and table.known.classes and losses):
        return None
    uniform = math.log(table.known.classes)
    off = max(abs(loss - uniform) for loss in losses)
    return {"loss": losses[-1], "uniform": uniform, "off": off} if off <= NEAR_UNIFORM else None


def averaged(strategy: Strategy, table: Table) -> dict | None:
    """Test for a reported accuracy that is the mean of the epochs', and neither the last nor the highest."""
    accuracies = strategy.values("val_accuracy")
    reported = strategy.reported.val_accuracy if strategy.reported else None
    if reported is None or len(accuracies) < 2:
        return None
    mean, tolerance = sum(accuracies) / len(accuracies), table.accuracy_step / 2 + 1e-9
    if abs(reported - mean) > tolerance or abs(reported - accuracies[-1]) <= tolerance or abs(reported - max(accuracies)) <= tolerance:
        return None
    return {"reported": reported, "mean": mean, "last": accuracies[-1], "epochs": len(accuracies)}


def coincidence(count: int, step: float) -> float:
    """Return how often `count` results of one student with different seeds would agree when printed in steps of this size: the density of their
    differences at zero, times the steps. Normal noise of SEED_SD."""
    return min(1.0, (step / (SEED_SD * math.sqrt(2 * math.pi))) ** (count - 1) / math.sqrt(count))


def all_alike(table: Table) -> dict | None:
    """Test for the same figures in all strategies, more digits than noise would leave equal; None for students that name one class at chance."""
    strategies = table.strategies
    accuracies = strategies[0].values("val_accuracy")
    if len(strategies) < 2 or not accuracies or not all(_alike(strategies[0], other, table) for other in strategies[1:]):
        return None
    if not strategies[0].values("val_loss") or table.loss_step > FINE_LOSS:
        often = coincidence(len(strategies), table.accuracy_step) ** len(set(accuracies))
        if at_chance(strategies[0], table) or often > COINCIDENCE:
            return None
    return {"strategies": len(strategies), "accuracy": accuracies[-1]}


def _alike(a: Strategy, b: Strategy, table: Table) -> bool:
    """Whether two strategies show the same figures wherever both show one. Training losses move by dropout's noise and are left out."""
    if len(a.rows) != len(b.rows):
        return False
    pairs = [(x.val_accuracy, y.val_accuracy, table.accuracy_step) for x, y in zip(a.rows, b.rows)]
    pairs += [(x.val_loss, y.val_loss, table.loss_step) for x, y in zip(a.rows, b.rows)]
    return all(x is None or y is None or abs(x - y) <= step / 2 for x, y, step in pairs)


def one_student(table: Table) -> dict | None:
    """Test for evaluations before the first step that each equal the last one of the strategy before it."""
    pairs = list(zip(table.strategies, table.strategies[1:]))
    if not pairs or any(second.start is None or not first.rows for first, second in pairs):
        return None
    with_loss = True
    for first, second in pairs:
        ends = [(second.start.val_accuracy, first.rows[-1].val_accuracy, table.accuracy_step)]
        losses = (second.start.val_loss, first.rows[-1].val_loss, table.loss_step)
        with_loss = with_loss and None not in losses and table.loss_step <= FINE_LOSS
        if any(None in (x, y) or abs(x - y) > step / 2 for x, y, step in ends + [losses] * (None not in losses)):
            return None
    if not with_loss and (coincidence(2, table.accuracy_step) ** len(pairs) > COINCIDENCE or any(at_chance(s, table) for s in table.strategies)):
        return None
    return {"handovers": len(pairs)}


def indistinct(table: Table) -> dict | None:
    """Compute how far two last accuracies have to lie apart on this many examples, at 5 % and taken one pair at a time, and how many pairs do not."""
    last = [strategy.last for strategy in table.strategies if strategy.last is not None]
    if len(last) < 2 or not table.known.examples:
        return None
    mean = sum(last) / len(last)
    needed = NormalDist().inv_cdf(0.975) * math.sqrt(2 * mean * (1 - mean) / table.known.examples)
    gaps = [abs(a - b) for i, a in enumerate(last) for b in last[:i]]
    return {"examples": table.known.examples, "needed": needed, "within": sum(gap <= needed for gap in gaps), "pairs": len(gaps)}

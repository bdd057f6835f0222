"""What the course of a training looks like: it ends in NaN, it freezes, it learns by heart, it goes on where another one ended. One test each, as in
signs.py; "sure" says whether a correct run practically never looks like this."""

import math

from core.findings.diagnose.signs import FINE_LOSS, at_chance, chance, constant
from core.findings.diagnose.table import Row, Strategy, Table

FEWEST = 3  # evaluations that make a course
FROZEN_SHARE = 0.25  # of all evaluations: a schedule that decays to zero slows the last few, too
LEARNED = 0.01  # nats: a training loss below it leaves no gradient to speak of
FALLS, FALLS_FAR = 0.1, 0.5  # shares of the first training loss
LEARNT_BY_HEART = 0.2  # of accuracy on the training split beyond what guessing would reach
CLOSE = 0.15  # of the first strategy's fall in loss: what lies as close goes on


def not_finite(strategy: Strategy, table: Table) -> dict | None:
    """Test for losses that are not finite from some row to the end."""
    found = []
    for figure, words in (("train_loss", "training loss"), ("val_loss", "validation loss")):
        there = [(row.epoch, getattr(row, figure)) for row in strategy.rows if getattr(row, figure) is not None]
        last_good = max((n for n, (_, value) in enumerate(there) if math.isfinite(value)), default=-1)
        if there and last_good < len(there) - 1:
            found.append((there[last_good + 1][0], words, last_good < 0))
    if not found:
        return None
    return {"losses": [words for _, words, _ in found], "from": min(epoch for epoch, _, _ in found), "every": all(every for _, _, every in found)}


def rate_ended(strategy: Strategy, table: Table) -> dict | None:
    """Test for a learning rate that is zero before the end, or for figures that stop moving there: the same from some evaluation on, for a quarter of
    all and at least three, having moved before. Not for a student that has nothing left to learn."""
    rates = [(row.epoch, row.rate) for row in strategy.rows if row.rate is not None]
    last = max((n for n, (_, rate) in enumerate(rates) if rate > 0), default=-1)
    if 0 <= last < len(rates) - 2 and max(rate for _, rate in rates) > 20 * table.rate_step:
        return {"from": rates[last + 1][0], "rows": len(rates) - 1 - last, "of": len(rates), "shown": True}
    frozen = _frozen(strategy.rows, table)
    if frozen < max(FEWEST, FROZEN_SHARE * len(strategy.rows)) or frozen == len(strategy.rows):
        return None
    rows = strategy.rows[-frozen:]
    losses = strategy.values("train_loss")
    if any(row.rate for row in rows[1:]) or rows[0].val_accuracy == 1.0 or (losses and losses[-1] < LEARNED) or rows[0].val_loss < LEARNED:
        return None
    return {"from": rows[0].epoch, "rows": frozen, "of": len(strategy.rows), "shown": False}


def _frozen(rows: tuple[Row, ...], table: Table) -> int:
    """How many of the last rows have one validation loss and one accuracy, to the last digit."""
    if not rows or rows[-1].val_loss is None or not math.isfinite(rows[-1].val_loss) or table.loss_step > FINE_LOSS:
        return 0
    same = lambda row: row.val_loss is not None and abs(row.val_loss - rows[-1].val_loss) <= table.loss_step / 2 and (
        None in (row.val_accuracy, rows[-1].val_accuracy) or abs(row.val_accuracy - rows[-1].val_accuracy) <= table.accuracy_step / 2
    )
    return next((n for n, row in enumerate(reversed(rows)) if not same(row)), len(rows))


def memorised(strategy: Strategy, table: Table) -> dict | None:
    """Test for a training loss that falls while no evaluation leaves chance."""
    losses, chances = strategy.values("train_loss"), at_chance(strategy, table)
    if chances is None or len(losses) < 2 or len(strategy.values("val_accuracy")) < 2 or losses[-1] > (1 - FALLS) * losses[0]:
        return None
    far = losses[-1] <= (1 - FALLS_FAR) * losses[0] or max(strategy.values("train_accuracy"), default=0.0) > chances["upper"] + LEARNT_BY_HEART
    sure = far and min(len(losses), len(strategy.values("val_accuracy"))) >= FEWEST
    return chances | {"first": losses[0], "last": losses[-1], "sure": sure}


def one_class(strategy: Strategy, table: Table) -> dict | None:
    """Test for the accuracy of always naming one class while the loss moves, or is not known: that of the most frequent class at every evaluation,
    or, whatever it is, the same one to at least three digits at three evaluations and more."""
    level, accuracies, losses = chance(table.known), strategy.values("val_accuracy"), strategy.values("val_loss")
    moves = len(losses) > 1 and not constant(losses, table.loss_step)
    if len(accuracies) < 2 or (len(losses) > 1 and not moves):  # it does not move at all
        return None
    figures = {"accuracy": accuracies[-1], "evaluations": len(accuracies), "chance": level}
    if level is not None and max(abs(one - level) for one in accuracies) <= max(table.accuracy_step, 1e-3) / 2 + 1e-9:
        return figures | {"frequent": True}
    same = constant(accuracies, table.accuracy_step) and table.accuracy_step <= 1e-3 and accuracies[0] < 1.0
    return figures | {"frequent": False} if same and moves and len(accuracies) >= FEWEST else None


def same_split(strategy: Strategy, table: Table) -> dict | None:
    """Test for training and validation figures that are equal in every row."""
    rows = [row for row in strategy.rows if row.train_loss is not None and row.val_loss is not None]
    if len(rows) < 2 or table.loss_step > FINE_LOSS or any(not abs(row.train_loss - row.val_loss) <= table.loss_step / 2 for row in rows):
        return None
    both = [row for row in rows if None not in (row.train_accuracy, row.val_accuracy)]
    if any(abs(row.train_accuracy - row.val_accuracy) > table.accuracy_step / 2 for row in both):
        return None
    return {"rows": len(rows), "loss": rows[-1].val_loss}


def exchanged(strategy: Strategy, table: Table) -> dict | None:
    """Test for a validation that is far better than the training in every row: a third of its loss, or ten points more accurate. Not for records,
    whose training loss is known to be that of an objective with further terms."""
    rows = [row for row in strategy.rows if row.train_loss is not None and row.val_loss is not None]
    if len(rows) < FEWEST or strategy.recorded.run or not all(0 <= row.val_loss < row.train_loss for row in rows):
        return None
    accurate = all(None not in (row.train_accuracy, row.val_accuracy) and row.val_accuracy >= row.train_accuracy + 0.1 for row in rows)
    if not accurate and not all(row.val_loss <= row.train_loss / 3 for row in rows):
        return None
    return {"rows": len(rows), "train": rows[-1].train_loss, "validation": rows[-1].val_loss}


def continued(table: Table) -> dict | None:
    """Test for strategies whose first losses lie where the one before them ended, without figures from before the first step: at most an epoch's fall
    below it, and not above it by more than a small part of the first strategy's fall. A validation loss that says otherwise decides."""
    pairs = list(zip(table.strategies, table.strategies[1:]))
    figure = next((name for name in ("train_loss", "val_loss") if all(len(each.values(name)) > 1 for each in table.strategies)), None)
    if not pairs or figure is None or any(each.start for each in table.strategies):
        return None
    first = table.strategies[0].values(figure)
    fall = first[0] - first[-1]
    if fall <= FALLS * first[0]:
        return None
    for before, after in pairs:
        one, two = before.values(figure), after.values(figure)
        an_epoch = max(0.0, (one[0] - one[-1]) / (len(one) - 1))
        if not -an_epoch - CLOSE * fall <= two[0] - one[-1] <= CLOSE * fall:
            return None
        ends = before.values("val_loss")[-1:] + after.values("val_loss")[:1]
        if figure == "train_loss" and len(ends) == 2 and abs(ends[1] - ends[0]) > CLOSE * ends[0]:
            return None
    return {"handovers": len(pairs), "sure": len(pairs) >= FEWEST and not table.blocks}

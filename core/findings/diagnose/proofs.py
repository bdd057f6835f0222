"""What a record proves beyond the figures: copied layers, what the optimizer held, update norms, the teacher's own accuracy."""

from core.findings.diagnose import signs
from core.findings.diagnose.table import Strategy, Table
from core.findings.finding import Finding, write


def proofs(table: Table) -> list[Finding]:
    """Return findings of kind "recorded", each naming the mistake that the record proves; none where nothing was recorded."""
    same = one_choice(table)
    found = [same]
    for strategy in table.strategies:
        found += [not_moved(strategy), None if same else layers_copied(strategy), embeddings(strategy), teacher(strategy, table)]
    return [finding for finding in found if finding]


def _recorded(strategy: Strategy, text: str, figures: dict, mistakes: tuple[str, ...]) -> Finding:
    run = (strategy.recorded.run,) if strategy.recorded.run else ()
    return write("recorded", f"{{named}}: {text}", figures | {"named": strategy.name, "mistakes": mistakes}, run, "clear")


def not_moved(strategy: Strategy) -> Finding | None:
    """Name the parts without any update, and why where the optimizer and the rate were recorded."""
    record = strategy.recorded
    still = [part for part, norm in record.norms.items() if norm == 0.0 and not (part == "embeddings" and record.frozen)]
    if not still:
        return None
    figures = {"parts": still, "holds": record.holds, "rate": record.peak_rate}
    if len(still) < len(record.norms):
        return _recorded(strategy, "the update norm of {parts:names} is 0, so that part took no update.", figures, ())
    if record.holds == 0.0:
        text = "no weight moved, and the optimizer holds {holds:percent} of the student's weights: it was made for another student."
        return _recorded(strategy, text, figures, ("stale-optimizer",))
    if record.peak_rate == 0.0 and record.rate:
        text = "no weight moved, and the learning rate was {rate:g} at every step although the recipe asks for more: the schedule had run out."
        return _recorded(strategy, text, figures, ("stale-schedule",))
    if record.peak_rate == 0.0:
        return _recorded(strategy, "no weight moved, and the recipe's learning rate is {rate:g}.", figures, ())
    return _recorded(strategy, "no weight moved: every update norm is 0.", figures, ("stale-optimizer", "stale-schedule"))


def layers_copied(strategy: Strategy) -> Finding | None:
    """Compare the layers that were copied with those asked for; where nobody wrote down what was asked for, with what the name says."""
    layers = strategy.recorded.layers
    if layers is None or strategy.recorded.untrained:
        return None
    if None in layers:
        text = "student layer {at} equals no layer of the teacher before the first step: it had been trained already, or was drawn anew."
        return _recorded(strategy, text, {"at": layers.index(None) + 1}, ("shared-student",))
    if layers == strategy.recorded.wanted:
        return None
    figures = {"layers": list(layers)}
    if len(layers) > 1 and layers[1:] == tuple(range(2, 2 * len(layers), 2)) and layers[0] > layers[-1]:  # (L, 2, 4, ...)
        text = "the layers copied are {layers:layers}: the one nearest the output comes first, as when an index of -1 is read as the last."
        return _recorded(strategy, text, figures, ("odd-wraps",))
    if len(layers) > 1 and layers == (*range(3, 2 * len(layers), 2), 1):  # (3, 5, ..., 1)
        text = "the layers copied are {layers:layers}: layer 1, nearest the input, ends on top, as when an index of -1 is read as the last."
        return _recorded(strategy, text, figures, ("even-wraps",))
    if strategy.recorded.wanted:
        wanted = {"wanted": list(strategy.recorded.wanted)}
        return _recorded(strategy, "the layers copied are {layers:layers}, not {wanted:layers}.", figures | wanted, ())
    words = strategy.name.lower().split()
    if ("odd" in words or "even" in words) and len({layer % 2 for layer in layers}) == 2:
        text = "the layers copied are {layers:layers}, which are neither all odd nor all even: there is a slip in the list."
        return _recorded(strategy, text, figures, ())
    return None


def one_choice(table: Table) -> Finding | None:
    """Find strategies of different names or recipes that all copied the same layers."""
    copied = [strategy.recorded.layers for strategy in table.strategies]
    meant = {strategy.recorded.wanted or strategy.name for strategy in table.strategies}
    if len(copied) < 2 or len(meant) < 2 or None in copied or None in copied[0] or len(set(copied)) > 1:
        return None
    figures = {"strategies": len(copied), "layers": list(copied[0]), "mistakes": ("one-choice", "shared-student")}
    text = "All {strategies} strategies copied the same layers, {layers:layers}: whatever differs between their figures is no difference of layers."
    return write("recorded", text, figures, [s.recorded.run for s in table.strategies if s.recorded.run], "clear")


def embeddings(strategy: Strategy) -> Finding | None:
    record = strategy.recorded
    if record.embeddings is not False or not record.embeddings_wanted or (record.layers and None in record.layers):
        return None
    return _recorded(strategy, "the student's embeddings were not the teacher's before the first step.", {}, ("embeddings-not-copied",))


def teacher(strategy: Strategy, table: Table) -> Finding | None:
    """Find a teacher that does no better than chance."""
    accuracy, interval = strategy.recorded.teacher_accuracy, signs.chance_interval(table.known)
    if accuracy is None or interval is None or accuracy > interval[1]:
        return None
    text = "the teacher's own accuracy is {teacher:percent}, no better than chance, {chance:percent}: it was not fine-tuned for this task."
    return _recorded(strategy, text, {"teacher": accuracy, "chance": signs.chance(table.known)}, ("teacher-not-tuned",))


def decided(name: str, strategy: Strategy, table: Table) -> bool:
    """Return whether these figures and records would show this mistake in this strategy; those that leave no trace are never decided."""
    record, reported = strategy.recorded, strategy.reported and strategy.reported.val_accuracy
    accuracies = strategy.values("val_accuracy")
    if name in ("stale-optimizer", "stale-schedule"):
        return bool(record.norms) or len(strategy.values("val_loss", start=True)) > 1 or len(strategy.values("val_accuracy", start=True)) > 2
    if name == "embeddings-not-copied":
        return record.embeddings is not None
    if name == "teacher-not-tuned":
        return record.teacher_accuracy is not None and signs.chance(table.known) is not None
    if name in ("odd-wraps", "even-wraps", "one-choice", "shared-student"):
        return record.layers is not None
    if name == "epochs-averaged":
        return reported is not None and len(accuracies) > 1
    if name == "best-epoch":
        return reported is not None and len(accuracies) > 1 and reported == accuracies[-1] < max(accuracies)
    return False


"""From a table to findings: first the symptoms that the figures show, then what a record proves beyond them, then what stays invisible.

How often figures alone give a mistake away, and how often they accuse a correct run, is counted over saved cases."""

from dataclasses import dataclass, replace

from core.findings.diagnose import course, signs
from core.findings.diagnose.proofs import decided, proofs
from core.findings.diagnose.reading import read_table
from core.findings.diagnose.table import NOTHING, Known, Recorded, Strategy, Table, from_records
from core.findings.diagnose.wording import TEXTS
from core.findings.finding import Finding, write
from core.studies.mistakes.catalogue import MISTAKES


@dataclass(frozen=True)
class Symptom:
    """A class of figures, within which they cannot tell the mistakes apart.

    title: in a few words. members: mistakes (core.studies.mistakes.catalogue) that give these figures. others: what else gives them, in words.
    apart: what has to be recorded to tell them apart. alarm: whether a correct run practically never looks like this; where the figures say how sure
    they are, both have to."""

    title: str
    members: tuple[str, ...]
    others: tuple[str, ...] = ()
    apart: str = ""
    alarm: bool = True


SYMPTOMS: dict[str, Symptom] = {
    "not-finite": Symptom(
        "a loss is not a number", (),
        ("a learning rate that is too high", "half precision that overflows", "weights or inputs that are not numbers", "a logarithm of 0"),
        "The norm of the gradients at every step names the step at which it began.",
    ),
    "not-updated": Symptom(
        "the student never changes", ("stale-optimizer", "stale-schedule"), ("a learning rate of zero", "frozen weights"),
        "Record the norm of the weight update, the learning rate and whether the optimizer holds the student's weights.",
    ),
    "same-accuracy": Symptom(
        "the accuracy never changes", ("stale-optimizer", "stale-schedule", "embeddings-not-copied", "teacher-not-tuned"),
        ("a learning rate of zero", "a student that moves and still names one class, which a correct but short run can do, too"),
        "The validation loss to four digits tells a student that moves from one that does not.", alarm=False,
    ),
    "all-alike": Symptom(
        "all strategies agree to the last digit", ("one-choice", "shared-student"), ("one student evaluated under several names",),
        "Record which teacher layer each student layer equals before the first step.",
    ),
    "one-student": Symptom(
        "each strategy starts where the one before it ended", ("shared-student",), (),
        "Record which teacher layer each student layer equals before the first step.",
    ),
    "continued": Symptom(
        "each strategy goes on where the one before it ended", ("shared-student",),
        ("one training continued on purpose", "strategies in the order of their worth"),
        "Evaluate each student before its first step.",
    ),
    "rate-ended": Symptom(
        "the student stops changing before the end", (),
        ("a learning-rate schedule made for fewer steps", "one schedule for several students, which ran out", "weights frozen from there on"),
        "Record the learning rate at every evaluation.",
    ),
    "memorised": Symptom(
        "the training loss falls and the accuracy stays at chance", ("embeddings-not-copied", "teacher-not-tuned"),
        ("labels that were shuffled, or shifted against their texts", "validation labels numbered otherwise than those of the training",
         "a student that learns few examples by heart"),
        "The accuracy on the training split, and a look at twenty examples of either split with their labels.",
    ),
    "same-split": Symptom(
        "training and validation have the same figures", (), ("one split evaluated under both names", "a column written twice"),
        "Count the examples that both splits share.",
    ),
    "exchanged": Symptom(
        "the validation is far better than the training", (),
        ("the two columns, or splits, exchanged", "validation examples that are in the training split, or are easier",
         "a training loss with further terms, or with dropout and augmentation"),
        "Evaluate the student on both splits with one loss.", alarm=False,
    ),
    "averaged": Symptom("the reported figure is the mean of the epochs", ("epochs-averaged",)),
    "fresh-head": Symptom(
        "the loss stays at that of a fresh classifier", ("teacher-not-tuned",), ("a new classifier that was hardly trained, if at all",),
        "Record update norms and the teacher's own accuracy.", alarm=False,
    ),
    "at-chance": Symptom(
        "the accuracy does not leave chance", ("stale-optimizer", "stale-schedule", "embeddings-not-copied", "teacher-not-tuned"),
        ("too short a training", "a learning rate far off", "layers that are worth little at the start"),
        "Figures per epoch with the validation loss, update norms and the teacher's own accuracy.", alarm=False,
    ),
    "one-class": Symptom(
        "the student names one class", (),
        ("a student that names one class, having learned nothing yet", "a learning rate far off", "labels that hold one class only",
         "a student that has converged, unless the accuracy is that of chance"),
        "Record the confusion matrix.", alarm=False,
    ),
    "below-chance": Symptom(
        "the accuracy lies below chance", (), ("classes numbered otherwise than by the teacher's classifier", "a student that names a rare class"),
        "Record the confusion matrix.",
    ),
}


def diagnose(evidence: Table | dict | list | str, known: Known = NOTHING) -> list[Finding]:
    """Name the mistakes that figures are consistent with, and those that they cannot show.

    evidence: a table, a run's record, a list of records in the order of training, or text that a reader knows. Every finding has its symptom
    (SYMPTOMS), "recorded", "noise" or "not-visible" as its kind, and the names of the mistakes it speaks of as figures["mistakes"]. Only a
    finding of strength clear or likely says that something is wrong. Raises LabError for what cannot be read."""
    if isinstance(evidence, str):
        table = read_table(evidence, known)
    elif isinstance(evidence, Table):
        table = evidence
    else:
        table = from_records(evidence if isinstance(evidence, list) else [evidence], known)
    proved = proofs(table)
    found = find_symptoms(table, {name for finding in proved for name in finding.figures["mistakes"]}) + proved
    return found + noise(table) + [not_visible(table, found)]


def alarms(findings: list[Finding]) -> list[Finding]:
    """Return those that say that something is wrong."""
    return [finding for finding in findings if finding.kind in (*SYMPTOMS, "recorded") and finding.strength in ("clear", "likely")]


def find_symptoms(table: Table, proved: set[str]) -> list[Finding]:
    """Return one finding for each symptom that the figures have, over all strategies that have it. proved: the mistakes that records prove."""
    found = []
    broken = any(course.not_finite(strategy, table) for strategy in table.strategies)
    if not broken and (figures := signs.all_alike(table)):
        found.append(_finding("all-alike", table.strategies, "All {strategies} strategies show the same figures to the last digit", figures))
    if figures := signs.one_student(table):
        text = "Before its first step each strategy has the figures with which the one before it ended, at every one of {handovers} handovers"
        found.append(_finding("one-student", table.strategies, text, figures))
    elif figures := course.continued(table):
        text = "Each strategy begins near the loss with which the one before it ended, at every one of {handovers} handovers"
        found.append(_finding("continued", table.strategies, text, figures))
    groups: dict[str, list] = {}
    for strategy in table.strategies:
        for symptom, figures in _symptoms_of(strategy, table).items():
            groups.setdefault(symptom, []).append((strategy, figures))
    for symptom in (symptom for symptom in SYMPTOMS if symptom in groups):
        strategies, figures = zip(*groups[symptom])
        text, values = TEXTS[symptom](figures, table.unit)
        values |= {"named": [strategy.name for strategy in strategies], "sure": all(each.get("sure", True) for each in figures)}
        members = SYMPTOMS[symptom].members
        if symptom in OPEN:  # without those that this evidence would have shown
            members = tuple(name for name in members if name in proved or not all(decided(name, strategy, table) for strategy in strategies))
        found.append(_finding(symptom, strategies, f"{{named:names}}: {text}", values, members))
    return found


def _symptoms_of(strategy: Strategy, table: Table) -> dict[str, dict]:
    """Return the figures of every symptom that one strategy has. Once a loss is not a number, nothing else needs an explanation."""
    if figures := course.not_finite(strategy, table):
        return {"not-finite": figures}
    found = {symptom: figures for symptom, sign in PER_STRATEGY.items() if (figures := sign(strategy, table))}
    if still := signs.unchanged(strategy, table):
        found[still[0]] = still[1]
    if still or "memorised" in found:
        found.pop("at-chance", None)
    if "same-split" in found:
        found.pop("exchanged", None)
    return found


OPEN = ("at-chance", "fresh-head", "memorised")  # symptoms of many explanations, some of which other figures or a record may rule out
PER_STRATEGY = {
    "fresh-head": signs.fresh_head, "at-chance": signs.at_chance, "below-chance": signs.below_chance, "averaged": signs.averaged,
    "rate-ended": course.rate_ended, "memorised": course.memorised, "one-class": course.one_class, "same-split": course.same_split,
    "exchanged": course.exchanged,
}


def _finding(symptom: str, strategies, text: str, figures: dict, members: tuple[str, ...] | None = None) -> Finding:
    """The sentence with what it is consistent with; members: the symptom's where none are given."""
    kind = SYMPTOMS[symptom]
    members = kind.members if members is None else members
    explanations = [*(MISTAKES[name].title for name in members), *kind.others]
    text += ". That is consistent with: {explanations}."
    text += " These figures cannot tell them apart." if len(explanations) > 1 else ""
    figures = figures | {"explanations": _listed(explanations)}
    runs = [strategy.recorded.run for strategy in strategies if strategy.recorded.run]
    strength = "clear" if kind.alarm and figures.get("sure", True) else "unknown"
    return write(symptom, text, figures | {"mistakes": members}, runs, strength, kind.apart)


def noise(table: Table) -> list[Finding]:
    figures = signs.indistinct(table)
    if figures is None:
        return []
    text = (
        "On {examples} examples two accuracies have to lie {needed:points} apart to differ by more than the choice of examples; "
        "{within} of the {pairs} pairs here do not."
    )
    return [write("noise", text, figures, strength="within" if figures["within"] == figures["pairs"] else "likely")]


def not_visible(table: Table, found: list[Finding]) -> Finding:
    """Count the mistakes that this evidence neither shows nor rules out; their names stand in `more`."""
    spoken = {name for finding in found for name in finding.figures["mistakes"]}
    open_still = lambda name: name not in spoken and not all(decided(name, strategy, table) for strategy in table.strategies)
    left = [each for name, each in MISTAKES.items() if open_still(name)]
    text = "Whether made or not, {hidden} of the {known} mistakes that this program knows are not visible in these figures."
    titles = [each.title for each in left]
    figures = {"mistakes": tuple(each.name for each in left), "titles": titles, "hidden": len(left), "known": len(MISTAKES)}
    return write("not-visible", text, figures, strength="unknown", more=f"They are: {_listed(titles)}." if left else "")


def _listed(titles: list[str]) -> str:
    return "; ".join(title[0].lower() + title[1:] for title in titles)


def figures_alone(table: Table) -> Table:
    """Return the table without what the records hold besides."""
    return replace(table, strategies=tuple(replace(each, recorded=Recorded()) for each in table.strategies))


def named(case: dict) -> set[str]:
    """Return the symptoms that raise an alarm when a case's figures are diagnosed as one table."""
    return {finding.kind for finding in alarms(diagnose(figures_alone(from_records([case]))))}


def counts(cases: list[dict]) -> dict:
    """Count by mistake {"look", "named", "of"}: in how many cases its symptom, and no other, was named. Under "correct" {"false", "of"} for the
    tables and, diagnosed one by one, under "correct runs".

    cases: lines of a study's file, as core.studies.mistakes.runs makes them."""
    out: dict = {name: {"look": each.look, "named": 0, "of": 0} for name, each in MISTAKES.items() if each.look}
    out |= {"correct": {"false": 0, "of": 0}, "correct runs": {"false": 0, "of": 0}}
    for case in cases:
        if case["mistake"]:
            out[case["mistake"]]["of"] += 1
            out[case["mistake"]]["named"] += named(case) == {out[case["mistake"]]["look"]}
            continue
        for key, tables in (("correct", [case]), ("correct runs", case["runs"])):
            out[key]["of"] += len(tables)
            out[key]["false"] += sum(bool(named(table)) for table in tables)
    return out

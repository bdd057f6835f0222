"""From a table to findings: first the symptoms that the figures show, then what a record proves beyond them, then what stays invisible.

How often figures alone give a mistake away, and how often they accuse a correct run, is counted over saved cases."""

from dataclasses import dataclass, replace

from core.findings.diagnose import signs
from core.findings.diagnose.proofs import decided, proofs
from core.findings.diagnose.reading import read_table
from core.findings.diagnose.table import NOTHING, Known, Recorded, Table, from_records
from core.findings.finding import Finding, write
from core.studies.mistakes.catalogue import MISTAKES


@dataclass(frozen=True)
class Symptom:
    """A class of figures, within which they cannot tell the mistakes apart.

    title: in a few words. members: mistakes (core.studies.mistakes.catalogue) that give these figures. others: what else gives them, in words.
    apart: what has to be recorded to tell them apart. alarm: whether a correct run practically never looks like this."""

    title: str
    members: tuple[str, ...]
    others: tuple[str, ...] = ()
    apart: str = ""
    alarm: bool = True


SYMPTOMS: dict[str, Symptom] = {
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
    "below-chance": Symptom(
        "the accuracy lies below chance", (), ("classes numbered otherwise than by the teacher's classifier", "a student that names a rare class"),
        "Record the confusion matrix.",
    ),
}


def diagnose(evidence: Table | dict | list | str, known: Known = NOTHING) -> list[Finding]:
    """Name the mistakes that figures are consistent with, and those that they cannot show.

    evidence: a table, a run's record, a list of records in the order of training, or text (CSV, a pasted table, JSON). Every finding has its symptom
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
    if figures := signs.all_alike(table):
        found.append(_finding("all-alike", table.strategies, "All {strategies} strategies show the same figures to the last digit", figures))
    if figures := signs.one_student(table):
        text = "Before its first step each strategy has the figures with which the one before it ended, at every one of {handovers} handovers"
        found.append(_finding("one-student", table.strategies, text, figures))
    groups: dict[str, list] = {}
    for strategy in table.strategies:
        still = signs.unchanged(strategy, table)
        if still:
            groups.setdefault(still[0], []).append((strategy, still[1]))
        for symptom, sign in PER_STRATEGY.items():
            if (figures := sign(strategy, table)) and not (symptom == "at-chance" and still):
                groups.setdefault(symptom, []).append((strategy, figures))
    for symptom in (symptom for symptom in SYMPTOMS if symptom in groups):
        strategies, figures = zip(*groups[symptom])
        text, values = TEXTS[symptom](figures)
        values |= {"named": [strategy.name for strategy in strategies]}
        members = SYMPTOMS[symptom].members
        if symptom in OPEN:  # without those that this evidence would have shown
            members = tuple(name for name in members if name in proved or not all(decided(name, strategy, table) for strategy in strategies))
        found.append(_finding(symptom, strategies, f"{{named:names}}: {text}", values, members))
    return found


OPEN = ("at-chance", "fresh-head")  # symptoms of many explanations, some of which other figures or a record may rule out
PER_STRATEGY = {"fresh-head": signs.fresh_head, "at-chance": signs.at_chance, "below-chance": signs.below_chance, "averaged": signs.averaged}


def _span(name: str, figures, kind: str) -> tuple[str, dict]:
    """'0.33' or '0.32 to 0.33' as a template, over the strategies that share a symptom."""
    values = [each[name] for each in figures]
    if max(values) == min(values):
        return f"{{{name}:{kind}}}", {name: values[0]}
    return f"{{{name}_from:{kind}}} to {{{name}_to:{kind}}}", {f"{name}_from": min(values), f"{name}_to": max(values)}


def _unchanged(figures) -> tuple[str, dict]:
    parts, values = [], {"evaluations": max(each["evaluations"] for each in figures)}
    for name, words, kind in (("accuracy", "the accuracy", "percent"), ("loss", "the validation loss", ".4f")):
        if all(each[name] is not None for each in figures):
            span, more = _span(name, figures, kind)
            parts.append(f"{words} ({span})")
            values |= more
    text = f"{' and '.join(parts)} {'are' if len(parts) > 1 else 'is'} the same to the last digit in all {{evaluations}} evaluations"
    moves = [each["moves"] for each in figures if each["moves"] is not None]
    if moves:
        text += ", while the training loss moves by at most {moves:.4f}"
        values["moves"] = max(moves)
    return text, values


def _at_chance(figures) -> tuple[str, dict]:
    span, values = _span("highest", figures, "percent")
    text = f"no evaluation ({span} at best) lies above chance, {{chance:percent}}, by more than guessing would now and then (up to {{upper:percent}})"
    if "lower" in figures[0]:
        text = f"every evaluation ({span} at best) lies further below chance, {{chance:percent}}, than guessing would (down to {{lower:percent}})"
    return text, values | {name: figures[0][name] for name in ("chance", "upper", "lower") if name in figures[0]}


def _fresh_head(figures) -> tuple[str, dict]:
    span, values = _span("loss", figures, ".4f")
    where = f"({span}) is within {{off:.4f}} of {{uniform:.4f}}, the logarithm of the number of classes"
    text = f"the validation loss {where}: the loss of an untrained head"
    return text, values | {"uniform": figures[0]["uniform"], "off": max(each["off"] for each in figures)}


def _averaged(figures) -> tuple[str, dict]:
    span, values = _span("reported", figures, "percent")
    last, more = _span("last", figures, "percent")
    text = f"the reported accuracy ({span}) is the mean over {{epochs}} epochs; the last one is {last}"
    return text, values | more | {"epochs": figures[0]["epochs"]}


TEXTS = {
    "not-updated": _unchanged, "same-accuracy": _unchanged, "at-chance": _at_chance, "below-chance": _at_chance,
    "fresh-head": _fresh_head, "averaged": _averaged,
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
    strength = "clear" if kind.alarm else "unknown"
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
    """Name the mistakes that this evidence neither shows nor rules out."""
    spoken = {name for finding in found for name in finding.figures["mistakes"]}
    open_still = lambda name: name not in spoken and not all(decided(name, strategy, table) for strategy in table.strategies)
    left = [each for name, each in MISTAKES.items() if open_still(name)]
    text = "Whether made or not, these mistakes are not visible in these figures: {titles}."
    figures = {"mistakes": tuple(each.name for each in left), "titles": _listed([each.title for each in left])}
    return write("not-visible", text, figures, strength="unknown")


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

"""How often figures alone give a mistake away, and how often they accuse a correct run: counted over saved cases."""

import dataclasses

from core.findings.diagnose.naming import alarms, diagnose
from core.findings.diagnose.records import from_records
from core.findings.diagnose.table import Recorded, Table
from core.studies.mistakes.catalogue import MISTAKES


def figures_alone(table: Table) -> Table:
    """Return the table without what the records hold besides."""
    return dataclasses.replace(table, strategies=tuple(dataclasses.replace(each, recorded=Recorded()) for each in table.strategies))


def named(case: dict) -> set[str]:
    """Return the symptoms that raise an alarm when a case's figures are diagnosed as one table."""
    return {finding.kind for finding in alarms(diagnose(figures_alone(from_records([case]))))}


def counts(cases: list[dict]) -> dict:
    """Count by mistake {"look", "named", "of"}: in how many cases its symptom, and no other, was named. Under "correct" {"false", "of"} for the
    tables and, diagnosed one by one, under "correct runs".

    cases: lines of a study's file, as core.studies.mistakes.runs makes them.
    """
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

"""This machine's runs of a teacher and task as a file, and those of another machine taken in."""

from core.errors import LabError
from core.findings.explanation.explain import explain
from core.findings.landscape import landscapes
from core.store import exchange, records
from core.store.saved import truth
from core.views.common.recipe_runs import ground_now
from core.views.common.result import result
from core.views.landscape.view import csv_table, rows

MOST_MB = exchange.MOST_BYTES >> 20


def own(teacher: str, task: str) -> list[dict]:
    """Return the finished runs of this machine, imported ones among them, that stand on the teacher and data of now."""
    now = ground_now(teacher, task)
    return [run for run in records.finished_of(teacher, task) if exchange.ground(run) == now]


def text(found: list[dict]) -> str:
    return exchange.as_file(found)


def take_in(data: bytes, teacher: str, task: str) -> str:
    """Keep the runs of a file, all or none; return what was done, one sentence. LabError in one sentence for a file with a run that was changed, or
    that does not belong to this teacher and data."""
    weights, content = ground_now(teacher, task)
    if weights is None or content is None:
        raise LabError(f"The runs cannot be checked before {teacher} is ready for {task} on this machine; get it ready in the Lab first.")
    known = {split: truth(content, split) for split in ("check", "test")}
    done = exchange.take_in(data, teacher, task, (weights, content), known, lambda run: try_out(run, known))
    said = f"{done.added} run{'s' if done.added != 1 else ''} imported"
    return f"{said}; {done.known} {'were' if done.known != 1 else 'was'} here already." if done.known else f"{said}."


def try_out(run: dict, known: dict) -> None:
    """Read a run as the pages do; raises where one would stumble over it."""
    explain(run, [run], known.get(run["split"]))
    result(run)
    alone = landscapes([run], lambda *_: None)
    rows(alone[0])
    csv_table(alone)

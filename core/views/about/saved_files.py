"""The files of saved runs: what each holds, where and with what it was made, and how it is made again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.findings.evidence import choice_of
from core.findings.names import short_name
from core.store.saved import Block

UNLISTED = "not in the index"


@dataclass(frozen=True)
class SavedFile:
    """file: its name. rows: values of the page's table, by heading. commands: they make the file. check: the command that repeats three runs;
    '' for runs in stages, which are no recipe's."""

    file: str
    block: str
    purpose: str
    rows: dict
    commands: tuple[str, ...]
    check: str


def files(by_file: Mapping[str, Sequence[dict]], blocks: dict[str, Block]) -> list[SavedFile]:
    """In the order of the index, files that it does not list last. by_file: the records of each file; one without any is left out."""
    order = list(blocks)
    names = sorted((name for name in by_file if by_file[name]), key=lambda name: (order.index(name) if name in order else len(order), name))
    made = []
    for name in names:
        block = blocks.get(name, Block(name, UNLISTED, "", (), 0.0))
        staged = any("staged" in run for run in by_file[name])
        check = "" if staged else f"python -m core sweep --out core/saved_runs/{name} --check"
        made.append(SavedFile(name, block.block, block.purpose, _table(by_file[name]), block.commands, check))
    return made


def _table(runs: Sequence[dict]) -> dict:
    environments = [run["environment"] for run in runs]
    some = lambda values: ", ".join(sorted({str(value) for value in values if value is not None})) or "not recorded"
    versions = lambda name: some((environment.get("versions") or {}).get(name) for environment in environments)
    return {
        "runs": len(runs), "teacher": some(short_name(run["recipe"]["teacher"]) for run in runs),
        "task": some(short_name(run["recipe"]["task"]) for run in runs),
        "choices": len({choice_of(run) for run in runs}), "seeds": some(run["recipe"]["seed"] for run in runs),
        "hours of computing": round(sum(run["seconds"] for run in runs) / 3600, 2),
        "device": some(environment.get("device_name") or environment["device"] for environment in environments),
        "threads": some(environment.get("threads") for environment in environments),
        "dtype": some(environment.get("dtype") for environment in environments),
        "python": versions("python"), "torch": versions("torch"), "transformers": versions("transformers"),
        "code": some(environment.get("code") for environment in environments), "teacher file": some(run["teacher"]["hash"] for run in runs),
        "data": some(run["task_hash"] for run in runs),
    }

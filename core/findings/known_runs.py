"""Every run that may be compared with: those saved with the program, and those made or imported on this machine.

Where runs of a teacher, data, settings and size come with the program, a single run that somebody made here stands beside them and does not count:
which choice and seed it has was decided after theirs were seen. Runs that a map planned count with them. Of anything else every finished run made
here counts.
"""

import functools
import json

from core.findings.evidence import settings_of
from core.findings.landscape import Landscape, landscapes
from core.home import home
from core.store import maps, records, saved
from core.store.ground import ground
from core.store.saved import saved_runs

MADE_HERE, IMPORTED = "made here", "imported"


def where_from(run: dict) -> str:
    """Return the file of a run that came with the program, else how it came to this machine."""
    return run.get("file") or (IMPORTED if run.get("imported") else MADE_HERE)


def known_runs(teacher: str, task: str) -> list[dict]:
    """Return the saved runs of a teacher and task by name, then those of this machine that count; each recipe once on each ground."""
    return [*saved_runs(teacher, task), *own_runs(teacher, task)]


def own_runs(teacher: str, task: str) -> tuple[dict, ...]:
    """Return the finished runs of a teacher and task by name that were made on this machine and count."""
    return _counting(str(home()), records.stamp(), saved.stamp(), teacher, task)


@functools.lru_cache(maxsize=32)
def _counting(place: str, own_stamp: tuple, files: tuple, teacher: str, task: str) -> tuple[dict, ...]:
    own, shipped = records.finished_of(teacher, task), saved_runs(teacher, task)
    if not own:
        return ()
    theirs, ids, planned = set(map(_key, shipped)), {(run["id"], *ground(run)) for run in shipped}, maps.planned()
    counts = lambda run: _key(run) not in theirs or (run["id"], *ground(run)) in planned
    return tuple(run for run in own if (run["id"], *ground(run)) not in ids and counts(run))


def _key(run: dict) -> tuple:
    """Return what the runs of one landscape have in common."""
    return *ground(run), json.dumps(settings_of(run), sort_keys=True), len(run["recipe"]["layers"])


def with_own(found: list[Landscape], shipped: list[dict]) -> list[Landscape]:
    """Return the landscapes of the saved runs with this machine's runs added: to theirs where they count there, else as landscapes of their own."""
    own = [run for pair in records.pairs() for run in own_runs(*pair)]
    touched = set(map(_key, own))
    again = [run for run in shipped if _key(run) in touched] if touched else []
    all_of_them = [*(one for one in found if _key(one.one) not in touched), *landscapes([*again, *own])]
    return sorted(all_of_them, key=lambda one: -sum(map(len, one.runs.values())))

"""The home's own things as one file (core/store/archive.py)."""

from core.store import archive
from core.studies.export.places import home_archive
from core.training.events import TURN, Event, stage


def events(job, stop):
    """Yield how far it is, and made {file}. payload: {}."""
    target = home_archive()
    target.unlink(missing_ok=True)
    told = -1.0
    for done in archive.save(target):
        if done - told > 0.02:
            told = done
            yield stage("preparing", "Writing the archive", done)
        else:
            yield TURN
        if stop():
            return
    yield Event("made", {"file": target.name})
    yield Event("finished")

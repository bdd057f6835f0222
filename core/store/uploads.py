"""Which uploads a learner has: a fact of the store each, so that they are found again after a reload. The files lie in LAYER_LAB_HOME/uploads.

Whoever knows an upload's name can use it, as a link says it; only its own learner sees it in a list.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from core.data.uploads import place
from core.errors import LabError
from core.home import uploaded
from core.store import facts
from core.store.database import now, transaction

MOST = 20  # of one learner
TABLE, MODEL = "table", "model"


@dataclass(frozen=True)
class Upload:
    """kind: TABLE or MODEL. names: upload/KEY/NAME of its files, or of the model's folder; a model of a hub has its id. at: seconds since the epoch.

    task: the address that a table is used by, '' until it is.
    """

    kind: str
    names: tuple[str, ...]
    size: int
    at: float = 0.0
    task: str = ""

    @property
    def key(self) -> str:
        return ",".join(self.names)

    @property
    def title(self) -> str:
        """Return the files' names: 'train.csv, test.csv'; a hub's model by its id."""
        return ", ".join(name.rpartition("/")[2] if uploaded(name) else name for name in self.names)


def add(learner: str, upload: Upload) -> Upload:
    """Put an upload on the learner's list, as the newest. LabError where the list is full."""
    others = [one for one in of(learner) if one.key != upload.key]
    if len(others) >= MOST:
        raise LabError(f"You have {len(others)} uploads, the most there can be; delete one first.")
    kept = replace(upload, at=now())
    facts.put(place_of(learner, kept.key), asdict(kept))
    return kept


def use(learner: str, upload: Upload, task: str) -> None:
    """Note the address by which a table is used."""
    facts.put(place_of(learner, upload.key), asdict(replace(upload, task=task)))


def of(learner: str, kind: str | None = None) -> list[Upload]:
    """Return the learner's uploads that are still there, of one kind or of both, newest first."""
    found = [facts.get(key) for key in facts.keys(place_of(learner, ""))]
    read = [Upload(**one | {"names": tuple(one["names"])}) for one in found if one]
    there = [one for one in read if kind in (None, one.kind) and all(path.exists() for path in map(uploaded, one.names) if path)]
    return sorted(there, key=lambda one: (-one.at, one.key))


def every() -> list[tuple[str, Upload]]:
    """Return every learner's uploads that are still there: (learner, upload)."""
    learners = sorted({key.split("/", 2)[1] for key in facts.keys("upload/")})
    return [(learner, one) for learner in learners for one in of(learner)]


def delete(learner: str, upload: Upload) -> None:
    """Take an upload off the learner's list, and its files off the disk unless another learner has them on theirs."""
    with transaction() as db:
        db.execute("DELETE FROM facts WHERE key = ?", (place_of(learner, upload.key),))
    discard(upload.names)


def discard(names: Iterable[str]) -> None:
    """Delete uploads that nobody has on their list."""
    listed = {name for key in facts.keys("upload/") for name in key.split("/", 2)[2].split(",")}
    for name in names:
        if name not in listed:
            place.remove(name)


def place_of(learner: str, key: str) -> str:
    """Return the key of the fact that is one upload of a learner."""
    return f"upload/{learner}/{key}"

"""What each seam of a teacher costs on a task, as core/studies/seams measured it, known by the teacher's key (core/store/ground.py) and the data.

The built-in pairs' figures come with the program, in core/saved_runs/seams; those of other pairs are measured on this machine and kept as section
`seams` of core/store/layer_scores.py."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.recipe.seams import Seam
from core.store import layer_scores

SECTION = "seams"
BEST = "bridged"  # the measure that agreed best with full runs where it was chosen


@dataclass(frozen=True)
class SeamCosts:
    """Accuracy lost (fractions, positive for a loss) by a teacher that has one seam and nothing else changed; nothing is trained.

    layers, accuracy: of the whole teacher, accuracy on the measured examples of validation. examples: how many. seconds: that measuring took. cut:
    the layers above the seam read what comes over it as it is. bridged: a least-squares map lies over it."""

    teacher: str
    task: str
    layers: int
    accuracy: float
    examples: int
    seconds: float
    cut: dict[Seam, float]
    bridged: dict[Seam, float]

    def cost(self, seam: Seam) -> float:
        """Return what a seam costs by the measure that was chosen. KeyError for one that the teacher does not have."""
        return getattr(self, BEST)[seam]


def seam_costs(identity: str, task_hash: str) -> SeamCosts | None:
    """Return the costs of a teacher's seams on a task, those that come with the program first; None where none were measured.

    identity: the teacher's key, as a record has it (`core.store.ground.teacher_key`)."""
    bundled = [found for found in layer_scores.bundled_sections(identity, SECTION) if found.get("task_hash") == task_hash]
    document = next(iter(bundled), None) or layer_scores.read(identity, task_hash, SECTION)
    return None if document is None else from_document(document)


def from_document(document: Mapping) -> SeamCosts:
    """Return the costs that a document of core/studies/seams/measure.py holds."""
    lost = lambda name: {Seam(one["below"], one["above"]): document["accuracy"] - one[name]["accuracy"] for one in document["seams"]}
    return SeamCosts(document["teacher"], document["task"], document["layers"], document["accuracy"], document["examples"],
                     sum(document["seconds"].values()), lost("cut"), lost("bridged"))


def possible(layers: int) -> Iterable[Seam]:
    """Return every seam that a choice of some of a teacher's layers can have alone: at least one layer is kept, at least one is missing."""
    ends = range(layers + 2)
    return [Seam(a, b) for a in ends for b in ends if b - a > 1 and b - a <= layers]

"""Loss before training by greedy removal: take one layer away at a time, at any size of student."""

from core.studies.choosers.method import Method
from core.studies.choosers.methods.before_training import rank_by_removal
from core.studies.choosers.ranking import Ranked


def rank(teacher, sample, k: int) -> Ranked:
    """Rank choices by minus the loss before training; of the sets that lack one layer more, only the best goes on."""
    return rank_by_removal(teacher, sample, k, width=1)


BEFORE_TRAINING_GREEDY = Method(
    "before-training-greedy", "loss before training, greedy removal", rank, order=5, labels=True,
    page_title="Greedy removal",
    line="Take one layer away at a time, always the one whose absence leaves the lowest loss before training.",
    formula=r"C\leftarrow C\setminus\arg\min_{l\in C}\mathrm{CE}\left(f_{C\setminus l}\right)",
)

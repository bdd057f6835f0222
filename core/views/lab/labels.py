"""Which labels the student sees, in words and as a pile of examples."""

from core.figures.label_pile import SQUARES
from core.objectives import BUNDLES
from core.objectives.declarations import LABELS as READS_LABELS
from core.recipe import bundle
from core.views.common.choice import LABELS, WRONG, Choice

AMOUNTS = {"all": "all", "2000": "2,000", "500": "500", "100": "100", "none": "none"}
HELP = "Where labels are few, noisy or cost money, a teacher's answers can stand in for them. Which are kept, and which are wrong, is drawn once."
SHARES = {share: f"{share} %" if share != "0" else "none" for share in WRONG}


def amounts(objective: str, examples: int | None) -> list[str]:
    """Return the amounts that can be asked for with so many training examples (None: not known); none of them only where a teacher is asked."""
    fits = lambda kept: kept is None or examples is None or kept < examples
    return [name for name, kept in LABELS.items() if fits(kept) and (kept != 0 or bundle(objective).needs_teacher)]


def shares(chosen: Choice) -> list[str]:
    """Return the shares of wrong labels that can be asked for: none where no label is kept."""
    return list(WRONG) if LABELS[chosen.labels] != 0 else [WRONG[0]]


def fixed(objective: str) -> str:
    """Return why an objective leaves nothing to choose, '' where it does."""
    return "" if bundle(objective).needing(READS_LABELS) else f"{BUNDLES[objective].title} reads no labels."


def sentence(chosen: Choice, examples: int | None) -> str:
    """Return what the student sees, one or two sentences."""
    kept, wrong, alone = LABELS[chosen.labels], int(chosen.wrong), not bundle(chosen.objective).needs_teacher
    of = f" of {examples:,}" if examples else ""
    false = f" About {wrong} in 100 of these are wrong." if wrong else ""
    if kept is None:
        return f"Every training example keeps its label.{false}" if wrong else "Every training example keeps its right label."
    if kept == 0:
        return "No example keeps its label: the teacher's answers alone teach the student."
    rest = "The student sees no others." if alone else "The teacher's answers alone teach the others."
    return f"{kept:,}{of} training examples keep their label.{false} {rest}"


def pile(chosen: Choice, examples: int | None) -> tuple[int, int]:
    """Return how many squares of the pile have a right label, and how many a wrong one; a kind that is there has one at least."""
    kept = LABELS[chosen.labels]
    share = 1.0 if kept is None else kept / (examples or max(filter(None, LABELS.values())) * 4)
    labelled = max(1, round(SQUARES * share)) if share else 0
    wrong = round(labelled * int(chosen.wrong) / 100)
    return labelled - wrong, wrong

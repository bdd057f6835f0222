"""How long things take on this device: a run of each budget, and fine-tuning a teacher, measured before or estimated."""

from core.data.address import bare
from core.data.catalogue import load
from core.errors import LabError
from core.models.catalogue import TEACHERS, base_here
from core.models.config import facts as facts_of
from core.recipe import RUNGS
from core.recipe.tuning import default_tuning, split_teacher
from core.store import facts
from core.views.common.text import duration

UTILISATION = 0.5  # share of the measured matrix rate that training reaches, about
TOKENS_PER_WORD = 1.3


BUDGETS = {name: f"{budget.steps} steps" if budget.steps else name for name, budget in RUNGS.items()}  # short: they stand in one row


def run_time(name: str, step_seconds: float | None, train_examples: int | None = None) -> str:
    """Return how long a run of a budget takes on this device, as a sentence; what measures it where it is not known."""
    steps = steps_of(name, train_examples)
    if step_seconds and steps:
        return f"About {duration(step_seconds * steps)} on this machine."
    return "How long it takes here is measured in the first run of this size."


def steps_of(name: str, train_examples: int | None) -> int | None:
    """Return the steps of a budget; None for one in epochs while the number of training examples is unknown."""
    budget = RUNGS[name]
    return budget.steps or (budget.total_steps(train_examples, 32) if train_examples else None)


def timing_note(step_seconds: float | None, train_examples: int | None = None) -> str:
    """Return what each budget is and how long it takes here, for a help text."""
    known = {name: steps_of(name, train_examples) for name in RUNGS}
    times = [f"{BUDGETS[name]}: {duration(step_seconds * steps)}" for name, steps in known.items() if step_seconds and steps]
    what = f"A step looks at one batch of examples. Full: {RUNGS['full'].epochs} passes through all of them."
    if not times:
        return f"{what} The first run of this teacher, task and size measures how long it takes here."
    return f"{what} Times as measured here, without getting ready: {'; '.join(times)}."


def tuning_time(teacher: str, task: str, layers: int | None) -> str:
    """Say in one sentence how long fine-tuning takes."""
    try:
        measured = (facts.get("tune_seconds") or {}).get(f"{teacher}/{task}")
        rate = (facts.get("device") or {}).get("gflops")
    except LabError:
        measured = rate = None
    if measured:
        return f"It took {duration(measured)} here before."
    seconds = estimate(teacher, task, layers, rate)
    if seconds:
        return f"It takes about {duration(seconds)} here, by a rough estimate from this device's measured speed."
    return "The time left is shown from its first steps on."


def estimate(teacher: str, task: str, layers: int | None, gflops: float | None) -> float | None:
    """Seconds: 6 FLOP a weight and token (forward and backward), over the rate reached. None while anything is unknown.

    gflops: the measured matrix rate in 1e9 FLOP/s. The weights of a layer are 12 hidden², embeddings take hardly any work.
    """
    hidden = _width(split_teacher(teacher)[0])
    if not (hidden and layers and gflops) or not (bare(task) in ("composed-nli", "sick") or task.startswith("file:")):
        return None
    try:
        train = load(task).train
    except LabError:
        return None
    words = sum(len(text.split()) for column in (train.first, train.second or ()) for text in column)
    weights = 12 * hidden**2 * layers
    return 6 * weights * words * TOKENS_PER_WORD * default_tuning(teacher, task).epochs / (gflops * 1e9 * UTILISATION)


def _width(base: str) -> int | None:
    """Return how wide a teacher's layers are; None for one that is neither of the catalogue nor on this machine."""
    if base in TEACHERS:
        return TEACHERS[base].hidden
    here = base_here(base)
    return facts_of(here).hidden if here else None

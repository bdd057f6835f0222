"""How long fine-tuning a teacher takes on this device: measured before, or estimated from the device's measured speed."""

from core.data.catalogue import load
from core.errors import LabError
from core.models.catalogue import TEACHERS
from core.recipe.tuning import default_tuning, split_teacher
from core.store import facts
from core.views.common.text import duration

UTILISATION = 0.5  # share of the measured matrix rate that training reaches, about
TOKENS_PER_WORD = 1.3


def tuning_time(teacher: str, task: str, layers: int | None) -> str:
    """One sentence for the page."""
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
    info = TEACHERS.get(split_teacher(teacher)[0])
    if not (info and layers and gflops) or not (task == "composed-nli" or task.startswith("file:") or task == "sick"):
        return None
    try:
        train = load(task).train
    except LabError:
        return None
    words = sum(len(text.split()) for column in (train.first, train.second or ()) for text in column)
    weights = 12 * info.hidden**2 * layers
    return 6 * weights * words * TOKENS_PER_WORD * default_tuning(teacher, task).epochs / (gflops * 1e9 * UTILISATION)

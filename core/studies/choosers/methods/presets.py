"""The presets as choosers: each names one choice, whatever the teacher, and nothing else."""

from core.errors import LabError
from core.recipe import PRESETS, preset
from core.studies.choosers.method import Method
from core.studies.choosers.ranking import Choice, Ranked, Scored


def _chooser(name: str, order: int) -> Method:
    def rank(teacher, sample, k: int) -> Ranked:
        return Ranked((Scored(preset(name, teacher.layers, k), 0.0),), complete=teacher.layers == k)

    return Method(name, f"preset: {PRESETS[name].format(k='k')}", rank, baseline=True, order=order)


NAMES = ("first-k", "last-k", "odd", "even", "spread")
FIRST_K, LAST_K, ODD, EVEN, SPREAD = (_chooser(name, order) for order, name in enumerate(NAMES))


def preset_choices(layers: int, k: int) -> list[Choice]:
    """Return the choices that the presets name, each once."""
    found: dict[Choice, None] = {}
    for name in NAMES:
        try:
            found[preset(name, layers, k)] = None
        except LabError:  # too few layers of that parity
            continue
    return list(found)

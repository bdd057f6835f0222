"""How often the figures alone gave a mistake away, from the saved study (`python -m core mistakes --seeds 10`)."""

import functools
from pathlib import Path

from core.findings.diagnose import counts
from core.store.saved import FOLDER, read
from core.studies.mistakes.catalogue import MISTAKES
from core.views.common.text import budget_text

STUDY = FOLDER / "mistakes" / "minilm-l6--composed-nli.jsonl"


@functools.cache
def _counted(path: Path) -> tuple[dict, str] | None:
    """The counts, and the budget of the study's runs in words; None where there is no study. The file comes with the program."""
    cases = read(path)
    return (counts(cases), budget_text(cases[0]["runs"][0]["recipe"]["budget"])) if cases else None


def study_text(name: str, path: Path = STUDY) -> str:
    """In one sentence; '' where nothing is saved, or where the mistake has no signature."""
    found = _counted(path)
    if found is None or not MISTAKES[name].look:
        return ""
    counted, budget = found
    mine, right = counted[name], counted["correct runs"]
    return (
        f"In the saved study ({budget} a run), the figures alone named what it looks like, and nothing else, in {mine['named']} of {mine['of']} "
        f"seeds; of {right['of']} correct runs {right['false']} raised an alarm."
    )

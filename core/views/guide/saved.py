"""Saved landscapes that the guide reads its figures from: those of the Lab's own settings, by task, size, budget and objective."""

from collections.abc import Sequence

from core.findings.evidence import settings_of
from core.findings.landscape import Landscape
from core.views.common.choice import Choice
from core.views.guide.steps import BUILT_IN


class Saved:
    """found: every landscape of the saved runs (core.findings.landscape.landscapes)."""

    def __init__(self, found: Sequence[Landscape]):
        self.found = found

    def of(self, k: int, budget: str = "full", task: str = BUILT_IN["task"], objective: str = "hinton") -> Landscape | None:
        """Return the landscape of students of k layers with the Lab's settings; None where nothing was saved of them. budget: a rung."""
        choice = Choice(BUILT_IN["teacher"], task, tuple(range(1, k + 1)), objective, budget)
        wanted = settings_of({"recipe": choice.recipe().to_dict()})
        alike = (one for one in self.found if one.pair == (choice.teacher, task) and one.k == k and one.settings == wanted)
        return max(alike, key=lambda one: sum(map(len, one.runs.values())), default=None)

"""A chooser as it is declared, and its settings, which are frozen by hash before any figure that rests on them is computed.

Where a paper or its authors' code gives a setting, it is that value; where none does, it is a round number and marked as ours. None was
searched for on a run.
"""

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.recipe import Recipe
from core.studies.choosers.ranking import Ranked


@dataclass(frozen=True)
class Method:
    """One chooser, declared in one file of core/studies/choosers/methods.

    name: on the command line and in records. title: a few words, for tables and records. rank: (Teacher, Sample, k) -> Ranked; it imports torch
    only when it is called. settings: by name, what decides its picks besides teacher and task. labels: whether it reads labels. trains:
    whether it trains anything. short_runs: whether it makes short runs, whose recipe is one of its settings. baseline: whether it is one that the
    others are compared with; the page leaves it out. page_title, line, formula: what the page says, a few words, one plain sentence, and LaTeX
    of a choice's score S, higher is better. source: the publication. order: its place in lists, new ones last; baselines come after the others.
    """

    name: str
    title: str
    rank: Callable[..., Ranked]
    settings: Mapping[str, float] = field(default_factory=dict)
    labels: bool = False
    trains: bool = False
    short_runs: bool = False
    baseline: bool = False
    page_title: str = ""
    line: str = ""
    formula: str = ""
    source: str = ""
    order: int = 1000

    def run(self, teacher, sample, k: int) -> Ranked:
        """Return the ranked choices of k layers, with the seconds that ranking took."""
        began = time.perf_counter()
        found = self.rank(teacher, sample, k)
        return dataclasses.replace(found, seconds=found.seconds + time.perf_counter() - began)

    def settings_for(self, recipe: Recipe) -> dict:
        """Return what a record keeps: the settings, and under `recipe` what short runs are made of and which full runs a pick is judged by."""
        left_out = ("teacher", "task", "layers", "budget")
        return {**self.settings, "recipe": {name: value for name, value in recipe.to_dict().items() if name not in left_out}}

    def own_settings(self, settings: Mapping) -> dict:
        """Return those of a record's settings that decide this method's picks. Earlier records hold the settings of all methods."""
        names = (*self.settings, "recipe") if self.short_runs else self.settings
        return {name: settings[name] for name in names if name in settings}

    def settings_hash(self, settings: Mapping) -> str:
        """Return the hash of those of a record's settings that decide this method's picks."""
        return settings_hash(self.own_settings(settings))


def settings_hash(settings: Mapping) -> str:
    """Return 16 hex digits of settings as a saved file gives them back: all numbers floats with six decimals, so 2 and 2.0 are the same."""
    six = lambda digits: round(float(digits), 6)
    rounded = json.loads(json.dumps(settings), parse_float=six, parse_int=six)
    text = json.dumps(rounded, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]

"""The test of a comparison, made once and again when a run or a file of saved runs changes."""

from collections.abc import Sequence

import streamlit as st

from core.findings.versus import Pair, Side
from core.store.saved import saved_runs
from core.views.compare.results import PlacedEntry, finished_sides, tested_pairs
from pages.parts.common.landscapes import files_stamp


def versus(shown: Sequence[PlacedEntry]) -> tuple[list[Side], list[Pair]]:
    """The finished entries and every pair of them."""
    finished = tuple((one.letter, one.entry.id, one.record.get("row"), one.record.get("file")) for one in shown if one.record is not None)
    return _versus(finished, files_stamp(), list(shown))


@st.cache_resource(max_entries=32, show_spinner=False)
def _versus(finished: tuple, files: tuple, _shown: list[PlacedEntry]) -> tuple[list[Side], list[Pair]]:
    if not finished:
        return [], []
    recipe = _shown[0].entry.recipe
    found = finished_sides(_shown, saved_runs(recipe.teacher, recipe.task))
    return found, tested_pairs(found)

"""The choosers' table and the study of stages, built once for what they are made from."""

import streamlit as st

from core.store import saved
from core.studies.choosers import picks
from core.views.choosers import by_algorithm, saved_study
from pages.parts.common.landscapes import all_landscapes, files_stamp


@st.cache_data(max_entries=4, show_spinner=False)
def saved_picks(files: tuple) -> list[dict]:
    return picks.read()


@st.cache_resource(max_entries=2, show_spinner=False)
def _study(files: tuple) -> saved_study.Study:
    return saved_study.read()


def study() -> saved_study.Study:
    """Return the saved study of stages and attention."""
    return _study(files_stamp())


def stamp_picks() -> tuple:
    """Return name, time and size of every file of saved picks."""
    return tuple(sorted((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in picks.folder(saved.FOLDER).glob("*.json*")))


@st.cache_data(max_entries=32, show_spinner="Comparing the picks with the saved runs")
def _table(files: tuple, pick_files: tuple, marks: tuple, _found: dict) -> by_algorithm.Table:
    return by_algorithm.table(_found, all_landscapes(files), picks.frozen())


def table(found: dict[str, dict]) -> by_algorithm.Table:
    """Judge the picks, given by method, once for the files that they are judged by. LabError for damaged files."""
    names = ("method", "teacher_hash", "task_hash", "k", "settings_hash", "seconds")
    marks = tuple(tuple(document[name] for name in names) for document in found.values())
    return _table(files_stamp(), stamp_picks(), marks, found)

"""The landscapes of all saved runs, built once a server and again when a file changes; with this machine's runs, again when one is added."""

import streamlit as st

from core.errors import LabError
from core.findings import known_runs
from core.findings.landscape import Landscape, landscapes
from core.home import home
from core.store import records, saved


def files_stamp() -> tuple:
    """Name, time and size of every file of saved runs: a new file or line is seen."""
    return saved.stamp()


def known_stamp() -> tuple:
    """Return what changes with every run of any pair: the files', and this machine's. A store that cannot be read has none."""
    try:
        return files_stamp(), str(home()), records.stamp()
    except LabError:
        return files_stamp(), "", ()


def pair_stamp(teacher: str, task: str) -> tuple:
    """Return what changes when another run may be compared with those of a teacher and task. LabError when the store cannot be read."""
    return files_stamp(), tuple((run["id"], run["row"]) for run in known_runs.own_runs(teacher, task))


@st.cache_resource(max_entries=2, show_spinner="Reading the saved runs")
def all_landscapes(files: tuple) -> list[Landscape]:
    return landscapes(saved.saved_runs())


@st.cache_resource(max_entries=2, show_spinner=False)
def known_landscapes(stamp: tuple) -> list[Landscape]:
    """stamp: of `known_stamp`."""
    files, _, own = stamp
    found = all_landscapes(files)
    return known_runs.with_own(found, saved.saved_runs()) if own else found

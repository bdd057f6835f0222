"""The landscapes of all saved runs, built once a server and again when a file changes; with this machine's runs, again when one is added."""

import streamlit as st

from core.errors import LabError
from core.findings import known_runs
from core.findings.landscape import Landscape, landscapes
from core.home import home
from core.store import records, saved


def files_stamp() -> tuple:
    """Name, time and size of every file of saved runs: a new file or line is seen."""
    files = [*saved.FOLDER.glob("*.jsonl"), *saved.FOLDER.glob("truth/*.json")]
    return tuple(sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files))


def known_stamp() -> tuple:
    """Return what changes with every run that may be compared with: the files', and this machine's. A store that cannot be read has none."""
    try:
        return files_stamp(), str(home()), records.stamp()
    except LabError:
        return files_stamp(), "", ()


@st.cache_resource(max_entries=2, show_spinner="Reading the saved runs")
def all_landscapes(files: tuple) -> list[Landscape]:
    return landscapes(saved.saved_runs())


@st.cache_resource(max_entries=2, show_spinner=False)
def known_landscapes(stamp: tuple) -> list[Landscape]:
    """stamp: of `known_stamp`."""
    files, _, own = stamp
    found = all_landscapes(files)
    return known_runs.with_own(found, saved.saved_runs()) if own else found

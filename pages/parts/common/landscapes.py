"""The landscapes of all saved runs, built once a server and again when a file changes."""

import streamlit as st

from core.findings.landscape import Landscape, landscapes
from core.store import saved


def files_stamp() -> tuple:
    """Name, time and size of every file of saved runs: a new file or line is seen."""
    files = [*saved.FOLDER.glob("*.jsonl"), *saved.FOLDER.glob("truth/*.json")]
    return tuple(sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files))


@st.cache_resource(max_entries=2, show_spinner="Reading the saved runs")
def all_landscapes(files: tuple) -> list[Landscape]:
    return landscapes(saved.saved_runs())

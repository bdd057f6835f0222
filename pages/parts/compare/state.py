"""The entries of this session's comparison, tied to the address: read where the browser changed it, written after every change."""

import streamlit as st

from core.recipe import Recipe
from core.store.saved import saved_runs
from core.views.common.level import level_query
from core.views.compare import entries as compare_entries
from pages.parts.common import state

KEPT, CHANGED, SEEN = "compare_entries", "compare_changed", "compare_seen"


def entries(layers: int) -> list[Recipe]:
    """Those of the chosen teacher and task, whose layers are this many; LabError when a file of saved runs is damaged."""
    chosen = state.choice()
    now = st.query_params.get_all("entry")
    ours = st.session_state.pop(CHANGED, False)
    if now and not ours and now != st.session_state.get(SEEN):
        st.session_state[KEPT], st.session_state.compare_problems = compare_entries.read_entries(now, chosen.teacher, chosen.task)
    kept = [entry for entry in st.session_state.get(KEPT, ()) if (entry.teacher, entry.task) == (chosen.teacher, chosen.task)]
    if KEPT not in st.session_state or (st.session_state[KEPT] and not kept):  # the first look, or another pair in the sidebar
        kept = compare_entries.first_entries(chosen, layers, saved_runs(chosen.teacher, chosen.task))
    st.session_state[KEPT] = kept
    write(kept)
    return kept


def changed() -> bool:
    """Return whether a callback has changed something that the page as a whole has not shown yet."""
    return st.session_state.get(CHANGED, False)


def write(kept: list[Recipe]) -> None:
    chosen = state.choice()
    texts = [compare_entries.entry_text(entry) for entry in kept]
    wanted = {"teacher": [chosen.teacher], "task": [chosen.task], "entry": texts}
    wanted |= {key: [value] for key, value in level_query(st.session_state.level).items()}
    if state.query() != {key: value for key, value in wanted.items() if value}:
        st.query_params.from_dict(wanted)
    st.session_state[SEEN] = texts
    st.session_state.address = state.query()  # the sidebar's choice need not be read again


def replace_entries(kept: list[Recipe]) -> None:
    """Handle a callback: these entries from now on."""
    st.session_state[KEPT] = compare_entries.unique(kept)
    st.session_state[CHANGED] = st.session_state.touched = True
    st.session_state.compare_problems = []
    st.session_state.compare_note = ""


def fill(name: str, layers: int) -> None:
    replace_entries(compare_entries.fill_set(name, state.choice(), layers))


def remove(entry_id: str) -> None:
    replace_entries([entry for entry in st.session_state[KEPT] if entry.id != entry_id])


def add(entry: Recipe) -> None:
    kept = st.session_state.get(KEPT, [])
    if any(one.id == entry.id for one in kept):
        show_note("That one is among the entries already.")
    elif len(kept) >= compare_entries.MOST:
        show_note(f"There are {compare_entries.MOST} entries, the most that can be compared; remove one first.")
    else:
        replace_entries([*kept, entry])


def show_note(note: str) -> None:
    st.session_state[CHANGED] = st.session_state.touched = True
    st.session_state.compare_note = note

"""The first rows of a table, and which column is which: guessed, and changed here."""

import streamlit as st

from core.data import files
from core.data.task import Task
from core.data.uploads.guess import Columns, address, guessed
from core.data.uploads.preview import Preview, preview
from core.errors import LabError
from core.home import uploaded
from core.store.uploads import Upload
from core.views.common.text import shortened
from core.views.yours.table import table_html

CELL, SHOWN = 90, 6  # characters, columns
LENGTHS = (32, 64, 128, 256, 512)  # tokens
NONE = "none"
ASKED = "yours_columns"  # key of the session: what was said of each upload


def draw(upload: Upload) -> str | None:
    """Draw the rows and the columns; return the task's address, None while a column is missing. LabError for a file that is gone."""
    table = preview_of(upload.names[0])
    said, length = st.session_state.setdefault(ASKED, {}).get(upload.key) or remembered(upload, table)
    st.subheader("2. Which column is which?", anchor=False)
    show(table, said)
    names, key = list(table.names), upload.key
    with st.container(horizontal=True):
        text = pick("Text", names, said.text, f"text_{key}")
        second = pick("Second text", [NONE, *names], said.second or NONE, f"second_{key}", "For pairs, such as premise and hypothesis.")
        label = pick("Label", names, said.label, f"label_{key}")
        split = NONE
        if len(upload.names) == 1:
            split = pick("Split", [NONE, *names], said.split or NONE, f"split_{key}", "A column that says train, validation or test.")
        length = pick("Longest text, tokens", sorted({*LENGTHS, length}), length, f"length_{key}", "What comes after is not read. Longer is slower.")
    found = Columns(text, label, None if second == NONE else second, None if split == NONE else split)
    st.session_state[ASKED][key] = (found, length)
    if not text or not label:
        st.info("Say which column is the text and which the label.", icon=":material/help:")
        return None
    task = address(upload.names, found, length)
    files.parse(task)
    return task


def remembered(upload: Upload, table: Preview) -> tuple[Columns, int]:
    """Return the columns by which the upload was used before, else a guess; and the maximum length in tokens."""
    if upload.task:
        spec = files.parse(upload.task)
        second = spec.text[1] if len(spec.text) == 2 else None
        return Columns(spec.text[0], spec.label, second, spec.split), spec.options.max_length or Task.max_length
    return guessed(table), Task.max_length


def pick(label: str, options: list, value, key: str, hint: str | None = None):
    return st.selectbox(label, options, index=options.index(value) if value in options else None, key=f"w_yours_{key}", help=hint, width=200,
                        placeholder="Choose one")


def show(table: Preview, said: Columns) -> None:
    """Draw the first rows, the columns that were named first. Every cell is foreign text: it is shown, never obeyed."""
    order = [name for name in (said.text, said.second, said.label, said.split) if name in table.names]
    order += [name for name in table.names if name not in order]
    places = [table.names.index(name) for name in order[:SHOWN]]
    rows = [[shortened(row[place], CELL) for place in places] for row in table.rows]
    st.html(table_html([shortened(table.names[place], 30) for place in places], rows, "The first rows of the table"))
    more = f"; {len(order) - SHOWN} more columns are not shown" if len(order) > SHOWN else ""
    st.caption(f"The first {len(table.rows)} of {table.count:,} rows{more}.")


@st.cache_data(max_entries=8, show_spinner="Reading the table")
def preview_of(name: str) -> Preview:
    """Return what an upload holds, which its name decides."""
    path = uploaded(name)
    if path is None or not path.is_file():
        raise LabError("This table is not on this machine any more; upload it again.")
    return preview(path)

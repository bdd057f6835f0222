"""A table or a log of one's own, pasted or from a file, and what its figures say."""

import streamlit as st

from core.findings.diagnose import Known, TwoColumns, diagnose, how_read, read_table
from core.findings.diagnose.readers import format_names
from core.findings.diagnose.reading import EXAMPLE, decoded
from core.findings.diagnose.table import Table
from core.views.common.text import plain, shortened
from pages.parts.common.problems import showing_problems
from pages.parts.wrong.findings import findings


def own_table() -> None:
    st.subheader("Diagnose your own table", anchor=False)
    st.markdown("Paste a table, a log or a run's JSON, or upload a file. It is read on this machine, and not kept.")
    st.text_area("Your table", key="w_wrong_paste", height=150, placeholder=EXAMPLE,
                 help=plain(f"Columns {EXAMPLE}; some may be missing. Also read: {format_names()}."))
    uploaded = st.file_uploader("or a file", type=["csv", "tsv", "txt", "log", "md", "json", "jsonl"], key="w_wrong_file", max_upload_size=1)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        classes = st.number_input("Classes, 0: not known", 0, 1000, key="w_wrong_classes", width=200)
        majority = st.number_input("Most frequent class, %", 0.0, 99.9, key="w_wrong_majority", width=200, help="Of the split; 0: not known.")
        examples = st.number_input("Examples in the split", 0, 10**9, key="w_wrong_examples", width=200, help="0: not known.")
        fresh = st.checkbox("Classifier drawn anew", key="w_wrong_fresh")
    st.button("Diagnose", type="primary", icon=":material/troubleshoot:", on_click=st.session_state.update,
              kwargs={"wrong_asked": True, "touched": True})
    if st.session_state.get("wrong_asked"):
        with showing_problems():
            given = Known(classes or None, majority / 100 or None, examples or None, fresh or None)
            table = asked(text_of(st.session_state.w_wrong_paste, uploaded), given)
            if table is not None:
                findings(how_read(table) + diagnose(table))


def asked(text: str, known: Known) -> Table | None:
    """Return the table, with a select box for each figure that several columns claim; None while one of them waits for an answer."""
    use: list[str] = []
    while True:
        try:
            return read_table(text, known, use)
        except TwoColumns as claim:
            picked = st.selectbox(f"Which column is the {claim.figure}?", claim.columns, index=None, placeholder="Choose one", format_func=shortened,
                                  key=f"w_wrong_use_{claim.figure}_{'|'.join(claim.columns)}")
            if picked is None:
                st.info(plain(claim.question), icon=":material/help:")
                return None
            use.append(picked)


def text_of(pasted: str, uploaded) -> str:
    """Return the file's text where there is one, else what was pasted. LabError for a file that is no text, or too large."""
    return decoded(uploaded.getvalue(), "The file") if uploaded is not None else pasted or ""

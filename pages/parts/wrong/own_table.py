"""Diagnosing a table of one's own, and the cohort's tables as cases."""

import streamlit as st

from core.errors import LabError
from core.findings.diagnose import Known, diagnose
from core.findings.diagnose.reading import EXAMPLE, LARGEST
from core.views.common.text import plain
from core.views.wrong import case_study
from pages.parts.common.problems import showing_problems
from pages.parts.wrong.findings import findings, table


def own_step() -> None:
    st.subheader("Diagnose your own table", anchor=False)
    st.markdown("Paste a table or a run's JSON, or upload a file. It is read on this machine, and not kept.")
    st.text_area("Your table", key="w_wrong_paste", height=150, placeholder=EXAMPLE, help=f"Columns {EXAMPLE}; some may be missing.")
    uploaded = st.file_uploader("or a file", type=["csv", "tsv", "txt", "md", "json", "jsonl"], key="w_wrong_file", max_upload_size=1)
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
            findings(diagnose(text_of(st.session_state.w_wrong_paste, uploaded), given))
    cases()


def text_of(pasted: str, uploaded) -> str:
    """Return the file's text where there is one, else what was pasted. LabError for a file that is no text, or too large."""
    if uploaded is None:
        return pasted or ""
    content = uploaded.getvalue()
    if len(content) > 4 * LARGEST:
        raise LabError(f"The file has {len(content)} bytes; give at most {4 * LARGEST}.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LabError("The file is not text in UTF-8.") from None


def cases() -> None:
    """Draw ten public solutions of the assignment."""
    st.subheader("Ten solutions of one assignment", anchor=False)
    st.markdown("Their tables, anonymous. Diagnose one from its figures; then add the layers that its code copied.")
    cohort = {one.name: one for one in case_study.cohort()}
    picked = st.selectbox("Notebook", list(cohort), format_func=lambda name: cohort[name].title, key="w_wrong_case")
    one = cohort[picked]
    table(case_study.case_rows(one))
    st.caption(plain(one.source) + ".")
    layers = st.toggle("Also tell the layers that were copied", key="w_wrong_layers")
    findings(case_study.diagnosis(one, layers))
    with st.expander("What its code did", key=f"truth_{picked}"):
        for line in case_study.case_truth(one):
            st.markdown(plain(line))

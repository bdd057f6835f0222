"""Steps 1 and 2 of "What went wrong?": the published table with the naming trap, and the log. Answers are committed before any reply."""

from collections.abc import Mapping

import streamlit as st

from core import figures as charts
from core.errors import LabError
from core.views.common.text import plain
from core.views.wrong import answers as wrong_answers
from core.views.wrong import case_study
from pages.parts.common import state
from pages.parts.common.learner import learner
from pages.parts.common.problems import reporting_problems
from pages.parts.wrong.findings import findings, table, verdict

PROBLEM = "wrong_answer_problem_"  # and the question, in the session: why an answer was not kept


def table_step(answers: Mapping[str, dict], go) -> None:
    st.subheader("The table as it was published", anchor=False)
    table(case_study.published())
    st.caption(plain(case_study.source(case_study.case("assignment"))))
    answer = question(case_study.TABLE, answers)
    if answer is None:
        return
    verdict(*case_study.table_answer(answer["option"]))
    if state.researcher():
        with st.expander("What the program's diagnosis says of this table alone"):
            findings(case_study.diagnosis(case_study.case("assignment")))
    naming(answers)
    st.button("On to the log", type="primary", icon=":material/arrow_forward:", on_click=go, args=("log",))


def log_step(answers: Mapping[str, dict], go) -> None:
    st.subheader("The same training, epoch by epoch", anchor=False)
    names = case_study.strategies()
    left, right = st.columns(2, gap="small")
    with left:
        chart = charts.log_lines(names, case_study.log_rows("val_accuracy"), "Validation accuracy", ".0%", (0.0, 1.0))
        st.altair_chart(chart, theme=None, key="wrong_log_accuracy")
    with right:
        chart = charts.log_lines(names, case_study.log_rows("train_loss"), "Training loss", ".1f", (0.0, 1.0))
        st.altair_chart(chart, theme=None, key="wrong_log_loss")
    table(case_study.log_table())
    answer = question(case_study.LOG, answers)
    if answer is None:
        return
    right, reasons = case_study.log_answer(answer["option"])
    verdict(right, [*reasons, case_study.endpoints(brief=not state.researcher())])
    if state.researcher():
        with st.expander("What the program's diagnosis says of this log"):
            findings(case_study.diagnosis(case_study.case("assignment-epochs")))
    with st.expander("What its code did: more mistakes than its figures show"):
        table(case_study.read_from_code())
    st.button("On to the hunt", type="primary", icon=":material/arrow_forward:", on_click=go, args=("hunt",))


def question(asked: case_study.Question, answers: Mapping[str, dict]) -> dict | None:
    """Draw the committed answer and return it; or the question with its form, and return None."""
    st.subheader(asked.text, anchor=False)
    problem(asked.name)
    answer = answers.get(asked.name)
    if answer is not None and answer.get("option") in asked.options:
        st.markdown(f"**You said:** {plain(asked.options[answer['option']])}.")
        if answer.get("text"):
            st.markdown(f"**In your words:** {plain(answer['text'])}")
        return answer
    option, text = f"w_wrong_{asked.name}", f"w_wrong_{asked.name}_text"
    st.radio(asked.text, list(asked.options), format_func=lambda name: asked.options[name], index=None, key=option, label_visibility="collapsed")
    st.text_area("In your own words (optional)", key=text, max_chars=case_study.LONGEST, height=80)
    st.button("Commit my answer", icon=":material/lock:", key=f"commit_{asked.name}", on_click=lambda: keep(
        asked.name, {"option": st.session_state[option], "text": st.session_state[text] or ""}, st.session_state[option] is None
    ))
    st.caption("An answer is given once; what follows is shown after it.")
    return None


def keep(name: str, answer: dict, empty: bool) -> None:
    """Handle a callback: the answer into the store, or a sentence on why not."""
    with reporting_problems(PROBLEM + name):
        if empty:
            raise LabError("Choose an answer first.")
        wrong_answers.commit(learner(), name, answer)


def problem(name: str) -> None:
    """Draw why the answer to a question was not kept, once."""
    if text := st.session_state.pop(PROBLEM + name, None):
        st.warning(plain(text))


def naming(answers: Mapping[str, dict]) -> None:
    """Draw the naming trap: the learner puts the two ends' names at layer 1 and layer 12."""
    st.subheader("Which end is the top?", anchor=False)
    given = answers.get(case_study.NAMES.name)
    left, right = st.columns([3, 5], gap="medium")
    with right:
        if given is None:
            low = st.selectbox("Layer 1 is", case_study.ENDS, index=None, placeholder="Choose an end", key="w_wrong_low")
            high = st.selectbox("Layer 12 is", case_study.ENDS, index=None, placeholder="Choose an end", key="w_wrong_high")
            st.radio(case_study.NAMES.text, list(case_study.NAMES.options), format_func=case_study.NAMES.options.get, index=None, key="w_wrong_which")
            st.button("Check the names", icon=":material/lock:", on_click=keep_names)
            problem(case_study.NAMES.name)
        else:
            low, high = given.get("low"), given.get("high")
            which = plain(case_study.NAMES.options.get(given.get("which"), ""))
            st.markdown(f"You said: layer 1 is {plain(low)}, layer 12 {plain(high)}; Top: {which}.")
            verdict(*case_study.names_answer(low, high, given.get("which")))
    with left:
        shown = (low or "", high or "") if given is None else case_study.ENDS
        chosen = case_study.case("assignment").layers[case_study.strategies()[0]] if given is not None else ()
        st.altair_chart(charts.ends(12, *shown, chosen), theme=None, key=f"wrong_ends_{low}_{high}_{given is None}")
        if given is not None:
            st.caption("Orange: the layers that the assignment's code copied for Top.")


def keep_names() -> None:
    low, high, which = (st.session_state[f"w_wrong_{name}"] for name in ("low", "high", "which"))
    keep(case_study.NAMES.name, {"low": low, "high": high, "which": which}, None in (low, high, which))

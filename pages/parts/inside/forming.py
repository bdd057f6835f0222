"""A prediction forming layer by layer: a text is typed or taken, the teacher's head answers after every layer."""

import streamlit as st

from core.data.catalogue import info_of
from core.data.task import stratified
from core.figures import layer_map
from core.store import jobs
from core.views.common.disagreements import local_task
from core.views.common.readiness import Readiness
from core.views.common.text import plain
from core.views.inside import view
from core.views.inside.formulas import SCORES
from pages.parts.common import follow, machine, state, watch
from pages.parts.common.problems import reporting_problems, showing_problems

KEPT = "inside"  # in the session: what is asked for
EXAMPLES = 6  # of validation, offered as pairs to try
LONGEST = 2000  # characters of a text that is typed
ASKED = "inside_forming"  # in the session: (job, teacher, task, first, second) of the pair that was asked last
POLL = 0.3  # seconds between two looks for an answer


@st.cache_data(max_entries=8, ttl=600, show_spinner="Reading the task")
def examples_of(task: str) -> tuple[bool | None, list[tuple[str, str | None, str]]]:
    """Return whether the task's examples are pairs, None where that is not known here; and a few of validation, with their labels."""
    found = local_task(task)
    if found is None:
        return (info.pair if (info := info_of(task)) else None), []
    split = found.validation
    return split.second is not None, [
        (split.first[i], split.second[i] if split.second else None, found.labels[split.labels[i]]) for i in stratified(split.labels, EXAMPLES, seed=0)
    ]


def draw_texts(pair: bool | None) -> None:
    """Draw where a text is typed, or two. pair: whether the task reads two, None where that is not known."""
    st.text_area("Text" if pair is False else "First text", key="w_inside_first", max_chars=LONGEST, height=85)
    if pair is not False:
        st.text_area("Second text" if pair else "Second text (empty where the task reads one)", key="w_inside_second", max_chars=LONGEST, height=85)


def forming(ready: Readiness) -> None:
    chosen = state.choice()
    machine.warm(chosen.teacher, chosen.task)
    pair, examples = examples_of(chosen.task)
    asked = asked_last(chosen.teacher, chosen.task)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        draw_fields(chosen.task, examples, asked)
        with st.form("inside_pair", border=False):
            draw_texts(pair)
            st.form_submit_button("Show it forming", type="primary", icon=":material/layers:", on_click=submit,
                                  args=(chosen.teacher, chosen.task, pair))
        draw_score_formula("forming", opened=False)
    with right:
        waits = asked is not None and not jobs.get(asked[0]).over
        st.fragment(lambda: draw_forming(chosen.teacher, chosen.task, waits), run_every=POLL if waits else None)()


def asked_last(teacher: str, task: str) -> tuple | None:
    """Return what was asked last of this pair, as ASKED holds it."""
    found = st.session_state.get(ASKED)
    return found if found and found[1:3] == (teacher, task) else None


def draw_fields(task: str, examples: list[tuple], asked: tuple | None) -> None:
    """Put texts into the fields when they or the task are new: what was asked last, else the first example; draw others to take."""
    if "w_inside_first" not in st.session_state or st.session_state[KEPT].get("texts_of") != task:
        st.session_state[KEPT]["texts_of"] = task
        first, second = asked[3:] if asked else examples[0][:2] if examples else ("", None)
        st.session_state.w_inside_first, st.session_state.w_inside_second = first, second or ""
    if examples:
        st.selectbox("Examples of validation", range(len(examples)), format_func=lambda i: f"{examples[i][2]}: {examples[i][0]}",
                     key="w_inside_example", on_change=take_example, args=(examples,), index=None, placeholder="Take an example")


def take_example(examples: list[tuple]) -> None:
    place = st.session_state.w_inside_example
    if place is not None:
        st.session_state.w_inside_first, st.session_state.w_inside_second = examples[place][0], examples[place][1] or ""
        st.session_state.touched = True


def submit(teacher: str, task: str, pair: bool | None) -> None:
    """Handle a callback: ask how the prediction of the text, or the pair, in the fields forms."""
    first, second = st.session_state.w_inside_first, st.session_state.w_inside_second if pair is not False else None
    second = second if pair else second or None
    st.session_state[ASKED] = None
    with reporting_problems():
        job = follow.submit("forming", {"teacher": teacher, "task": task, "first": first, "second": second})
        st.session_state[ASKED] = (job.id, teacher, task, first, second)


def draw_forming(teacher: str, task: str, waits: bool) -> None:
    """Inside a fragment: the answer. When the one that the page was drawn for has come, the page is drawn again and polls no more."""
    with showing_problems():
        asked = asked_last(teacher, task)
        still = asked is not None and not jobs.get(asked[0]).over
        if waits and not still:
            st.rerun()
        answer = watch.answer(asked[0]) if asked and not still else None
        if answer is not None:
            draw_answer(answer)
        elif still:
            machine.keep_running()
            st.caption(":material/hourglass_empty: Asking the teacher; the first question loads it.")
        else:
            st.info("Write a text, or take an example, and see what the teacher's head would say after every layer.", icon=":material/layers:")


def draw_answer(answer: dict) -> None:
    st.markdown(plain(view.forming_text(answer)))
    rows, columns, cells = view.forming_map(answer)
    st.altair_chart(layer_map(rows, columns, cells, (0.0, 100.0), ".0f", "Class probabilities by layer, in percent."), theme=None, key="forming")
    st.caption("Probabilities in percent, from the teacher's own head after each layer; the output is on top.")


def draw_score_formula(name: str, opened: bool = True) -> None:
    """Draw a score's formula, how it is read, and what it does not say."""
    score = SCORES[name]
    with st.expander(f"{score.name}: the formula, and what it does not say", expanded=opened):
        st.latex(score.formula)
        st.markdown(f"**Reads:** {plain(score.reads)}")
        st.markdown(f"**Does not say:** {plain(score.silent)}")
        st.caption(plain(f"{score.source}."))

"""Step 1 of the guided start: one pair's answer forming through the teacher's layers, as its head and as probes read it."""

import streamlit as st

from core.figures import layer_map
from core.store import jobs
from core.views.common.text import plain
from core.views.guide import told
from core.views.guide.steps import BUILT_IN
from pages.parts.common import follow, machine, watch
from pages.parts.common.problems import reporting_problems, showing_problems

ASKED, PROBLEM = "guide_asked", "guide_problem"  # in the session: (job, first, second) of the pair that was typed; what went wrong
LONGEST = 400  # characters of a sentence that is typed
POLL = 0.3  # seconds between two looks for an answer
ROW = 27  # px


def typed() -> None:
    """Draw the fields for a pair of one's own."""
    with st.popover("Type a pair of your own", icon=":material/edit:"), st.form("guide_pair", border=False):
        st.text_input("First sentence", key="w_guide_first", max_chars=LONGEST, placeholder="Nobody is asleep.")
        st.text_input("Second sentence", key="w_guide_second", max_chars=LONGEST, placeholder="A dog is asleep.")
        st.form_submit_button("Ask the teacher", icon=":material/send:", on_click=ask)


def ask() -> None:
    first, second = (st.session_state[f"w_guide_{name}"].strip() for name in ("first", "second"))
    with reporting_problems(PROBLEM):
        job = follow.submit("forming", {**BUILT_IN, "first": first, "second": second})
        st.session_state[ASKED] = (job.id, first, second)


def forget() -> None:
    """Handle a callback: a saved pair was chosen."""
    st.session_state[ASKED] = None


def draw(found: dict, place: int) -> None:
    """Draw the saved pair, or the typed one once it was asked for. found: the saved pairs."""
    asked = st.session_state.get(ASKED)
    waits = asked is not None and not jobs.get(asked[0]).over
    st.fragment(lambda: shown(found, place, waits), run_every=POLL if waits else None)()


def shown(found: dict, place: int, waits: bool) -> None:
    with showing_problems():
        asked = st.session_state.get(ASKED)
        if asked is None:
            pair = found["pairs"][place]
            maps(told.pair_title(pair), found["labels"], pair["head"], pair["probe"])
            return
        if not jobs.get(asked[0]).over:
            machine.keep_running()
            st.caption(":material/hourglass_empty: Asking the teacher; the first question loads it.")
        elif waits:
            st.rerun()
        else:
            answer = watch.answer(asked[0])
            maps(f"{asked[1]} → {asked[2]}", answer["labels"], answer["layers"], answer.get("probe"))


def maps(title: str, labels: list[str], head: list[list[float]], probe: list[list[float]] | None) -> None:
    """Draw both maps side by side, and what they say."""
    st.markdown(f"**{plain(title)}**  \n{plain(told.forming_sentences(labels, head, probe))}")
    for column, name, rows in zip(st.columns(2, gap="xxsmall"), ("The head would say", "A probe reads"), (head, probe), strict=True):
        if rows:
            with column:
                st.markdown(f"{name}, in %, after layer")
                chart = layer_map(*told.layer_cells(rows, labels, name), (0.0, 100.0), ".0f", f"{name}, by layer, in percent.", height=ROW)
                with st.container(key=f"guide_map_{name.split()[1]}"):  # the page's style keeps its height while the browser loads what draws it
                    st.altair_chart(chart, theme=None, key=f"guide_{name.split()[1]}")

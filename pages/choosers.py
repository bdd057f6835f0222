"""Smarter choices: layers chosen by algorithm, in stages, and with attention; each beside what it costs and what the saved runs say."""

import streamlit as st

from core import figures
from core.store import saved
from core.studies.choosers import picks
from core.studies.choosers.methods import CHOOSERS
from core.views.choosers import by_algorithm as view
from core.views.common.readiness import Readiness, readiness
from core.views.common.text import choice_text, duration, plain
from core.views.lab.overlays import chooser_scores
from pages.parts.choosers.staged_runs import KEPT, in_stages, show_job, with_attention
from pages.parts.common import follow, gate, guard, state
from pages.parts.common.landscapes import all_landscapes, files_stamp
from pages.parts.common.problems import draw_problem, reporting_problems, showing_problems
from pages.parts.common.remembered import clicked_id, remember, remembered_option, view_switch


def draw() -> None:
    state.leave_for_lab()
    st.title("Smarter choices", anchor=False)
    st.markdown("What an algorithm would choose, what choosing costs, and how far the pick is from the best choice that the saved runs know.")
    chosen = state.choice()
    ready = readiness(chosen.teacher, chosen.task)
    if ready.layers is None:
        st.info(plain(ready.problem or " ".join(ready.needs) or "This teacher's layers are not known yet."), icon=":material/hourglass_empty:")
        return
    show = view_switch(KEPT, list(VIEWS), "By algorithm")
    if not ready.ready:
        needs = plain(ready.problem or " ".join(ready.needs))
        st.info(f"{needs} The Lab makes it ready; until then nothing can be run here.", icon=":material/download:")
    draw_problem(box=st.warning)
    with showing_problems():
        VIEWS[show](ready)


def by_algorithm(ready: Readiness) -> None:
    chosen, layers = state.choice(), ready.layers
    k = remembered_option(KEPT, "k", list(range(1, layers + 1)), min(max(len(chosen.layers), 1), layers))
    method = remembered_option(KEPT, "method", list(CHOOSERS), "block-influence")
    job = follow.current_job("choose")  # before what it leaves behind is read: what ends in between is drawn by the next run
    found = view.documents(ready.weights, chosen.task, k, saved_picks(stamp_picks()), ready.data)
    table = judged(found)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input("Student layers", 1, layers, key="w_choosers_k", on_change=remember(KEPT, "k"), width=150)
        st.selectbox("Method", list(CHOOSERS), format_func=lambda name: CHOOSERS[name].page_title, key="w_choosers_method",
                     on_change=remember(KEPT, "method"))
        follow.run_or_stop(job, "choose", "Run it live", run_chooser, disabled=not ready.ready)
    show_job("choose", job)
    if gate.closed([k]):
        return
    one_method(found.get(method), table, method, layers)
    rows = view.rows(table, layers)
    key = f"choosers_rows_{st.session_state.get('choosers_clicks', 0)}"
    st.altair_chart(figures.pick_rows(rows, layers, method), theme=None, key=key, on_select=lambda: clicked(key), selection_mode=figures.PICK)
    cost = " Cost: full runs of one seed." if any(one.cost is not None for one in table.judged.values()) else ""
    st.caption(f"Layers of the teacher, 1 nearest the input; coloured ones are picked. {plain(table.ground_text)}{cost}")


@st.cache_data(max_entries=4, show_spinner=False)
def saved_picks(files: tuple) -> list[dict]:
    return picks.read()


def stamp_picks() -> tuple:
    """Return name, time and size of every file of saved picks."""
    return tuple(sorted((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in picks.folder(saved.FOLDER).glob("*.json*")))


@st.cache_data(max_entries=32, show_spinner="Comparing the picks with the saved runs")
def _judged(files: tuple, pick_files: tuple, marks: tuple, _found: dict) -> view.Table:
    return view.table(_found, all_landscapes(files), picks.frozen())


def judged(found: dict[str, dict]) -> view.Table:
    """Judge the picks, given by method, once for the files that they are judged by. LabError for damaged files."""
    names = ("method", "teacher_hash", "task_hash", "k", "settings_hash", "seconds")
    marks = tuple(tuple(document[name] for name in names) for document in found.values())
    return _judged(files_stamp(), stamp_picks(), marks, found)


def clicked(key: str) -> None:
    """Show the method whose row was clicked."""
    name = clicked_id(key, figures.PICK)
    st.session_state.choosers_clicks = st.session_state.get("choosers_clicks", 0) + 1
    st.session_state.touched = True
    if name in CHOOSERS:
        st.session_state[KEPT]["method"] = st.session_state.w_choosers_method = name


def run_chooser() -> None:
    """Start a chooser, in a callback. The fields are read now: the button may be from before the last change of a field."""
    chosen, fields = state.choice(), st.session_state
    payload = {"teacher": chosen.teacher, "task": chosen.task, "method": fields.w_choosers_method, "k": fields.w_choosers_k}
    with reporting_problems():
        follow.remember_job(follow.submit("choose", payload))


def one_method(document: dict | None, table: view.Table, method: str, layers: int) -> None:
    """Draw what a chooser does, and its pick on the diagram."""
    chooser = CHOOSERS[method]
    left, right = st.columns([5, 6], gap="medium") if document else (None, st.container())
    with right:
        needs = "reads labels" if chooser.labels else "reads no label"
        trains = "trains" if chooser.trains else "trains nothing"
        st.markdown(f"**{chooser.page_title}.** {chooser.line} It {needs} and {trains}; of the task it sees train and validation alone.")
        st.latex(chooser.formula)
        if document is None:
            st.markdown("It has not been run for this teacher, task and size yet.")
        else:
            pick = document["choices"][0]["layers"]
            steps = f" and {document['steps']} training steps" if document["steps"] else ""
            device = document["environment"].get("device_name") or document["environment"]["device"]
            notes = " ".join(document.get("notes", ()))
            st.markdown(f"**Pick: {plain(choice_text(pick, layers))}.** Choosing took {duration(document['seconds'])}{steps} on {plain(device)}. "
                        f"{plain(notes)} {plain(view.regret_text(table.judged.get(method)))} {plain(view.baselines_text(table, method))}")
            st.button("Open this choice in the Lab", icon=":material/science:", on_click=state.open_in_lab, kwargs={"layers": tuple(pick)},
                      key="open_pick")
    if left is not None:
        with left:
            chart = figures.diagram(layers, document["choices"][0]["layers"], clickable=False, overlay=chooser_scores(document))
            st.altair_chart(chart, theme=None, key="choosers_diagram")


VIEWS = {"By algorithm": by_algorithm, "In stages": in_stages, "With attention": with_attention}

guard.require_app()
draw()

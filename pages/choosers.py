"""Smarter choices: layers chosen by algorithm, in stages, and with attention; each beside what it costs and what the saved runs say."""

import pandas as pd
import streamlit as st

from core import figures
from core.errors import LabError
from core.figures import Overlay
from core.figures import choosers as charts
from core.recipe import Recipe, rung
from core.store import jobs
from pages.shared import choosers as view
from pages.shared import choosers_cache as cache
from pages.shared import choosers_jobs as work
from pages.shared import choosers_stages as staged
from pages.shared import choosers_study as study
from pages.shared import guard, page_jobs, state, watch
from pages.shared.follow import drawn, every
from pages.shared.kept import keep, remembered
from pages.shared.readiness import Readiness, readiness
from pages.shared.text import choice_text, duration, layers_text, plain

KEPT = "choosers"  # in the session: what is asked for
LEAVING = "choosers_to_lab"  # in the session: a choice was opened
RUNGS = ("60", "240", "480")


def draw() -> None:
    if st.session_state.pop(LEAVING, False):
        st.switch_page("pages/lab.py")
    st.title("Smarter choices", anchor=False)
    st.markdown("What an algorithm would choose, what choosing costs, and how far the pick is from the best choice that the saved runs know.")
    chosen = state.choice()
    ready = readiness(chosen.teacher, chosen.task)
    if ready.layers is None:
        st.info(plain(ready.problem or " ".join(ready.needs) or "This teacher's layers are not known yet."), icon=":material/hourglass_empty:")
        return
    asked = st.session_state.setdefault(KEPT, {})
    show = remembered(KEPT, "view", list(VIEWS), "By algorithm")
    st.segmented_control("View", list(VIEWS), key="w_choosers_view", on_change=keep(KEPT, "view"), label_visibility="collapsed", required=True,
                         width="stretch")
    if not ready.ready:
        needs = plain(ready.problem or " ".join(ready.needs))
        st.info(f"{needs} The Lab makes it ready; until then nothing can be run here.", icon=":material/download:")
    page_jobs.problem()
    try:
        VIEWS[show](ready, asked)
    except LabError as error:
        st.error(plain(error))


def by_algorithm(ready: Readiness, asked: dict) -> None:
    chosen, layers = state.choice(), ready.layers
    k = remembered(KEPT, "k", list(range(1, layers + 1)), min(max(len(chosen.layers), 1), layers))
    method = remembered(KEPT, "method", list(view.ACCOUNTS), "block-influence")
    found = view.documents(ready.weights, chosen.task, k, cache.saved_picks(cache.stamp_picks()))
    table = cache.table(found)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input("Student layers", 1, layers, key="w_choosers_k", on_change=keep(KEPT, "k"), width=150)
        st.selectbox("Method", list(view.ACCOUNTS), format_func=lambda name: view.ACCOUNTS[name].name, key="w_choosers_method",
                     on_change=keep(KEPT, "method"))
        run_buttons(ready, method, k)
    drawn("drawn_choose", page_jobs.current("choose"))
    st.fragment(lambda: work.show("choose"), run_every=every(page_jobs.current("choose")))()
    one_method(found.get(method), table.judged.get(method), method, layers)
    rows = view.rows(table, layers)
    key = f"choosers_rows_{st.session_state.get('choosers_clicks', 0)}"
    st.altair_chart(charts.pick_rows(rows, layers, method), theme=None, key=key, on_select=lambda: clicked(key), selection_mode=charts.CLICK)
    st.caption(f"Layers of the teacher, 1 nearest the input; coloured ones are picked. {plain(table.ground_text)} Cost: full runs of one seed.")


def clicked(key: str) -> None:
    """A click on a row shows that method."""
    points = ((st.session_state[key] or {}).get("selection") or {}).get(charts.CLICK) or [{}]
    st.session_state.choosers_clicks = st.session_state.get("choosers_clicks", 0) + 1
    st.session_state.touched = True
    if points[0].get("id") in view.ACCOUNTS:
        st.session_state[KEPT]["method"] = points[0]["id"]


def run_buttons(ready: Readiness, method: str, k: int) -> None:
    chosen, job = state.choice(), page_jobs.current("choose")
    if job is not None and not job.over:
        st.button("Stop", icon=":material/stop:", on_click=page_jobs.stop, args=(job.id,), key="stop_choose")
    else:
        st.button("Run it live", type="primary", icon=":material/play_arrow:", on_click=work.start_chooser, disabled=not ready.ready,
                  args=(chosen.teacher, chosen.task, method, k), key="run_choose")


def one_method(document: dict | None, judged, method: str, layers: int) -> None:
    """The method's account, and its pick on the diagram."""
    account = view.ACCOUNTS[method]
    left, right = st.columns([5, 6], gap="medium") if document else (None, st.container())
    with right:
        needs = "reads labels" if account.labels else "reads no label"
        trains = "trains" if account.trains else "trains nothing"
        st.markdown(f"**{account.name}.** {account.line} It {needs} and {trains}; of the task it sees train and validation alone.")
        st.latex(account.formula)
        if document is None:
            st.markdown("It has not been run for this teacher, task and size yet.")
        else:
            pick = document["choices"][0]["layers"]
            steps = f" and {document['steps']} training steps" if document["steps"] else ""
            device = document["environment"].get("device_name") or document["environment"]["device"]
            st.markdown(f"**Pick: {plain(choice_text(pick, layers))}.** Choosing took {duration(document['seconds'])}{steps} on {plain(device)}. "
                        f"{plain(view.regret_text(judged))}")
            st.button("Open this choice in the Lab", icon=":material/science:", on_click=open_in_lab, args=(tuple(pick),), key="open_pick")
    if left is not None:
        with left:
            chart = figures.diagram(layers, document["choices"][0]["layers"], clickable=False, overlay=overlay(document))
            st.altair_chart(chart, theme=None, key="choosers_diagram")


def overlay(document: dict) -> Overlay | None:
    """The scores by layer, where the method has them."""
    scores = {int(layer): value for layer, value in document["layer_scores"].items() if value is not None}
    return Overlay("score", scores, min(0.0, *scores.values()), max(scores.values()), ".2~g") if scores else None


def open_in_lab(layers: tuple[int, ...]) -> None:
    state.change(layers=layers)
    st.session_state[LEAVING] = True


def in_stages(ready: Readiness, asked: dict) -> None:
    methods = [name for name in staged.STAGED]
    method = remembered(KEPT, "staged", methods, "shrinking")
    st.selectbox("Method", methods, format_func=lambda name: staged.STAGED[name][0], key="w_choosers_staged", on_change=keep(KEPT, "staged"))
    st.markdown(staged.STAGED[method][1])
    run_panel(ready, method, None)
    saved_study(attention=False)


def with_attention(ready: Readiness, asked: dict) -> None:
    emphases = list(staged.EMPHASIS)
    emphasis = remembered(KEPT, "emphasis", emphases, "uncertainty")
    st.markdown("Each student layer also learns to look where the teacher layer that seeded it looks. The weights of the layers sum to their number, "
                "so that adapting them changes the emphasis, not the share of attention in the whole.")
    st.selectbox("Emphasis of the layers", emphases, format_func=lambda name: staged.EMPHASIS[name][0], key="w_choosers_emphasis",
                 on_change=keep(KEPT, "emphasis"))
    st.markdown(f"{staged.EMPHASIS[emphasis][1]} ${staged.EMPHASIS[emphasis][2]}$")
    run_panel(ready, "one-stage", emphasis)
    saved_study(attention=True)


def saved_study(attention: bool) -> None:
    """What the saved runs say of such methods; nothing is said while there are none."""
    found = study.rows(cache.study(), attention)
    st.subheader("What the saved runs say", anchor=False)
    if not found:
        st.markdown("No study of these methods is saved yet, so whether they beat one stage is not known.")
        return
    st.table(pd.DataFrame(found).set_index("comparison"))
    st.caption("MiniLM-L6 to 3 layers on composed-nli, test accuracy, all stages counted. One comparison was named beforehand and is tested by "
               "itself; the others are tested together (Holm). A tie is a gap within noise.")


def run_panel(ready: Readiness, method: str, emphasis: str | None) -> None:
    """Budget, Run and Stop, the live curve, and the last run of this kind."""
    chosen = state.choice()
    budget = remembered(KEPT, "budget", list(RUNGS), "240")
    job = page_jobs.current("stages")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control("Steps over all stages", list(RUNGS), key="w_choosers_budget", on_change=keep(KEPT, "budget"), required=True)
        if job is not None and not job.over:
            st.button("Stop", icon=":material/stop:", on_click=page_jobs.stop, args=(job.id,), key="stop_stages")
        else:
            st.button("Run it live", type="primary", icon=":material/play_arrow:", on_click=run_stages, args=(method, emphasis, budget),
                      disabled=not (ready.ready and chosen.layers), key="run_stages")
    what = f"down to {len(chosen.layers)} layers" if method == "shrinking" else f"from {choice_text(chosen.layers, ready.layers)}"
    st.caption(f"A student {plain(what)}, seed {chosen.seed}: as chosen in the Lab. The run is marked as staged and answers no plain run.")
    drawn("drawn_stages", job)
    st.fragment(lambda: work.show("stages", draw_live), run_every=every(job))()
    if job is not None and job.over:
        record = watch.record_of(job)
        if record is not None and "staged" in record:
            outcome(record)


def run_stages(method: str, emphasis: str | None, budget: str) -> None:
    """In a callback."""
    chosen = state.choice()
    try:
        recipe = Recipe(chosen.teacher, chosen.task, chosen.layers, staged.objective(emphasis), rung(budget), seed=chosen.seed)
    except LabError as error:
        st.session_state[page_jobs.PROBLEM] = str(error)
        return
    work.start_stages(method, recipe)


def draw_live(job: jobs.Job, events: list[dict]) -> None:
    recipe = job.payload["recipe"]
    found = staged.live(events, recipe["budget"]["steps"], recipe)
    if found is None:
        return
    last = next((event for event in reversed(events) if event.get("stage_name")), None)
    if last:
        st.markdown(f"Stage {last['stage_number']}: {plain(last['stage_name'])}")
    curves(found)


def curves(found: staged.Drawn) -> None:
    left, right = st.columns(2, gap="small") if found.emphasis else (st.container(), None)
    with left:
        chart(found.accuracies, charts.staged_curve(found.total, bool(found.bounds)), "staged")
        if found.bounds:
            st.caption("A dashed upright line: the next stage begins.")
    if right is not None:
        with right:
            chart(found.emphasis, charts.emphasis_curve(found.names, found.total, found.top), "emphasis")


def chart(rows, altair_chart, key: str) -> None:
    """A chart whose rows come beside it: the browser updates it in place."""
    spec = {name: value for name, value in altair_chart.to_dict().items() if name not in ("data", "datasets")}
    st.vega_lite_chart(pd.DataFrame(rows), spec, theme=None, key=f"choosers_{key}")


def outcome(record: dict) -> None:
    """A staged run that is over."""
    st.markdown(f"**{plain(staged.result_text(record))}** One run: how it stands beside others is for the saved runs to say.")
    curves(staged.of_record(record))
    st.table(pd.DataFrame(staged.stage_rows(record)).set_index("stage"))
    layers = tuple(record["recipe"]["layers"])
    st.button("Open this choice in the Lab", icon=":material/science:", on_click=open_in_lab, args=(layers,), key="open_staged",
              help=f"Layers {layers_text(layers)}, trained in one stage there.")


VIEWS = {"By algorithm": by_algorithm, "In stages": in_stages, "With attention": with_attention}

guard.require_app()
draw()

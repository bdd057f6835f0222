"""The parts of Smarter choices that train: in stages and with attention, live and as the saved study has them."""

import pandas as pd
import streamlit as st

from core import figures as charts
from core.findings.choosers.contrasts import summary
from core.objectives import WEIGHTINGS
from core.recipe import Recipe, rung
from core.store import jobs
from core.studies.stages.staged import Staged
from core.views.choosers import staged_runs
from core.views.common.progress import progress
from core.views.common.readiness import Readiness
from core.views.common.text import choice_text, layers_text, plain
from pages.parts.common import follow, live, state, watch
from pages.parts.common.landscapes import files_stamp
from pages.parts.common.problems import reporting_problems
from pages.parts.common.remembered import remember, remembered_option

KEPT = "choosers"  # in the session: what is asked for
RUNGS = ("60", "240", "480")


def in_stages(ready: Readiness) -> None:
    methods = list(staged_runs.STAGED)
    method = remembered_option(KEPT, "staged", methods, "shrinking")
    st.selectbox("Method", methods, format_func=lambda name: staged_runs.STAGED[name][0], key="w_choosers_staged", on_change=remember(KEPT, "staged"))
    st.markdown(staged_runs.STAGED[method][1])
    run_panel(ready, method, None)
    show_saved_study(method, None)


def with_attention(ready: Readiness) -> None:
    emphases = staged_runs.SHOWN_WEIGHTINGS
    emphasis = remembered_option(KEPT, "emphasis", emphases, "uncertainty")
    st.markdown("Each student layer also learns to look where the teacher layer that seeded it looks. The weights of the layers sum to their number, "
                "so that adapting them changes the emphasis, not the share of attention in the whole.")
    st.selectbox("Emphasis of the layers", emphases, format_func=lambda name: WEIGHTINGS[name].title, key="w_choosers_emphasis",
                 on_change=remember(KEPT, "emphasis"))
    st.markdown(f"{WEIGHTINGS[emphasis].reading} ${WEIGHTINGS[emphasis].formula}$")
    run_panel(ready, "one-stage", emphasis)
    show_saved_study("one-stage", emphasis)


@st.cache_resource(max_entries=2, show_spinner=False)
def saved_study(files: tuple) -> staged_runs.Study:
    """Return the saved study of stages and attention. files: as `files_stamp` gives them."""
    return staged_runs.read_study()


def show_saved_study(method: str, emphasis: str | None) -> None:
    """Draw what the saved runs say of such methods, and one of them whole."""
    there = saved_study(files_stamp())
    found = staged_runs.study_rows(there, attention=emphasis is not None)
    st.subheader("What the saved runs say", anchor=False)
    if not found:
        st.markdown("No study of these methods is saved yet, so whether they beat one stage is not known.")
        return
    st.markdown(plain(summary(there.found)))
    st.table(pd.DataFrame(found).set_index("comparison"))
    st.caption("MiniLM-L6 to 3 layers on composed-nli, test accuracy, all stages counted. One comparison was named beforehand and is tested by "
               "itself; the others are tested together. Where a gap does not "
               "stand out, the table says within how many points it lies, or that the runs are too few to tell.",
               help="Tested together: with Holm's correction of the p-values.")
    record = there.example(method, emphasis)
    if record is not None:
        name = staged_runs.STAGED[method][0] if emphasis is None else WEIGHTINGS[emphasis].title
        with st.expander(f"A saved run: {plain(name)}, seed {record['recipe']['seed']}"):
            whole(record, "saved_")


def run_panel(ready: Readiness, method: str, emphasis: str | None) -> None:
    """Draw the budget, Run and Stop, the live curve, and the last run of this kind."""
    chosen = state.choice()
    remembered_option(KEPT, "budget", list(RUNGS), "240")
    job = follow.current_job("stages")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control("Steps over all stages", list(RUNGS), key="w_choosers_budget", on_change=remember(KEPT, "budget"), required=True)
        follow.run_or_stop(job, "stages", "Run it live", run_stages, (emphasis is not None,), disabled=not (ready.ready and chosen.layers))
    what = f"down to {len(chosen.layers)} layers" if method == "shrinking" else f"from {choice_text(chosen.layers, ready.layers)}"
    st.caption(f"A student {plain(what)}, seed {chosen.seed}: as chosen in the Lab. The run is marked as staged and answers no plain run.")
    show_job("stages", job, draw_live)
    if job is not None and job.over:
        record = watch.record_of(job)
        if record is not None and "staged" in record:
            outcome(record)


def run_stages(attention: bool) -> None:
    """Start a run in stages, in a callback. The fields are read now: the button may be from before the last change of a field."""
    chosen, fields = state.choice(), st.session_state
    method, emphasis = ("one-stage", fields.w_choosers_emphasis) if attention else (fields.w_choosers_staged, None)
    with reporting_problems():
        objective, budget = staged_runs.objective(emphasis), rung(fields.w_choosers_budget)
        recipe = Recipe(chosen.teacher, chosen.task, chosen.layers, objective, budget, seed=chosen.seed)
        payload = {"method": method, "recipe": recipe.to_dict(), "remove": 1}
        follow.remember_job(follow.submit("stages", payload, run_id=Staged(method, recipe).id))


def show_job(kind: str, job: jobs.Job | None, draw=lambda job, events: None) -> None:
    """Draw, in a fragment, how far the job is, or how it ended; draw(job, events) while it runs."""

    def draw_now(now: jobs.Job) -> None:
        if now.over:
            live.draw_end(now, "It failed without a reason.")
            return
        events = follow.events_of(now.id)
        live.progress_bar(progress(now.status, events, jobs.position(now.id), jobs.now()))
        draw(now, events)

    follow.draw_job(job, f"drawn_{kind}", lambda: follow.current_job(kind), draw_now)


def draw_live(job: jobs.Job, events: list[dict]) -> None:
    recipe = job.payload["recipe"]
    found = staged_runs.curves_of_events(events, recipe["budget"]["steps"], recipe)
    if found is None:
        return
    last = next((event for event in reversed(events) if event.get("stage_name")), None)
    if last:
        st.markdown(f"Stage {last['stage_number']}: {plain(last['stage_name'])}")
    curves(found)


def curves(found: staged_runs.Curves, key: str = "") -> None:
    left, right = st.columns(2, gap="small") if found.emphasis else (st.container(), None)
    with left:
        live.chart_of_rows(found.accuracies, charts.staged_curve(found.total, bool(found.bounds)), f"curve_{key}staged")
        if found.bounds:
            st.caption("A dashed upright line: the next stage begins.")
    if right is not None:
        with right:
            live.chart_of_rows(found.emphasis, charts.emphasis_curve(found.names, found.total, found.top), f"curve_{key}emphasis")


def whole(record: dict, key: str = "") -> None:
    """Draw a staged run: what came out, its curves, and what each stage chose and why."""
    st.markdown(f"**{plain(staged_runs.result_text(record))}**")
    curves(staged_runs.curves_of_record(record), key)
    st.table(pd.DataFrame(staged_runs.stage_rows(record)).set_index("stage"))


def outcome(record: dict) -> None:
    """Draw a staged run that is over."""
    st.markdown("One run: how it stands beside others is for the saved runs to say.")
    whole(record)
    layers = tuple(record["recipe"]["layers"])
    st.button("Open this choice in the Lab", icon=":material/science:", on_click=state.open_in_lab, kwargs={"layers": layers},
              key="open_staged", help=f"Layers {layers_text(layers)}, trained in one stage there.")

"""The Lab: pick teacher layers, run a short distillation, watch it, see what came out."""

import pandas as pd
import streamlit as st

from core import figures
from core.errors import LabError
from core.recipe import BUNDLES, RUNGS
from core.store import jobs, records
from pages.shared import choice as choices
from pages.shared import guard, machine, objectives, picking, result, state, watch
from pages.shared.budget import rung_labels, timing_note
from pages.shared.learner import learner
from pages.shared.progress import Curves, Progress, live_curves, progress, record_curves
from pages.shared.readiness import Readiness, readiness, size_text
from pages.shared.text import percent, plain, points
from pages.shared.tuning_time import tuning_time

POLL = {"running": 1.0, "queued": 3.0}  # seconds; other sessions do not poll
DETAILS = {"groups": "By group", "confusion": "Confusion", "norms": "What moved", "table": "Record"}


def draw() -> None:
    chosen = state.choice()
    ready = readiness(chosen.teacher, chosen.task)
    st.title("Which teacher layers should a student start from?", anchor=False)
    if state.problems():
        st.warning("  \n".join(map(plain, state.problems())), icon=":material/link_off:")
    if ready.problem and not ready.can_tune:
        st.error(plain(ready.problem))
    if ready.layers is None:
        needs_panel(ready)
        return
    if ready.ready:
        machine.warm(chosen.teacher, chosen.task)
    presets(ready.layers)
    left, right = st.columns([20, 29], gap="medium")
    with left:
        diagram(ready)
    with right:
        if ready.ready:
            run_panel(ready)
        else:
            needs_panel(ready)


def presets(layers: int) -> None:
    chosen = state.choice()
    names = picking.available(layers, max(len(chosen.layers), 1))
    st.session_state.w_preset = picking.current(chosen.layers, layers, st.session_state.get("preset_clicked"))
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        st.session_state.w_k = max(len(chosen.layers), 1) if len(chosen.layers) <= layers else None
        if len(chosen.layers) <= layers:
            st.number_input("Student layers", 1, layers, key="w_k", on_change=picked_size, width=130)
        st.pills("Presets", names, format_func=lambda name: names[name], key="w_preset", on_change=picked_preset, width="stretch", wrap=True)


def picked_preset() -> None:
    name, chosen = st.session_state.w_preset, state.choice()
    if name is None:  # a click on the preset that is in force
        return
    draws = st.session_state.get("random_draws", 0)
    if name == "random":
        st.session_state.random_draws = draws + 1
    layers = choices.teacher_layers(chosen.teacher, chosen.task)
    if layers:
        st.session_state.preset_clicked = name
        state.change(layers=picking.take(name, layers, max(len(chosen.layers), 1), chosen.layers, draws))


def picked_size() -> None:
    chosen = state.choice()
    layers = choices.teacher_layers(chosen.teacher, chosen.task)
    if layers and st.session_state.w_k:
        state.change(layers=choices.resized(chosen, st.session_state.w_k, layers))


def diagram(ready: Readiness) -> None:
    chosen, layers = state.choice(), ready.layers
    number, first = st.session_state.diagram
    key = f"diagram_{number}"
    if chosen.ordered:
        chart = figures.diagram(layers, first)
        st.altair_chart(chart, theme=None, key=key, on_select=lambda: picked_blocks(key, layers), selection_mode=figures.SELECTION)
    else:
        st.altair_chart(figures.diagram(layers, chosen.layers, clickable=False), theme=None, key=f"{key}_{chosen.layers}")
    st.session_state.w_layers = sorted(set(chosen.layers))
    st.pills(
        "The same by keyboard (1 is nearest the input)" if chosen.ordered else "A click here leaves the written order",
        range(1, layers + 1), selection_mode="multi", key="w_layers", on_change=picked_pills, wrap=True,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(size_text(ready, len(chosen.layers)) or "Click the teacher's blocks to choose layers.")
        with st.popover("Order and repeats", icon=":material/tune:", type="tertiary"):
            st.session_state.w_order = ", ".join(map(str, chosen.layers))
            st.text_input("Teacher layers in the student's order, from the input", key="w_order", on_change=picked_order, args=(layers,))
            st.caption("The first is the student layer nearest the input. A layer may be named twice, for example 5, 3, 3.")
            if st.session_state.get("order_problem"):
                st.error(plain(st.session_state.order_problem))


def picked_blocks(key: str, layers: int) -> None:
    state.change(redraw=False, layers=picking.from_selection(st.session_state[key], layers))


def picked_pills() -> None:
    state.change(layers=tuple(sorted(st.session_state.w_layers)))


def picked_order(layers: int) -> None:
    st.session_state.order_problem = ""
    try:
        state.change(layers=picking.from_text(st.session_state.w_order, layers))
    except LabError as error:
        st.session_state.order_problem = str(error)


def run_panel(ready: Readiness) -> None:
    chosen = state.choice()
    seconds = machine.step_seconds(chosen.teacher, chosen.task, len(chosen.layers))
    job = watch.watched()
    active = job is not None and not job.over
    st.session_state.w_objective, st.session_state.w_budget, st.session_state.w_seed = chosen.objective, chosen.budget, chosen.seed
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Objective", list(BUNDLES), format_func=objectives.title, key="w_objective", on_change=changed("objective", "w_objective"),
                     help=f"{objectives.line(chosen.objective)}\n\n${objectives.formula(chosen.objective)}$")
        st.number_input("Seed", 0, choices.LARGEST_SEED, key="w_seed", on_change=changed("seed", "w_seed"), width=110)
        if active:
            st.button("Stop", icon=":material/stop:", on_click=stop, args=(job.id,), width=110)
        else:
            st.button("Run", type="primary", icon=":material/play_arrow:", on_click=run, disabled=not chosen.layers, width=110,
                      help=None if chosen.layers else "Choose at least one layer first.")
    labels = rung_labels(seconds, machine.train_examples(chosen.task))
    st.segmented_control("Budget", list(RUNGS), format_func=lambda name: labels[name], key="w_budget", on_change=changed("budget", "w_budget"),
                         help=timing_note(seconds), required=True, width="stretch")
    if st.session_state.get("run_problem"):
        st.error(plain(st.session_state.run_problem))
    drawn("drawn_run", job)
    st.fragment(outcome, run_every=POLL.get(job.status) if job else None)()


def changed(field: str, key: str):
    def callback() -> None:
        if st.session_state[key] is not None:
            state.change(redraw=False, **{field: st.session_state[key]})

    return callback


def run() -> None:
    st.session_state.run_problem = ""
    st.session_state.touched = True
    try:
        recipe = state.choice().recipe()
        machine.ensure()
        st.session_state.run_job = jobs.submit("distill", recipe.to_dict(), run_id=recipe.id, learner=learner()).id
        st.session_state.shown_run = None
    except LabError as error:
        st.session_state.run_problem = str(error)


def stop(job_id: int) -> None:
    st.session_state.touched = True
    try:
        jobs.cancel(job_id)
    except LabError as error:
        st.session_state.run_problem = str(error)


def outcome() -> None:
    """The run that this session watches: waiting, running or over. Drawn again by itself while it goes on."""
    try:
        job = watch.watched()
        if job is None or st.session_state.get("shown_run"):
            earlier_run(None)
            return
        follow("drawn_run", job)
        if not job.over:
            running(job)
            return
        record = watch.record_of(job)
        if job.status == "failed":
            st.error(plain(job.reason or "The run failed without a reason."), icon=":material/error:")
        elif record is None:
            st.info(plain(job.reason or "Stopped."), icon=":material/stop:")
        else:
            differs(job.payload)
            show(record)
        if record is None:
            earlier_run(job)
    except LabError as error:
        st.error(plain(error))


def differs(recipe: dict) -> None:
    """Say so when the settings above are no longer those of the run below."""
    try:
        same = bool(state.choice().layers) and state.choice().recipe().to_dict() == recipe
    except LabError:
        same = False
    if not same:
        st.caption(f":material/history: The run below is of {plain(choices.recipe_text(recipe))}; the settings above have changed since.")


def earlier_run(job: jobs.Job | None) -> None:
    """Nothing to watch: what to do, and the saved run of this recipe where there is one."""
    chosen = state.choice()
    shown = st.session_state.get("shown_run")
    if shown:
        record = records.by_row(shown)
        if record is not None:
            st.caption(":material/inventory_2: A saved run, made earlier; Run trains it again.")
            differs(record["recipe"])
            show(record)
            return
    if job is None:
        st.info(
            "**Pick** layers on the left: each block you click seeds one layer of the student. **Run** trains the student to answer like "
            "its teacher, and you see how far it gets.", icon=":material/lightbulb:",
        )
    saved = records.finished(chosen.recipe().id) if chosen.layers else None
    if saved:
        st.button("Show the saved run of this recipe", icon=":material/inventory_2:", on_click=show_saved, args=(saved["row"],))


def show_saved(row: int) -> None:
    st.session_state.shown_run = row
    st.session_state.touched = True


def running(job: jobs.Job) -> None:
    machine.keep_running()
    events = watch.events(job.id)
    place = jobs.position(job.id) if job.status == "queued" else None
    bar(progress(job.status, events, place, jobs.now()))
    st.caption(plain(choices.recipe_text(job.payload)))
    curves = live_curves(events)
    if curves:
        draw_curves(curves)
    else:
        st.container(height=250, border=False)


def bar(now: Progress) -> None:
    st.progress(now.fraction, text=f"{plain(now.text)}{f' · {now.eta} left' if now.eta else ''}")


def draw_curves(curves: Curves) -> None:
    left, right = st.columns([5, 6], gap="small")
    empty = {"step": 0, "value": None}
    with left:
        rows_chart(curves.accuracies or [empty | {"line": "student"}], figures.accuracy_curve(curves.total), "accuracy")
    with right:
        chart = figures.loss_curve(curves.parts, curves.total, curves.top)
        rows_chart(curves.losses or [empty | {"part": curves.parts[0]}], chart, "loss")


def rows_chart(rows, chart, key: str) -> None:
    """A chart whose rows come beside it: the browser updates it in place."""
    spec = {name: value for name, value in chart.to_dict().items() if name not in ("data", "datasets")}
    st.vega_lite_chart(pd.DataFrame(rows), spec, theme=None, key=f"curve_{key}")


def show(record: dict) -> None:
    """A run that is over."""
    what = result.result(record)
    st.markdown(f"**{plain(what.headline)}**")
    student, before, teacher = st.columns(3)
    quiet = {"delta_color": "off", "delta_arrow": "off", "border": True}
    gain = what.student - what.initial
    moved = {"delta_color": "normal" if round(gain, 3) else "off", "delta_arrow": "auto" if round(gain, 3) else "off"}
    student.metric("Student", percent(what.student), points(gain), border=True, **moved,
                   help=f"On {what.n} {what.split}; the change since before step 1.")
    before.metric("Before step 1", percent(what.initial), f"one class: {percent(what.majority, 0)}", **quiet,
                  help="What seeding alone is worth. One class: always naming the most frequent one.")
    teacher.metric("Teacher", percent(what.teacher), f"agree: {percent(what.agreement, 0)}", **quiet,
                   help="Agree: how often student and teacher give the same answer, right or wrong.")
    st.caption(plain(" ".join(what.cautions)))
    draw_curves(record_curves(record))
    details(record)


def details(record: dict) -> None:
    """One of the details at a time; the others are not built."""
    part = st.segmented_control("Details", list(DETAILS), format_func=DETAILS.get, key="w_details", default="groups", label_visibility="collapsed")
    final = record["final"]
    if part == "groups":
        st.caption("Lowest first. Dashed line: accuracy on all examples. Orange tick, where there is one: the teacher.")
        st.altair_chart(figures.accuracy_bars(result.group_rows(record), final["accuracy"]), theme=None, key="groups")
    elif part == "confusion":
        st.altair_chart(figures.confusion_map(final["confusion"], record["labels"]), theme=None, key="confusion")
    elif part == "norms":
        st.caption("The output is on top, as in the diagram. A part that did not move was not trained.")
        st.altair_chart(figures.norm_bars(result.norm_rows(record)), theme=None, key="norms")
    elif part == "table":
        st.download_button("Download the run as JSON", result.download(record), f"layer-lab-{record['id']}.json", "application/json",
                           icon=":material/download:", on_click="ignore")
        st.json(result.summary(record), expanded=1)


def needs_panel(ready: Readiness) -> None:
    """A teacher that is not ready: what is missing, and the offer to fetch or fine-tune it."""
    chosen = state.choice()
    if not ready.can_tune:
        return
    try:
        job = watch.readying(chosen.teacher, chosen.task)
    except LabError as error:
        st.error(plain(error))
        return
    st.subheader("This teacher has to learn the task first", anchor=False)
    for sentence in ready.needs or (ready.problem,):
        st.markdown(plain(sentence))
    st.markdown(
        "Fine-tuning trains the whole teacher on the labels, once; it is then kept on this machine for every later run. "
        f"You can leave this page: it goes on. {tuning_time(chosen.teacher, chosen.task, ready.layers)}"
    )
    with st.container(horizontal=True):
        if job is not None and not job.over:
            st.button("Stop fine-tuning" if job.kind == "tune" else "Stop downloading", icon=":material/stop:", on_click=stop, args=(job.id,))
        else:
            st.button("Fine-tune this teacher", type="primary", icon=":material/model_training:", on_click=make_ready, args=("tune",))
            if ready.layers is None:
                st.button("Download only", icon=":material/download:", on_click=make_ready, args=("fetch",),
                          help="A checkpoint that already is a classifier for the task's labels needs no fine-tuning.")
    if st.session_state.get("run_problem"):
        st.error(plain(st.session_state.run_problem))
    drawn("drawn_ready", job)
    st.fragment(ready_progress, run_every=POLL.get(job.status) if job else None)()


def make_ready(kind: str) -> None:
    st.session_state.run_problem = ""
    st.session_state.touched = True
    chosen = state.choice()
    payload = {"teacher": chosen.teacher} | ({"task": chosen.task, "seed": 0} if kind == "tune" else {})
    try:
        machine.ensure()
        st.session_state.ready_job = jobs.submit(kind, payload, learner=learner()).id
    except LabError as error:
        st.session_state.run_problem = str(error)


def ready_progress() -> None:
    chosen = state.choice()
    try:
        job = watch.readying(chosen.teacher, chosen.task)
        if job is None:
            return
        follow("drawn_ready", job)
        if not job.over:
            machine.keep_running()
            events = watch.events(job.id)
            bar(progress(job.status, events, jobs.position(job.id), jobs.now()))
            curves = live_curves(events)
            if curves:
                draw_curves(curves)
        elif job.status == "failed":
            st.error(plain(job.reason or "It failed without a reason."), icon=":material/error:")
        elif job.status == "stopped":
            st.info(plain(job.reason or "Stopped."), icon=":material/stop:")
    except LabError as error:
        st.error(plain(error))


def drawn(key: str, job: jobs.Job | None) -> None:
    """Remember the status that the page around the fragment was drawn for."""
    st.session_state[key] = (job.id, job.status) if job else None


def follow(key: str, job: jobs.Job) -> None:
    """When a watched job's status has changed, draw the whole page again: its buttons and the polling follow the status."""
    if st.session_state.get(key) != (job.id, job.status):
        st.rerun()


guard.require_app()
draw()

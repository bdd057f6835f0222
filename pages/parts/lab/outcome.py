"""The Lab's outcome: the run that this session watches, waiting, running or over; else a saved run, else an example."""

import streamlit as st

from core.errors import LabError
from core.findings.known_runs import known_runs
from core.recipe import Recipe, count_of_layers
from core.store import jobs, predictions, records
from core.store.saved import saved_runs
from core.views.common import choice as choices
from core.views.common.fit import as_fit
from core.views.common.prediction import figures_open, predicted_accuracy, run_visible
from core.views.common.progress import Progress, live_curves, progress, with_band, with_prediction
from core.views.common.recipe_runs import answer_of, ground_now, ground_text
from core.views.common.text import plain
from core.views.lab import moved
from core.views.lab.references import example, seed_band
from pages.parts.common import fits, live, machine, state, watch
from pages.parts.common.follow import poll_seconds, redraw_on_change, remember_status
from pages.parts.common.learner import learner
from pages.parts.common.problems import RUN, reporting_problems, showing_problems
from pages.parts.lab import moved as lab_moved
from pages.parts.lab import result as lab_result

HIDDEN = "There is a run of this teacher, task and size; its figures show once you have committed a prediction or skipped it."


def draw(job: jobs.Job | None, record: dict | None) -> None:
    """job, record: what the page around the outcome is drawn for; where they change it is drawn again."""
    remember_status("drawn_run", job)
    st.session_state.drawn_record = record and (record["id"], record.get("row"))
    st.fragment(outcome, run_every=poll_seconds(job))()


def outcome() -> None:
    """Drawn again by itself while the watched run goes on."""
    with showing_problems():
        job = watch.watched_run()
        if job is not None:
            redraw_on_change("drawn_run", job)
        record = displayed_record(job)
        if (record and (record["id"], record.get("row"))) != st.session_state.drawn_record:
            st.rerun()
        if job is not None and not job.over:
            going_on(job, record)
        if record is not None:
            over(record, saved=requested_run() is not None)
        elif job is None or job.over:
            ended_without(job)


def displayed_record(job: jobs.Job | None) -> dict | None:
    """Return the record on the page: none while the watched run trains; else the saved one that was asked for, else the watched one's.

    A watched job whose row is gone (the store was deleted) shows nothing.
    """
    if job is not None and job.status == "running":
        return None
    return requested_run() or (watch.record_of(job) if job is not None and job.over else None)


def requested_run() -> dict | None:
    """Return the saved run that was asked for; None when there is none, or it is gone."""
    wanted = st.session_state.get("shown_run")
    if not wanted:
        return None
    if wanted["row"] is not None:
        return records.by_row(wanted["row"])
    return next((r for r in saved_runs(*wanted["pair"]) if (r["id"], r["file"]) == (wanted["id"], wanted["file"])), None)


def going_on(job: jobs.Job, record: dict | None) -> None:
    """Draw a run that waits or trains. record: a saved run that is looked at meanwhile."""
    machine.keep_running()
    events, queue = watch.events(job.id), watch.queue_state(job)
    waits = queue is not None and job.status == "queued"
    live.progress_bar(Progress(queue.text(), 0.0) if waits else progress(job.status, events, now=jobs.now()))
    others = queue.watchers - 1 if queue else 0
    if others > 0:
        st.caption(f":material/group: {others} other learner{'s watch' if others > 1 else ' watches'} this run too.")
    differs(job.payload)
    if job.status == "queued":
        if record is None:
            offer(job.run_id, job.payload["teacher"], job.payload["task"])
        return
    if not visible(job.payload):
        return
    prepared = next((event for event in events if event["kind"] == "prepared"), {})
    fits.draw(as_fit(prepared["fit"]) if prepared.get("fit") else None)
    curves = live_curves(events, job.payload["budget"])
    if curves:
        teacher, task = job.payload["teacher"], job.payload["task"]
        weights, data = ground_now(teacher, task)
        curves = with_band(curves, seed_band(job.payload, weights, known_runs(teacher, task), data))
        curves = with_prediction(curves, predicted_accuracy(predictions.of_recipe(learner(), job.run_id)))
    live.draw_curves(curves)
    if curves:
        untrained = bool(job.payload.get("seeding", {}).get("untrained_layers"))
        lab_moved.draw(moved.live(events, job.payload["layers"], untrained))


def visible(recipe: dict) -> bool:
    """Return whether figures of a run of this recipe may be seen; says so where they may not."""
    chosen = state.choice()
    allowed = run_visible({"recipe": recipe}, chosen, figures_open(learner(), chosen, state.lesson()))
    if not allowed:
        st.info(HIDDEN, icon=":material/visibility_off:")
    return allowed


def over(record: dict, saved: bool) -> None:
    """Draw a run that is over, where its figures may be seen."""
    if not visible(record["recipe"]):
        return
    if saved and state.researcher():
        where = "A saved run, which came with the program" if record.get("file") else "A saved run, made here earlier"
        where = "A run imported from another machine" if record.get("imported") else where
        st.caption(f":material/inventory_2: {where}; Run trains it again.")
    differs(record["recipe"])
    lab_result.draw(record)


def ended_without(job: jobs.Job | None) -> None:
    """No figures to show: why, what to do, and the saved run of this recipe where there is one."""
    chosen = state.choice()
    if job is not None and job.status == "failed":
        st.error(plain(job.reason or "The run failed without a reason."), icon=":material/error:")
    elif job is not None:
        st.info(plain(job.reason or "Stopped."), icon=":material/stop:")
    elif st.session_state.get("left_note"):
        st.info(plain(st.session_state.left_note), icon=":material/group:")
    elif chosen.layers and going_on_elsewhere(chosen.recipe()):
        st.info("This very run is going on for another learner; Run joins it.", icon=":material/group:")
    is_open = bool(chosen.layers) and figures_open(learner(), chosen, state.lesson())
    offered = is_open and offer(chosen.recipe().id, chosen.teacher, chosen.task)
    if state.researcher() and job is None and not offered:
        an_example(chosen)


def going_on_elsewhere(recipe: Recipe) -> bool:
    """Return whether Run would join a job that is in the queue."""
    same = [other for other in jobs.queue() if other.run_id == recipe.id]
    return any(other.ground in (None, ground_text(recipe.to_dict())) for other in same)


def an_example(chosen: choices.Choice) -> None:
    """Draw a finished run of another size, so that an empty page shows what a result is and gives nothing away."""
    record = example(chosen, saved_runs())
    if record is not None:
        size = count_of_layers(len(record["recipe"]["layers"]))
        st.caption(f":material/school: An example that came with the program, of a student with {size}: "
                   f"{plain(choices.recipe_text(record['recipe']))}.")
        lab_result.brief(record)


def differs(recipe: dict) -> None:
    """Say so when the settings above are no longer those of the run below."""
    try:
        same = bool(state.choice().layers) and state.choice().recipe().to_dict() == recipe
    except LabError:
        same = False
    if not same:
        st.caption(f":material/history: The run below is of {plain(choices.recipe_text(recipe))}; the settings above are others.")


def offer(run_id: str, teacher: str, task: str) -> bool:
    """Return a button for the saved run of this recipe; False when there is none."""
    record = answer_of(run_id, teacher, task)
    if record:
        st.button("Show the saved run of this recipe", icon=":material/inventory_2:", on_click=show_saved, args=(record,))
    return record is not None


def show_saved(record: dict) -> None:
    """Show this saved run instead of the watched one. What is seen can no longer be predicted."""
    chosen = state.choice()
    with reporting_problems(RUN):
        if chosen.layers and chosen.recipe().id == record["id"]:
            predictions.skip(learner(), chosen.recipe())
    pair = record["recipe"]["teacher"], record["recipe"]["task"]
    st.session_state.shown_run = {"row": record.get("row"), "id": record["id"], "file": record.get("file"), "pair": pair}

"""The race: the chosen recipes trained in turn on the same batches, with its controls, drawn live in one chart."""

from collections.abc import Sequence

import streamlit as st

from core.errors import LabError
from core.findings.versus import pairing_finding, samples_like
from core.recipe import Recipe
from core.statistics.paired import paired_noise
from core.store import jobs, races
from core.store.saved import saved_runs
from core.views.common.fit import as_fit
from core.views.common.progress import Progress, progress
from core.views.common.recipe_runs import answer, ground_text
from core.views.common.text import plain
from core.views.race import curves as race_curves
from pages.parts.common import fits, follow, live, machine, state, watch
from pages.parts.common.learner import learner
from pages.parts.common.problems import draw_problem, reporting_problems, showing_problems
from pages.parts.race import replay

PROBLEM, EVENTS = "race_problem", "race_events"
WHAT = (
    "The choices train in turn, one step each, on the same batches in the same order. What those batches do to all of them alike cancels when "
    "two are compared: a paired comparison. Each run ends as if it had trained alone."
)
SHORT = "All students learn from the same examples in the same order, so that luck is the same for each."


def draw(recipes: Sequence[Recipe], marks: Sequence[str] = "1234") -> None:
    """recipes: what is compared on the page; a race needs two to four that share teacher, task, budget, seed and settings. marks: what the
    page calls each."""
    story = not state.researcher()
    called = {recipe.id: mark for recipe, mark in zip(recipes, marks, strict=False)}
    st.subheader("Race", anchor=False, help=SHORT if story else None)
    if not story:
        st.markdown(WHAT)
    with showing_problems():
        job = jobs.latest(learner(), "race")
        finished = alike(recipes)
        if story and finished and (job is None or job.over):
            replay.draw(finished, "race_replay", [called[record["id"]] for record in finished], still=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            controls(job, recipes, "secondary" if story and finished else "primary")
        draw_problem(PROBLEM, st.warning)
        follow.draw_job(job, "drawn_race", lambda: jobs.latest(learner(), "race"), lambda one: show(one, called, story and bool(finished)))
        if finished and not story:
            with st.expander(f"Replay {len(finished)} finished run{'s' if len(finished) > 1 else ''}", icon=":material/replay:"):
                replay.draw(finished, "race_replay", [called[record["id"]] for record in finished])


def controls(job: jobs.Job | None, recipes: Sequence[Recipe], weight: str) -> None:
    """weight: of the button that starts."""
    if job is None or job.over:
        problem = cannot(recipes)
        st.button("Start the race", type=weight, icon=":material/flag:", key="race_start", on_click=start, args=(tuple(recipes),),
                  disabled=bool(problem), help=problem or "Trains these students now, on this machine.")
        if problem:
            st.caption(plain(problem))
        return
    held = races.control(job.id).paused
    if held:
        st.button("Go on", type="primary", icon=":material/play_arrow:", key="race_go_on", on_click=act, args=(races.go_on, job.id))
    else:
        st.button("Pause", icon=":material/pause:", key="race_pause", on_click=act, args=(races.pause, job.id))
    st.button("Step once", icon=":material/skip_next:", key="race_step", on_click=act, args=(races.step_once, job.id),
              help="One step of every choice, then pause.")
    st.button("Stop", icon=":material/stop:", key="race_stop", on_click=act, args=(stop, job.id))


def alike(recipes: Sequence[Recipe]) -> list[dict]:
    """Return the finished runs of these recipes. Those of the first one's budget: the others have another scale of steps."""
    finished = list(filter(None, map(answer, recipes)))
    return [record for record in finished if record["recipe"]["budget"] == finished[0]["recipe"]["budget"]]


def cannot(recipes: Sequence[Recipe]) -> str | None:
    """Return why these recipes cannot race; None where they can."""
    try:
        races.check(recipes)
    except LabError as error:
        return str(error)
    return None


def start(recipes: Sequence[Recipe]) -> None:
    with reporting_problems(PROBLEM):
        machine.ensure()
        races.submit(recipes, learner(), ground_text(recipes[0].to_dict()))


def stop(job_id: int) -> None:
    st.session_state[PROBLEM] = watch.stop(job_id)


def act(what, job_id: int) -> None:
    """Handle a callback: do this to the race, and keep what goes wrong for the page."""
    with reporting_problems(PROBLEM):
        what(job_id)


def show(job: jobs.Job, called: dict[str, str], replayed: bool) -> None:
    """Inside a fragment: where the race stands and its curves. called: marks by recipe. replayed: once it is over, a replay stands above."""
    events = watch.events(job.id, EVENTS)
    stands(job, events)
    for sentence in race_curves.broke_off(events, job.payload["recipes"]):
        st.warning(plain(sentence), icon=":material/warning:")
    said = next((event["fit"] for event in events if event["kind"] == "prepared" and event.get("fit")), None)
    fits.draw(as_fit(said) if said else None)
    if job.over and replayed:
        return
    marks = [called.get(Recipe.from_dict(recipe).id) for recipe in job.payload["recipes"]]
    view = race_curves.curves_of_events(events, job.payload["recipes"], race_curves.names(job.payload["recipes"], marks) if all(marks) else ())
    if view is not None:
        (replay.draw_chart if state.researcher() else replay.draw_accuracies)(view, "race")
    if job.status == "finished" and state.researcher():
        gained(job)


def stands(job: jobs.Job, events: list[dict]) -> None:
    """Its place in the queue, how far it is, that it is paused, or how it ended."""
    if job.status in ("failed", "stopped"):
        live.draw_end(job, "The race failed without a reason.")
    elif job.status == "finished":
        st.success("The race is over; each run is kept as an ordinary run.", icon=":material/flag:")
    elif job.status == "paused":
        at = max((event["step"] for event in events if event["kind"] == "step"), default=0)
        st.info(f"Paused at step {at}. It was put aside so that others can train; Go on restores it.", icon=":material/pause:")
    else:
        queue = watch.queue_state(job) if job.status == "queued" else None
        live.progress_bar(Progress(queue.text(), 0.0) if queue else progress(job.status, in_turn(events, len(job.payload["recipes"]))))
        if job.status == "running" and races.control(job.id).waits:
            st.caption(":material/pause: Paused before its next step. After 20 seconds there it is put aside, so that others can train.")


def in_turn(events: list[dict], runners: int) -> list[dict]:
    """Return a runner's time left is its own, and in a race all take it one after another; a stage is of one runner, whose number is told."""
    found = [event | {"eta": event["eta"] * runners} if event["kind"] == "step" else event for event in events]
    if found and found[-1]["kind"] == "stage" and "runner" in found[-1]:
        found[-1] = found[-1] | {"text": f"Run {found[-1]['runner'] + 1} of {runners}: {found[-1]['text'][0].lower()}{found[-1]['text'][1:]}"}
    return found


def gained(job: jobs.Job) -> None:
    """Say what pairing is worth here, from the saved runs."""
    first = {"recipe": job.payload["recipes"][0]}
    saved = saved_runs(job.payload["teacher"], job.payload["task"])
    made = next((run for run in saved if run["recipe"]["budget"] == first["recipe"]["budget"]), None)
    if made is None:
        return
    samples = samples_like(made | first, saved)
    finding = pairing_finding(paired_noise(samples), [run["id"] for runs in samples.values() for run in runs])
    st.caption(plain(finding.sentence))

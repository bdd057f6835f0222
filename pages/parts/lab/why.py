"""The panel "Why?" of a finished run: one or two sentences of measured evidence, the chain of its layers, and what is known at each seam."""

import streamlit as st

from core import figures
from core.findings.story import reason_story, story
from core.findings.why.own_reason import judged
from core.findings.why.why import Why, why
from core.store import jobs, predictions
from core.store.ground import ground
from core.store.seam_costs import SeamCosts, seam_costs
from core.views.common.choice import Choice
from core.views.common.glossary import define
from core.views.common.progress import in_parts
from core.views.common.text import layers_text, plain
from core.views.explanation.view import MARKS, Explanation
from core.views.lab import why as view
from pages.parts.common import follow, live, state
from pages.parts.common.learner import learner
from pages.parts.common.problems import RUN, reporting_problems
from pages.parts.common.remembered import clicked_id
from pages.parts.lab import explanation as lab_explanation

MEASURING = "seams"  # the kind of job
LEGEND = " · ".join(f"{mark.icon} {mark.word}: {mark.meaning}" for mark in MARKS.values()) + f". {view.BESIDE}"


def draw(record: dict) -> None:
    explained = lab_explanation.of(record)
    found, opened = reasons_of(record, explained), sizes_open(record)
    if state.researcher():
        st.markdown("**Why?**", help=LEGEND)
        for one in found.findings:
            st.markdown(f"{MARKS[one.strength].icon} {plain(one.sentence)}")
    else:
        reasons, _ = story(explained.findings, found)
        lab_explanation.short(reasons, "**Why?** ", f"{view.BESIDE}  \n{define('seam')}")
    if found.seams:
        picked = pick(record, found)
        if picked is not None:
            details(record, found, picked)
        measure(record, found)
    own_reason(record, explained, opened)
    if found.hidden:
        waiting(record, found)


def sizes_open(record: dict) -> tuple[int, ...]:
    """Return the numbers of layers of which figures may be seen."""
    return tuple(k for k in range(1, record["teacher"]["layers"]) if lab_explanation.may_see(record, k))


def reasons_of(record: dict, explained: Explanation) -> Why:
    costs = seam_costs(*ground(record))
    measured = (costs.examples, costs.accuracy, costs.seconds) if costs else None
    return _why((*lab_explanation.identity(record), *lab_explanation.stamp_of(record)), sizes_open(record), measured, explained, costs)


def rest(record: dict) -> None:
    """Draw what the story says besides its reasons."""
    explained = lab_explanation.of(record)
    _, others = story(explained.findings, reasons_of(record, explained))
    lab_explanation.short(others, "**What else?** ")


def own_reason(record: dict, explained: Explanation, opened: tuple[int, ...]) -> None:
    """Judge the reason that the learner gave before the run."""
    made = predictions.of_recipe(learner(), record["id"])
    said = judged(made.reason, explained.evidence, lambda k: k in opened) if made and not made.skipped else None
    if said is not None:
        st.markdown(f":material/target: {plain(said.sentence if state.researcher() else reason_story(said))}")


def pick(record: dict, found: Why) -> str | None:
    """Draw the chain and the keyboard's way to a seam; returns the seam that was asked for."""
    layers, chosen = record["teacher"]["layers"], tuple(record["recipe"]["layers"])
    names = {view.identity(one.seam): view.label(one.seam, layers) for one in found.seams}
    kept = f"w_why_seam_{record['id']}"
    if st.session_state.get(kept) not in names:
        st.session_state[kept] = None
    key = f"why_chain_{st.session_state.get('why_clicks', 0)}"  # a new chart after each click, which has nothing selected

    def clicked() -> None:
        st.session_state.why_clicks = st.session_state.get("why_clicks", 0) + 1
        seam = clicked_id(key, figures.SEAM)
        if seam in names:
            st.session_state[kept] = seam

    chart = figures.spec(figures.chain, layers, chosen, view.rows(found), st.session_state[kept])
    st.vega_lite_chart(spec=chart, theme=None, key=key, on_select=clicked, selection_mode=figures.SEAM)
    asked = st.segmented_control("Seam: what its layers would bring", list(names), format_func=names.get, key=kept)
    st.caption(plain(view.note(found, not state.researcher())))
    return asked


def details(record: dict, found: Why, picked: str) -> None:
    """Draw the students that have layers of one seam back, and the way to load one of them."""
    one = next(one for one in found.seams if view.identity(one.seam) == picked)
    known = view.details(found, one, record["teacher"]["layers"], not state.researcher())
    said = [f"**{plain(known.title)}**", *map(plain, known.notes)]
    for title, lines in (("One or more layers back", known.more), ("The same number of layers", known.same)):
        said += [f"{title}:\n" + "\n".join(f"- {plain(line.text)}" for line in lines)] if lines else []
    st.markdown("\n\n".join(said))
    choices = {layers_text(line.choice): line.choice for line in (*known.more, *known.same) if line.choice}
    if choices:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox("Another choice", list(choices), key=f"w_why_choice_{record['id']}_{picked}")
            st.button("Load these layers", icon=":material/science:", on_click=load, args=(choices[name],), key="why_load")


def load(layers: tuple[int, ...]) -> None:
    """Handle a callback: the Lab on these layers."""
    state.change(layers=layers)


def waiting(record: dict, found: Why) -> None:
    """Say that figures of other sizes wait for a prediction, which can be given up."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(view.hidden_text(found.hidden)))
        if not state.lesson().locks("predict"):
            st.button("Show them now", icon=":material/visibility:", on_click=show_sizes, args=(record, found.hidden), key="why_sizes")


def show_sizes(record: dict, sizes: tuple[int, ...]) -> None:
    """Handle a callback: what is seen can no longer be predicted."""
    recipe = record["recipe"]
    with reporting_problems(RUN):
        for k in sizes:
            predictions.skip(learner(), Choice(recipe["teacher"], recipe["task"], tuple(range(1, k + 1))).recipe())


def measure(record: dict, found: Why) -> None:
    """Offer to measure what each seam costs the teacher, where that is not known; draw how far it is."""
    if found.costs is not None:
        return
    teacher, task = record["recipe"]["teacher"], record["recipe"]["task"]

    def find() -> jobs.Job | None:
        job = follow.current_job(MEASURING)
        return job if job and (job.payload["teacher"], job.payload["task"]) == (teacher, task) else None

    job = find()
    if job is None or job.over:
        st.button("Measure what each seam costs the teacher", icon=":material/straighten:", on_click=start, args=(teacher, task), key="why_measure",
                  help="Nothing is trained. It is done once for this teacher and task, and kept.")
    else:
        st.button("Stop", icon=":material/stop:", on_click=follow.stop, args=(job.id,), key="why_stop")
    follow.draw_job(job, "drawn_seams", find, measuring)


def start(teacher: str, task: str) -> None:
    with reporting_problems(RUN):
        follow.remember_job(follow.submit(MEASURING, {"teacher": teacher, "task": task}))


def measuring(job: jobs.Job) -> None:
    """Inside a fragment: how far the measurement is, or how it ended."""
    if job.over:
        live.draw_end(job, "The measurement failed; measure again.")
    else:
        live.progress_bar(in_parts(view.PARTS, job.status, follow.events_of(job.id), jobs.position(job.id), jobs.now()))


@st.cache_resource(max_entries=64, show_spinner=False)
def _why(identity: tuple, opened: tuple[int, ...], measured: tuple | None, _explained: Explanation, _costs: SeamCosts | None) -> Why:
    mistake = _explained.findings[0].figures.get("mistake")
    return why(_explained.evidence, mistake, _costs, lambda k: k in opened)

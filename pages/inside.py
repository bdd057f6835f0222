"""Inside the teacher: how a prediction forms, then how alike its layers are, what each does and knows, and where it looks."""

import streamlit as st

from core.figures import accuracy_lines, head_spread, layer_map, score_bars, similarity_map
from core.store import jobs, layer_scores
from core.views.common.readiness import readiness
from core.views.common.text import plain
from core.views.inside import view
from pages.parts.common import follow, guard, live, state
from pages.parts.common.problems import draw_problem, reporting_problems, showing_problems
from pages.parts.common.remembered import remember, remembered_option, view_switch
from pages.parts.inside.chains import chains
from pages.parts.inside.forming import KEPT, draw_score_formula, forming

EMPTY = ":material/hourglass_empty:"
MEASURES = {"cka": ("CKA", (0.0, 1.0)), "angular": ("Angular distance", (0.0, 0.5))}


def draw() -> None:
    st.title("Inside the teacher", anchor=False)
    st.markdown("Where the answer appears, what each layer does to a text, and what can be read off it.")
    chosen = state.choice()
    ready = readiness(chosen.teacher, chosen.task)
    if not ready.ready:
        needs = ready.problem or " ".join(ready.needs) or "This teacher is not ready for this task."
        st.info(f"{plain(needs)} The Lab makes a teacher ready.", icon=":material/download:")
        return
    show = view_switch(KEPT, list(VIEWS), next(iter(VIEWS)))
    draw_problem(box=st.warning)
    with showing_problems():
        job = follow.current_job("inside")  # before what it leaves behind is read: what ends in between is drawn by the next run
        scores = layer_scores.find(ready.weights, chosen.task, data=ready.data)
        if show in ASKING:
            ASKING[show](ready)
            return
        measuring(scores, job)
        if scores is None:
            st.info("Nothing has been measured of this teacher on this task yet. Measuring takes a few minutes and is kept: "
                    "the next visit shows it at once.", icon=EMPTY)
        else:
            VIEWS[show](scores)


def measuring(scores: dict | None, job: jobs.Job | None) -> None:
    """Draw what the scores rest on; Measure and Stop; how far a measurement is."""
    chosen = state.choice()
    words, button = st.columns([5, 1.3], vertical_alignment="center", gap="small")
    if scores is not None:
        words.caption(plain(view.basis(scores)))
    with button:
        if job is not None and not job.over:
            st.button("Stop", icon=":material/stop:", on_click=follow.stop, args=(job.id,), key="stop_inside", width="stretch")
        else:
            st.button("Measure again" if scores else "Measure", type="secondary" if scores else "primary", icon=":material/straighten:",
                      on_click=measure, args=(chosen.teacher, chosen.task), key="start_inside", width="stretch")
    follow.draw_job(job, "drawn_inside", lambda: follow.current_job("inside"), draw_measuring)


def measure(teacher: str, task: str) -> None:
    """Handle a callback: have the teacher's layers measured."""
    with reporting_problems():
        follow.remember_job(follow.submit("inside", {"teacher": teacher, "task": task}))


def draw_measuring(job: jobs.Job) -> None:
    """Inside a fragment: how far a measurement is; the end of one of the pair that the page shows."""
    teacher, task = job.payload["teacher"], job.payload["task"]
    shown = (state.choice().teacher, state.choice().task) == (teacher, task)
    if not job.over:
        live.progress_bar(view.measuring(job.status, follow.events_of(job.id), jobs.position(job.id), jobs.now()))
        if not shown:
            st.caption(plain(f"This is the measurement of {teacher} on {task}."))
    elif shown:
        live.draw_end(job, "The measurement failed; measure again.", " What was kept before is shown.")


def similarity(scores: dict) -> None:
    left, right = st.columns([6, 5], gap="medium")
    with right:
        measure = remembered_option(KEPT, "measure", list(MEASURES), "cka")
        st.segmented_control("Measure", list(MEASURES), format_func=lambda name: MEASURES[name][0], key="w_inside_measure",
                             on_change=remember(KEPT, "measure"), required=True)
        st.markdown(plain(view.similarity_text(scores, measure)))
        draw_score_formula(measure)
    with left:
        name, domain = MEASURES[measure]
        st.altair_chart(similarity_map(scores[measure], view.short_names(scores["layers"]), name, domain), theme=None, key=f"map_{measure}")
        st.caption("Rows and columns: emb., the embeddings, then layers 1 to the last, nearest the output. The fuller a cell, the larger its number.")


def influence(scores: dict) -> None:
    left, right = st.columns([6, 5], gap="medium")
    with left:
        st.altair_chart(score_bars(view.short_names(scores["layers"])[1:], scores["influence"], "Block Influence"), theme=None, key="influence")
        st.caption(f"Layers, 1 nearest the input, {scores['layers']} nearest the output.")
    with right:
        st.markdown(plain(view.influence_text(scores)))
        draw_score_formula("influence")


def probes(scores: dict) -> None:
    st.markdown(plain(view.probe_text(scores)))
    rows, columns, cells = view.probe_map(scores)
    chart = layer_map(rows, columns, cells, (0.0, 100.0), ".0f", "Accuracy of linear probes by layer and phenomenon, in percent.",
                      slanted=len(columns) > 3)
    st.altair_chart(chart, theme=None, key="probes")
    said = "Accuracy on validation in percent; the output is on top."
    groups = scores["probes"][-1]["groups"].values()
    if groups:
        fewest, most = min(group["n"] for group in groups), max(group["n"] for group in groups)
        count = fewest if fewest == most else f"{fewest} to {most}"
        said += f" A phenomenon's probe is trained and tested on its own examples, here {count}: a gap of a few points is noise."
    else:
        said += " This task's examples are not marked with phenomena."
    st.caption(plain(said))
    draw_score_formula("probes", opened=False)


def exits(scores: dict) -> None:
    left, right = st.columns([6, 5], gap="medium")
    with left:
        lines = {"exit here": [layer["accuracy"] for layer in scores["exits"]], "linear probe": [layer["accuracy"] for layer in scores["probes"]]}
        chart = accuracy_lines(view.short_names(scores["layers"]), lines, (view.ONE_CLASS, scores["majority"]))
        st.altair_chart(chart, theme=None, key="exits")
        st.caption("Accuracy on validation. emb.: the embeddings; then layers, 1 nearest the input.")
    with right:
        st.markdown(plain(view.exit_text(scores)))
        draw_score_formula("exits")


def attention(scores: dict) -> None:
    st.markdown(plain(view.attention_text(scores)))
    names, found = view.short_names(scores["layers"])[1:], scores["attention"]
    for column, name, title in zip(st.columns(2, gap="medium"), ("entropy", "distance"), ("Entropy, nats", "Distance, tokens"), strict=True):
        with column:
            st.altair_chart(head_spread(names, found["heads"][name], found[name], title), theme=None, key=f"attention_{name}")
            draw_score_formula(name, opened=False)
    st.caption("A ring is one attention head; the line runs through the layers' means. Layer 1 is nearest the input.")


ASKING = {"A prediction forming": forming, "Chains by hand": chains}  # no measurement is needed first
VIEWS = {
    "A prediction forming": forming, "Similarity": similarity, "Block Influence": influence, "Linear probes": probes, "Exits": exits,
    "Attention": attention, "Chains by hand": chains,
}

guard.require_app()
draw()

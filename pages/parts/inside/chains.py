"""Chains by hand: layers are taken out of the teacher, and what is left answers examples and a text of one's own, cut and bridged."""

from dataclasses import dataclass

import streamlit as st

from core.errors import LabError
from core.figures.chain_answers import chain_answers, kept_bars
from core.store import jobs
from core.views.common.prediction import figures_open
from core.views.common.readiness import Readiness
from core.views.common.text import plain, shortened
from core.views.inside import chains as view
from core.views.inside.view import ONE_CLASS
from pages.parts.common import follow, live, machine, state, watch
from pages.parts.common.learner import learner
from pages.parts.common.problems import reporting_problems, showing_problems
from pages.parts.common.remembered import remember, remembered_option
from pages.parts.inside import texts
from pages.parts.inside.forming import KEPT, POLL, draw_score_formula, examples_of

ASKED = "inside_gap"  # in the session: the Asked that came last
LAYERS = "w_inside_layers"
LESSON = {"gone": "missing", "cut": "cut", "bridged": "bridged", "trained": "trained"}  # columns of its table


@dataclass(frozen=True)
class Asked:
    job: int
    teacher: str
    task: str
    first: str | None
    second: str | None


def chains(ready: Readiness) -> None:
    chosen = state.choice()
    machine.warm(chosen.teacher, chosen.task)
    pair, examples = examples_of(chosen.task)
    asked = asked_last(chosen.teacher, chosen.task)
    answer = answer_to(asked)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        draw_layers(ready.layers, (chosen.teacher, chosen.task, ready.layers, pair))
        first, second = (asked.first, asked.second) if asked else examples[0][:2] if examples else (None, None)
        texts.fill(chosen.task, first, second)
        draw_examples(chosen.task, examples)
        draw_broken(answer, (chosen.teacher, chosen.task, ready.layers, pair))
        with st.form("inside_chain", border=False):
            texts.draw(pair)
            st.form_submit_button("Try this gap", type="primary", icon=":material/content_cut:", on_click=submit,
                                  args=(chosen.teacher, chosen.task, ready.layers, pair))
    with right:
        waits = asked is not None and not jobs.get(asked.job).over
        st.fragment(lambda: draw_tried(chosen.teacher, chosen.task, waits), run_every=POLL if waits else None)()
    draw_lesson()
    draw_score_formula("bridge", opened=False)


def asked_last(teacher: str, task: str) -> Asked | None:
    """Return what was asked last of this pair."""
    found = st.session_state.get(ASKED)
    return found if found and (found.teacher, found.task) == (teacher, task) else None


def answer_to(asked: Asked | None) -> dict | None:
    """Return the whole answer once it is there."""
    return jobs.last_event(asked.job, "answer") if asked and jobs.get(asked.job).status == "finished" else None


def draw_layers(count: int, asking: tuple) -> None:
    """Draw the layers that stay; each click asks anew."""
    kept = st.session_state[KEPT].get("layers")
    if kept is None or st.session_state[KEPT].get("layers_of") != count:
        kept = view.start(state.choice().layers, count)
        st.session_state[KEPT] |= {"layers": kept, "layers_of": count}
    st.session_state[LAYERS] = kept
    st.pills("Layers that stay (1 is nearest the input)", range(1, count + 1), selection_mode="multi", key=LAYERS, on_change=take_layers, args=asking)


def take_layers(*asking) -> None:
    """Handle a callback: remember the layers, and try them."""
    st.session_state[KEPT]["layers"] = sorted(st.session_state[LAYERS])
    submit(*asking)


def draw_examples(task: str, examples: list[tuple]) -> None:
    if examples:
        st.selectbox("Examples of validation", range(len(examples)), format_func=lambda i: f"{examples[i][2]}: {examples[i][0]}",
                     key="w_inside_example", on_change=take_example, args=(task, examples), index=None, placeholder="Take an example")


def take_example(task: str, examples: list[tuple]) -> None:
    """Handle a callback: an example into the fields."""
    place = st.session_state.w_inside_example
    if place is not None:
        texts.put(task, *examples[place][:2])
        st.session_state.touched = True


def draw_broken(answer: dict | None, asking: tuple) -> None:
    """Offer the examples that the cut breaks."""
    if answer is not None and answer["broke"]:
        st.selectbox("Examples that the cut breaks", range(len(answer["broke"])), key="w_inside_broke", index=None,
                     format_func=lambda i: broken_name(answer["broke"][i]), placeholder="Take one and try it", on_change=take_broken,
                     args=(answer["broke"], asking))


def broken_name(one: dict) -> str:
    return f"{one['label']}, cut says {one['said']}: {shortened(one['first'])}"


def take_broken(broke: list[dict], asking: tuple) -> None:
    """Handle a callback: an example into the fields, and ask."""
    place = st.session_state.w_inside_broke
    if place is not None:
        texts.put(asking[1], broke[place]["first"], broke[place]["second"])
        submit(*asking)


def submit(teacher: str, task: str, count: int, pair: bool | None) -> None:
    """Handle a callback: ask what the layers that stay answer. What was asked before and still waits is given up."""
    layers = st.session_state[KEPT]["layers"]
    st.session_state.touched = True
    with reporting_problems():
        give_up(st.session_state.get(ASKED))
        st.session_state[ASKED] = None
        if view.problem(layers, count):
            return
        first, second = texts.typed(pair)
        first = (first or "").strip() or None
        second = second or None if first else None
        job = follow.submit("gap", {"teacher": teacher, "task": task, "layers": layers, "first": first, "second": second})
        st.session_state[ASKED] = Asked(job.id, teacher, task, first, second)


def give_up(asked: Asked | None) -> None:
    """Take a question that still waits out of the queue; one that is being answered goes on, since what it fits serves the next."""
    if asked is not None and jobs.get(asked.job).status == "queued":
        watch.stop(asked.job)


def draw_tried(teacher: str, task: str, waits: bool) -> None:
    """Inside a fragment: what is known so far. When the answer that the page was drawn for has come, the page is drawn again and polls no more."""
    with showing_problems():
        asked = asked_last(teacher, task)
        job = jobs.get(asked.job) if asked else None
        if waits and (job is None or job.over):
            st.rerun()
        if job is None:
            wrong = view.problem(st.session_state[KEPT]["layers"], st.session_state[KEPT]["layers_of"])
            st.info(wrong or "Click layers away or back, or write a text. You see at once what the rest of the teacher answers, nothing trained.",
                    icon=":material/content_cut:")
            return
        if job.status in ("failed", "stopped"):
            raise LabError(job.reason or "The gap was not tried. Try it again.")
        found = answer_to(asked) or jobs.last_event(job.id, "cut")
        if not job.over:
            machine.keep_running()
            draw_waiting(job)
        if found is not None:
            draw_answer(found)


def draw_waiting(job: jobs.Job) -> None:
    """Say how far fitting is, or that the first question loads the teacher."""
    events = follow.events_of(job.id)
    if any(event["kind"] == "stage" for event in events):
        live.progress_bar(view.fitting(job.status, events, jobs.position(job.id), jobs.now()))
    else:
        st.caption(":material/hourglass_empty: Asking the teacher; the first question loads it.")


def draw_answer(answer: dict) -> None:
    st.markdown(" ".join(map(plain, view.kept_text(answer))))
    st.altair_chart(kept_bars(view.kept_rows(answer), (ONE_CLASS, answer["majority"]), "Accuracy of the teacher whole, cut and bridged."),
                    theme=None, key="inside_kept")
    st.caption(plain(f"Accuracy. Dashed line: {ONE_CLASS}, {100 * answer['majority']:.1f} %. {view.BRIDGE}"))
    if "text" in answer:
        draw_text(answer)


def draw_text(answer: dict) -> None:
    """Draw what the teacher and the chains say of the text after every layer."""
    readings = [name for name in view.READINGS if name in answer["text"]["after"]]
    reading = readings[0]
    if len(readings) > 1:
        reading = remembered_option(KEPT, "reading", readings, reading)
        st.segmented_control("Read each layer with", readings, format_func=view.READINGS.get, key="w_inside_reading", required=True,
                             on_change=remember(KEPT, "reading"))
    said = [view.break_text(answer, way, reading) for way in answer["text"]["answers"] if way != "whole"]
    st.markdown("\n".join(f"- {plain(one)}" for one in said))
    rows, columns, cells = view.break_map(answer, reading)
    st.altair_chart(chain_answers(rows, columns, cells, "What the teacher, cut and bridged, says of the text after every layer."), theme=None,
                    key="inside_break")
    st.caption(plain(f"{view.LEGEND} {view.READS[reading]}"))


def draw_lesson() -> None:
    """Draw what the saved runs of the built-in pair say of cutting."""
    found = view.lesson(figures_open(learner(), view.PAIR, state.lesson()))
    if found is None:
        return
    with st.expander("Cutting alone misleads", icon=":material/lightbulb:", expanded=True):
        words, table = st.columns([3, 2], gap="medium")
        words.markdown(plain(" ".join(found.sentences)))
        words.caption(plain(found.note))
        names = [name for name in LESSON if name in found.rows[0]]
        lines = [[LESSON[name] for name in names], ["---", *["---:"] * (len(names) - 1)], *([row[name] for name in names] for row in found.rows)]
        table.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))

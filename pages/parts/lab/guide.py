"""The guided start: five steps above the Lab, each of which sets the Lab's own controls."""

import streamlit as st

from core.errors import LabError
from core.store import jobs
from core.views.common.prediction import figures_open
from core.views.common.readiness import readiness
from core.views.common.text import layers_text, plain
from core.views.guide import copying, told
from core.views.guide.steps import LEADS, STEPS, WINS, of_the_guide, set_by
from pages.parts.common import state, terms, watch
from pages.parts.common.learner import learner
from pages.parts.lab import guide_end, guide_forming, soft_targets

OVERLAY = "probe_accuracy"  # what the blocks show in step 1
FIXED = "This lesson keeps its own settings: the pictures here are of the built-in teacher and task, and they change nothing below."


def draw() -> None:
    """Draw the step that is open; for a new learner the invitation; else nothing."""
    number = st.session_state.get("guide")
    if st.session_state.get("guide_drawn") != number:
        st.session_state.guide_drawn = number
        show_on_blocks(number == 1)
    if number is None:
        if st.session_state.get("guide_invites") and is_new():
            invitation()
        return
    st.session_state.guide_left = number
    with st.container(border=True, key="guide"):
        head(number)
        if not of_the_guide(state.choice()):
            st.caption(f":material/lock: {FIXED}")
        DRAWN[number - 1]()


def head(number: int) -> None:
    """Draw the step's title, and the ways on, back and out, which keep their place from step to step."""
    step, last = STEPS[number - 1], number == len(STEPS)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(width="content"):
            terms.text(f"**Guided start {number} of {len(STEPS)}: {step.title}**", *filter(None, (step.idea, *step.terms)), key="guide_head")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.button("Back", icon=":material/arrow_back:", type="tertiary", key="guide_back", on_click=go, args=(number - 1,), disabled=number == 1)
            st.button("Finish" if last else "Next", icon=":material/done:" if last else ":material/arrow_forward:", key="guide_next",
                      on_click=finish if last else go, args=() if last else (number + 1,))
            st.button("Leave", icon=":material/close:", type="tertiary", key="guide_leave", on_click=leave)


def is_new() -> bool:
    """Return whether this learner has run nothing here yet."""
    try:
        return jobs.latest(learner()) is None
    except LabError:
        return False


def invitation() -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="guide_invitation"):
        st.markdown(":material/waving_hand: **New here?** Five short steps show what a teacher and a student are, and how one learns from the other.",
                    width="content")
        st.button("Show me", icon=":material/route:", key="guide_start", on_click=go, args=(1,))
        st.button("No, thanks", type="tertiary", key="guide_dismiss", on_click=leave)


def offer() -> None:
    """Draw, in the sidebar of the Lab, the way into the guide, to where it was left."""
    if st.session_state.get("guide") is None and st.session_state.get("page") in state.LAB:
        st.button("Guided start", icon=":material/route:", type="tertiary", key="guide_offer", on_click=go,
                  args=(st.session_state.get("guide_left", 1),))


def go(number: int) -> None:
    """Handle a callback: open a step and set what it sets."""
    changed = set_by(number, state.choice(), state.lesson())
    if changed:
        state.change(**changed)
    st.session_state.touched, st.session_state.guide, st.session_state.guide_invites = True, number, False


def finish() -> None:
    leave()
    st.session_state.guide_left = 1


def leave() -> None:
    """Handle a callback: the sidebar opens the guide again where it was left."""
    st.session_state.touched, st.session_state.guide, st.session_state.guide_invites = True, None, False


def show_on_blocks(wanted: bool) -> None:
    """Have the diagram's blocks show how often a probe is right, or take that away again."""
    lesson, shown = state.lesson(), st.session_state.get("overlay_name")
    if wanted and lesson.shows("overlay") and not lesson.locks("overlay"):
        st.session_state.overlay_name = OVERLAY
    elif not wanted and shown == OVERLAY:
        st.session_state.overlay_name = "nothing"


def pairs(key: str, first: int) -> tuple[dict, int] | None:
    """Draw the list of saved pairs; returns their document and the one that is chosen. first: the one that the step opens on."""
    found = told.document()
    if found is None:
        st.info("The saved pairs of the guide are missing from this copy of the program; the other steps work without them.")
        return None
    titles = [told.pair_title(pair) for pair in found["pairs"]]
    place = st.selectbox("A pair of sentences", range(len(titles)), index=first, format_func=titles.__getitem__, key=f"w_guide_{key}",
                         on_change=guide_forming.forget)
    return found, place


def teacher() -> None:
    left, right = st.columns([3, 7], gap="medium")
    with left:
        st.markdown("A **teacher** is a large model that has learned the task. This one reads two sentences: does the second follow from the "
                    "first, may it be true, or is it ruled out?")
        terms.text("Text passes through six **layers**. The **head** turns what the last one gives into an answer. "
                   "A **probe** is a small reader, trained for one layer alone.", "layer", "head", "probe", key="guide_teacher")
        chosen = pairs("teacher", -1 if (found := told.document()) is None else told.typical(found["pairs"]))
        guide_forming.typed()
    with right:
        if chosen is not None:
            guide_forming.draw(*chosen)


def student() -> None:
    left, right = st.columns([2, 3], gap="medium")
    with left:
        terms.text("A **student** is the same model with fewer layers. Each block that you choose is copied, with all that it has learned. "
                   "This is **seeding**.", "student", "seeding", key="guide_student")
        terms.text("Where layers are missing in between, a layer meets an input that it never met before: a **seam**. Training has to mend it.",
                   "seam", key="guide_seam")
        names, chosen = {layers_text(choice): choice for choice in (LEADS, WINS)}, state.choice().layers
        st.session_state.w_guide_layers = layers_text(chosen) if chosen in names.values() else None
        lesson = state.lesson()
        st.segmented_control("Two students to follow; the blocks below do the same", list(names), key="w_guide_layers", on_change=pick, args=(names,),
                             disabled=lesson.locks("layers"))
        st.button("Copy once more", icon=":material/replay:", key="guide_replay", on_click=replay)
    with right:
        layers = readiness(state.choice().teacher, state.choice().task).layers or max(chosen, default=1)
        st.html(copying.picture(layers, chosen, st.session_state.get("guide_played", 0)))


def pick(names: dict[str, tuple[int, ...]]) -> None:
    if st.session_state.w_guide_layers in names and not state.lesson().locks("layers"):
        state.change(layers=names[st.session_state.w_guide_layers])
    replay()


def replay() -> None:
    st.session_state.guide_played = st.session_state.get("guide_played", 0) + 1
    st.session_state.touched = True


def targets() -> None:
    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.markdown("The label names one answer. The teacher's answer says more: how likely it finds each of them. Those shares are **soft "
                    "targets**, and the student learns to give the same.")
        st.markdown(soft_targets.HOW)
        found = told.document()
        chosen = pairs("targets", 0 if found is None else told.hardest(found["pairs"]))
        if chosen is not None:
            st.markdown(f":material/info: {plain(told.sure_sentence(*chosen))}")
    with right:
        if chosen is not None:
            st.markdown(f"**{plain(told.pair_title(chosen[0]['pairs'][chosen[1]]))}**")
            soft_targets.draw(*chosen)


def predict() -> None:
    chosen, lesson = state.choice(), state.lesson()
    if not lesson.shows("predict"):
        st.markdown("This lesson asks for no prediction. Go on to the run.")
        return
    terms.text(f"Below, the student of layers {layers_text(chosen.layers)} is ready to train for a **short run**. How much will it get right? "
               "Say so first, below: a guess of your own makes the result stay in mind.", "accuracy", "short run", key="guide_predict")
    if figures_open(learner(), chosen, lesson):
        st.markdown(":material/check_circle: You have predicted or skipped. Go on to the run.")
    else:
        st.markdown(":material/hourglass_empty: Move the slider and commit, or skip. Until then no result of this size is shown.")


def run() -> None:
    chosen, job = state.choice(), watch.watched_run()
    if not figures_open(learner(), chosen, state.lesson()):
        st.markdown(":material/target: First predict or skip, in the card below. The ending would give the result away.")
        return
    if job is not None and not job.over:
        terms.text(":material/hourglass_top: It trains. Watch the curve below; the ending of this story opens when it is done.",
                   "step", "short run", key="guide_run")
    elif job is None:
        terms.text("Press **Run** below. The student then learns, step by step, to answer like its teacher.", "run", "step", key="guide_run")
    else:
        terms.text(":material/check_circle: Your run is over; its result stands below. Now see what the saved full runs say.",
                   "full run", "saved run", key="guide_run")
    guide_end.draw(opened=job is not None and job.over)


DRAWN = (teacher, student, targets, predict, run)

"""The Lab's left side: presets, the diagram with its keyboard twin, what the blocks show, order and repeats."""

import streamlit as st

from core import figures
from core.findings.known_runs import known_runs
from core.views.common import choice as choices
from core.views.common.readiness import Readiness, size_parts
from core.views.lab import overlays, picking
from pages.parts.common import state, terms
from pages.parts.common.problems import draw_problem, reporting_problems

NOTHING = "nothing"
FRAME = 12  # px around the diagram
ORDER = "order_problem"  # in the session: what is wrong with the order that was typed
SIZE_HELP = (
    "Parameters are counted from the sizes in the teacher's configuration. The speed-up is an estimate: how many multiplications the teacher "
    "needs for an input, over the student's. That is about the ratio of the layers, since embeddings are only looked up. Measured times differ."
)


def presets(layers: int) -> None:
    """Draw the student's size and the presets of that size."""
    chosen, lesson = state.choice(), state.lesson()
    k = max(len(chosen.layers), 1)
    names = picking.available(layers, k)
    size, preset = state.key("size"), state.key("presets")
    st.session_state[preset] = picking.current(chosen.layers, layers, st.session_state.get("preset_clicked"))
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        if lesson.shows("size") and len(chosen.layers) <= layers:
            st.session_state[size] = k
            st.number_input("Student layers", 1, layers, key=size, on_change=picked_size, args=(size, layers), width=130, disabled=fixed("size"))
        if lesson.shows("presets"):
            st.pills("Presets", names, format_func=lambda name: names[name], key=preset, on_change=picked_preset, args=(preset, layers),
                     width="stretch", wrap=True, disabled=fixed("presets"))


def fixed(control: str) -> bool:
    """Return whether the lesson leaves this way of choosing layers alone."""
    return state.lesson().locks("layers") or state.lesson().locks(control)


def picked(control: str, key: str):
    """Return the control's new value; None where it has been drawn anew since: then the browser reports what it showed before."""
    return st.session_state.get(key) if key == state.key(control) else None


def picked_preset(key: str, layers: int) -> None:
    name, chosen = picked("presets", key), state.choice()
    if name is None:  # a click on the preset that is in force, too
        return
    draws = st.session_state.get("random_draws", 0)
    if name == "random":
        st.session_state.random_draws = draws + 1
    st.session_state.preset_clicked = name
    state.change(by="presets", layers=picking.take(name, layers, max(len(chosen.layers), 1), chosen.layers, draws))


def picked_size(key: str, layers: int) -> None:
    if k := picked("size", key):
        state.change(by="size", layers=choices.resized(state.choice(), k, layers))


def scores(ready: Readiness, shown: dict | None, is_open: bool) -> dict[str, figures.Overlay]:
    """Return what the blocks may show, by name. shown: the run that the page shows; is_open: figures of this teacher, task and K may be seen."""
    if not (ready.ready and state.lesson().shows("overlay")):
        return {}
    chosen = state.choice()
    pair = (chosen.teacher, chosen.task)
    of_pair = shown if shown and (shown["recipe"]["teacher"], shown["recipe"]["task"]) == pair else None
    saved = known_runs(*pair) if is_open else []
    return overlays.offered(overlays.Ground(chosen.task, ready.layers, len(chosen.layers), ready.weights, of_pair, saved, ready.data))


def below(ready: Readiness, scores: dict[str, figures.Overlay]) -> None:
    """Draw what stands below the diagram: the keyboard's twin, the student's size, what the blocks show, order and repeats."""
    chosen = state.choice()
    twin(ready.layers)
    if chosen.layers:
        terms.explained(" · ".join(size_parts(ready, len(chosen.layers))), "How the size is counted", SIZE_HELP, "size")
    else:
        st.markdown("Click the teacher's blocks to choose layers.")
    if state.researcher():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if scores:
                on_the_blocks(scores)
            if state.lesson().shows("order"):
                order(ready.layers)


def diagram(ready: Readiness, scores: dict[str, figures.Overlay]) -> None:
    """Draw the chart. When what its blocks show has changed it is a new one, which starts from the present choice."""
    chosen, layers = state.choice(), ready.layers
    wanted = state.researcher() or st.session_state.get("guide")  # the story has no list of scores; a step of the guided start may show one
    overlay = scores.get(st.session_state.get("overlay_name", NOTHING)) if wanted else None
    drawn = (overlay.title, tuple(sorted(overlay.values.items()))) if overlay else None
    if st.session_state.get("overlay_drawn") != drawn:
        st.session_state.overlay_drawn = drawn
        state.start_diagram()
    key, first = state.key("diagram"), st.session_state.diagram_starts
    free = chosen.ordered and not state.lesson().locks("layers")
    spec = figures.diagram_spec(layers, first if free else chosen.layers, clickable=free, overlay=overlay)
    place = st.container(height=spec["height"] + FRAME, border=False)  # it is there before the browser has what draws the chart
    if free:
        place.vega_lite_chart(spec=spec, theme=None, key=key, on_select=lambda: picked_blocks(key, layers), selection_mode=figures.SELECTION)
    else:
        place.vega_lite_chart(spec=spec, theme=None, key=f"{key}_{chosen.layers}")


def picked_blocks(key: str, layers: int) -> None:
    if (event := picked("diagram", key)) is not None:
        state.change(by="diagram", layers=picking.from_selection(event, layers))


def twin(layers: int) -> None:
    """Draw the keyboard's way to the same choice."""
    chosen, key = state.choice(), state.key("pills")
    st.session_state[key] = sorted(set(chosen.layers))
    st.pills(
        "The same by keyboard (1 is nearest the input)" if chosen.ordered else "A click here leaves the written order",
        range(1, layers + 1), selection_mode="multi", key=key, on_change=picked_pills, args=(key,), wrap=True,
        disabled=state.lesson().locks("layers"),
    )


def picked_pills(key: str) -> None:
    if (layers := picked("pills", key)) is not None:
        state.change(by="pills", layers=tuple(sorted(layers)))


def on_the_blocks(scores: dict[str, figures.Overlay]) -> None:
    options, name = [NOTHING, *scores], st.session_state.get("overlay_name", NOTHING)
    st.session_state.w_overlay = name if name in options else NOTHING
    st.selectbox(
        "On the blocks", options, format_func=lambda option: option if option == NOTHING else overlays.title(option), key="w_overlay",
        on_change=picked_overlay, help=overlays.help_text(scores), disabled=state.lesson().locks("overlay"),
    )


def picked_overlay() -> None:
    st.session_state.overlay_name = st.session_state.w_overlay
    st.session_state.touched = True


def order(layers: int) -> None:
    """Draw the advanced editor: any order, layers named twice."""
    chosen, key = state.choice(), state.key("order")
    with st.popover("Order and repeats", icon=":material/tune:", type="tertiary"):
        st.session_state[key] = ", ".join(map(str, chosen.layers))
        st.text_input("Teacher layers in the student's order, from the input", key=key, on_change=picked_order, args=(key, layers),
                      disabled=fixed("order"))
        st.caption("The first is the student layer nearest the input. A layer may be named twice, for example 5, 3, 3.")
        draw_problem(ORDER)


def picked_order(key: str, layers: int) -> None:
    if (text := picked("order", key)) is not None:
        with reporting_problems(ORDER):
            state.change(by="order", layers=picking.from_text(text, layers))

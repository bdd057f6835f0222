"""The landscape: every saved choice beside what came of it, and what that rests on."""

import streamlit as st

from core.errors import LabError
from core.findings.landscape import Landscape
from core.findings.names import pair_text
from core.views.common import saved_options as offered
from core.views.common.text import plain
from core.views.landscape import view
from pages.parts.common import guard, state
from pages.parts.common.landscapes import all_landscapes, files_stamp
from pages.parts.common.remembered import remember, view_switch
from pages.parts.landscape.panels import EMPTY, KEPT, VIEWS, open_in_lab, outside


def draw() -> None:
    state.leave_for_lab()
    st.title("The landscape of every saved choice", anchor=False)
    try:
        found = all_landscapes(files_stamp())
    except LabError as error:
        st.error(plain(error))
        return
    if not found:
        st.info("No run has been saved with the program yet. `python -m core sweep` makes them.", icon=EMPTY)
        outside()
        return
    asked = st.session_state.setdefault(KEPT, {})
    pair = pick_pair(found)
    if pair is None:
        chosen = state.choice()
        st.info(f"No run is saved of {plain(pair_text(chosen.teacher, chosen.task))}. Pick one of the pairs above.", icon=EMPTY)
        return
    here = [one for one in found if one.pair == pair]
    shown = filters(here, asked)
    st.markdown(f"**{plain(view.headline(shown))}**")
    VIEWS[view_switch(KEPT, list(VIEWS), "Choices")](shown, found)
    footer(shown, here)


def pick_pair(found: list[Landscape]) -> tuple[str, str] | None:
    """The sidebar's teacher and task where runs of them are saved; a click on another pair changes the sidebar."""
    pairs = offered.pairs(found)
    chosen = state.choice()
    now = (chosen.teacher, chosen.task)
    st.session_state.w_landscape_pair = now if now in pairs else None

    def clicked() -> None:
        if st.session_state.w_landscape_pair:
            teacher, task = st.session_state.w_landscape_pair
            state.change(teacher=teacher, task=task)

    st.pills("Saved runs of", pairs, format_func=lambda pair: plain(pair_text(*pair)), key="w_landscape_pair", on_change=clicked, wrap=True)
    return now if now in pairs else None


def filters(here: list[Landscape], asked: dict) -> Landscape:
    found = offered.options_among(here, asked.get("objective"), asked.get("training"), asked.get("k"))
    shown = found.shown
    st.session_state.w_landscape_objective = offered.objective_text(shown.settings)
    st.session_state.w_landscape_training = offered.training_text(shown.settings)
    st.session_state.w_landscape_k = shown.k
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Objective", found.objectives, key="w_landscape_objective", on_change=remember(KEPT, "objective"))
        st.selectbox("Training", found.trainings, key="w_landscape_training", on_change=remember(KEPT, "training"))
        st.segmented_control("Student layers", found.sizes, key="w_landscape_k", on_change=remember(KEPT, "k"), required=True)
    return shown


def footer(shown: Landscape, here: list[Landscape]) -> None:
    """The keyboard's way into the Lab, and the figures as a file."""
    rows = [row for row in view.rows(shown) if row.choice]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if rows:
            names = {row.id: row for row in rows}
            picked = st.selectbox("Choice", list(names), format_func=lambda name: names[name].name, key="w_landscape_choice")
            st.button("Open in the Lab", icon=":material/science:", on_click=open_in_lab, args=(shown, names[picked]))
        st.download_button("Download as CSV", view.csv_table(here), f"layer-lab-{view.csv_name(shown)}.csv", "text/csv",
                           icon=":material/download:", on_click="ignore", help="Every saved run of this teacher and task, with all settings.")


guard.require_app()
draw()

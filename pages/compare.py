"""Compare: up to four students side by side, queued together, their differences tested, and a handout of it all."""

import streamlit as st

from core.errors import LabError
from core.recipe import BUNDLES, RUNGS, Recipe
from core.store import records
from core.store.saved import saved_runs
from core.views.common import choice as choices
from core.views.common import glossary
from core.views.common.prediction import figures_open
from core.views.common.text import objective_title, percent, plain
from core.views.compare import entries as compare_entries
from core.views.compare.results import PlacedEntry
from pages.parts.common import follow, guard, live, machine, state
from pages.parts.common.learner import learner
from pages.parts.common.problems import showing_problems
from pages.parts.compare import results as compare_draw
from pages.parts.compare import run as compare_run
from pages.parts.compare import state as compare_state
from pages.parts.race import panel as race_panel
from pages.parts.race import replay

DRAWN = "compare_drawn"  # in the session: the jobs that the page was drawn for


def draw() -> None:
    st.title("Compare up to four students", anchor=False)
    chosen = state.choice()
    layers = choices.teacher_layers(chosen.teacher, chosen.task)
    if layers is None:
        st.info("This teacher's layers are not known yet; make it ready in the Lab first.", icon=":material/hourglass_empty:")
        st.page_link("pages/lab.py", label="To the Lab", icon=":material/science:")
        return
    if state.researcher():
        st.markdown("Layers, objectives or seeds beside each other: train what is missing, then see which gaps are more than noise.")
    else:
        st.markdown("Do other teacher layers make another student? Watch them race, then see which gaps are more than chance.",
                    help=glossary.define_all("teacher", "student", "layer", "noise"))
    with showing_problems():
        parts(layers)


def parts(layers: int) -> None:
    """LabError when the store or a file of saved runs cannot be read."""
    entries = compare_state.entries(layers)
    pick(entries, layers)
    for problem in st.session_state.get("compare_problems", ()):
        st.warning(plain(problem), icon=":material/link_off:")
    if not entries:
        st.info("No entry yet: fill the page with one of the sets above, or add a run.", icon=":material/add:")
        return
    shown = compare_run.entries_with_runs(entries)
    st.fragment(cards, run_every=every(shown))(shown)
    unpredicted(entries)
    with st.container(key="race"):
        race_panel.draw(entries, compare_entries.LETTERS)
    sides, pairs = compare_run.versus(shown)
    if sides:
        compare_draw.draw(sides, pairs)


def pick(entries: list[Recipe], layers: int) -> None:
    """Draw the sets that fill the page, and single runs to add."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name, title in compare_entries.SETS.items() if state.researcher() else [("presets", compare_entries.SETS["presets"])]:
            st.button(title, key=f"fill_{name}", on_click=compare_state.fill, args=(name, layers), icon=":material/view_column:",
                      help="Around the Lab's present choice and settings.")
        st.button("Add the Lab's choice", icon=":material/add:", on_click=add_choice, args=(state.choice(),), disabled=not state.choice().layers)
        with st.popover("Add layers", icon=":material/layers:"):
            add_layers(layers)
        if state.researcher():
            with st.popover("Add a run", icon=":material/inventory_2:"):
                add_run()
    if st.session_state.get("compare_note"):
        st.warning(plain(st.session_state.compare_note), icon=":material/info:")


def add_layers(layers: int) -> None:
    """Draw what adds any choice of layers and budget; to researchers with any objective and seed."""
    chosen = state.choice()
    picked = st.pills("Teacher layers, 1 nearest the input", range(1, layers + 1), selection_mode="multi", key="w_compare_layers", wrap=True)
    names, objective, seed = list(BUNDLES), chosen.objective, chosen.seed
    if state.researcher():
        objective = st.selectbox("Objective", names, names.index(chosen.objective), format_func=objective_title, key="w_compare_objective")
    budget = st.segmented_control("Budget in steps", list(RUNGS), default=chosen.budget, required=True, key="w_compare_budget")
    if state.researcher():
        seed = st.number_input("Seed", 0, choices.LARGEST_SEED, chosen.seed, key="w_compare_seed")
    st.button("Add these layers", on_click=add_choice, disabled=not picked,
              args=(choices.Choice(chosen.teacher, chosen.task, tuple(sorted(picked)), objective, budget, int(seed)),))


def add_choice(chosen: choices.Choice) -> None:
    try:
        compare_state.add(chosen.recipe())
    except LabError as error:
        compare_state.show_note(str(error))


def add_run() -> None:
    """Draw one of the learner's own runs, or a saved one."""
    chosen = state.choice()
    pair = {"teacher": chosen.teacher, "task": chosen.task}
    mine = [run for run in records.of_learner(learner()) if all(run["recipe"][key] == value for key, value in pair.items())]
    for title, runs in (("Your own runs", mine[::-1]), ("Saved runs", saved_runs(**pair))):
        by_id = {run["id"]: run for run in runs if not {"mistake", "staged"} & set(run)}
        if not by_id:
            st.caption(f"{title}: there are none of this teacher and task.")
            continue
        key = f"w_compare_{title}"
        picked = st.selectbox(title, list(by_id), format_func=lambda name, by_id=by_id: compare_entries.run_text(by_id[name]), key=key)
        st.button("Add", key=f"{key}_add", on_click=add_id, args=(picked,), help=f"From: {title.lower()}")


def add_id(run_id: str) -> None:
    chosen = state.choice()
    found, problems = compare_entries.read_entries([compare_entries.RUN + run_id], chosen.teacher, chosen.task)
    if found:
        compare_state.add(found[0])
    else:
        compare_state.show_note(problems[0])


def every(shown: list[PlacedEntry]) -> float | None:
    """Seconds between two looks at the jobs; remembers the jobs that the page is drawn for."""
    found = compare_run.states(shown)
    st.session_state[DRAWN] = compare_run.stamp(found)
    return min((follow.poll_seconds(one.job) for one in found if one.active), default=None)


def cards(shown: list[PlacedEntry]) -> None:
    """Drawn again by itself while something of it waits or trains."""
    found = compare_run.states(shown)
    if compare_state.changed() or st.session_state[DRAWN] != compare_run.stamp(found):  # a button here redraws this part alone
        st.rerun()
    if any(one.active for one in found):
        machine.keep_running()
    for column, one, where in zip(st.columns(compare_entries.MOST, gap="small"), shown, found, strict=False):
        with column, st.container(border=True, gap="xsmall"):
            card(one, where)
    going = compare_run.live_view(shown, found)
    if going is not None:
        replay.draw_chart(going, "compare_live")
    missing = compare_run.missing(shown, found)
    active = [one.job.id for one in found if one.active]
    with st.container(horizontal=True, vertical_alignment="center"):
        if missing:
            st.button("Run all" if len(missing) > 1 else "Run the missing one", type="primary", icon=":material/play_arrow:", key="run_all",
                      on_click=compare_run.run_all, args=(missing,),
                      help="They wait in the queue of this machine; you can leave the page meanwhile.")
        if active:
            st.button("Stop all", icon=":material/stop:", on_click=compare_run.stop_all, args=(active,))


def card(one: PlacedEntry, where: compare_run.State) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{one.letter}: {plain(compare_entries.title(one.recipe))}**")
        st.button("", icon=":material/close:", key=f"remove_{one.letter}", help=f"Remove {one.letter}", type="tertiary",
                  on_click=compare_state.remove, args=(one.recipe.id,))
    st.caption(plain(compare_entries.about(one.recipe) if state.researcher() else compare_entries.about_briefly(one.recipe)))
    if where.active:
        live.progress_bar(where.now)
    elif one.record is not None:
        final = one.record["final"]["accuracy"]
        st.markdown(f"**{percent(final)}** right  \n:material/inventory_2: {plain(one.source)}")
    elif where.reason:
        st.markdown(f":material/error: {plain(where.reason)}")
    else:
        st.markdown(":material/hourglass_empty: Not run yet")


def unpredicted(entries: list[Recipe]) -> None:
    """Figures are open here; who wants to predict first is shown the way."""
    chosen = state.choice()
    open_to = lambda k: figures_open(learner(), choices.Choice(chosen.teacher, chosen.task, tuple(range(1, k + 1))), state.lesson())
    left = [k for k in sorted({entry.k for entry in entries}) if not open_to(k)]
    if left:
        with st.container(horizontal=True, vertical_alignment="center"):
            many = " and ".join(map(str, left))
            st.caption(f":material/target: You have not predicted a run of {many} layers yet; the figures below give away how such students do.")
            st.page_link("pages/lab.py", label="Predict first, in the Lab", icon=":material/arrow_forward:")


guard.require_app()
draw()

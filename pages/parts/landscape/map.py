"""Measure the choices of the sidebar's teacher and task: what to measure, how far it is, stop and go on, and the runs as a file."""

import math
from urllib.parse import urlencode, urlsplit

import streamlit as st

from core.errors import LabError
from core.findings.landscape import Landscape
from core.models.catalogue import slug
from core.recipe import BUNDLES, MOST_SEEDS, RUNGS
from core.store import maps
from core.store.maps import Map
from core.views.common.fit import kept_fit
from core.views.common.readiness import readiness
from core.views.common.text import objective_title, plain
from core.views.landscape import map as view
from core.views.landscape import runs_file, unmeasured
from pages.parts.common import fits, machine, state
from pages.parts.common.learner import learner
from pages.parts.common.problems import draw_problem, reporting_problems, showing_problems

PAGE = "landscape"  # in the session: what the page is asked for
SECONDS = 2.0  # between two looks at a map that runs
PROBLEM, TAKEN = "map_problem", "map_taken_in"  # in the session
SEEDS = 3  # two say next to nothing about their own noise (core/statistics/noise.py)
SMALL = 20  # choices of which a sample is not offered as the first


def draw(found: list[Landscape]) -> None:
    """Draw what there is of maps of this pair; found: all landscapes, whose noise says what a map can tell."""
    with showing_problems():
        chosen = state.choice()
        ready = readiness(chosen.teacher, chosen.task)
        one = current((chosen.teacher, chosen.task))
        if one is not None and ready.layers and wanted(one):
            following(one, ready.layers)
        box = st.expander("Measure the choices of this teacher and task", icon=":material/travel_explore:", key="map_plan", on_change="rerun")
        if box.open:
            with box:
                planning(ready, found)
                as_file(chosen.teacher, chosen.task)


def current(pair: tuple[str, str]) -> Map | None:
    """Return the map that the link names, the first time with the choices that it shows, else the pair's newest, one that runs first."""
    asked = st.query_params.get("map")
    there = [one for one in maps.all_maps() if (one.teacher, one.task) == pair]
    if asked:
        named = next((one for one in there if one.id == asked), None)
        if named is None:
            st.info("The link names a map that is not in this store; ask whoever sent it for its runs as a file.", icon=":material/link_off:")
        elif st.session_state.get("map_opened") != asked:
            st.session_state.map_opened = asked
            show_runs_of(named)
        if named is not None and not any(one.going for one in there if one.id != asked):
            return named
    return next(iter(there), None)


def wanted(one: Map) -> bool:
    """Return whether a map has a card: one that is whole has none, but where it was asked for or has just ended; the landscape shows its runs."""
    return one.status != maps.FINISHED or one.id in (st.query_params.get("map"), st.session_state.get("map_begun"))


def show_runs_of(one: Map) -> None:
    """Have the page show the runs of a map."""
    st.session_state[PAGE] = st.session_state.get(PAGE, {}) | view.asked_of_landscape(one)


def following(one: Map, layers: int) -> None:
    """Draw a map in a fragment that looks at it again while it runs; the page is drawn anew when a run has landed."""
    seen = (one.id, one.status, maps.state(one).done)
    if one.going:
        st.session_state.map_begun = one.id  # so that its end is seen
    before, st.session_state.map_seen = st.session_state.get("map_seen"), seen
    if before not in (None, seen):
        st.rerun()  # a run may have landed after the landscape was read

    def draw_now() -> None:
        with showing_problems():
            now = maps.get(one.id)
            if now is None:
                return
            at = maps.state(now)
            if (now.id, now.status, at.done) != seen:
                st.session_state.map_seen = (now.id, now.status, at.done)
                st.rerun()
            if now.going:
                machine.keep_running()
            card(now, at, layers)

    st.fragment(draw_now, run_every=SECONDS if one.going else None)()


def card(one: Map, at: maps.State, layers: int) -> None:
    with st.container(border=True, key="map_card", gap="small"):
        text = plain(view.progress_text(one, at))
        st.markdown(f":material/travel_explore: **A map of {plain(view.name_of(one, layers))}**")
        if one.going:
            st.progress(at.done / at.runs, text=text)
            st.caption("It goes on without this page, one run at a time. Learners' runs go first: one that waits starts when the run that trains is "
                       "done.")
        else:
            st.caption(f"{text}. {plain(view.ended_text(one, at))}")
        if one.going and at.broken:
            st.caption(plain(view.ended_text(one, at)))
        with st.container(horizontal=True, vertical_alignment="center"):
            if one.going:
                st.button("Stop the map", icon=":material/stop:", on_click=stop, args=(one.id,), key="map_stop")
            elif at.done < at.runs:
                st.button("Go on with the map", icon=":material/play_arrow:", on_click=begin, args=(one.plan,), key="map_go_on")
            if shows(one):
                st.button("Show all saved runs", icon=":material/visibility:", on_click=show_all, key="map_show_all")
            else:
                st.button("Show its runs", icon=":material/visibility:", on_click=show_callback, args=(one,), key="map_show")
            with st.popover("Link", icon=":material/link:"):
                st.caption("Whoever opens this server's link sees the map and its runs.")
                st.code(link(one), language=None, wrap_lines=True)
        draw_problem(PROBLEM)


def link(one: Map) -> str:
    at = urlsplit(st.context.url or "")
    here = f"{at.scheme}://{at.netloc}" if at.netloc else ""
    return f"{here}/landscape?{urlencode({'teacher': one.teacher, 'task': one.task, 'map': one.id})}"


def shows(one: Map) -> bool:
    """Return whether the page was asked to show this map's runs."""
    return st.session_state.get(PAGE, {}).get("map") == one.id


def show_all() -> None:
    """Handle a callback: the page chooses by itself what it shows."""
    st.session_state.touched = True
    for name in ("map", "objective", "training", "k"):
        st.session_state.get(PAGE, {}).pop(name, None)


def show_callback(one: Map) -> None:
    st.session_state.touched = True
    show_runs_of(one)


def stop(map_id: str) -> None:
    """Handle a callback."""
    with reporting_problems(PROBLEM):
        maps.stop(map_id)


def begin(plan) -> None:
    """Handle a callback: start a map, or let it go on."""
    with reporting_problems(PROBLEM):
        on = view.ground_ready(plan.settings.teacher, plan.settings.task)
        started = maps.start(plan, on, learner())
        machine.ensure()
        show_runs_of(started)
        st.session_state.map_begun, st.session_state.map_plan = started.id, False


def planning(ready, found: list[Landscape]) -> None:
    """Draw what to measure, what that takes and can tell, and the button that starts it."""
    chosen = state.choice()
    if not ready.ready or not ready.layers:
        why = ready.problem or " ".join(ready.needs) or "The teacher is not ready for this task."
        st.info(f"{plain(why)} Get it ready in the Lab first.", icon=":material/hourglass_empty:")
        return
    if ready.layers < 2:
        st.info("A teacher of one layer leaves nothing to choose.", icon=":material/info:")
        return
    fit = kept_fit(chosen.teacher, chosen.task)
    fits.draw(fit)
    if fit and fit.stops:
        return
    try:
        wish = asking(chosen, ready.layers)
        plan, on = wish.plan(ready.layers), view.ground_ready(chosen.teacher, chosen.task)
        there = view.there_already(plan, on)
    except LabError as error:
        st.warning(plain(error), icon=":material/warning:")
        return
    st.markdown(view.work_text(plan, there))
    st.markdown(view.power_text(plan, found, on))
    st.button("Start measuring", type="primary", icon=":material/play_arrow:", on_click=begin, args=(plan,), key="map_start",
              disabled=there == len(plan.recipes()))
    draw_problem(PROBLEM)


def asking(chosen, layers: int) -> view.Wish:
    """Draw the controls; a researcher has more of them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        k = st.number_input("Student layers", 1, layers - 1, min(max(len(chosen.layers), 1), layers - 1), key="w_map_k", width=130)
        rung = st.selectbox("Length of a run", list(RUNGS), format_func=length, index=list(RUNGS).index("60"), key="w_map_rung", width=190)
        seeds = st.number_input("Seeds a choice", 1, MOST_SEEDS, SEEDS, key="w_map_seeds", width=130)
    every, sample, draw = math.comb(layers, k), None, 0
    objective, control = chosen.objective, True
    if every > 1:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            names = {False: f"All {every}", True: "A sample"}
            some = st.segmented_control("Choices", list(names), format_func=names.get, default=every > SMALL, required=True,
                                        key=f"w_map_some_{every}")
            if some:
                sample = st.number_input("How many, drawn by chance", 1, every, min(every, SMALL), key=f"w_map_sample_{every}", width=200)
            if some and state.researcher():
                draw = st.number_input("Seed of the draw", 0, 9999, 0, key="w_map_draw", width=150)
    if state.researcher():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            objective = st.selectbox("Objective of the runs", list(BUNDLES), format_func=objective_title, index=list(BUNDLES).index(objective),
                                     key="w_map_objective", width=360)
            control = st.checkbox("With the control, untrained layers", value=True, key="w_map_control")
    return view.Wish(chosen.teacher, chosen.task, int(k), rung, int(seeds), None if sample is None else int(sample), int(draw), objective, control)


def length(name: str) -> str:
    budget = RUNGS[name]
    return f"{budget.steps} steps" if budget.steps else f"{budget.epochs} epochs (full)"


def not_measured(shown: Landscape) -> None:
    """Draw which choices of a landscape no run was made of, and what the seams forecast of them."""
    if said := unmeasured.text(unmeasured.unmeasured(shown), shown.k, len(shown.choices), state.researcher()):
        st.caption(f":material/question_mark: {plain(said)}")


def as_file(teacher: str, task: str) -> None:
    """Draw this machine's runs of the pair as a file, and a place for one from another machine."""
    with st.popover("Runs as a file", icon=":material/swap_horiz:"):
        own = runs_file.own(teacher, task)
        there = f"{len(own)} finished runs of this teacher and task are" if len(own) != 1 else "1 finished run of this teacher and task is"
        st.caption(f"{there} on this machine. Give them to a class or a colleague who has the same teacher and data.")
        if own:
            st.download_button("Download these runs", lambda: runs_file.text(own), f"layer-lab-runs-{slug(teacher)}--{slug(task)}.jsonl",
                               "application/jsonl", icon=":material/download:", on_click="ignore", key="map_download")
        given = st.file_uploader("Runs from another machine", type=["jsonl", "json", "txt"], key="w_map_file", max_upload_size=runs_file.MOST_MB)
        if given is not None:
            st.button("Import them", icon=":material/upload:", on_click=take_in, args=(teacher, task, given.getvalue()), key="map_import")
        draw_problem(TAKEN)
        if st.session_state.get("map_taken"):
            st.success(plain(st.session_state.map_taken), icon=":material/check:")


def take_in(teacher: str, task: str, data: bytes) -> None:
    """Handle a callback: check and keep the runs of a file."""
    st.session_state.map_taken = ""
    with reporting_problems(TAKEN):
        st.session_state.map_taken = runs_file.take_in(data, teacher, task)

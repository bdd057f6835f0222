"""The landscape: every saved choice beside what came of it, and what that rests on."""

from dataclasses import replace

import streamlit as st

from core import figures
from core.errors import LabError
from core.findings.landscape import Landscape, judged
from core.findings.names import pair_text
from core.findings.questions import shared_texts
from core.recipe import BUNDLES
from core.statistics.ranking import FEWEST
from core.store import records
from core.views.common import choice, glossary
from core.views.common import saved_options as offered
from core.views.common.text import percent, plain
from core.views.landscape import aspects as sides
from core.views.landscape import published as elsewhere
from core.views.landscape import view
from core.views.landscape.map import here_now
from pages.parts.common import gate, guard, state, terms
from pages.parts.common.landscapes import known_landscapes, known_stamp
from pages.parts.common.learner import learner
from pages.parts.common.remembered import clicked_id, remember, remembered_option, view_switch
from pages.parts.compare import state as compare_state
from pages.parts.landscape import literature, unseen
from pages.parts.landscape import map as measuring

KEPT, PICKED = "landscape", "w_landscape_choice"  # in the session: what is asked for, and the row that is picked
TAU = "Agreement of two orders is Kendall's tau: the pairs of choices that stand alike in both, less those that do not, over all pairs."
EMPTY = ":material/hourglass_empty:"
SORTS = {"accuracy": "by accuracy", "layers": "by layers"}


def draw() -> None:
    state.leave_for_lab()
    st.title("The landscape of every saved choice", anchor=False)
    try:
        found = known_landscapes(known_stamp())
    except LabError as error:
        st.error(plain(error))
        return
    if not found:
        st.info("No run has been saved with the program yet. `python -m core sweep` makes them.", icon=EMPTY)
        measuring.draw(found)
        outside()
        return
    asked = st.session_state.setdefault(KEPT, {})
    pair = pick_pair(found)
    measuring.draw(found)
    if pair is None:
        chosen = state.choice()
        st.info(f"No run is saved of {plain(pair_text(chosen.teacher, chosen.task))}. Measure its choices, or pick one of the pairs above.",
                icon=EMPTY)
        return
    here = here_now(found, pair)
    if not here:
        st.info("The saved runs of this pair were made with another teacher or other data than those of now. Measure its choices again.", icon=EMPTY)
        return
    shown = filters(here, asked)
    if gate.closed([shown.k], *pair):
        return
    if state.researcher():
        st.markdown(f"**{plain(view.headline(shown))}**")
    else:
        terms.text(f"**{plain(' '.join(view.story_headline(shown)))}**", "layer choice", "noise", "accuracy", key="headline")
    name = view_switch(KEPT, list(VIEWS) if state.researcher() else list(STORY), "Choices")
    VIEWS[name](shown, found)
    if name != "Choices" and state.researcher():
        row_buttons(shown)
    csv_button(shown, here)


def pick_pair(found: list[Landscape]) -> tuple[str, str] | None:
    """Return the sidebar's teacher and task where runs of them are saved; else offer those of which there are, a click on which changes it."""
    pairs = offered.pairs(found)
    chosen = state.choice()
    now = (chosen.teacher, chosen.task)
    if now in pairs:
        return now
    st.session_state.w_landscape_pair = None

    def clicked() -> None:
        if st.session_state.w_landscape_pair:
            teacher, task = st.session_state.w_landscape_pair
            state.change(teacher=teacher, task=task)

    st.pills("Saved runs of", pairs, format_func=lambda pair: plain(pair_text(*pair)), key="w_landscape_pair", on_change=clicked, wrap=True)
    return None


def filters(here: list[Landscape], asked: dict) -> Landscape:
    """Draw what can be asked for; the story takes objective and length of a map that was asked for, else those of which most runs are saved."""
    story = not state.researcher()
    usual = story and not asked.get("map")
    found = offered.options_among(here, None if usual else asked.get("objective"), None if usual else asked.get("training"), asked.get("k"))
    shown = found.shown
    st.session_state.w_landscape_k = shown.k
    if story:
        st.segmented_control("Student layers", found.sizes, key="w_landscape_k", on_change=remember(KEPT, "k"), required=True,
                             help=glossary.define_all("student", "layer"))
        return shown
    st.session_state.w_landscape_objective = offered.objective_text(shown.settings)
    st.session_state.w_landscape_training = offered.training_text(shown.settings)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Objective", found.objectives, key="w_landscape_objective", on_change=remember(KEPT, "objective"))
        st.selectbox("Training", found.trainings, key="w_landscape_training", on_change=remember(KEPT, "training"))
        st.segmented_control("Student layers", found.sizes, key="w_landscape_k", on_change=remember(KEPT, "k"), required=True)
    return shown


def row_buttons(shown: Landscape) -> str | None:
    """Draw the row that is picked, by a click on it or by its name, and what can be done with it; return its id."""
    names = {row.id: row for row in view.rows(shown) if row.choice}
    if not names:
        return None
    if st.session_state.get(PICKED) not in names:
        st.session_state[PICKED] = next(iter(names))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox("Choice", list(names), format_func=lambda name: names[name].name, key=PICKED)
        st.button("Open in the Lab", icon=":material/science:", on_click=open_in_lab, args=(shown, names[picked]))
        if offered.rung_of(shown.settings):
            st.button("Add to Compare", icon=":material/add:", on_click=add_to_compare, args=(shown, names[picked]))
    if note := st.session_state.pop("landscape_note", ""):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(plain(note))
            st.page_link("pages/compare.py", label="To Compare", icon=":material/arrow_forward:")
    return picked


def add_to_compare(shown: Landscape, row: view.Row) -> None:
    """Handle a callback: put a row's choice among the entries of the Compare page."""
    compare_state.add(settled(shown, row).recipe())
    many = len(st.session_state[compare_state.KEPT])
    st.session_state.landscape_note = st.session_state.pop("compare_note", "") or f"Compare now holds {many} student{'s' if many != 1 else ''}."


def settled(shown: Landscape, row: view.Row) -> choice.Choice:
    """Return the choice on a row, with the objective and budget of its runs where a link knows them."""
    name, rung = shown.settings["objective"]["name"], offered.rung_of(shown.settings)
    known = {"layers": row.choice} | ({"objective": name} if name in BUNDLES else {}) | ({"budget": rung} if rung else {})
    return replace(state.choice(), **known)


def csv_button(shown: Landscape, here: list[Landscape]) -> None:
    seen, left_out = unseen.split(here)
    what = "Every saved run of this teacher and task, with all settings."
    st.download_button("Download as CSV", view.csv_table(seen), f"layer-lab-{view.csv_name(shown)}.csv", "text/csv", icon=":material/download:",
                       on_click="ignore", help=f"{what} Sizes that you have not predicted are left out." if left_out else what)


def choices(shown: Landscape, found: list[Landscape]) -> None:
    by = remembered_option(KEPT, "sort", list(SORTS), "accuracy")
    mine = own_runs()
    rows = view.rows(shown, view.own_runs(shown, mine), by)
    drawn = view.fitting(rows, shown.layers)
    lowest = min(value for row in rows for value in (row.mean, *row.own) if value is not None)
    levels = view.levels(shown, lowest)
    if len(drawn) < len(rows):
        st.caption(f"{len(drawn)} of {len(rows)} choices are drawn: the first, the last and your own. The CSV file holds them all.")
    picked = row_buttons(shown)
    chart = figures.choice_rows([vars(row) | {"layers": row.choice, "picked": row.id == picked} for row in drawn], shown.layers, levels)
    key = f"choices_{st.session_state.get('landscape_clicks', 0)}"  # a new chart after each click, which has nothing selected
    st.altair_chart(chart, theme=None, key=key, on_select=lambda: pick_row(clicked_id(key, figures.CLICK)), selection_mode=figures.CLICK)
    dashed = plain(" and ".join(f"{name} {percent(value)}" for name, value in levels.items()))
    if state.researcher():
        terms.explained("Left, the teacher's layers, 1 nearest the input; coloured ones seed the student. Dot: mean; ticks: single seeds; dashed "
                        f"lines: {dashed}. A click picks a row. {plain(view.noise_text(shown))}", "How the pairs are tested",
                        "The p-values of all pairs are adjusted together by Holm's method.", "choices", caption=True)
    else:
        terms.text(f"Left: the teacher's layers, 1 nearest the input. The coloured ones seed the student. Dot: mean accuracy; bar: its interval; "
                   f"ticks: single runs. Dashed: {dashed}. A click picks a row.", "interval", "random seed", "seeding", key="choices", caption=True)
    own_note(rows, mine)
    measuring.not_measured(shown)
    st.segmented_control("Order", list(SORTS), format_func=SORTS.get, key="w_landscape_sort", on_change=remember(KEPT, "sort"), required=True)


def own_runs() -> list[dict]:
    try:
        return records.of_learner(learner())
    except LabError:
        return []


def own_note(rows: list[view.Row], mine: list[dict]) -> None:
    shown = sum(len(row.own) for row in rows)
    if shown:
        st.caption(f":material/diamond: Diamonds are your own runs ({shown}) of the same settings.")
    if len(mine) > shown:
        other = len(mine) - shown
        st.caption(f"{other} of your runs {'has' if other == 1 else 'have'} other settings or another teacher's weights. A short run is measured on "
                   "other examples than a full one, so it is shown only beside saved runs of its own budget.")


def pick_row(row_id: str | None) -> None:
    """Handle a callback of the chart: the row that was clicked."""
    st.session_state.landscape_clicks = st.session_state.get("landscape_clicks", 0) + 1
    st.session_state.touched = True
    if row_id and row_id != view.CONTROL:
        st.session_state[PICKED] = row_id


def open_in_lab(shown: Landscape, row: view.Row) -> None:
    """Handle a callback: the Lab on a row's choice."""
    made = settled(shown, row)
    state.open_in_lab(layers=made.layers, objective=made.objective, budget=made.budget)


def before(shown: Landscape, found: list[Landscape]) -> None:
    rows, _ = sides.before_after(shown)
    st.altair_chart(figures.before_after(rows, shown.one["teacher"]["accuracy"]), theme=None, key="before_after")
    st.caption(plain(sides.seeding_text(shown)))


def effects(shown: Landscape, found: list[Landscape]) -> None:
    if shown.effects is None:
        st.info(f"The {len(shown.choices)} saved choices do not tell the layers apart; all choices of this size would.", icon=EMPTY)
        return
    pairs = shown.neighbours
    if pairs is not None:
        st.subheader("Two neighbours both missing", anchor=False)
        st.altair_chart(figures.effect_chart(pairs.values, pairs.low, pairs.high, pairs=True), theme=None, key="neighbours")
        st.caption(f"Least squares over all choices of this size, a number for each two neighbours. Intervals: 95 %, {plain(sides.basis([shown]))}.")
        st.markdown(plain(sides.neighbours_text(shown)))
    st.subheader(plain(sides.layers_heading(shown)), anchor=False)
    st.altair_chart(figures.effect_chart(shown.effects.values, shown.effects.low, shown.effects.high), theme=None, key="effects")
    st.caption("Additive model over all choices of this size: the mean plus one effect a layer, effects summing to zero. The difference of two "
               f"effects is what having the one layer in place of the other goes with, on average. Intervals: 95 %, {plain(sides.basis([shown]))}.")
    for sentence in sides.effects_text(shown):
        st.markdown(plain(sentence))


def by_group(shown: Landscape, found: list[Landscape]) -> None:
    rows, groups, cells = sides.groups(shown)
    st.altair_chart(figures.group_map(rows, groups, cells), theme=None, key="groups")
    terms.text("Accuracy in percent, mean over seeds; choices from best to worst. Strength of colour runs from the least to the most on this page.",
               "phenomenon", key="groups", caption=True)


def size(shown: Landscape, found: list[Landscape]) -> None:
    seen, left_out = unseen.split(sides.same_but_size(shown, found))
    all_sizes = sides.sizes(shown, seen)
    fields = {"parameters": "parameters, millions", "speed": "tokens a second while training"}
    cost = remembered_option(KEPT, "cost", list(fields), "parameters")
    st.segmented_control("Against", list(fields), format_func=fields.get, key="w_landscape_cost", on_change=remember(KEPT, "cost"), required=True)
    rows = sides.size_rows(all_sizes, cost)
    if not rows:
        st.info("These runs did not record their speed.")
        unseen.draw(left_out, "size", shown.pair)
        return
    form = ".1f" if cost == "parameters" else ",.0f"
    st.altair_chart(figures.sizes(rows, cost, fields[cost], form), theme=None, key="sizes")
    unseen.draw(left_out, "size", shown.pair)
    if not state.researcher():
        st.caption("Rings and the dashed line: the students that no other beats at the same size or less. Where two are not told apart, "
                   "either may belong there.")
        return
    st.caption("Rings and the dashed line: the Pareto front, the students that none beats at no higher cost. It is drawn through means, so a "
               "neighbour not told apart may belong there too. Speed is what the saved runs reached on the machine that made them.")


def budgets(shown: Landscape, found: list[Landscape]) -> None:
    made = sides.short_runs(shown, found)
    full = plain(offered.training_text(judged(shown, found)[0].settings)) if made else ""
    if not made:
        st.info(f"No runs of another length of at least {FEWEST} of these choices are saved beside these.", icon=EMPTY)
        return
    st.altair_chart(figures.tau_chart(sides.short_run_rows(made)), theme=None, key="short_runs")
    st.table(sides.short_run_table(made))
    said = (f"Do runs of another length rank the choices as those of {full} do? 1: the same order, 0: no relation. The noise "
            "ceiling, with its range, is what two rankings of exactly the same order would reach with this many seeds and examples. Pairs are "
            "told apart by the full runs, all pairs tested together. The rival needs no run at all: the sum of layer numbers, lower first. "
            "Intervals: 95 %, all pairs that noise could turn turned one way or the other; they hold "
            f"{plain(sides.basis(judged(shown, found)))}.")
    terms.explained(said, "What the agreement of two orders is", TAU, "tau_budgets", caption=True)


def tasks(shown: Landscape, found: list[Landscape]) -> None:
    seen, left_out = unseen.split(sides.comparable(shown, found)[1:])
    unseen.draw(left_out, "tasks")
    compared, shared = sides.over_tasks(shown, seen)
    if not shared and left_out:
        return
    if not shared:
        st.info("Choices of this size are saved for one teacher and task only, or too few are shared.", icon=EMPTY)
        return
    st.markdown(plain(sides.best_text(compared)))
    st.markdown("\n".join(f"- {plain(text)}" for text in shared_texts(shared)))
    if rows := sides.shared_rows(shared):
        st.altair_chart(figures.tau_chart(rows), theme=None, key="taus")
        terms.explained("How far the whole orders agree. The interval, 95 %, is for the true orders: all pairs that noise could turn, in opposite "
                        "orders or in the same. The noise ceiling, with its range: what two runs of one same order would reach.",
                        "What the agreement of two orders is", TAU, "tau_tasks", caption=True)
    st.altair_chart(figures.rank_lines(*sides.ranks(compared)), theme=None, key="ranks")


def outside(shown: Landscape | None = None, found: list[Landscape] | None = None) -> None:
    literature.claims()
    st.divider()
    st.markdown("Other teachers, other data, other training: drawn apart, since no gap between these figures and the saved runs means anything.")
    st.subheader("The assignment's table, and nine other solutions of the same assignment", anchor=False)
    st.altair_chart(figures.notebooks(elsewhere.notebook_rows()), theme=None, key="notebooks")
    st.caption("As reported; \"top\" is the first half of the layers, nearest the input. Only these compare four different choices, each with a "
               f"trained student of its own: {plain(', '.join(elsewhere.four_choices()))}.")
    with st.popover("Where each table comes from", icon=":material/menu_book:"):
        for line in elsewhere.notebook_sources():
            st.markdown(plain(line))
    st.subheader("Published figures", anchor=False)
    st.altair_chart(figures.published(elsewhere.published_rows(False), "%"), theme=None, key="published")
    st.altair_chart(figures.published(elsewhere.published_rows(True), "points"), theme=None, key="published_changes")
    st.caption("Above, accuracy on MNLI's development sets, the diamond a teacher; below, changes of the GLUE macro-score when a part is left out.")
    with st.popover("Sources and notes", icon=":material/menu_book:"):
        st.table(elsewhere.published_table())


STORY = ("Choices", "By phenomenon", "Size and speed")
VIEWS = {
    "Choices": choices, "Before and after": before, "Layer effects": effects, "By phenomenon": by_group, "Size and speed": size,
    "Other budgets": budgets, "Over tasks": tasks, "Elsewhere": outside,
}

guard.require_app()
draw()

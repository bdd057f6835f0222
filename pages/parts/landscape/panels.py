"""What the landscape's page draws under each of its views."""

import streamlit as st

from core import figures
from core.errors import LabError
from core.findings.landscape import Landscape, judged
from core.recipe import BUNDLES
from core.statistics.ranking import FEWEST
from core.store import records
from core.views.common.saved_options import rung_of, training_text
from core.views.common.text import percent, plain
from core.views.landscape import aspects as sides
from core.views.landscape import published as elsewhere
from core.views.landscape import view
from pages.parts.common import state
from pages.parts.common.learner import learner
from pages.parts.common.remembered import clicked_id, remember, remembered_option

KEPT = "landscape"  # in the session: what is asked for
EMPTY = ":material/hourglass_empty:"
SORTS = {"accuracy": "by accuracy", "layers": "by layers"}


def choices(shown: Landscape, found: list[Landscape]) -> None:
    by = remembered_option(KEPT, "sort", list(SORTS), "accuracy")
    mine = own_runs()
    rows = view.rows(shown, view.own_runs(shown, mine), by)
    drawn = view.fitting(rows, shown.layers)
    lowest = min(value for row in rows for value in (row.mean, *row.own) if value is not None)
    levels = view.levels(shown, lowest)
    chart = figures.choice_rows([vars(row) | {"layers": row.choice} for row in drawn], shown.layers, levels)
    if len(drawn) < len(rows):
        st.caption(f"{len(drawn)} of {len(rows)} choices are drawn: the first, the last and your own. The CSV file holds them all.")
    key = f"choices_{st.session_state.get('landscape_opened', 0)}"  # a new chart after each click, which has nothing selected
    by_id = {row.id: row for row in drawn}
    st.altair_chart(chart, theme=None, key=key, on_select=lambda: open_in_lab(shown, by_id.get(clicked_id(key, figures.CLICK))),
                    selection_mode=figures.CLICK)
    st.caption("Left, the teacher's layers, 1 nearest the input; coloured ones seed the student. Dot: mean; ticks: single seeds; dashed lines: "
               f"{plain(' and '.join(f'{name} {percent(value)}' for name, value in levels.items()))}. A click on a row opens it in the Lab. "
               f"{plain(view.noise_text(shown))}")
    own_note(rows, mine)
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


def open_in_lab(shown: Landscape, row: view.Row | None) -> None:
    """In a callback: the Lab on a row's layers, with this objective and budget where it knows them."""
    st.session_state.landscape_opened = st.session_state.get("landscape_opened", 0) + 1
    if row is None or not row.choice:
        return
    settings = shown.settings
    known = {"objective": settings["objective"]["name"]} if settings["objective"]["name"] in BUNDLES else {}
    rung = rung_of(settings)
    state.open_in_lab(layers=row.choice, **known, **({"budget": rung} if rung else {}))


def before(shown: Landscape, found: list[Landscape]) -> None:
    rows, _ = sides.before_after(shown)
    st.altair_chart(figures.before_after(rows, shown.one["teacher"]["accuracy"]), theme=None, key="before_after")
    st.caption(plain(sides.seeding_text(shown)))


def effects(shown: Landscape, found: list[Landscape]) -> None:
    if shown.effects is None:
        st.info(f"The {len(shown.choices)} saved choices do not tell the layers apart; all choices of this size would.", icon=EMPTY)
        return
    st.altair_chart(figures.effect_chart(shown.effects.values, shown.effects.low, shown.effects.high), theme=None, key="effects")
    st.caption("Additive model over all choices of this size: the mean plus one effect a layer, effects summing to zero. The difference of two "
               f"effects is what having the one layer in place of the other goes with, on average. Intervals: 95 %, {plain(sides.basis([shown]))}.")
    for sentence in sides.effects_text(shown):
        st.markdown(plain(sentence))


def by_group(shown: Landscape, found: list[Landscape]) -> None:
    rows, groups, cells = sides.groups(shown)
    st.altair_chart(figures.group_map(rows, groups, cells), theme=None, key="groups")
    st.caption("Accuracy in percent, mean over seeds; choices from best to worst. Strength of colour runs from the least to the most on this page.")


def size(shown: Landscape, found: list[Landscape]) -> None:
    all_sizes = sides.sizes(shown, found)
    fields = {"parameters": "parameters, millions", "speed": "tokens a second while training"}
    cost = remembered_option(KEPT, "cost", list(fields), "parameters")
    st.segmented_control("Against", list(fields), format_func=fields.get, key="w_landscape_cost", on_change=remember(KEPT, "cost"), required=True)
    rows = sides.size_rows(all_sizes, cost)
    if not rows:
        st.info("These runs did not record their speed.")
        return
    form = ".1f" if cost == "parameters" else ",.0f"
    st.altair_chart(figures.sizes(rows, cost, fields[cost], form), theme=None, key="sizes")
    st.caption("Rings and the dashed line: the Pareto front, the students that none beats at no higher cost. It is drawn through means, so a "
               "neighbour that ties may belong there too. Speed is what the saved runs reached on the machine that made them, beside other work.")


def budgets(shown: Landscape, found: list[Landscape]) -> None:
    made = sides.short_runs(shown, found)
    full = plain(training_text(judged(shown, found)[0].settings)) if made else ""
    if not made:
        st.info(f"No runs of another length of at least {FEWEST} of these choices are saved beside these.", icon=EMPTY)
        return
    st.altair_chart(figures.tau_chart(sides.short_run_rows(made)), theme=None, key="short_runs")
    st.table(sides.short_run_table(made))
    st.caption(f"Do runs of another length rank the choices as those of {full} do? Kendall's tau: 1 the same order, 0 no relation. The noise "
               "ceiling is what two rankings of exactly the same order would reach with this many seeds and examples. A pair ties where the full "
               "runs' gap is within 1.96 standard errors. The rival needs no run at all: the sum of layer numbers, lower first. Intervals: 95 %, "
               f"{plain(sides.basis(judged(shown, found)))}.")


def tasks(shown: Landscape, found: list[Landscape]) -> None:
    compared, rows = sides.over_tasks(shown, found)
    if not rows:
        st.info("Choices of this size are saved for one teacher and task only, or too few are shared.", icon=EMPTY)
        return
    st.markdown(plain(sides.best_text(compared)))
    st.altair_chart(figures.tau_chart(rows), theme=None, key="taus")
    st.caption(f"Kendall's tau between the orders of choices with its noise ceiling. Intervals: 95 %, {plain(sides.basis(compared))}.")
    st.altair_chart(figures.rank_lines(*sides.ranks(compared)), theme=None, key="ranks")


def outside(shown: Landscape | None = None, found: list[Landscape] | None = None) -> None:
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


VIEWS = {
    "Choices": choices, "Before and after": before, "Layer effects": effects, "By phenomenon": by_group, "Size and speed": size,
    "Other budgets": budgets, "Over tasks": tasks, "Elsewhere": outside,
}

"""The explanation of a finished run on the Lab: its first findings, the others as cards that open, and the formulas."""

import functools
from collections.abc import Sequence

import streamlit as st

from core import figures
from core.findings.explanation.method import method_of
from core.findings.explanation.prediction import Prediction
from core.findings.finding import Finding
from core.findings.formulas import Formula, formula, objective_formula
from core.findings.known_runs import known_runs
from core.findings.story import prediction_story
from core.recipe import Recipe
from core.store import layer_scores, predictions
from core.store.ground import ground
from core.store.saved import truth
from core.views.common.choice import Choice
from core.views.common.prediction import figures_open, scored_prediction
from core.views.common.text import plain
from core.views.explanation import figures as explanation_figures
from core.views.explanation.charts import chart
from core.views.explanation.view import (
    LANDSCAPE,
    MARKS,
    MARKS_IN_SHORT,
    Card,
    Explanation,
    Next,
    asked_of_landscape,
    cards,
    explanation,
    hidden,
    run_rows,
)
from pages.parts.common import state, terms
from pages.parts.common.landscapes import pair_stamp
from pages.parts.common.learner import learner

SCORES = ("accuracy", "wilson", "agreement", "loss", "macro_f1", "update_norm")  # what the Lab shows of a run
LEGEND = " · ".join(f"{mark.icon} {mark.word}: {mark.meaning}" for mark in MARKS.values())


def of(record: dict) -> Explanation:
    """LabError when the store or a file of saved runs cannot be read."""
    prediction = scored_prediction(predictions.of_recipe(learner(), record["id"]))
    inside = layer_scores.read(*ground(record))
    measured = (inside["examples"], str(inside.get("seconds"))) if inside else None
    return _explained(identity(record), prediction, measured, stamp_of(record), record, inside)


def stamp_of(record: dict) -> tuple:
    """Return what changes when another run may be compared with this one."""
    return pair_stamp(record["recipe"]["teacher"], record["recipe"]["task"])


def identity(record: dict) -> tuple:
    """Return what tells a record from all others, for what is kept of it."""
    return (record["id"], record.get("row"), record.get("file"), *ground(record), record.get("at"))


def may_see(record: dict, k: int) -> bool:
    """Return whether figures of students of k layers may be seen: predicted or given up, or the lesson has no predicting."""
    recipe = record["recipe"]
    return figures_open(learner(), Choice(recipe["teacher"], recipe["task"], tuple(range(1, k + 1))), state.lesson())


def verdict(record: dict) -> str:
    """Return what the learner's prediction of this run was worth, a sentence or two; '' where there is none."""
    said = (one for one in of(record).findings if one.kind == "prediction")
    return next((one.sentence if state.researcher() else prediction_story(one) for one in said), "")


def short(findings: Sequence[Finding], title: str, explained: str = "") -> None:
    """Draw findings of the story, a sentence each with its mark. title: before the first; explained: what the help says besides the marks."""
    for place, one in enumerate(findings, 1):
        said = f"{title if place == 1 else ''}{MARKS[one.strength].icon} {plain(one.sentence)}"
        if place < len(findings):
            st.markdown(said)
        else:
            asked = title.strip("* ?").lower()
            terms.explained(said, f"What the marks under '{asked}' say", f"{explained}  \n{MARKS_IN_SHORT}", f"marks_{asked.replace(' ', '_')}")


def draw(record: dict) -> None:
    found = of(record)
    open_size = functools.partial(may_see, record)
    first, others = cards(found, open_size)
    terms.explained("**What this run shows**", "What the marks of this run's findings say", LEGEND, "legend")
    for card in first:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"{card.mark.icon} **{card.title}** ({card.mark.word})  \n{plain(card.finding.sentence)}")
            opening("Figures, and how we know", card, found, sentence=False)
    for card in others:
        opening(f"**{card.title}** ({card.mark.word})", card, found, icon=card.mark.icon)
    sizes = hidden(found, open_size)
    if sizes:
        what = f"{' and '.join(map(str, sizes))} layer{'s' if sizes != [1] else ''}"
        st.caption(f"What students of {what} get shows here once you have predicted a run of that size.")
    formulas(record)


def opening(label: str, card: Card, found: Explanation, sentence: bool = True, icon: str | None = None) -> None:
    """Draw a card; what is in it is built once it is open."""
    style = "default" if sentence else "compact"
    box = st.expander(label, key=f"explain_{found.evidence.run['id']}_{card.id}", icon=icon, on_change="rerun", type=style)
    if box.open:
        with box:
            if sentence:
                st.markdown(plain(card.finding.sentence))
            inside(card, found)


def inside(card: Card, found: Explanation) -> None:
    """Chart, ways to go on, figures, the runs that it rests on."""
    drawing = chart(found, card.finding)
    if drawing is not None:
        if drawing.overall is None:
            drawn = figures.interval_dots(drawing.rows, f"{card.title}: accuracies and their intervals.")
        else:
            drawn = figures.accuracy_bars(drawing.rows, drawing.overall)
        st.altair_chart(drawn, theme=None, key=f"explain_chart_{card.id}")
        st.caption(drawing.note)
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.toggle("How do we know?", key=f"explain_how_{card.id}")
        follow(card, found.evidence.run)
    if asked:
        draw_method(card)
    rows = [{"figure": name, "value": text} for name, text in explanation_figures.rows(card.finding)]
    st.dataframe(rows, hide_index=True, height=table_height(len(rows)))
    runs = run_rows(found, card.finding)
    st.caption(f"It rests on {len(runs)} run{'s' if len(runs) != 1 else ''}:")
    st.dataframe(runs, hide_index=True, height=table_height(len(runs)),
                 column_config={"accuracy": st.column_config.NumberColumn("accuracy", format="%.1f %%")})


def draw_method(card: Card) -> None:
    """Draw the test behind a finding, its inputs, its formulas."""
    method = method_of(card.finding)
    st.markdown(f"{card.mark.icon} {card.mark.word.capitalize()}: {card.mark.meaning}.")
    st.markdown(plain(method.description))
    for name in method.formulas:
        draw_formula(formula(name))


def follow(card: Card, record: dict) -> None:
    """Draw where to look next."""
    after = card.next
    if after.page and after.page != LANDSCAPE:
        st.page_link(after.page, label=after.label, icon=":material/arrow_forward:")
        return
    pressed = st.button(after.label, key=f"explain_next_{card.id}", icon=":material/arrow_forward:", type="tertiary", on_click=prepare,
                        args=(after, record))
    if pressed and after.page:
        st.switch_page(after.page)


def prepare(after: Next, record: dict) -> None:
    """Before the way is gone: which detail, or which view of which runs, is to be shown."""
    st.session_state.touched = True
    if after.detail:
        st.session_state.w_details = after.detail
    else:
        st.session_state["landscape"] = st.session_state.get("landscape", {}) | asked_of_landscape(record, after.view)


def formulas(record: dict) -> None:
    """Draw the objective of the run, its parts, and every score that the Lab shows."""
    box = st.expander("Formulas of the objective and of every score shown", icon=":material/function:", key="explain_formulas", on_change="rerun")
    if box.open:
        with box:
            objective = Recipe.from_dict(record["recipe"]).objective
            draw_formula(objective_formula(objective))
            for name in (*dict(objective.weights), *SCORES):
                draw_formula(formula(name))


def table_height(rows: int) -> int:
    """Height of a table in px; of more than five rows, the rest is scrolled to."""
    return 38 + 35 * min(rows, 5)


def draw_formula(one: Formula) -> None:
    # inline: a formula of its own scrolls in a region that no key reaches
    st.markdown(f"**{plain(one.title)}**: {plain(one.reading)}  \n$\\displaystyle {one.latex}$")


@st.cache_resource(max_entries=64, show_spinner=False)
def _explained(
    identity: tuple, prediction: Prediction | None, measured: tuple | None, files: tuple, _record: dict, _inside: dict | None
) -> Explanation:
    """One learner's cached explanation serves whoever looks at the same run with the same prediction."""
    recipe = _record["recipe"]
    saved = known_runs(recipe["teacher"], recipe["task"])
    return explanation(_record, saved, truth(_record["task_hash"], _record["split"]), prediction, _inside)

"""A run that is over: the headline, figures and curves, and one of the details at a time."""

import json

import streamlit as st

from core import figures
from core.errors import LabError
from core.findings.explanation.not_finite import not_finite
from core.findings.known_runs import known_runs
from core.store import predictions
from core.store.ground import teacher_key
from core.store.records import finite
from core.views.common import export, result
from core.views.common.disagreements import KINDS, disagreements
from core.views.common.fit import as_fit
from core.views.common.prediction import predicted_accuracy, prediction_text
from core.views.common.progress import Curves, record_curves, with_band, with_prediction
from core.views.common.text import percent, plain, points
from core.views.lab import moved
from core.views.lab.references import reference_rows, seed_band
from pages.parts.common import example_cards, fits, live, state
from pages.parts.common.learner import learner
from pages.parts.lab import explanation as lab_explanation
from pages.parts.lab import moved as lab_moved
from pages.parts.lab import take, try_it
from pages.parts.lab import why as lab_why
from pages.parts.race import replay

DETAILS = {
    "answers": "Answers", "groups": "Groups", "confusion": "Confusion", "against": "Compared", "norms": "Moved", "record": "Record",
}
MOST, FEW = 6, 3  # examples shown at once, and in the story


def draw(record: dict) -> None:
    if not finite(record):
        st.warning(plain(not_finite(record).sentence), icon=":material/error:")
        return
    what = brief(record)
    with st.container(key="why", gap="xsmall"):
        lab_why.draw(record)
    predicted(record)
    st.caption(plain(" ".join(what.cautions if state.researcher() else result.short_cautions(record))))
    if record.get("fit"):
        fits.draw(as_fit(record["fit"]))
    if state.researcher():
        whole_story(record)
    else:
        lab_why.rest(record)
        live.draw_curves(curves(record))
        lab_moved.draw(moved.of_record(record))
        st.markdown("**Where it still fails**")
        answers(record)
    try_it.draw(record)
    take.draw(record)


def whole_story(record: dict) -> None:
    """Draw what researchers see below the reasons."""
    details(record)
    live.draw_curves(curves(record))
    with st.container(key="explanation"):
        lab_explanation.draw(record)
    with st.expander("Replay this run", icon=":material/replay:"):
        replay.draw([record], "lab_replay")


def curves(record: dict) -> Curves:
    """Return the run's curves, with its saved twins behind them and the learner's prediction as a level."""
    recipe = record["recipe"]
    others = [run for run in known_runs(recipe["teacher"], recipe["task"]) if run["id"] != record["id"]]
    found = with_band(record_curves(record), seed_band(recipe, teacher_key(record), others, record["task_hash"]))
    return with_prediction(found, predicted_accuracy(predictions.of_recipe(learner(), record["id"])))


def brief(record: dict) -> result.Result:
    """Return the headline and the three accuracies."""
    what = result.result(record)
    st.markdown(f"**{plain(what.headline)}**")
    quiet = {"delta_color": "off", "delta_arrow": "off", "border": True}
    final, initial = record["final"], record["initial"]["accuracy"]
    gain = final["accuracy"] - initial
    moved = {"delta_color": "normal" if round(gain, 3) else "off", "delta_arrow": "auto" if round(gain, 3) else "off"}
    with st.container(key="figures", horizontal=True, gap="small"):
        st.metric("Student", percent(final["accuracy"]), points(gain), border=True, **moved,
                  help=f"On {what.examples}; the change since before step 1.")
        st.metric("Before step 1", percent(initial), f"one class: {percent(record.get('majority'), 0)}", **quiet,
                  help="What seeding alone is worth. One class: always naming the most frequent one.")
        st.metric("Teacher", percent(record["teacher"]["accuracy"]), f"agree: {percent(final.get('agreement'), 0)}", **quiet,
                  help="Agree: how often student and teacher give the same answer, right or wrong.")
    return what


def predicted(record: dict) -> None:
    """Draw what the learner predicted of this run, and what that was worth."""
    made = predictions.of_recipe(learner(), record["id"])
    if made is not None and not made.skipped:
        verdict = plain(lab_explanation.verdict(record))
        said = f"**You predicted {plain(prediction_text(made))}.** {verdict}" if state.researcher() else f"**{verdict}**"
        st.markdown(f":material/target: {said}")


def details(record: dict) -> None:
    """Draw the others are not built."""
    part = st.segmented_control("Details", list(DETAILS), format_func=DETAILS.get, key="w_details", default="answers", required=True,
                                label_visibility="collapsed", width="stretch")
    {"against": compared, "groups": groups, "confusion": confusion, "answers": answers, "norms": norms, "record": whole}[part](record)


def compared(record: dict) -> None:
    rows, missing = reference_rows(record)
    st.altair_chart(figures.comparison(rows), theme=None, key="against")
    said = "Bars: 95 % intervals from the number of examples alone; seeds differ besides. Where they overlap, nothing is told apart."
    if missing:
        said += f" Not run yet with these settings: {'; '.join(missing)}."
    st.caption(plain(said))


def groups(record: dict) -> None:
    st.caption("Lowest first. Dashed line: accuracy on all examples. Orange tick, where there is one: the teacher.")
    st.altair_chart(figures.accuracy_bars(result.group_rows(record), record["final"]["accuracy"]), theme=None, key="groups")


def confusion(record: dict) -> None:
    st.altair_chart(figures.confusion_map(record["final"]["confusion"], record["labels"]), theme=None, key="confusion")


def answers(record: dict) -> None:
    try:
        found, why = disagreements(record)
    except LabError as error:
        found, why = [], str(error)
    if why:
        st.info(plain(why), icon=":material/visibility_off:")
        return
    of = {kind: [one for one in found if one.kind == kind] for kind in KINDS}
    most = MOST if state.researcher() else FEW
    kind = st.segmented_control("Which", list(KINDS), format_func=lambda name: f"{KINDS[name]} ({len(of[name])})", key="w_answers",
                                default="lost", required=True, label_visibility="collapsed")
    st.caption("Examples on which student and teacher give different answers.")
    for one in of[kind][:most]:
        example_cards.card(one.texts, {"label": one.label, "student": one.ours, "teacher": one.theirs}, one.tags)
    if len(of[kind]) > most:
        st.caption(f"The first {most} of {len(of[kind])}, in the data's order; the record's predictions hold them all.")


def norms(record: dict) -> None:
    st.caption("How far each part's weights moved in training. The output is on top, as in the diagram; a part at zero was not trained.")
    st.altair_chart(figures.norm_bars(result.norm_rows(record)), theme=None, key="norms")


def whole(record: dict) -> None:
    with st.container(horizontal=True):
        st.download_button("Download the run as JSON", export.as_json(record), f"layer-lab-{record['id']}.json", "application/json",
                           icon=":material/download:", on_click="ignore")
        st.download_button("Download the curve as CSV", export.as_csv(record), f"layer-lab-{record['id']}.csv", "text/csv",
                           icon=":material/download:", on_click="ignore")
    # as plain text: the colours of st.json miss the contrast of 4.5:1 on the light background
    st.code(json.dumps(export.summary(record), indent=1, ensure_ascii=False), language=None, wrap_lines=True)

"""The explanation of a run, made once and again when a file of saved runs, the prediction or what was measured of the teacher changes."""

import streamlit as st

from core.findings.explanation.prediction import Prediction
from core.store import layer_scores
from core.store.saved import saved_runs, truth
from core.views.explanation.view import Explanation, explanation
from pages.parts.common.landscapes import files_stamp


def explained(record: dict, prediction: Prediction | None) -> Explanation:
    """LabError when a file of saved runs is damaged."""
    inside = layer_scores.read(record["teacher"]["hash"], record["task_hash"])
    measured = (inside["examples"], str(inside.get("seconds"))) if inside else None
    identity = (record["id"], record.get("row"), record.get("file"), record["teacher"]["hash"], record["task_hash"], record.get("at"))
    return _explained(identity, prediction, measured, files_stamp(), record, inside)


@st.cache_resource(max_entries=64, show_spinner=False)
def _explained(
    identity: tuple, prediction: Prediction | None, measured: tuple | None, files: tuple, _record: dict, _inside: dict | None
) -> Explanation:
    """One learner's cached explanation serves whoever looks at the same run with the same prediction."""
    recipe = _record["recipe"]
    saved = saved_runs(recipe["teacher"], recipe["task"])
    return explanation(_record, saved, truth(_record["task_hash"], _record["split"]), prediction, _inside)

"""The runs of compared entries as a CSV file."""

from collections.abc import Sequence

from core.findings.evidence import choice_of
from core.findings.versus import Side
from core.views.common.export import csv_text
from core.views.common.saved_options import training_text
from core.views.common.text import layers_text

COLUMNS = (
    "entry", "teacher", "task", "layers", "objective", "training", "seed", "split", "before", "accuracy", "loss", "macro_f1", "agreement",
    "teacher_accuracy", "parameters", "tokens_per_second", "seconds", "id", "from",
)


def as_csv(found: Sequence[Side]) -> str:
    """Every run of every entry, one a row: the entry's own first, then the saved ones of other seeds."""
    rows = []
    for side in found:
        for run in side.own:
            recipe, final = run["recipe"], run["final"]
            rows.append(run | {
                "entry": side.name, "teacher": recipe["teacher"], "task": recipe["task"], "objective": recipe["objective"]["name"],
                "layers": layers_text(recipe["layers"]) if choice_of(run) else "untrained", "training": training_text(recipe),
                "seed": recipe["seed"], "before": run["initial"]["accuracy"], "accuracy": final["accuracy"], "loss": final["loss"],
                "macro_f1": final.get("macro_f1"), "agreement": final.get("agreement"), "teacher_accuracy": run["teacher"]["accuracy"],
                "parameters": (run.get("parameters") or {}).get("student"), "from": run.get("file") or "made here",
            })
    return csv_text(rows, COLUMNS)

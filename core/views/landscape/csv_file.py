"""The runs of landscapes as a CSV file."""

from collections.abc import Iterable

from core.findings.landscape import Landscape
from core.models.catalogue import slug
from core.views.common.export import csv_text
from core.views.common.saved_options import objective_text, training_text
from core.views.landscape.view import identity

COLUMNS = (
    "teacher", "task", "objective", "training", "layers", "seed", "before", "accuracy", "macro_f1", "agreement", "teacher_accuracy", "majority",
    "split", "parameters", "tokens_per_second", "seconds", "device", "dtype", "id", "file",
)


def file_name(one: Landscape) -> str:
    return "--".join(map(slug, one.pair))


def table(found: Iterable[Landscape]) -> str:
    """Every run of the landscapes as CSV."""
    rows = []
    for one in found:
        for choice, runs in one.runs.items():
            for run in runs:
                environment, final = run["environment"], run["final"]
                rows.append(run | {
                    "teacher": one.pair[0], "task": one.pair[1], "objective": objective_text(one.settings), "training": training_text(one.settings),
                    "layers": identity(choice), "seed": run["recipe"]["seed"], "before": run["initial"]["accuracy"], "accuracy": final["accuracy"],
                    "macro_f1": final.get("macro_f1"), "agreement": final.get("agreement"), "teacher_accuracy": run["teacher"]["accuracy"],
                    "majority": run.get("majority"), "parameters": run["parameters"]["student"], "device": environment["device"],
                    "dtype": environment.get("dtype"),
                })
    return csv_text(rows, COLUMNS)

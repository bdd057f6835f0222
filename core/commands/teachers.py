"""List the teachers and for which tasks one is ready."""

from core.commands.output import answer, table
from core.data.catalogue import CATALOGUE
from core.errors import LabError
from core.models.catalogue import TEACHERS, status
from core.models.families import family_titles
from core.views.common.choice import task_content


def add(parser) -> None:
    """There are no options but --json."""


def run(args) -> None:
    rows = []
    for info in TEACHERS.values():
        ready, broken = [], []
        for task in CATALOGUE:
            try:
                if status(info.name, task, task_content(task)).ready:
                    ready.append(task)
            except LabError as error:
                broken.append(str(error))
        rows.append({
            "name": info.name, "hub_id": info.hub_id, "layers": info.layers, "hidden": info.hidden, "download_mb": info.download_mb,
            "description": info.description, "ready_for": ready, "problems": broken,
        })
    cells = [(r["name"], r["layers"], r["hidden"], f"{r['download_mb']} MB", ", ".join(r["ready_for"]) or "-") for r in rows]
    answer(args, rows, lambda: "\n".join([
        table(("teacher", "layers", "hidden", "download", "fine-tuned for"), cells), *(problem for r in rows for problem in r["problems"]),
        f"\nAny hub id (owner/name) or local folder of a {family_titles()} encoder is a teacher too.",
    ]))

"""What the saved full runs say of seams."""

import json
from pathlib import Path

from core.commands.output import answer, table
from core.store.database import plain_json


def run(args) -> None:
    """Print the tables of the study, computed anew from the saved runs."""
    from core.findings.seams.sentences import sentences
    from core.findings.seams.tables import tables
    from core.studies.seams.report import study

    found = study()
    if args.out:
        write(Path(args.out), found)
    text = lambda: [f"{one.title}\n\n{table(one.head, one.rows)}\n{one.below}".rstrip() for one in tables(found)]
    answer(args, found, lambda: "\n\n".join([*text(), *sentences(found)]))


def write(path: Path, found: dict) -> None:
    """Write figures as JSON, one part of them a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = (f" {json.dumps(name)}: {json.dumps(plain_json(part), separators=(',', ':'))}" for name, part in found.items())
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")

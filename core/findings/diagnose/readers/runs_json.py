"""Runs of this program: one as JSON, several, or a file of saved runs, one to a line."""

import json

from core.errors import LabError
from core.findings.diagnose.sheet import Reader
from core.findings.diagnose.table import Table, from_records


def documents(text: str) -> list:
    """Return the JSON documents of a text: one, a list, or one to a line. LabError where it is none."""
    try:
        value = json.loads(text)
        return value if isinstance(value, list) else [value]
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise LabError(f"The run is not valid JSON ({error.msg} at line {error.lineno}).") from None
    except RecursionError:
        raise LabError("The run is not valid JSON (it is nested too deeply).") from None
    try:
        return [json.loads(line) for line in lines]
    except (json.JSONDecodeError, RecursionError) as error:
        raise LabError("The text is neither one JSON document nor one to a line.") from error


def read(text: str) -> Table:
    return from_records(documents(text))


READER = Reader("runs of this program as JSON", 80, lambda text: text.lstrip()[:1] in ("{", "["), read)

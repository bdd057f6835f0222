"""Keras' History: what its CSVLogger writes ("epoch,accuracy,loss,val_accuracy,val_loss"), a data frame of it, or history.history as it prints.

keras.io, callbacks CSVLogger and History; "NA" or nan where an epoch had no validation."""

import ast
import json
import re

from core.errors import LabError
from core.findings.diagnose import cells
from core.findings.diagnose.sheet import Line, Reader, Sheet

LISTS = re.compile(r"^\s*\{\s*[\"'](?:val_)?(?:loss|acc\w*)[\"']\s*:\s*\[")


def matches(text: str) -> bool:
    if LISTS.match(text):
        return True
    lines = cells.lines_of(text)
    if len(lines) < 2 or cells.delimiter_of(lines[0][1]) not in ",;":
        return False
    mark = cells.delimiter_of(lines[0][1])
    first, *titles = cells.split(lines[0][1], mark)
    pairs = [title for title in titles if f"val_{title}" in titles]
    if first not in ("epoch", "") or "loss" not in titles or any(title.startswith(("train", "eval", "test")) for title in titles):
        return False
    figures = [title for title in titles if title not in ("learning_rate", "lr")]  # which a callback adds behind the sorted ones
    alone = len(figures) > 1 and (figures == sorted(figures) or first == "")  # a fit without validation
    return "loss" in pairs or (alone and cells.split(lines[1][1], mark)[0] == "0")


def read(text: str) -> Sheet:
    """Read it; a figure without "val_" is the training's, its accuracy too."""
    if LISTS.match(text):
        history = _lists(text)
        longest = max(map(len, history.values()), default=0)
        rows = [{name: str(values[n]) for name, values in history.items() if n < len(values)} for n in range(longest)]
        return Sheet([Line(1, {"epoch": str(n)} | row) for n, row in enumerate(rows, start=1)], bare="train")
    head, *body = cells.grid(text)
    titles = [title or "epoch" for title in head[1]]
    return Sheet([Line(n, dict(zip(titles, row, strict=False))) for n, row in body], bare="train")


def _lists(text: str) -> dict[str, list]:
    """history.history as Python or JSON prints it."""
    plain = re.sub(r"\bnp\.float\d+\(([^()]*)\)", r"\1", text.strip())
    for reads in (json.loads, lambda text: ast.literal_eval(re.sub(r"(?<![\w'\"])-?(?:nan|inf)(?![\w'\"])", r"'\g<0>'", text))):
        try:
            value = reads(plain)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, dict) and all(isinstance(one, list) for one in value.values()):
            return value
    raise LabError("The text begins as Keras' history.history and is cut off or changed; give all of it, from { to }.")


READER = Reader("Keras' History", 50, matches, read)

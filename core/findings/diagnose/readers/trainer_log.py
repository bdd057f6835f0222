"""The Hugging Face Trainer's log: the dicts on its console ({'loss': 0.52, …, 'epoch': 1.0}; transformers 5 prints texts, {'loss': '0.52', …}), with
progress bars between them, and trainer_state.json, whose log_history holds the same.

transformers/trainer_callback.py. Non-finite losses may be logged as 0 beside a gradient norm that is nan."""

import json
import math
import re
from dataclasses import replace

from core.errors import LabError
from core.findings.diagnose import cells
from core.findings.diagnose.blocks import named, title_of
from core.findings.diagnose.sheet import Line, Reader, Sheet

DICT = re.compile(r"\{\s*['\"]\w+['\"]\s*:[^{}]*\}")
PAIR = re.compile(r"['\"](\w[\w/.-]*)['\"]\s*:\s*(?:['\"]([^'\"]*)['\"]|([^\s,{}'\"]+))")
OTHER = ("loss", "learning_rate", "grad_norm", "total_flos")
SPEED = ("runtime", "samples_per_second", "steps_per_second", "preparation_time", "jit_compilation_time")


def read_console(text: str) -> Sheet:
    """Read every dict of the console, in order."""
    entries, end, n = [], 0, 1
    for found in DICT.finditer(text):
        between = [line for line in text[end:found.start()].splitlines() if line.strip()]
        title = title_of(between[-1]) if between else ""
        n += text.count("\n", end, found.start())
        entries.append((n, {name: quoted or plain for name, quoted, plain in PAIR.findall(found[0])}, title))
        n, end = n + found[0].count("\n"), found.end()
    return sheet_of(entries)


def read_state(text: str) -> Sheet:
    """Read trainer_state.json, or its log_history alone. LabError where it is no JSON, or holds no log."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise LabError("The file begins as trainer_state.json and is no valid JSON; give all of it.") from None
    history = value.get("log_history") if isinstance(value, dict) else value
    if not isinstance(history, list) or not all(isinstance(entry, dict) for entry in history):
        raise LabError("trainer_state.json holds no log_history.")
    return sheet_of([(n, {name: str(cell) for name, cell in entry.items() if isinstance(cell, (int, float, str))}, "")
                     for n, entry in enumerate(history, start=1)])


def sheet_of(entries: list[tuple[int, dict[str, str], str]]) -> Sheet:
    """Make a line of every evaluation, with the mean training loss since the one before; of every logged loss where nothing was evaluated."""
    runs: list[tuple[str, list[Line]]] = [("", [])]
    losses: list[dict[str, str]] = []
    ended, last, evaluated = False, -1.0, any(_evaluates(entry) for _, entry, _ in entries)
    for n, entry, title in entries:
        epoch = float(entry["epoch"]) if re.fullmatch(r"\d+(\.\d*)?(e[+-]?\d+)?", entry.get("epoch", "")) else None
        if "loss" in entry and (ended or epoch is not None and epoch < last):
            runs.append((title, []))
            losses, ended = [], False
        if "loss" in entry and not runs[-1][1] and not losses:
            runs[-1] = (runs[-1][0] or title, runs[-1][1])
        last = epoch if epoch is not None else last
        if "train_runtime" in entry:
            ended = True
        elif _evaluates(entry) or ("loss" in entry and not evaluated):
            runs[-1][1].append(_line(n, entry, [*losses, entry] if "loss" in entry else losses, ended, not runs[-1][1]))
            losses = []
        elif "loss" in entry:
            losses.append(entry)
    if losses and evaluated and any(_hidden(entry) for entry in losses):  # what became NaN after the last evaluation
        runs[-1][1].append(_line(n, {"epoch": losses[-1].get("epoch", "")}, losses, False, False))
    lines = named([(title, _once(lines)) for title, lines in runs])
    return Sheet(lines, blocks=len({line.run for line in lines}) > 1)


def _evaluates(entry: dict) -> bool:
    return any(re.fullmatch(r"(?:eval|test|validation|val|dev)_\w+", name) and not name.endswith(SPEED) for name in entry)


def _hidden(entry: dict) -> bool:
    """Whether the loss is not finite, or stands as 0 for one that is not."""
    loss, gradient = (cells.bare(entry.get(name, "")).lower() for name in ("loss", "grad_norm"))
    return loss in cells.NOT_FINITE or (gradient == "nan" and re.fullmatch(r"0(\.0*)?", loss) is not None)


def _line(n: int, entry: dict, losses: list[dict], ended: bool, first: bool) -> Line:
    """An evaluation as a line: the start where nothing was trained before it, what was reported where the training had ended."""
    values = {name: cell for name, cell in entry.items() if not name.endswith(SPEED) and name not in OTHER}
    logged = [math.nan if _hidden(one) else cells.number(one["loss"], n, "loss") for one in losses]
    if logged and None not in logged:
        values["loss"] = losses[0]["loss"] if len(logged) == 1 and not math.isnan(logged[0]) else repr(sum(logged) / len(logged))
    rates = [one["learning_rate"] for one in losses if cells.is_number(one.get("learning_rate", "x"))]
    if rates:
        values["learning_rate"] = max(rates, key=lambda rate: cells.number(rate, n, "learning_rate") or 0.0)
    if ended:
        values["epoch"] = "reported"
    elif "loss" not in values and first and float(values.get("epoch") or 0) == 0:
        values["epoch"] = "0"
    return Line(n, values)


def _once(lines: list[Line]) -> list[Line]:
    """Without a second evaluation after the same training, and with steps alone where epochs were printed too coarsely to tell lines apart."""
    numbered = [line for line in lines if line.cells.get("epoch") != "reported"]
    reported = [line for line in lines if line.cells.get("epoch") == "reported"]
    reported = [line for line in reported if any(name.startswith("eval_") for name in line.cells)][-1:] or reported[-1:]
    epochs = [line.cells.get("epoch", "") for line in numbered]
    if len(set(epochs)) < len(epochs) and not all(line.cells.get("step") for line in numbered):
        merged: list[Line] = []
        for line in numbered:
            old = merged[-1].cells if merged and not line.cells.get("loss") else None
            if old and all(old.get(name, cell) == cell for name, cell in line.cells.items()):  # of another set, or told twice
                merged[-1] = replace(merged[-1], cells=line.cells | old)
            else:
                merged.append(line)
        numbered = merged
        if len({line.cells.get("epoch", "") for line in numbered}) < len(numbered):
            numbered = [replace(line, cells=line.cells | {"epoch": "", "step": str(n)}) for n, line in enumerate(numbered, start=1)]
    return numbered + reported


def matches(text: str) -> bool:
    return any(_is_logged(found[0]) for found in DICT.finditer(text))


def _is_logged(text: str) -> bool:
    """Whether a dict is one of the Trainer's: in Python's quotes, or in JSON's with an epoch."""
    names = {name for name, _, _ in PAIR.findall(text)}
    return bool(names & {"loss", "train_runtime"} or _evaluates(dict.fromkeys(names))) and ("'" in text or "epoch" in names)


READER = Reader("the Trainer's console", 60, matches, read_console)

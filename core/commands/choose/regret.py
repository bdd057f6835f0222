"""The part of `choose` that judges saved picks by the saved full runs."""

import math
from pathlib import Path

from core.commands.output import answer, choice, table
from core.findings.choosers.baselines import judged_table, sentences
from core.findings.choosers.baselines import overall as over_tables
from core.findings.choosers.regret import Judged
from core.findings.landscape import landscapes
from core.store import saved
from core.studies.choosers import picks

HEAD = ("chooser", "picks", "regret", "at most (95 %)", "rank", "tau", "95 %", "full runs", "steps")


def show_regret(args, folder: Path | None) -> None:
    """Print the tables of saved picks."""
    found = tables(folder, args.k)
    parts = [*map(text, found), *filter(None, [overall(found)])]
    none = "No picks are saved; `python -m core choose --method all --k 2 --out FILE` makes them."
    answer(args, list(map(_as_json, found)), lambda: "\n\n".join(parts) or none)


def tables(folder: Path | None = None, k: int | None = None) -> list[dict]:
    """Return one table a teacher, task and size with saved picks: the choosers and the baselines judged, which choosers beat which baseline, the
    number of choices that can be the best; where picks must not be judged yet, the reason under `refused` and those picks alone."""
    truth = lambda task_hash, split: saved.truth(task_hash, split, folder)
    found = landscapes(saved.saved_runs(folder=folder), truth)
    groups: dict[tuple, list[dict]] = {}
    for document in picks.read(folder):
        if k in (None, document["k"]):
            key = tuple(document[name] for name in ("teacher", "task", "k", "teacher_hash", "task_hash"))
            groups.setdefault(key, []).append(document)
    return [_table(key, documents, found, picks.frozen(folder)) for key, documents in sorted(groups.items(), key=lambda item: item[0])]


def _table(key: tuple, documents: list[dict], found: list, frozen: dict[str, str]) -> dict:
    made = judged_table(documents, found, frozen)
    ground = made.ground
    return {
        "teacher": key[0], "task": key[1], "k": key[2], "refused": made.refused, "seen_before": picks.seen_before(documents[0]),
        "layers": ground and ground.landscape.layers, "choices": ground and len(ground.trials.choices), "complete": ground and ground.complete,
        "seeds": ground and len(ground.seeds), "possible": ground and ground.possible, "verdicts": made.verdicts, "judged": made.judged,
    }


def overall(found: list[dict]) -> str:
    """Say what the held-out tables say together."""
    return over_tables([one["verdicts"] for one in found if not one["seen_before"]])


def text(one: dict) -> str:
    """Return a table in words."""
    lines = [f"{one['k']} layers of {one['teacher']} on {one['task']}: {ground_text(one)}"]
    return "\n".join([*lines, table(HEAD, map(row, one["judged"])), *sentences(one["verdicts"])])


def _as_json(one: dict) -> dict:
    verdicts = [
        {"method": verdict.chooser.method, "bar": verdict.baseline.method, "gain": verdict.gain, "p_holm": verdict.judged.p, "verdict": verdict.word,
         "far": verdict.judged.far if verdict.judged.known else None, "findable": verdict.judged.findable, "cheaper": verdict.cheaper}
        for verdict in one["verdicts"]
    ]
    plain = {key: value for key, value in one.items() if key not in ("judged", "verdicts")}
    return plain | {"rows": list(map(vars, one["judged"])), "verdicts": verdicts}


def ground_text(one: dict) -> str:
    """Say what a table's regrets rest on, or why they are not known."""
    if one["choices"] is None:
        return one["refused"] or "no full runs of these choices are saved, so no regret is known."
    if not one["complete"]:
        return f"only {one['choices']} of {math.comb(one['layers'], one['k'])} choices have full runs, so the best is not known, and no regret is."
    seeds = f"{one['seeds']} seed{'s' if one['seeds'] != 1 else ''} each"
    fitted = "the best found on the other seeds" if one["seeds"] > 1 else "the best found where it is measured, so regret is too high by noise"
    best = "" if one["possible"] is None else f"; {one['possible']} of them can be the best"
    return " ".join(filter(None, (f"all {one['choices']} choices, {seeds} ({fitted}){best}.", one["seen_before"], one["refused"])))


def row(judged: Judged) -> tuple:
    """Return a row of the printed table, as HEAD names it."""
    points = lambda value: "-" if value is None else f"{round(100 * value, 1) + 0.0:.1f}"  # no minus before a zero
    span = lambda found, form: "-" if found is None else " to ".join(form.format(value) for value in found)
    tau = judged.tau if judged.tau is not None and judged.tau == judged.tau else None
    return (
        judged.title + (" (bar)" if judged.bar else ""), choice(judged.pick) if judged.pick else "-", points(judged.regret), points(judged.bound),
        f"{judged.rank} of {judged.of}" if judged.rank else "-", "-" if tau is None else f"{tau:.2f}", span(judged.tau_interval, "{:.2f}"),
        _cost(judged), judged.steps or "-",
    )


def _cost(judged: Judged) -> str:
    """In full runs of one seed where that is known, else in seconds."""
    if judged.cost is not None:
        return f"{judged.cost:.2f}"
    return "-" if judged.seconds is None else f"{judged.seconds:.0f} s"

"""The part of `choose` that judges saved picks by the saved full runs, and freezes the choosers' settings."""

import math
from pathlib import Path

from core.commands.output import choice, percent, print_json, table
from core.findings.choosers.baselines import BARS, bars
from core.findings.choosers.beats_baselines import Verdict, sentences, verdicts
from core.findings.choosers.beats_baselines import overall as over_tables
from core.findings.choosers.regret import Judged, judge, truth_for
from core.findings.landscape import landscapes
from core.recipe import Recipe
from core.store import saved
from core.studies.choosers import picks
from core.studies.choosers.settings import settings_for, settings_hash

HEAD = ("chooser", "picks", "regret", "95 %", "rank", "tau", "95 %", "full runs", "steps")


def freeze(recipe: Recipe, folder: Path | None) -> Path:
    settings = settings_for(recipe)
    return picks.freeze(settings, settings_hash(settings), folder)


def show_regret(folder: Path | None, k: int | None, as_json: bool) -> None:
    found = tables(folder, k)
    if as_json:
        told = lambda one: {name: value for name, value in one.items() if name not in ("judged", "verdicts")}
        rows = lambda one: {"rows": [vars(row) for row in one["judged"]], "verdicts": [said(verdict) for verdict in one["verdicts"]]}
        print_json([told(one) | rows(one) for one in found])
    else:
        parts = [*map(text, found), *filter(None, [overall(found)])]
        print("\n\n".join(parts) or "No picks are saved; `python -m core choose --method all --k 2 --out FILE` makes them.")


def tables(folder: Path | None = None, k: int | None = None) -> list[dict]:
    """One a teacher, task and size with saved picks: what it is of, the choosers and the bars judged, which choosers beat which bar, the share
    of choices within noise; for held-out picks that must not be judged yet, the reason under `refused` and the picks alone."""
    truth = lambda task_hash, split: saved.truth(task_hash, split, folder)
    found = landscapes(saved.saved_runs(folder=folder), truth)
    frozen = picks.frozen(folder)
    groups: dict[tuple, list[dict]] = {}
    for document in picks.read(folder):
        if k in (None, document["k"]):
            key = tuple(document[name] for name in ("teacher", "task", "k", "teacher_hash", "task_hash"))
            groups.setdefault(key, []).append(document)
    return [_table(key, documents, found, frozen) for key, documents in sorted(groups.items(), key=lambda item: item[0])]


def _table(key: tuple, documents: list[dict], found: list, frozen: str | None) -> dict:
    refused = next(filter(None, (picks.refusal(document, frozen) for document in documents)), "")
    ground = None if refused else truth_for(documents[0], found)
    told = {"teacher": key[0], "task": key[1], "k": key[2], "refused": refused, "tuned_on": picks.tuned_on(documents[0])}
    told |= dict.fromkeys(("layers", "choices", "complete", "seeds", "within_noise")) | {"verdicts": []}
    judged = [judge(ground, document, frozen) for document in documents if ground is None or document["method"] not in BARS]
    if ground is not None:
        told |= {"layers": ground.landscape.layers, "choices": len(ground.trials.choices), "complete": ground.complete}
        told |= {"seeds": len(ground.seeds), "within_noise": ground.within_noise}
        choosers = {document["method"] for document in documents if not document["baseline"]}
        told["verdicts"] = verdicts(ground, [row for row in judged if row.method in choosers])
        judged = sorted(judged, key=lambda row: (row.regret is None, row.regret or 0.0)) + bars(ground)
    return told | {"judged": judged}


def overall(found: list[dict]) -> str:
    """What the tables say together that hold nothing the settings were tuned on."""
    return over_tables([one["verdicts"] for one in found if not one["tuned_on"]])


def text(one: dict) -> str:
    """A table in words."""
    lines = [f"{one['k']} layers of {one['teacher']} on {one['task']}: {ground_text(one)}"]
    return "\n".join([*lines, table(HEAD, map(row, one["judged"])), *sentences(one["verdicts"])])


def said(verdict: Verdict) -> dict:
    return {"method": verdict.chooser.method, "bar": verdict.bar.method, "gain": verdict.gain, "p_holm": verdict.p, "verdict": verdict.word,
            "cheaper": verdict.cheaper}


def ground_text(one: dict) -> str:
    if one["refused"]:
        return one["refused"]
    if one["choices"] is None:
        return "no full runs of these choices are saved, so no regret is known."
    if not one["complete"]:
        return f"only {one['choices']} of {math.comb(one['layers'], one['k'])} choices have full runs, so the best is not known, and no regret is."
    seeds = f"{one['seeds']} seed{'s' if one['seeds'] != 1 else ''} each"
    fitted = "the best found on the other seeds" if one["seeds"] > 1 else "the best found where it is measured, so regret is too high by noise"
    share = "" if one["within_noise"] is None else f"; {percent(one['within_noise'])} of them have a regret within noise"
    return " ".join(filter(None, (f"all {one['choices']} choices, {seeds} ({fitted}){share}.", one["tuned_on"])))


def row(judged: Judged) -> tuple:
    points = lambda value: "-" if value is None else f"{round(100 * value, 1) + 0.0:.1f}"  # no minus before a zero
    span = lambda found, form: "-" if found is None else " to ".join(form.format(value) for value in found)
    percents = judged.interval and tuple(100 * value for value in judged.interval)
    tau = judged.tau if judged.tau is not None and judged.tau == judged.tau else None
    return (
        judged.title + (" (bar)" if judged.bar else ""), choice(judged.pick) if judged.pick else "-", points(judged.regret), span(percents, "{:.1f}"),
        f"{judged.rank} of {judged.of}" if judged.rank else "-", "-" if tau is None else f"{tau:.2f}", span(judged.tau_interval, "{:.2f}"),
        _cost(judged), judged.steps or "-",
    )


def _cost(judged: Judged) -> str:
    """In full runs of one seed where that is known, else in seconds."""
    if judged.cost is not None:
        return f"{judged.cost:.2f}"
    return "-" if judged.seconds is None else f"{judged.seconds:.0f} s"

"""What the page shows of layers chosen by algorithm: each chooser's pick, cost and regret, as rows and in words."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.figures.choice_colour import choice_colour
from core.findings.choosers.baselines import Verdict, judged_table
from core.findings.choosers.regret import Ground, Judged
from core.findings.landscape import Landscape
from core.statistics.noise import POWER
from core.store import layer_scores
from core.studies.choosers import picks
from core.studies.choosers.methods import CHOOSERS
from core.views.common.text import duration, layers_text

BESIDE = {"presets-once": "running the presets once, which takes {cost} full runs,", "lowest-sum": "the lowest sum of layer numbers,"}
BASELINE_NAMES = {"presets-once": "Presets once, best kept", "lowest-sum": "Lowest layer sum", "random": "At random"}


def documents(weights: str | None, task: str, k: int, saved: Iterable[dict], data: str | None = None) -> dict[str, dict]:
    """Return the pick of each chooser for a teacher: what was computed on this machine, else what is saved with the program.

    weights: the teacher's key. data: the task's hash, None while it is unknown.
    """
    if weights is None:
        return {}
    same = lambda one: (one["teacher_hash"], one["task"], one["k"]) == (weights, task, k) and data in (None, one["task_hash"])
    found = {one["method"]: one for one in saved if same(one)}
    here = {name: layer_scores.find(weights, task, f"choices--{name}--k{k}", data) for name in CHOOSERS}
    found |= {name: document for name, document in here.items() if document and document.get("settings_hash")}
    return {name: found[name] for name in CHOOSERS if name in found}


@dataclass(frozen=True)
class Table:
    """judged: by method, and the baselines. ground_text: what the regrets rest on, or why there are none. verdicts: every pick beside the
    baselines."""

    judged: dict[str, Judged]
    ground_text: str
    verdicts: tuple[Verdict, ...] = ()


def table(found: Mapping[str, dict], landscapes: Sequence[Landscape], frozen: Mapping[str, str]) -> Table:
    """Judge every pick by the saved full runs where there are some and it may be judged. frozen: the frozen hashes by method."""
    if not found:
        return Table({}, "No method has been run for this teacher, task and size yet.")
    documents = list(found.values())
    made = judged_table(documents, landscapes, frozen)
    if made.ground is None:
        said = made.refused or "No full runs of these choices are saved, so it is not known how good the picks are."
    else:
        said = " ".join(filter(None, (ground_text(made.ground), picks.seen_before(documents[0]), made.refused)))
    return Table({one.method: one for one in made.judged}, said, tuple(made.verdicts))


def ground_text(ground: Ground) -> str:
    """Say what regrets rest on."""
    n, seeds = len(ground.trials.choices), len(ground.seeds)
    if not ground.complete:
        every = math.comb(ground.landscape.layers, ground.landscape.k)
        return f"Only {n} of {every} choices have full runs, so the best is not known, and how good the picks are is not either."
    how = (
        f"{seeds} seeds each: the best choice is found on some seeds and the loss measured on the others, where a pick may do better than it "
        "(below 0). The bar reaches from 0 to what the true loss is at most, with a chance of 95 % for all picks together"
    ) if seeds > 1 else "one seed each: the best choice is found where it is measured, so losses are too high by noise"
    best = "" if ground.possible is None else f" No choice is told to be better than {ground.possible} of them: each of these can be the best."
    what = "Points lost: test accuracy given away against the best choice, also called regret."
    return f"{what} They rest on full runs of all {n} choices, {how}.{best}"


def rows(found: Table, layers: int) -> list[dict]:
    """Return the rows of `core.figures.pick_rows`: the choosers, those with a known regret first, then the baselines."""
    methods = sorted(CHOOSERS, key=lambda name: _order(found.judged.get(name)))
    names = {name: CHOOSERS[name].page_title for name in methods} | {name: title for name, title in BASELINE_NAMES.items() if name in found.judged}
    return [_row(name, title, found.judged.get(name), layers) for name, title in names.items()]


def _order(judged: Judged | None) -> tuple:
    return judged is None, judged is None or judged.regret is None, judged.regret if judged and judged.regret is not None else 0.0


def _row(name: str, title: str, judged: Judged | None, layers: int) -> dict:
    pick = list(judged.pick) if judged and judged.pick else []
    points = lambda value: None if value is None else 100 * value
    span = (0.0, judged.bound) if judged and judged.bound is not None else (None, None)
    text = "not run yet" if judged is None else "; ".join(filter(None, (regret_short(judged), cost_text(judged))))
    picked = f" picks layers {layers_text(pick)}" if pick else ""
    return {
        "id": name, "name": title, "layers": pick, "colour": choice_colour(pick, layers), "regret": points(judged.regret) if judged else None,
        "low": points(span[0]), "high": points(span[1]), "text": text, "told": f"{title}{picked}: {text}",
    }


def regret_short(judged: Judged) -> str:
    """Return '1.2 points lost, rank 3 of 20'; '' where the regret is not known."""
    if judged.regret is None:
        return ""
    rank = f", rank {judged.rank} of {judged.of}" if judged.rank else ""
    return f"{points_of(judged.regret)} points lost{rank}"


def points_of(share: float) -> str:
    """Return '1.2' for 0.012; no minus before a zero."""
    return f"{round(100 * share, 1) + 0.0:.1f}"


def cost_text(judged: Judged) -> str:
    """Say what a pick cost, in full runs of one seed where that is known, else in seconds."""
    if judged.cost is None:
        return f"took {duration(judged.seconds)}" if judged.seconds is not None else ""
    if judged.cost == 0:
        return "cost 0"
    return f"cost {judged.cost:.2f} runs" if judged.cost < 10 and judged.cost != int(judged.cost) else f"cost {judged.cost:.0f} runs"


def regret_text(judged: Judged | None) -> str:
    """Say a pick's regret and what it is at most, or that it is not known."""
    if judged is None or judged.regret is None:
        return "How good this pick is, is not known."
    known = "; too few seeds to say how large it may be" if judged.bound is None else f", at most {points_of(judged.bound)} (95 %)"
    said = f"Points lost: {points_of(judged.regret)}{known}, rank {judged.rank} of {judged.of}."
    if judged.tau is None or judged.tau != judged.tau:
        return said
    span = "" if judged.tau_interval is None else "; 95 %, with the true order: {:.2f} to {:.2f}".format(*judged.tau_interval)
    return f"{said} Its scores and the saved runs order the choices alike by {judged.tau:.2f} (1: the same order{span})."


def baselines_text(table: Table, method: str) -> str:
    """Say in one sentence how a chooser's pick compares with the baselines; '' where nothing was measured or the noise is unknown."""
    words = {"better": "it is better", "worse": "it is worse"}
    beside = lambda one: BESIDE[one.baseline.method].format(cost=f"{one.baseline.cost:.0f}")
    known = [one for one in table.verdicts if one.chooser.method == method and one.word != "unknown"]
    said = [f"{beside(one)} {words.get(one.word) or _open(one)}{_cost_beside(one)}" for one in known]
    return f"Beside {'; beside '.join(said)} (corrected for all methods here)." if said else ""


def _open(one: Verdict) -> str:
    """Say how near two picks are shown to be, or that the runs are too few to tell, with the gap that they would have found."""
    if not one.judged.far:
        return "it is the same choice"
    if one.word == "within":
        return f"it lies within {points_of(one.judged.far)} points"
    found = f"found from {points_of(one.judged.findable)} points on" if one.judged.findable else "never found"
    return f"there are too few runs to tell (a gap would be {found}, with {100 * POWER:.0f} % power)"


def _cost_beside(one: Verdict) -> str:
    """Say what a pick costs that is not worse, where the baseline costs something and both are counted in full runs."""
    if one.word == "worse" or one.cheaper is None or not one.baseline.cost:
        return ""
    return f", for {one.chooser.cost:.2f} full runs of one seed" if one.cheaper else f", and costs more, {one.chooser.cost:.2f} full runs of one seed"

"""What the page of choosers shows: each method in a line and a formula, its pick, cost and regret, as rows and in words. No Streamlit."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.figures.choice_colour import choice_colour
from core.findings.choosers.baselines import bars
from core.findings.choosers.beats_baselines import Verdict, verdicts
from core.findings.choosers.regret import Ground, Judged, judge, truth_for
from core.findings.landscape import Landscape
from core.store import layer_scores
from core.studies.choosers import picks
from core.views.common.text import duration, layers_text, percent


@dataclass(frozen=True)
class Account:
    """name: a few words. line: what the method does, one plain sentence. formula: LaTeX of a choice's score S; higher is better. labels:
    whether it reads labels; trains: whether it trains anything."""

    name: str
    line: str
    formula: str
    labels: bool = False
    trains: bool = False


ACCOUNTS: dict[str, Account] = {
    "block-influence": Account(
        "Block Influence", "Keep the layers that change the hidden states most: one minus the cosine between what enters a layer and what leaves it.",
        r"S(C)=\sum_{l\in C}\left(1-\overline{\cos}(h_{l-1},h_l)\right)",
    ),
    "angular-distance": Account(
        "Angular distance", "Leave out the blocks of neighbouring layers whose output points where their input does.",
        r"S(C)=-\sum_{\mathrm{blocks}\ (a,b]\ \mathrm{left\ out}}\tfrac{1}{\pi}\,\overline{\arccos}\,\cos(h_a,h_b)",
    ),
    "cka-coverage": Account(
        "CKA coverage", "Keep the layers that stand best for all: every layer's likeness (CKA) to the kept layer that is most like it, averaged.",
        r"S(C)=\tfrac1L\sum_{l=1}^{L}\max_{c\in C}\mathrm{CKA}(h_l,h_c)",
    ),
    "before-training": Account(
        "Loss before training", "Seed a student from each choice, evaluate it untrained, and take the one with the lowest loss.",
        r"S(C)=-\tfrac1n\sum_i \mathrm{CE}\left(f_C(x_i),y_i\right)", labels=True,
    ),
    "before-training-greedy": Account(
        "Greedy removal", "Take one layer away at a time, always the one whose absence leaves the lowest loss before training.",
        r"C\leftarrow C\setminus\arg\min_{l\in C}\mathrm{CE}\left(f_{C\setminus l}\right)", labels=True,
    ),
    "fisher": Account(
        "Fisher sensitivity", "Keep the layers to whose strength the loss is most sensitive: squared gradients of a gate on each layer.",
        r"S(C)=\sum_{l\in C}\overline{\left(\partial\,\mathrm{CE}/\partial g_l\right)^2}", labels=True,
    ),
    "leave-one-out": Account(
        "Leave one out", "Keep the layers that the teacher misses most: what taking each one away adds to the loss.",
        r"S(C)=\sum_{l\in C}\left(\mathrm{CE}(f_{\setminus l})-\mathrm{CE}(f)\right)", labels=True,
    ),
    "learned-gates": Account(
        "Learned gates", "Put a gate on every layer, train the gates alone with a penalty on more than k open ones, keep the layers that stay open.",
        r"S(C)=\sum_{l\in C}\alpha_l,\quad \min_\alpha\max_\lambda\ \mathrm{CE}+\lambda_1 d+\lambda_2 d^2,\ d=\tfrac1L\sum_l P(g_l\neq0)-\tfrac kL",
        labels=True, trains=True,
    ),
    "successive-halving": Account(
        "Successive halving", "Give every choice a short run, keep the better half by validation loss, double the steps, and so on.",
        r"S(C)=\mathrm{rounds\ survived}+e^{-\mathrm{CE}}", labels=True, trains=True,
    ),
}
BESIDE = {"presets-once": "running the presets once, which takes {cost} full runs,", "lowest-sum": "the lowest sum of layer numbers,"}
BAR_NAMES = {"presets-once": "Presets once, best kept", "lowest-sum": "Lowest layer sum", "random": "At random"}


def documents(weights: str | None, task: str, k: int, saved: Iterable[dict]) -> dict[str, dict]:
    """The pick of each method for a teacher of these weights: what was computed on this machine, else what is saved with the program."""
    if weights is None:
        return {}
    found = {one["method"]: one for one in saved if (one["teacher_hash"], one["task"], one["k"]) == (weights, task, k)}
    here = {name: layer_scores.find(weights, task, f"choices--{name}--k{k}") for name in ACCOUNTS}
    found |= {name: document for name, document in here.items() if document and document.get("settings_hash")}
    return {name: found[name] for name in ACCOUNTS if name in found}


@dataclass(frozen=True)
class Table:
    """judged: by method, and the bars. ground_text: what the regrets rest on, or why there are none. verdicts: every pick beside the bars."""

    judged: dict[str, Judged]
    ground_text: str
    within_noise: float | None = None
    verdicts: tuple[Verdict, ...] = ()

    def verdicts_of(self, method: str) -> list[Verdict]:
        return [one for one in self.verdicts if one.chooser.method == method]


def table(found: Mapping[str, dict], landscapes: Sequence[Landscape], frozen: str | None) -> Table:
    """Every pick beside the saved truth where there is some and it may be looked at."""
    if not found:
        return Table({}, "No method has been run for this teacher, task and size yet.")
    refused = next(filter(None, (picks.refusal(document, frozen) for document in found.values())), "")
    ground = None if refused else next(filter(None, (truth_for(document, landscapes) for document in found.values())), None)
    judged = {name: judge(ground, document, frozen) for name, document in found.items()}
    if ground is None:
        return Table(judged, refused or "No full runs of these choices are saved, so it is not known how good the picks are.")
    beside = tuple(verdicts(ground, list(judged.values())))
    told = " ".join(filter(None, (ground_text(ground), picks.tuned_on(next(iter(found.values()))))))
    return Table(judged | {bar.method: bar for bar in bars(ground)}, told, ground.within_noise, beside)


def ground_text(ground: Ground) -> str:
    """What regrets rest on."""
    n, seeds = len(ground.trials.choices), len(ground.seeds)
    if not ground.complete:
        every = math.comb(ground.landscape.layers, ground.landscape.k)
        return f"Only {n} of {every} choices have full runs, so the best is not known, and how good the picks are is not either."
    how = (
        f"{seeds} seeds each: the best choice is found on some seeds and the regret measured on the others, where a pick may do better than it "
        "(below 0); the interval is of the true regret, which is never below 0"
    ) if seeds > 1 else "one seed each: the best choice is found where it is measured, so regrets are too high by noise"
    share = "" if ground.within_noise is None else f" {percent(ground.within_noise, 0)} of all choices have a regret within noise."
    return f"Regret: points of test accuracy given away against the best choice. It rests on full runs of all {n} choices, {how}.{share}"


def rows(found: Table, layers: int) -> list[dict]:
    """As `core.figures.choosers.pick_rows` takes them: the methods, those with a known regret first, then the bars."""
    methods = sorted(ACCOUNTS, key=lambda name: _order(found.judged.get(name)))
    names = {name: ACCOUNTS[name].name for name in methods} | {name: title for name, title in BAR_NAMES.items() if name in found.judged}
    return [_row(name, title, found.judged.get(name), layers) for name, title in names.items()]


def _order(judged: Judged | None) -> tuple:
    return judged is None, judged is None or judged.regret is None, judged.regret if judged and judged.regret is not None else 0.0


def _row(name: str, title: str, judged: Judged | None, layers: int) -> dict:
    pick = list(judged.pick) if judged and judged.pick else []
    points = lambda value: None if value is None else 100 * value
    span = judged.interval if judged and judged.interval else (None, None)
    text = "not run yet" if judged is None else "; ".join(filter(None, (regret_short(judged), cost_text(judged))))
    picked = f" picks layers {layers_text(pick)}" if pick else ""
    return {
        "id": name, "name": title, "layers": pick, "colour": choice_colour(pick, layers), "regret": points(judged.regret) if judged else None,
        "low": points(span[0]), "high": points(span[1]), "text": text, "told": f"{title}{picked}: {text}",
    }


def regret_short(judged: Judged) -> str:
    if judged.regret is None:
        return ""
    rank = f", rank {judged.rank} of {judged.of}" if judged.rank else ""
    return f"{points_of(judged.regret)} points{rank}"


def points_of(share: float) -> str:
    """'1.2' for 0.012; no minus before a zero."""
    return f"{round(100 * share, 1) + 0.0:.1f}"


def cost_text(judged: Judged) -> str:
    """In full runs of one seed where that is known, else in seconds."""
    if judged.cost is None:
        return f"took {duration(judged.seconds)}" if judged.seconds is not None else ""
    if judged.cost == 0:
        return "cost 0"
    return f"cost {judged.cost:.2f} runs" if judged.cost < 10 and judged.cost != int(judged.cost) else f"cost {judged.cost:.0f} runs"


def regret_text(judged: Judged | None) -> str:
    """One sentence on a pick's regret with its interval, or that it is not known."""
    if judged is None or judged.regret is None:
        return "How good this pick is, is not known."
    if judged.interval is None:
        return f"Regret {points_of(judged.regret)} points, rank {judged.rank} of {judged.of}. Too few seeds for an interval."
    low, high = (100 * value for value in judged.interval)
    verdict = " The interval reaches 0: a tie with the best choice." if judged.interval[0] == 0 else ""
    tau = "" if judged.tau is None or judged.tau != judged.tau else f" Kendall's tau of its scores with the truth: {judged.tau:.2f}."
    return f"Regret {points_of(judged.regret)} points, 95 % interval {low:.1f} to {high:.1f}, rank {judged.rank} of {judged.of}.{verdict}{tau}"


def bars_text(found: Sequence[Verdict]) -> str:
    """One sentence on a pick beside the bars; '' where nothing was measured or the noise is unknown."""
    words = {"better": "it is better", "tie": "it ties", "worse": "it is worse"}
    said = [f"{BESIDE[one.bar.method].format(cost=f'{one.bar.cost:.0f}')} {words[one.word]}{_bought(one)}" for one in found if one.word in words]
    return f"Beside {'; beside '.join(said)} (corrected for all methods here)." if said else ""


def _bought(one: Verdict) -> str:
    """What a tie or a gain costs, where the bar costs something and both are counted in full runs."""
    if one.word == "worse" or one.cheaper is None or not one.bar.cost:
        return ""
    return f", for {one.chooser.cost:.2f} full runs of one seed" if one.cheaper else f", and costs more, {one.chooser.cost:.2f} full runs of one seed"

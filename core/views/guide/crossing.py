"""How the guide ends: one student leads after a short run and loses in full. All of it is read from the saved runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.figures.choice_colour import choice_colour
from core.findings.landscape import Landscape
from core.recipe import RUNGS
from core.views.common.text import layers_text, percent
from core.views.guide.saved import Saved
from core.views.guide.steps import LEADS, WINS

SHORT = "240"  # the rung


@dataclass(frozen=True)
class Crossing:
    """early, final: mean accuracies of (LEADS, WINS) in short and in full runs. curves: {"line", "step", "value", "low", "high"} of the full runs.

    dots: {"line", "step", "value"}, the short runs. colours: by line. seeds: of a short and of a full mean. between: the evaluated steps
    between which the full curves cross. early_clear, final_clear: whether the gap exceeds noise. total: steps of a full run.
    """

    early: tuple[float, float]
    final: tuple[float, float]
    curves: list[dict]
    dots: list[dict]
    colours: dict[str, str]
    seeds: tuple[int, int]
    between: tuple[int, int] | None
    early_clear: bool
    final_clear: bool
    total: int

    @property
    def holds(self) -> bool:
        """Whether the saved runs still show it: the early leader loses clearly."""
        return self.early[0] > self.early[1] and self.final[0] < self.final[1] and self.final_clear


def crossing(saved: Saved) -> Crossing | None:
    """Return the crossing; None where the saved runs of it are gone."""
    short, full = saved.of(3, SHORT), saved.of(3)
    if short is None or full is None or not {LEADS, WINS} <= set(short.runs) & set(full.runs):
        return None
    names = {choice: layers_text(choice) for choice in (LEADS, WINS)}
    curves = [row | {"line": names[choice]} for choice in names for row in _curve(full.runs[choice])]
    steps = RUNGS[SHORT].steps
    return Crossing(
        tuple(short.means[choice] for choice in names), tuple(full.means[choice] for choice in names), curves,
        [{"line": names[choice], "step": steps, "value": short.means[choice]} for choice in names],
        {name: choice_colour(choice, full.layers) for choice, name in names.items()},
        (len(short.runs[LEADS]), len(full.runs[LEADS])), _between(curves, *names.values()), _clear(short), _clear(full), full.one["steps"],
    )


def _curve(runs: Sequence[dict]) -> list[dict]:
    """Return the mean over seeds, and the range, at the steps that all runs were evaluated at."""
    found = [{point["step"]: point["val_accuracy"] for point in run["curve"] if point["val_accuracy"] is not None} for run in runs]
    rows = []
    for step in sorted(set.intersection(*map(set, found))):
        values = [one[step] for one in found]
        rows.append({"step": step, "value": sum(values) / len(values), "low": min(values), "high": max(values)})
    return rows


def _between(curves: Sequence[dict], leads: str, wins: str) -> tuple[int, int] | None:
    """Return the last step at which the early leader is ahead and the first after it; None where it never is, or stays so."""
    values = {name: {row["step"]: row["value"] for row in curves if row["line"] == name} for name in (leads, wins)}
    steps = sorted(set(values[leads]) & set(values[wins]))
    ahead = [step for step in steps if values[leads][step] > values[wins][step]]
    after = [step for step in steps if ahead and step > ahead[-1]]
    return (ahead[-1], after[0]) if after else None


def _clear(one: Landscape) -> bool:
    return one.judge([(LEADS, WINS)])[0].clear


def sentences(found: Crossing) -> list[str]:
    """Tell the crossing in short sentences; the first is the headline."""
    leads, wins = layers_text(LEADS), layers_text(WINS)
    (a, b), (c, d) = found.early, found.final
    text = [
        f"The early leader loses. After {SHORT} steps {leads} leads {wins}: {percent(a)} to {percent(b)}.",
        f"In full runs it loses: {percent(c)} to {percent(d)}.",
    ]
    if found.between:
        text.append(f"The curves of the full runs cross between steps {found.between[0]} and {found.between[1]}.")
    sure = "The gap in full runs is larger than chance explains." if found.final_clear else "Chance alone may explain the gap in full runs."
    early = "So is the early one." if found.early_clear and found.final_clear else "The early gap rests on too few runs to be sure of it."
    text.append(f"{sure} {early}")
    return text


def basis(found: Crossing) -> str:
    """Say what the picture rests on."""
    return (f"Lines: means of {found.seeds[1]} saved full runs each, shaded from the lowest to the highest, on validation. "
            f"Diamonds: means of {found.seeds[0]} short runs, which end there; their steps shrink sooner, so they lie beside the lines. "
            "The final figures are on the test examples, so they differ from the lines' ends.")

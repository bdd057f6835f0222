"""The choices of a landscape that no run was made of, and in which order the seams put them, where what was measured bears that order out."""

import itertools
import math
from dataclasses import dataclass

from core.findings.evidence import Choice
from core.findings.landscape import Landscape
from core.recipe import count_of_layers
from core.recipe.seams import seams
from core.statistics.agreement import kendall_tau
from core.statistics.ranking import score_interval
from core.store.seam_costs import SeamCosts, seam_costs
from core.views.common.text import layers_text

MOST = 5000  # choices of one size that are gone through
LEAST = 8  # measured choices that an order is judged by: of fewer, a few lucky pairs would bear it out
SHOWN = 5


@dataclass(frozen=True)
class Unmeasured:
    """left, of: how many choices were not measured, of how many. forecast: those, the best by the seams first, empty where the seams are not measured
    or not borne out. tau, interval: of the seams' order with what was measured; None where it was not compared."""

    left: int
    of: int
    forecast: tuple[Choice, ...] = ()
    tau: float | None = None
    interval: tuple[float, float] | None = None


def unmeasured(one: Landscape, costs: SeamCosts | None = None) -> Unmeasured:
    """costs: of the landscape's teacher and data; looked up by default."""
    of = math.comb(one.layers, one.k)
    left, costs = of - len(one.choices), costs or seam_costs(*one.ground)
    noise = [one.noises[choice] for choice in one.choices]
    if not left or of > MOST or costs is None or len(one.choices) < LEAST or not all(each.known for each in noise):
        return Unmeasured(left, of)
    scores = [-cost(costs, choice) for choice in one.choices]
    tau = kendall_tau(scores, [one.means[choice] for choice in one.choices])
    if tau != tau:  # all alike
        return Unmeasured(left, of)
    interval = score_interval(one.ranking, scores)
    if not (interval and interval[0] > 0):
        return Unmeasured(left, of, (), tau, interval)
    rest = (choice for choice in itertools.combinations(range(1, one.layers + 1), one.k) if choice not in one.runs)
    return Unmeasured(left, of, tuple(sorted(rest, key=lambda choice: (round(cost(costs, choice), 9), choice))), tau, interval)


def cost(costs: SeamCosts, choice: Choice) -> float:
    """Return what a choice's seams cost together, each measured alone in the teacher."""
    return sum(costs.cost(seam) for seam in seams(choice, costs.layers))


def text(found: Unmeasured, k: int, measured: int, figures: bool = True) -> str:
    """Say what is not measured, and the seams' forecast, with the figures that it rests on where asked; '' where all is measured."""
    if not found.left:
        return ""
    said = f"Not measured: {found.left} of the {found.of} choices of {count_of_layers(k)}."
    if found.tau is None:
        return said
    agrees = f" (Kendall's tau with the {measured} measured choices {found.tau:.2f}"
    agrees += f", 95 % interval {found.interval[0]:.2f} to {found.interval[1]:.2f})" if found.interval else ")"
    agrees = agrees if figures else ""
    if not found.forecast:
        return f"{said} The seams of the teacher forecast nothing here: their order is not shown to be that of the runs{agrees}."
    first = "; ".join(map(layers_text, found.forecast[:SHOWN]))
    return f"{said} A forecast, not a measurement: the seams of the teacher would put first {first}{agrees}."

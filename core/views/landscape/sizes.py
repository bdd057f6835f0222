"""Size against accuracy: students of every number of layers, their teacher, and the Pareto front."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.figures.choice_colour import choice_colour
from core.findings.landscape import Landscape
from core.views.common.text import percent
from core.views.landscape.view import name_of


@dataclass(frozen=True)
class Size:
    """A student, or the teacher: parameters, non-pad tokens a second while training (None where unknown), accuracy."""

    name: str
    parameters: int
    speed: float | None
    accuracy: float
    colour: str
    label: str


def sizes(one: Landscape, found: Iterable[Landscape]) -> list[Size]:
    """Every choice of every size at the same settings, and the teacher."""
    made = []
    for other in found:
        if (other.pair, other.ground, other.settings) == (one.pair, one.ground, one.settings):
            for choice, mean in other.means.items():
                runs = other.runs[choice]
                speeds = [run["tokens_per_second"] for run in runs if run.get("tokens_per_second")]
                speed = float(np.median(speeds)) if speeds else None
                colour = choice_colour(choice, one.layers)
                made.append(Size(f"{name_of(choice, one.layers)}: {percent(mean)}", runs[0]["parameters"]["student"], speed, mean, colour, ""))
    teacher = one.one["teacher"]["accuracy"]
    made.append(Size(f"the teacher: {percent(teacher)}", one.one["parameters"]["teacher"], None, teacher, choice_colour((), one.layers), "teacher"))
    return made


def front(found: Sequence[Size], cost) -> set[int]:
    """Places of those that none is better than at no higher cost, nor cheaper at no lower accuracy: the Pareto front."""
    better = lambda a, b: cost(a) <= cost(b) and a.accuracy >= b.accuracy and (cost(a) < cost(b) or a.accuracy > b.accuracy)
    return {i for i, one in enumerate(found) if not any(better(other, one) for other in found)}


def size_rows(found: Sequence[Size], field: str) -> list[dict]:
    """Rows of the figure; field: "parameters" (in millions) or "speed"."""
    known = [one for one in found if getattr(one, field) is not None]
    cost = (lambda one: one.parameters) if field == "parameters" else (lambda one: -one.speed)
    on_front = front(known, cost)
    scale = 1e6 if field == "parameters" else 1.0
    return [
        {"name": one.name, "accuracy": one.accuracy, field: getattr(one, field) / scale, "colour": one.colour, "label": one.label,
         "front": i in on_front}
        for i, one in enumerate(known)
    ]

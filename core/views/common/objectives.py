"""The titles and formulas of objective bundles."""

from core.objectives import BUNDLES, LOSSES
from core.recipe import bundle


def title(name: str) -> str:
    """Return a bundle's title; the name itself for an objective that is no bundle."""
    return BUNDLES[name].title if name in BUNDLES else name


def formula(name: str) -> str:
    """Return the bundle's weighted sum as LaTeX, from the very weights that a run uses."""
    objective = bundle(name)
    weight = lambda w: r"\tfrac13" if abs(w - 1 / 3) < 1e-9 else "" if w == 1 else f"{w:g}"
    terms = " + ".join(rf"{weight(w)}\,{LOSSES[loss].symbol}" for loss, w in objective.weights)
    return rf"L = {terms}" + (rf",\quad T={objective.temperature:g}" if objective.softened else "")

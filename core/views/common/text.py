"""Numbers, times, objectives and layers in words, and foreign text made harmless."""

import re

from core.data.cards import inert
from core.objectives import BUNDLES, LOSSES
from core.recipe import bundle, preset_label, preset_of

PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
BEFORE_UNIT = re.compile(r"(?<=\d) (?=%|points\b)")


def plain(text: object) -> str:
    """Text from data, files or users for a place that reads Markdown: every sign is shown, none is obeyed, nothing becomes a link. No line ends
    between a number and its unit.
    """
    one_line = BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", " ".join(str(text).split()))
    return PUNCTUATION.sub(r"\\\1", inert(one_line))


def shortened(text: str, most: int = 60) -> str:
    """Text in at most so many characters, with an ellipsis where it is cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def percent(share: float | None, digits: int = 1) -> str:
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def points(difference: float) -> str:
    """Return a difference between two shares, signed: '+3.2 points'."""
    return f"{100 * difference:+z.1f} points"


def duration(seconds: float | None) -> str:
    """'45 s', '3 min', '1 h 20 min'; '' when unknown."""
    if seconds is None:
        return ""
    if seconds < 1:
        return "1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def budget_text(budget: dict) -> str:
    """'240 steps', '3 epochs', of a recipe's budget."""
    amount, what = (budget["steps"], "step") if budget.get("steps") else (budget.get("epochs"), "epoch")
    return f"{amount} {what}{'s' if amount != 1 else ''}"


def size_text(size: float) -> str:
    """Return bytes as '70 MB'."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB" if size >= 1e7 else f"{size / 1e6:.1f} MB"


def count(number: float | None) -> str:
    """Parameters: '12.3 M'."""
    return "–" if number is None else f"{number / 1e6:.1f} M"


def layers_text(layers) -> str:
    return ", ".join(map(str, layers))


def choice_text(layers, teacher_layers: int | None) -> str:
    """'layers 1, 3, 5 (odd layers)'."""
    name = preset_of(layers, teacher_layers) if teacher_layers else None
    what = f"layer{'s' if len(layers) != 1 else ''} {layers_text(layers)}"
    return f"{what} ({preset_label(name, len(layers), teacher_layers)})" if name else what


def objective_title(name: str) -> str:
    """Return a bundle's title; the name itself for an objective that is no bundle."""
    return BUNDLES[name].title if name in BUNDLES else name


def objective_formula(name: str) -> str:
    """Return the bundle's weighted sum as LaTeX, from the very weights that a run uses."""
    objective = bundle(name)
    weight = lambda w: r"\tfrac13" if abs(w - 1 / 3) < 1e-9 else "" if w == 1 else f"{w:g}"
    terms = " + ".join(rf"{weight(w)}\,{LOSSES[loss].symbol}" for loss, w in objective.weights)
    return rf"L = {terms}" + (rf",\quad T={objective.temperature:g}" if objective.softened else "")

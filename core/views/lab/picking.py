"""From clicks, pills, presets and text to a layer choice."""

from collections.abc import Mapping

from core.recipe import check_layers, known_as, parse_layers, preset, preset_label, preset_of
from core.views.common.choice import choices_of_presets

SHORT = {"spread": "evenly spread", "random": "random"}  # so that all presets stand in one row


def available(layers: int, k: int) -> dict[str, str]:
    """Return the presets that can name k of the teacher's layers, with their plain-language names."""
    names = (*choices_of_presets(layers, k), "random") if k <= layers else ()
    label = lambda name: SHORT.get(name) or preset_label(name, k).removeprefix("the ")
    return {name: f"{name} ({known})" if (known := known_as(name, layers, k)) else label(name) for name in names}


def current(chosen: tuple[int, ...], layers: int, clicked: str | None) -> str | None:
    """Return the preset in force: the clicked one where it gives this choice (several may), else the first that does."""
    if not chosen:
        return None
    if choices_of_presets(layers, len(chosen)).get(clicked) == chosen:
        return clicked
    return preset_of(chosen, layers)


def take(name: str, layers: int, k: int, chosen: tuple[int, ...], draws: int) -> tuple[int, ...]:
    """Return the preset's layers; `random` draws until the choice is another one, where there is one."""
    if name != "random":
        return preset(name, layers, k)
    drawn = (preset(name, layers, k, seed) for seed in range(draws, draws + 20))
    return next((one for one in drawn if one != chosen), chosen)


def from_selection(event: Mapping, layers: int) -> tuple[int, ...]:
    """Return the layers of a chart's selection event, ascending; what is no layer of the teacher is left out."""
    selected = ((event or {}).get("selection") or {}).get("layers") or []
    found = {point.get("layer") for point in selected if isinstance(point, Mapping)}
    return tuple(sorted(int(layer) for layer in found if isinstance(layer, (int, float)) and layer in range(1, layers + 1)))


def from_text(text: str, layers: int) -> tuple[int, ...]:
    """'5, 3, 3' as written; LabError says what is wrong."""
    return check_layers(parse_layers(text), layers, allow_repeats=True)

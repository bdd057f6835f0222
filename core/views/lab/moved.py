"""How far the weights of each student layer have moved since the start: as rows of core/figures/moved.py, while a run trains and afterwards."""

from collections.abc import Mapping, Sequence

from core.views.common.progress import axis_top

STILL = "did not move"


def live(events: Sequence[dict], layers: Sequence[int], untrained: bool = False) -> tuple[dict, ...]:
    """Return the rows at the last evaluation, from a run's events; all at 0 before the first. () where the events do not tell.

    layers: the teacher's layers that the student copies, from the input. untrained: it copies none, but has as many.
    """
    evaluated = [event for event in events if event["kind"] == "evaluated"]
    norms = evaluated[-1].get("moved") if evaluated else {str(place): 0.0 for place in range(1, len(layers) + 1)}
    return rows(norms, layers, untrained, begun=bool(evaluated)) if norms else ()


def of_record(record: dict) -> tuple[dict, ...]:
    """Return the rows of a run that is over; () where it made no step."""
    recipe, norms = record["recipe"], record.get("update_norms")
    return rows(norms, recipe["layers"], bool(recipe.get("seeding", {}).get("untrained_layers"))) if norms and record["steps"] else ()


def rows(norms: Mapping[str, float], layers: Sequence[int], untrained: bool = False, begun: bool = True) -> tuple[dict, ...]:
    """norms: L2 norms of the weight updates by part. begun: something was trained, so that 0 means a layer that stood still.

    A shade is full at the next round number above the largest norm, so that the scale rarely changes while a run goes on.
    """
    found = {place: norms.get(str(place)) or 0.0 for place in range(1, len(layers) + 1)}
    top = axis_top(found.values())
    made = []
    for place, layer in enumerate(layers, 1):
        amount = f"{found[place]:.3g}" if found[place] else STILL if begun else "0"
        origin = "untrained" if untrained else f"from {layer}"
        moved = amount if amount == STILL else f"moved {amount}"
        made.append({"layer": place, "share": found[place] / top, "text": f"{origin}: {amount}",
                     "said": f"student layer {place}, {origin if untrained else f'from teacher layer {layer}'}: {moved}"})
    return tuple(made)

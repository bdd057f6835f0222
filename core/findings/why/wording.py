"""What gaps and layers are called in the sentences on reasons."""

from collections.abc import Sequence

from core.findings.finding import names
from core.recipe.seams import Seam


def layers_named(layers: Sequence[int]) -> str:
    """Return 'layer 2', 'layers 2 and 3', 'layers 2 to 5'."""
    if len(layers) == 1:
        return f"layer {layers[0]}"
    run = len(layers) > 2 and list(layers) == list(range(layers[0], layers[-1] + 1))
    return f"layers {layers[0]} to {layers[-1]}" if run else f"layers {names(map(str, layers))}"


def gone(seam: Seam) -> str:
    """Return 'Layer 2 is gone', 'Layers 2 and 3 are both gone', 'Layers 2 to 4 are gone'."""
    said = layers_named(seam.missing)
    return f"{said[0].upper()}{said[1:]} {('is', 'are both', 'are')[min(seam.length, 3) - 1]} gone"


def ends(seam: Seam, layers: int) -> str:
    """Return what the seam joins: 'layer 1 to layer 4', 'the embeddings to layer 2', 'layer 3 to the head'."""
    below = f"layer {seam.below}" if seam.below else "the embeddings"
    above = f"layer {seam.above}" if seam.above <= layers else "the head"
    return f"{below} to {above}"


def listed(figures: dict, name: str, brings: Sequence[tuple[str, float]]) -> str:
    """Return 'layer 2 put back brings 25.0 points, layer 4 brings 24.7 and layers 5 and 6 bring 20.1', as a template; adds the values to
    the figures as `name`_1 …"""
    figures |= {f"{name}_{place}": value for place, (_, value) in enumerate(brings, 1)}
    verb = lambda who: "bring" if who.startswith("layers") else "brings"
    (first, _), *rest = brings
    more = [f"{who} {verb(who)} {{{name}_{place}:tenth}}" for place, (who, _) in enumerate(rest, 2)]
    return names([f"{first} put back {verb(first)} {{{name}_1:points}}", *more])

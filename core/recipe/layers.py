"""Layer choices: ordered tuples of teacher layers, 1-based, layer 1 nearest the input."""

import random
from collections.abc import Sequence
from contextlib import suppress

from core.errors import LabError

PRESETS: dict[str, str] = {
    "first-k": "the first {k}, nearest the input",
    "last-k": "the last {k}, nearest the output",
    "odd": "odd layers",
    "even": "even layers",
    "spread": "evenly spread, both ends kept",
    "random": "a random choice of teacher layers",
}
OF_ONE: dict[str, str] = {
    "first-k": "the first, nearest the input",
    "last-k": "the last, nearest the output",
    "odd": "the middle odd layer",
    "even": "the middle even layer",
    "spread": "the middle layer",
}
KNOWN_AS = {("spread", 12, 6): "DistilBERT"}  # (preset, teacher's layers, k): by that program's own extraction script


def _evenly(candidates: Sequence[int], k: int) -> tuple[int, ...]:
    """Return k of the candidates at equal distances, both ends kept; the middle one when k is 1."""
    last = len(candidates) - 1
    if k == 1:
        return (candidates[last // 2],)
    return tuple(candidates[int(last * j / (k - 1) + 0.5)] for j in range(k))


def preset(name: str, teacher_layers: int, k: int, seed: int = 0) -> tuple[int, ...]:
    """Return the layer choice of k layers that a preset names, for a teacher of `teacher_layers` layers.

    `odd` and `even` keep to layers of that parity and spread k of them evenly when there are more than k.
    `random` depends on `seed`, the number of layers and k alone. Raises LabError for an unknown name, a k outside
    1..teacher_layers, or a parity that has fewer than k layers.
    """
    if name not in PRESETS:
        raise LabError(f"There is no preset {name!r}; choose one of {', '.join(PRESETS)}.")
    if not 1 <= k <= teacher_layers:
        raise LabError(f"A student of {k} layers cannot be made: the teacher has {teacher_layers}, so choose k from 1 to {teacher_layers}.")
    layers = range(1, teacher_layers + 1)
    if name == "first-k":
        return tuple(layers[:k])
    if name == "last-k":
        return tuple(layers[-k:])
    if name == "spread":
        return _evenly(layers, k)
    if name == "random":
        return tuple(sorted(random.Random(f"{teacher_layers}/{k}/{seed}").sample(layers, k)))
    parity = layers[0::2] if name == "odd" else layers[1::2]
    if k > len(parity):
        raise LabError(f"The teacher has only {len(parity)} {name} layers, so {name!r} cannot name {k}; choose a smaller k or another preset.")
    return _evenly(parity, k)


def count_of_layers(k: int) -> str:
    """Return '1 layer', '3 layers'."""
    return f"{k} layer{'s' if k != 1 else ''}"


def preset_label(name: str, k: int, teacher_layers: int | None = None) -> str:
    """Return a preset in plain words, e.g. 'the first 3, nearest the input'; of one layer 'the first, nearest the input'. Where a publication took
    the same layers of as many, its name stands behind."""
    label = PRESETS[name].format(k=k) if k != 1 else OF_ONE.get(name, PRESETS[name])
    known = known_as(name, teacher_layers, k)
    return f"{label}: {known}'s choice" if known else label


def known_as(name: str, teacher_layers: int | None, k: int) -> str:
    """Return which published student started from a preset's layers, 'DistilBERT'; '' for most."""
    return KNOWN_AS.get((name, teacher_layers, k), "")


def preset_of(layers: Sequence[int], teacher_layers: int) -> str | None:
    """Return the preset (other than `random`) that gives exactly this choice, or None."""
    for name in PRESETS:
        with suppress(LabError):  # a preset that has no such choice
            if name != "random" and preset(name, teacher_layers, len(layers)) == tuple(layers):
                return name
    return None


def parse_layers(text: str) -> tuple[int, ...]:
    """Read '1,3,5' as (1, 3, 5). LabError when it is empty or not whole numbers."""
    parts = [part.strip() for part in str(text).split(",") if part.strip()]
    if not parts:
        raise LabError("The list of layers is empty; name at least one teacher layer, for example 1,3,5.")
    try:
        return tuple(int(part) for part in parts)
    except ValueError:
        raise LabError(f"The text {str(text)!r} is not a list of layers; write whole numbers with commas, for example 1,3,5.") from None


def check_layers(layers: Sequence[int], teacher_layers: int | None = None, allow_repeats: bool = False) -> tuple[int, ...]:
    """Return the choice as a tuple, or raise LabError: empty, not whole numbers, outside 1..teacher_layers, or repeated unasked."""
    if not isinstance(layers, Sequence) or isinstance(layers, str):
        raise LabError(f"{layers!r} is not a list of layers; write whole numbers, for example [1, 3, 5].")
    layers = tuple(layers)
    if not layers:
        raise LabError("The list of layers is empty; name at least one teacher layer, for example 1,3,5.")
    if any(isinstance(layer, bool) or not isinstance(layer, int) for layer in layers):
        raise LabError(f"{list(layers)!r} is not a list of layers; each must be a whole number.")
    for layer in layers:
        if layer < 1 or (teacher_layers is not None and layer > teacher_layers):
            upper = f"{teacher_layers} (nearest the output)" if teacher_layers else "the teacher's number of layers"
            raise LabError(f"There is no layer {layer}: layers run from 1 (nearest the input) to {upper}.")
    repeated = sorted({layer for layer in layers if layers.count(layer) > 1})
    if repeated and not allow_repeats:
        raise LabError(f"Layer {repeated[0]} is named more than once; drop the repeat, or allow repeats explicitly.")
    return layers

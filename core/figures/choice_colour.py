"""One colour for a layer choice, the same in every figure: where its layers lie, and how far apart.

The hue runs from orange (all layers nearest the input) over violet to blue (all nearest the output); a choice whose layers lie
apart is lighter than one whose layers lie together. Colour is never the only carrier: a figure names the layers too.
"""

import math
from collections.abc import Sequence
from statistics import pstdev

from core.figures.style import LINE

HUES = (60.0, -105.0)  # degrees of OKLCH: nearest the input, nearest the output
LIGHT = (0.42, 0.57, 0.13)  # on the light page: lightness of layers together and apart, chroma
DARK = (0.70, 0.88, 0.12)


def choice_colour(layers: Sequence[int], teacher_layers: int) -> str:
    """Return a CSS colour with a value for either theme, 4.5:1 or more against the page and against ON_BLUE, its text.

    layers: in any order; none is the control, and grey.
    """
    if not layers:
        return LINE
    hue = HUES[0] + place(layers, teacher_layers) * (HUES[1] - HUES[0])
    apart = spread(layers, teacher_layers)
    return f"light-dark({', '.join(_hex(low + apart * (high - low), chroma, hue) for low, high, chroma in (LIGHT, DARK))})"


def place(layers: Sequence[int], teacher_layers: int) -> float:
    """Return 0 when the k layers are the first k, 1 when they are the last k."""
    k = len(layers)
    first, last = (k + 1) / 2, teacher_layers - (k - 1) / 2
    return _share(sum(layers) / k, first, last)


def spread(layers: Sequence[int], teacher_layers: int) -> float:
    """Return 0 when the k layers are neighbours, 1 when half of them stand at either end."""
    k = len(layers)
    ends = [*range(1, k // 2 + 1), *range(teacher_layers - (k - k // 2) + 1, teacher_layers + 1)]
    return _share(pstdev(layers), pstdev(range(1, k + 1)), pstdev(ends))


def _share(value: float, low: float, high: float) -> float:
    return min(max((value - low) / (high - low), 0.0), 1.0) if high > low else 0.5


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """OKLCH to sRGB (Ottosson 2020, "A perceptual color space for image processing"); what sRGB cannot show is cut off."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _encoded(min(max(value, 0.0), 1.0))):02x}" for value in linear)


def _encoded(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055

"""How a student is made, as a picture that moves: each chosen block of the teacher slides along its connector to its place in the student.

Plain HTML, its places in the drawing's own unit; the page's style turns those into pixels and moves what has the class ll-play, once, and
not at all for those who asked their system for less motion.
"""

import math
from collections.abc import Sequence

WIDE, GAP = 108, 74  # of a block, and between the two stacks
PITCH, TALL = 29, 23  # from block to block, and a block's height
SMALL_PITCH, SMALL_TALL, MANY = 20, 17, 8  # of more layers than this
TOP = 26  # for the titles


def picture(layers: int, chosen: Sequence[int], played: int = 0) -> str:
    """Return the teacher's `layers` layers, 1 lowest, and the student of an ordered choice. played: another number plays it again."""
    pitch, tall = (PITCH, TALL) if layers <= MANY else (SMALL_PITCH, SMALL_TALL)
    height, right = TOP + pitch * layers, WIDE + GAP
    y = lambda place: height - pitch * place
    parts = [_box("ll-title", 0, 0, "Teacher"), _box("ll-title", right, 0, "Student")]
    parts += [_box("ll-block ll-chosen" if layer in chosen else "ll-block ll-quiet", 0, y(layer), str(layer)) for layer in range(1, layers + 1)]
    for place, layer in enumerate(chosen, 1):
        down = y(place) - y(layer)
        parts.append(f'<div class="ll-wire" style="--x:{WIDE};--y:{y(layer) + tall / 2};--long:{math.hypot(GAP, down):.2f};'
                     f'--turn:{math.degrees(math.atan2(down, GAP)):.2f}deg"></div>')
    for place, layer in enumerate(chosen, 1):
        move = f";--dx:{-right};--dy:{y(layer) - y(place)};--n:{place - 1}"
        parts.append(_box(f"ll-block ll-copy ll-play-{played % 2}", right, y(place), f"{place}: copy of {layer}", move))
    said = ", ".join(f"block {layer} becomes layer {place}" for place, layer in enumerate(chosen, 1)) or "no block is chosen"
    return (f'<div class="ll-copying" role="img" aria-label="Copying from the teacher to the student: {said}." '
            f'style="--high:{height};--wide:{2 * WIDE + GAP};--block:{WIDE};--tall:{tall}">{"".join(parts)}</div>')


def _box(kind: str, x: float, y: float, text: str, more: str = "") -> str:
    return f'<div class="{kind}" style="--x:{x};--y:{y}{more}">{text}</div>'

"""How a student is made, as a picture that moves: each chosen block of the teacher slides along its connector to its place in the student.

Plain SVG; the page's style moves what has the class ll-copied, once, and not at all for those who asked their system for less motion.
"""

from collections.abc import Sequence

WIDE, GAP = 128, 92  # of a block, and between the two stacks, in the drawing's own unit
PITCH, TALL = 30, 23  # from block to block, and a block's height
TOP = 22  # for the titles
LOW = 8  # more layers than this stand closer together


def picture(layers: int, chosen: Sequence[int], played: int = 0) -> str:
    """Return the SVG of the teacher's `layers` layers, 1 lowest, and the student of an ordered choice. played: another number plays it again."""
    pitch, tall = (PITCH, TALL) if layers <= LOW else (20, 15)
    height = TOP + pitch * layers
    y = lambda place: height - pitch * place + (pitch - tall) / 2
    left, right = 0, WIDE + GAP
    parts = [_title(left, f"Teacher: {layers} layers"), _title(right, f"Student: {len(chosen)} layers")]
    for layer in range(1, layers + 1):
        parts.append(_block(left, y(layer), tall, "ll-chosen" if layer in chosen else "ll-quiet", str(layer)))
    for place, layer in enumerate(chosen, 1):
        start, end = y(layer) + tall / 2, y(place) + tall / 2
        parts.append(f'<line class="ll-wire" x1="{WIDE}" y1="{start}" x2="{right}" y2="{end}"/>')
    for place, layer in enumerate(chosen, 1):
        move = f"--dx:{left - right}px;--dy:{y(layer) - y(place)}px;--n:{place - 1}"
        block = _block(right, y(place), tall, "ll-copy-block", f"{place}: copy of {layer}")
        parts.append(f'<g class="ll-copied ll-play-{played % 2}" style="{move}">{block}</g>')
    said = ", ".join(f"block {layer} becomes layer {place}" for place, layer in enumerate(chosen, 1)) or "no block is chosen"
    return (f'<svg class="ll-copying" viewBox="-2 0 {2 * WIDE + GAP + 4} {height + 2}" role="img" '
            f'aria-label="Copying from the teacher to the student: {said}.">{"".join(parts)}</svg>')


def _title(x: float, text: str) -> str:
    return f'<text class="ll-title" x="{x + WIDE / 2}" y="13" text-anchor="middle">{text}</text>'


def _block(x: float, y: float, tall: float, kind: str, text: str) -> str:
    return (f'<rect class="{kind}" x="{x}" y="{y}" width="{WIDE}" height="{tall}" rx="5"/>'
            f'<text class="{kind}-text" x="{x + WIDE / 2}" y="{y + tall / 2 + 5}" text-anchor="middle">{text}</text>')

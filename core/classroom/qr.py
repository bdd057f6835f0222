"""A QR code as SVG: dark on white with its quiet zone, in either theme."""

import segno

from core.errors import LabError


def svg(text: str) -> str:
    """Return an SVG element that fills the width it is given; it says in words what it holds. LabError where the text is too long for a QR code."""
    try:
        code = segno.make(text, error="m", micro=False)
    except segno.DataOverflowError:
        raise LabError(f"The address has {len(text)} characters, too many for a QR code; shorten it.") from None
    return code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, title=text)

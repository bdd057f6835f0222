"""An address as a QR code, drawn as SVG.

The package segno makes it: pure Python, without any further package, tested against the standard, and kept since 2016.
"""

import segno


def qr_svg(address: str) -> str:
    """Return the code as SVG, dark on white in both themes, with the quiet border that a camera needs. It fills the width it is given."""
    return segno.make(address, error="m").svg_inline(border=3, dark="#000000", light="#ffffff", omitsize=True)

"""Contrast of text in charts, measured from pixels and computed styles (WCAG 2.2, 1.4.3)."""

import io
from collections import Counter

from PIL import Image
from playwright.sync_api import Page

LEAST, SMALLEST = 4.5, 16  # of all text in charts: the contrast, whatever its size, and the size in px
TEXTS = """() => [...document.querySelectorAll('svg text')].filter(t => t.textContent.trim()).map(text => {
    const box = text.getBoundingClientRect(), style = getComputedStyle(text);
    let opacity = Number(style.fillOpacity);
    for (let e = text; e && e.nodeType === 1; e = e.parentElement) opacity *= Number(getComputedStyle(e).opacity);
    return {text: text.textContent, fill: style.fill, opacity, x: box.x, y: box.y, width: box.width, height: box.height,
            size: Math.abs(parseFloat(style.fontSize))};
})"""


def luminance(colour: tuple[float, float, float]) -> float:
    """Relative luminance of an sRGB colour of 0 to 255 a channel."""
    channels = [value / 255 for value in colour]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(a: tuple[float, float, float], b: tuple[float, float, float]) -> float:
    """From 1 to 21."""
    bright, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def channels(css: str) -> tuple[float, ...]:
    """'rgb(1, 2, 3)' or 'rgba(1, 2, 3, 0.5)' -> its numbers."""
    assert css.startswith("rgb"), css
    return tuple(float(part) for part in css[css.index("(") + 1 : -1].replace("/", ",").replace(" ", ",").split(",") if part)


def still(page: Page) -> tuple[Image.Image, list[dict]]:
    """A picture and the texts in it, once nothing has moved while it was taken."""
    for _ in range(20):
        before = page.evaluate(TEXTS)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        if page.evaluate(TEXTS) == before:
            return picture, before
        page.wait_for_timeout(200)
    raise AssertionError("the charts do not come to rest")


def texts(page: Page) -> list[dict]:
    """Every text of every chart on the page: {"text", "size" in px, "ratio"}. The window has to hold the whole page.

    What lies behind a text is the most frequent colour of the pixels in its box: the glyphs cover the smaller part of it.
    """
    picture, standing = still(page)
    found = []
    for text in standing:
        left, top = int(text["x"]), int(text["y"])
        box = picture.crop((left, top, int(text["x"] + text["width"]) + 1, int(text["y"] + text["height"]) + 1))
        behind = Counter(box.getdata()).most_common(1)[0][0]
        red, green, blue, *alpha = channels(text["fill"])
        share = text["opacity"] * (alpha[0] if alpha else 1)
        colour = tuple(share * mine + (1 - share) * under for mine, under in zip((red, green, blue), behind, strict=True))
        found.append({"text": text["text"], "size": text["size"], "ratio": ratio(colour, behind), "colours": (colour, behind)})
    return found


def hard_to_read(page: Page) -> list[dict]:
    """The texts of charts on the page that have too little contrast or are too small."""
    return [one for one in texts(page) if one["ratio"] < LEAST or one["size"] < SMALLEST]

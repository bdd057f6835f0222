"""How labels are compared: names without case and the signs between words, numbers by their value."""

import re
import unicodedata
from collections.abc import Iterable

JOINERS = "\u200c\u200d"  # between letters they are part of the spelling, in Persian or in an emoji
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"))


def tidy(text: str) -> str:
    """Return the text in Unicode's composed form (NFC), without invisible characters, runs of blanks as one blank."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(INVISIBLE)).strip(JOINERS + " ")
    return " ".join(text.split())


def folded(name: str) -> str:
    """Return what decides whether two labels are one name: neither case counts, nor what is invisible, nor what joins words (space, _, -)."""
    return re.sub(r"[\s_-]+", "_", re.sub(f"[{JOINERS}]", "", tidy(name)).casefold())


def number_of(name: str) -> int | None:
    """Return the whole number that a label is, as '2', '-1' or '2.0'; None for a name."""
    match = re.fullmatch(r"([+-]?\d{1,9})(\.0*)?", name.strip(), re.ASCII)
    return int(match[1]) if match else None


def value_of(name: str) -> float | None:
    """Return the finite number that a label is; None for a name."""
    match = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", name.strip(), re.ASCII | re.IGNORECASE)
    return float(name) if match and abs(float(name)) < 1e300 else None


def short(value) -> str:
    """Return a value of the data, quoted, in at most 40 characters."""
    text = str(value)
    return repr(text if len(text) <= 40 else text[:40] + "…")


def listed(values: Iterable, most: int = 12) -> str:
    """Return the values joined by commas, the first few where there are many."""
    shown = list(map(str, values))
    return ", ".join(shown[:most]) + ("…" if len(shown) > most else "")

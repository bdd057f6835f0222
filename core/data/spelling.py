"""One label, however a cell writes it: blanks, invisible characters, forms of accents, 0.0 for 0 and True for true make no class of their own."""

import re
from collections import Counter
from collections.abc import Iterable

from core.data.naming import listed, short, tidy


def word_of(cell) -> str:
    """Return a cell of a label column as text, '' for one that is empty: a float that is whole is written as a whole number."""
    if cell is None or cell != cell:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def spellings(words: Iterable[str]) -> tuple[dict[str, str], str]:
    """Return the spelling of each label, and a sentence for the card where one changes.

    words: all labels of the data. Numbers and truth values keep theirs unless one is written in two ways; then 0.0 is 0, and True is true.
    """
    counts = Counter(words)
    found = {word: tidy(word) for word in counts}
    odd = sum(count for word, count in counts.items() if found[word] != word)
    said = [f"Odd blanks, invisible characters or split accents were taken out of {odd:,} label{'s' if odd > 1 else ''}."] if odd else []
    plain = {word: _plain(word) for word in found.values()}
    if len(set(plain.values())) < len(plain):
        found = {word: plain[tidied] for word, tidied in found.items()}
        shown = sorted({f"{short(word)} is {short(spelling)}" for word, spelling in plain.items() if word != spelling})
        said.append(f"One class is written in several ways, which count as one: {listed(shown, 4)}.")
    return found, " ".join(said)


def _plain(word: str) -> str:
    number = re.fullmatch(r"(-?)(0|[1-9]\d{0,8})\.0*", word, re.ASCII)
    if number:
        return number[2] if number[2] == "0" else number[1] + number[2]
    return word.lower() if word.lower() in ("true", "false") else word

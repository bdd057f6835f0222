"""The code of a class: four letters that nobody takes for others, read aloud or from the back of the room."""

import secrets

LETTERS = "CDFHJKLMNPRTVWXY"  # no vowels, so that no word comes up; of B and P, C and G, Q and O, S and F, U and V, Z and N one each at most
LENGTH = 4


def new_code() -> str:
    """Return a random code; 65,536 there are."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read_code(text: str | None) -> str | None:
    """Return what was typed or stands in a link as a code, whatever its case and spaces; None for what is none."""
    code = "".join((text or "")[:40].split()).upper()
    return code if len(code) == LENGTH and set(code) <= set(LETTERS) else None

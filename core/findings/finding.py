"""A finding: one or two sentences with the figures they rest on, and how sure they are."""

import string
from dataclasses import dataclass, field

STRENGTHS = ("clear", "likely", "within", "unknown")


@dataclass(frozen=True)
class Finding:
    """One statement about a run.

    kind: what it is about ("learning", "standing", "forecast", ...). sentence: plain English, plain text. figures: name -> value, every number of the
    sentence among them (shares and differences of shares as fractions, losses in nats). runs: the ids it rests on. strength: clear (tested and beyond
    noise), likely (measured, but not tested or only partly), within (tested, and the gap is no wider than the points it names), unknown
    (what was asked cannot be said). more: where to look next."""

    kind: str
    sentence: str
    figures: dict = field(default_factory=dict)
    runs: tuple[str, ...] = ()
    strength: str = "likely"
    more: str = ""

    def __post_init__(self):
        if self.strength not in STRENGTHS:
            raise ValueError(f"a strength is one of {STRENGTHS}, not {self.strength!r}")


def write(kind: str, template: str, figures: dict, runs=(), strength: str = "likely", more: str = "") -> Finding:
    """Write a finding whose sentence is the template with its fields filled from the figures; a field that is no figure raises KeyError.

    Besides Python's own format specifications a field may ask for: percent ('86.1 %'), whole ('86 %'), points ('3.2 points', unsigned), signed ('+3.2
    points'), tenth ('3.2'), layers ('1, 3, 5'), names ('a, b and c') and p ('below 0.001', '0.031')."""
    return Finding(kind, fill(template, figures), figures, tuple(dict.fromkeys(runs)), strength, more)


def fill(template: str, figures: dict) -> str:
    """Return the template with its fields filled from the figures; KeyError for a field that is none."""
    return _Filler().vformat(template, (), figures)


class _Filler(string.Formatter):
    def format_field(self, value, specification: str) -> str:
        if specification in FORMATS:
            return FORMATS[specification](value)
        return super().format_field(value, specification)


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def points(difference: float) -> str:
    return f"{100 * abs(difference):.1f} points"


def signed(difference: float) -> str:
    return f"{100 * difference:+z.1f} points"


def p_value(p: float) -> str:
    return "below 0.001" if p < 0.001 else f"{p:.3f}"


def names(words) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else str(last)


FORMATS = {
    "percent": percent, "points": points, "signed": signed, "names": names, "p": p_value,
    "tenth": lambda share: f"{100 * share:z.1f}", "whole": lambda share: f"{100 * share:.0f} %", "layers": lambda choice: ", ".join(map(str, choice)),
}

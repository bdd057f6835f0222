"""Which values of a label column stand for "no label": empty cells, SNLI's "-", the -1 of GLUE's hidden test parts, pandas' nan."""

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from core.data.address import Options
from core.data.naming import folded, listed, number_of, short, value_of
from core.errors import LabError

WORDS = ("nan", "none", "null", "n/a")  # what programs write for a missing value; next to names, all but the first may be names
ALL = "none"  # missing=none: only empty cells stand for no label


def unlabelled(parts: Mapping[str, Sequence[str]], options: Options) -> dict[str, set[str]]:
    """Return for each part the values that stand for no label; an empty cell always does.

    parts: the label column of each part, as text, '' for an empty cell. What the options say decides: `missing` names the values, a label
    map names the classes. Else a value that is not a whole part's only one is guessed at, where that is safe; LabError asks where not.
    """
    counts = {part: Counter(values) for part, values in parts.items()}
    if options.missing:
        there = set().union(*counts.values())
        absent = [value for value in options.missing if value not in there and value != ALL]
        if absent:
            raise LabError(f"missing= names {short(absent[0])}, but the label column does not hold it; it holds {listed(sorted(there - {''}))}.")
        return {part: {"", *options.missing} for part in parts}
    hidden = {part for part, values in counts.items() if set(values) - {""} and all(map(_marker, set(values) - {""}))}
    values: set[str] = set().union(*(counts[part] for part in parts if part not in hidden)) - {""}
    markers = {value for value in values if _marker(value) and not _is_class(value, values, options)}
    return {part: {"", *(set(counts[part]) - (values - markers) if part in hidden else markers)} for part in parts}


def _marker(value: str) -> bool:
    return value == "-" or number_of(value) == -1 or value.casefold() in WORDS


def _is_class(value: str, values: set[str], options: Options) -> bool:
    """Return whether a marker, found among labels, is a label; LabError where that cannot be told."""
    if options.labels:
        return any(folded(name) == folded(value) or number == number_of(value) for name, number in options.labels)
    others = values - {value}
    numbers = {number_of(other) for other in others if not _marker(other)}
    if value.casefold() in WORDS:
        if all(value_of(other) is not None for other in others if not _marker(other)):
            return False
        if value.casefold() != WORDS[0]:
            return True
    elif value == "-":
        if "+" in others:
            return True
        if len(others) > 1:
            return False
    elif options.thresholds:
        if any((value_of(other) or 0) < 0 for other in others):
            return True
    elif None in numbers:
        return False  # a number among names
    elif any(number < 0 for number in numbers) or len(numbers) < 2:
        return True  # a scale below zero; or without it there were one class
    elif numbers == set(range(len(numbers))) and len(numbers) > 2:
        return False  # 0, 1, 2 are whole without it
    example = "&thresholds= with &missing=none" if options.thresholds else f"name it in &labels=, as &labels={_example(values)}"
    raise LabError(f"The label {short(value)} may be a class or stand for no label; add &missing={value} where it stands for none, or {example}.")


def _example(values: set[str]) -> str:
    numbers = sorted(number for number in map(number_of, values) if number is not None)
    if len(numbers) < len(values):
        return ",".join(f"{quote(value, safe=' ')}:{i}" for i, value in enumerate(sorted(values)))
    names = ("negative", "neutral", "positive") if numbers == [-1, 0, 1] else [f"name{i + 1}" for i in range(len(numbers))]
    return ",".join(f"{name}:{number}" for name, number in zip(names, numbers))

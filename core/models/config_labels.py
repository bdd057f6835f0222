"""The class names in a config.json, in the forms that are met: transformers writes one of them, people and older programs others."""

from collections.abc import Mapping

from core.errors import LabError

UNNAMED = "LABEL_"  # transformers' name for a class without one, before its number
MEND = 'write "id2label": {"0": "first class", "1": "second class"} in the order of the logits'


def class_names(config: Mapping) -> tuple[tuple[str, ...], list[str]]:
    """Return the names of a classifier's classes in the order of its logits, and notes on what its config leaves open.

    id2label may be a list, have numbers or None for names, or be the wrong way round; where it is missing or names no class, label2id counts, then
    num_labels, then transformers' default of two classes, which it does not write. LabError where the classes are not numbered from 0 without a gap.
    """
    names = _in_order(_numbered(config.get("id2label")), "id2label")
    nameless = names is None or all(name.startswith(UNNAMED) for name in names)
    try:
        other = _numbered(config.get("label2id"), names_first=True)
    except LabError:
        if names is None:
            raise
        other = {}
    if nameless and not all(name.startswith(UNNAMED) for name in other.values()) and (names is None or sorted(other) == list(range(len(names)))):
        return _in_order(other, "label2id"), []
    if names is None:
        count = config.get("num_labels")
        return tuple(f"{UNNAMED}{n}" for n in range(count if isinstance(count, int) and count > 0 else 2)), []
    numbers = {name: number for number, name in other.items()}
    swapped = [name for number, name in enumerate(names) if numbers.get(name, number) != number]
    notes = [f"The teacher's config.json gives {swapped[0]!r} one number in id2label and another in label2id; id2label is used."] if swapped else []
    return names, notes


def _numbered(given, names_first: bool = False) -> dict[int, str]:
    """Return class number -> name from a list, or from a map, whichever way round; {} where nothing is given.

    names_first: the map goes from names to numbers where both could be numbers.
    """
    given = dict(enumerate(given)) if isinstance(given, list) else given
    if not isinstance(given, dict) or not given:
        return {}
    ways = [{_whole(key): (key, value) for key, value in given.items()}, {_whole(value): (value, key) for key, value in given.items()}]
    for way in reversed(ways) if names_first else ways:
        if None not in way:
            return {number: _name(number, name) for number, (_, name) in way.items()}
    raise LabError(f"Its classes are not numbered ({next(iter(given.items()))}); {MEND}.")


def _in_order(numbered: dict[int, str], key: str) -> tuple[str, ...] | None:
    if not numbered:
        return None
    if sorted(numbered) != list(range(len(numbered))):
        raise LabError(f"Its {key} numbers the classes {', '.join(map(str, sorted(numbered)))}, where logits count from 0 without a gap; {MEND}.")
    return tuple(numbered[number] for number in sorted(numbered))


def _whole(value) -> int | None:
    """Return a number written as 3, "3" or "LABEL_3"; None for anything else."""
    text = str(value).strip().removeprefix(UNNAMED)
    return int(text) if text.isascii() and text.isdigit() and not isinstance(value, bool) else None


def _name(number: int, value) -> str:
    if value is None:
        return f"{UNNAMED}{number}"
    if isinstance(value, (dict, list)):
        raise LabError(f"Its class {number} has no name of one word or number; {MEND}.")
    return str(value)

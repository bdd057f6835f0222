"""What the fields of a lesson may hold: a function each, which returns the value or says in half a sentence what is wrong with it."""

import re
from collections.abc import Callable, Collection

from core.errors import LabError
from core.recipe import BUNDLES, RUNGS, check_layers, parse_layers

Check = Callable[[object], object]
HTML = re.compile(r"<\s*[a-zA-Z/!?]")
MOST_CHOICES = 8
LARGEST_SEED = 2**31 - 1
LAB_LINK = {  # what a link to the Lab may say, beside what it hides and locks
    "layers": parse_layers, "budget": lambda text: one_of(RUNGS)(text), "objective": lambda text: one_of(BUNDLES)(text),
    "seed": lambda text: seed(text), "view": lambda text: one_of(("story", "researcher"))(text), "teacher": str, "task": str, "guide": str,
}


def text(most: int, empty: bool = True) -> Check:
    """Return a check of a line or text of at most so many characters: Markdown, without HTML and pictures."""
    def check(value: object) -> str:
        if not isinstance(value, str):
            raise LabError(f"must be a text in quotes, not {value!r:.40}")
        if len(value) > most:
            raise LabError(f"has {len(value)} characters; the most is {most}")
        if HTML.search(value):
            raise LabError("holds HTML; write Markdown, and a space after a sign < that means less")
        if "![" in value:
            raise LabError("holds a picture; a lesson has none, so link to it instead")
        if not empty and not value.strip():
            raise LabError("is empty")
        return value.strip()

    return check


def number(low: float, high: float) -> Check:
    """Return a check of a number in this range, both ends allowed."""
    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise LabError(f"must be a number from {low:g} to {high:g}, not {value!r:.40}")
        return value

    return check


def one_of(names: Collection[str]) -> Check:
    def check(value: object) -> str:
        if not isinstance(value, str) or (value and value not in names):
            raise LabError(f"cannot be {value!r:.40}; it can be {', '.join(names)}")
        return value

    return check


def names(allowed: Collection[str]) -> Check:
    """Return a check of a list of these names."""
    def check(value: object) -> tuple[str, ...]:
        return tuple(map(one_of(allowed), listed(value, len(allowed))))

    return check


def texts(most: int, longest: int) -> Check:
    """Return a check of a list of different texts, none of them empty."""
    def check(value: object) -> tuple[str, ...]:
        found = tuple(map(text(longest, empty=False), listed(value, most)))
        if len(set(found)) < len(found):
            raise LabError("names one text twice")
        return found

    return check


def listed(value: object, most: int) -> list:
    if not isinstance(value, list | tuple):
        raise LabError(f"must be a list in square brackets, not {value!r:.40}")
    if len(value) > most:
        raise LabError(f"has {len(value)} entries; the most is {most}")
    return list(value)


def table(value: object) -> dict:
    if not isinstance(value, dict):
        raise LabError(f"must be a table, such as {{layers = [1, 3, 5]}}, not {value!r:.40}")
    return value


def link(value: object) -> dict[str, str]:
    """Check what a step's page is opened with: keys and values of an address."""
    found = table(value)
    for key, given in found.items():
        if not re.fullmatch("[a-z_]{1,20}", key) or key in ("hide", "lock"):
            raise LabError(f"cannot name {key!r:.40}; hide and lock are fields of the step, all else is small letters")
        if not isinstance(given, str) or len(given) > 500:
            raise LabError(f"must give {key} as a text in quotes of at most 500 characters")
    return found


def lab_link(found: dict[str, str]) -> None:
    """Check a link to the Lab, whose keys are known."""
    for key, given in found.items():
        if key not in LAB_LINK:
            raise LabError(f"cannot name {key!r} for the Lab; it can name {', '.join(LAB_LINK)}")
        try:
            LAB_LINK[key](given)
        except LabError as error:
            said = str(error).rstrip(".")
            raise LabError(f"has wrong layers: {said}" if key == "layers" else f"has a {key} that {said}") from None


def seed(value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) <= LARGEST_SEED):
        raise LabError(f"must be a whole number from 0 to {LARGEST_SEED}")
    return int(value)


CHOICE = {  # one choice of layers and how it was trained: its fields
    "teacher": text(200, empty=False), "task": text(200, empty=False), "budget": one_of(RUNGS), "objective": one_of(BUNDLES),
}
DEFAULTS = {"teacher": "minilm-l6", "task": "composed-nli", "budget": "full", "objective": "hinton", "untrained": False}


def choice(value: object) -> dict:
    """Check a choice of layers with what it was trained on, and return all its fields; untrained: as many layers, but fresh ones."""
    found = table(value)
    for key, given in found.items():
        if key == "layers":
            try:
                check_layers(given, allow_repeats=True)
            except LabError as error:
                raise LabError(f"has wrong layers: {str(error).rstrip('.')}") from None
        elif key == "untrained":
            if not isinstance(given, bool):
                raise LabError("must say untrained = true or false")
        elif key in CHOICE:
            try:
                CHOICE[key](given)
            except LabError as error:
                raise LabError(f"has a {key} that {error}") from None
        else:
            raise LabError(f"cannot name {key!r:.40}; a choice has layers, {', '.join(DEFAULTS)}")
    if "layers" not in found:
        raise LabError("lacks its layers, such as layers = [1, 3, 5]")
    return DEFAULTS | found | {"layers": list(found["layers"])}


def choices(value: object) -> tuple[dict, ...]:
    return tuple(map(choice, listed(value, MOST_CHOICES)))


WHAT = {
    "accuracy": "percent right", "cost": "points below the teacher", "behind": "points below the best choice", "place": "the place among all choices",
    "choices": "how many choices there are", "teacher": "the teacher's percent right", "majority": "percent right with one answer for everything",
    "examples": "how many examples it was measured on", "runs": "how many runs",
}


def figure(value: object) -> dict:
    """Check a figure that texts can name in braces: a choice, what of it, and a seed where one run is meant."""
    found = dict(table(value))
    what, one = found.pop("what", "accuracy"), found.pop("seed", None)
    if what not in WHAT:
        raise LabError(f"cannot ask for {what!r:.40}; it can ask for {', '.join(WHAT)}")
    if one is not None and (isinstance(one, bool) or not isinstance(one, int) or one < 0):
        raise LabError("must give its seed as a whole number")
    return choice(found) | {"what": what, "seed": one}


def answer(value: object) -> float | str | tuple[str, ...]:
    if isinstance(value, list | tuple):
        return texts(MOST_CHOICES, 120)(value)
    return text(120, empty=False)(value) if isinstance(value, str) else number(-1e6, 1e6)(value)

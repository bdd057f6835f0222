"""What a task's name may say behind `?`: `TASK?labels=NAME:NUMBER,…&max_length=N`, and for data read from outside more.

`labels` ties the task's classes to the teacher's. Where the data hold numbers, NAME is what class NUMBER is called; where they
hold names, NUMBER is that of the teacher's class, whatever the teacher calls it.
"""

import math
import re
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from core.data.cards import plain
from core.data.naming import folded, listed, number_of, short
from core.data.task import Classes, Split, Task
from core.errors import LabError

COMMON = ("labels", "max_length")
OUTSIDE = (*COMMON, "missing", "thresholds")  # of data that others made
USAGE = "Every task takes labels=NAME:NUMBER,NAME:NUMBER and max_length=N behind a ?, joined by &"
SHORTEST, LONGEST = 8, 4096  # tokens


@dataclass(frozen=True)
class Options:
    """What an address says. labels: (name, number) of each class. max_length: tokens, None for the task's own.

    missing: values of the label column that stand for no label; () guesses. thresholds: ascending, they cut a scale into classes.
    """

    labels: tuple[tuple[str, int], ...] = ()
    max_length: int | None = None
    missing: tuple[str, ...] = ()
    thresholds: tuple[float, ...] = ()


def bare(name: str) -> str:
    """Return a task's name without its options: what the catalogue knows it by."""
    return name.partition("?")[0]


def parse_query(query: str, known: tuple[str, ...], usage: str) -> dict[str, str]:
    """Split key=value pairs joined by &, values still quoted; LabError(usage) for unknown or repeated keys and empty values."""
    options: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        option, _, value = part.partition("=")
        if option not in known or option in options or not value:
            raise LabError(f"{part!r} is not understood. {usage}" if len(part) < 80 else usage)
        options[option] = value
    return options


def columns_of(options: dict[str, str]) -> tuple[str, ...]:
    """Return the text columns that `text=A` or `text=A,B` names. LabError for none, more than two, or one twice."""
    text = tuple(unquote(column) for column in options.get("text", "").split(",") if column)
    if not 1 <= len(text) <= 2 or len(set(text)) < len(text):
        raise LabError("Name one text column, or two different ones for pairs, as text=A or text=A,B.")
    return text


def common_options(name: str) -> Options:
    """Return the options of a task that takes the common ones alone. LabError for any other."""
    return options_of(parse_query(name.partition("?")[2], COMMON, f"{USAGE}."))


def options_of(given: dict[str, str]) -> Options:
    """Read the options' values, as `parse_query` gives them. LabError with one sentence for a value that says nothing."""
    missing = tuple(unquote(value).strip() for value in given.get("missing", "").split(",") if value.strip())
    return Options(_labels(given.get("labels")), _max_length(given.get("max_length")), missing, _thresholds(given.get("thresholds")))


def _max_length(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and SHORTEST <= int(text) <= LONGEST):
        raise LabError(f"max_length={text[:20]} is not understood; it is a whole number of tokens from {SHORTEST} to {LONGEST}.")
    return int(text)


def _labels(text: str | None) -> tuple[tuple[str, int], ...]:
    if text is None:
        return ()
    pairs = []
    for part in text.split(","):
        name, colon, number = part.rpartition(":")
        name = unquote(name).strip()
        if not (colon and name and re.fullmatch(r"\s*-?\d{1,9}\s*", number, re.ASCII)):
            raise LabError(f"labels={short(part)} is not understood; write NAME:NUMBER for each class, as labels=negative:0,positive:1.")
        pairs.append((name, int(number)))
    for what, values in (("name", [folded(name) for name, _ in pairs]), ("number", [number for _, number in pairs])):
        twice = next((pairs[i] for i, value in enumerate(values) if value in values[:i]), None)
        if twice:
            raise LabError(f"labels= gives the {what} {twice[what == 'number']} twice; every class needs a name and a number of its own.")
    return tuple(pairs)


def _thresholds(text: str | None) -> tuple[float, ...]:
    if text is None:
        return ()
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not 1 <= len(found) <= 9 or not all(map(math.isfinite, found)) or any(b <= a for a, b in zip(found, found[1:])):
        raise LabError(f"thresholds={text[:60]} is not understood; write one to nine ascending numbers, as thresholds=2,4.")
    return found


def classes_of(names: tuple[str, ...], options: Options) -> tuple[Classes, tuple[int, ...]]:
    """Return the classes as the address has them, and for each of the data's classes its place among them.

    names: what the data call the C classes, or `threshold_names`. LabError for a map that is not one to one with them.
    """
    numbers = tuple(map(number_of, names))
    if options.thresholds:
        numbers = tuple(range(len(names)))
    if None in numbers:
        numbers = None
    if not options.labels:
        return Classes(names, numbers), tuple(range(len(names)))
    if numbers is not None:
        said = {number: name for name, number in options.labels}
        _one_to_one(said, numbers, "number")
        order = sorted(range(len(names)), key=lambda i: numbers[i])
        found = Classes(tuple(said[numbers[i]] for i in order), tuple(numbers[i] for i in order), mapped=True)
    else:
        said = {folded(name): number for name, number in options.labels}
        shown = {folded(name): name for name in (*(name for name, _ in options.labels), *names)}
        _one_to_one(said, [folded(name) for name in names], "label", shown)
        order = sorted(range(len(names)), key=lambda i: said[folded(names[i])])
        if sorted(said.values()) != list(range(len(names))):
            raise LabError(f"labels= has to give the teacher's {len(names)} classes their numbers, 0 to {len(names) - 1}, each once; "
                           f"it gives {listed(sorted(said.values()))}.")
        found = Classes(tuple(names[i] for i in order), None, mapped=True)
    return found, tuple(order.index(i) for i in range(len(names)))


def _one_to_one(said: dict, there, what: str, shown: dict | None = None) -> None:
    show = lambda value: repr(shown[value]) if shown else str(value)
    unknown = [value for value in said if value not in there]
    if unknown:
        raise LabError(f"labels= names {show(unknown[0])}, but the data have no such {what}; they have {listed(map(show, there))}.")
    absent = [value for value in there if value not in said]
    if absent:
        raise LabError(f"labels= does not name the {what} {show(absent[0])} of the data; name each of {listed(map(show, there))}.")


def threshold_names(thresholds: tuple[float, ...]) -> tuple[str, ...]:
    """Return what the classes between thresholds are called: 'below 2', '2 to 4', '4 and above'."""
    shown = [f"{value:g}" for value in thresholds]
    return (f"below {shown[0]}", *(f"{a} to {b}" for a, b in zip(shown, shown[1:])), f"{shown[-1]} and above")


def placed(split: Split, places: tuple[int, ...]) -> Split:
    """Return the split with class i renumbered to places[i]."""
    return split if places == tuple(range(len(places))) else replace(split, labels=tuple(places[label] for label in split.labels))


def told(classes: Classes, options: Options) -> str:
    """Return the sentence of the card about thresholds, a label map, or names that the data give; '' where there is none of them."""
    names = list(map(plain, classes.names))
    if options.thresholds:
        cuts = ", ".join(f"{name} is {cut}" for name, cut in zip(names, threshold_names(options.thresholds)))
        return f"The labels are numbers, and thresholds make classes of them{f': {cuts}' if classes.mapped else ''}."
    if not classes.mapped:
        pairs = [f"{name} is {plain(said)}" for name, said in zip(names, classes.called or ())]
        return f"What the labels stand for, by the data's own word: {', '.join(pairs)}." if pairs else ""
    if classes.numbered:
        return f"The address gives each label the teacher's class: {', '.join(f'{name} {i}' for i, name in enumerate(names))}."
    return f"The address names the classes: {', '.join(f'{number} is {name}' for name, number in zip(names, classes.numbers))}."


def applied(task: Task, name: str, options: Options, card: str) -> Task:
    """Return a task of the catalogue under its whole name, with what the options change. card: what a task without options has."""
    classes, places = classes_of(task.labels, options)
    splits = {part: placed(task.split(part), places) for part in ("train", "validation", "test")}
    length = options.max_length or task.max_length
    notes = [told(classes, options), f"Texts are cut at {length} tokens." if options.max_length else ""]
    card = "\n\n".join(filter(None, (*notes, card)))
    return replace(task, name=name, labels=classes.names, numbers=classes.numbers, mapped=classes.mapped, max_length=length, card=card, **splits)


def with_option(name: str, option: str, value: str) -> str:
    """Return the task's address with the option set to the value, which is quoted by the caller; what else it says stays."""
    start, mark, query = name.partition("?")
    kept = [part for part in query.split("&") if part and part.partition("=")[0] != option]
    return f"{start}?{'&'.join([*kept, f'{option}={value}'])}"


def map_text(classes: Classes, teacher: list[str] | tuple[str, ...], order) -> str:
    """Return the value of `labels=` that makes order[i], one of the teacher's classes, the task's class i. teacher: its class names."""
    pairs = zip(classes.names, order) if classes.numbers is None else zip((teacher[i] for i in order), classes.numbers)
    return ",".join(f"{quote(name, safe=' ')}:{number}" for name, number in sorted(pairs, key=lambda pair: pair[1]))

"""Labels that are a scale (a rating, a similarity): why they are no classes, and how thresholds make classes of them."""

from bisect import bisect_right
from collections.abc import Callable, Sequence

from core.data.address import threshold_names
from core.data.naming import listed, number_of, short, value_of
from core.errors import LabError


def is_scale(labels: Sequence[str], most: int) -> bool:
    """Return whether labels are numbers that measure something: more than `most` different ones, or fractions that hardly repeat."""
    names = set(labels)
    if any(value_of(name) is None for name in names):
        return False
    return len(names) > most or (2 * len(names) > len(labels) > 2 and any(number_of(name) is None for name in names))


def scale_error(labels: Sequence[str]) -> LabError:
    """Return the error, one sentence, of a scale without thresholds; it offers some that cut the labels into classes of like size."""
    values = sorted(map(value_of, labels))
    found = thirds(values)
    shown = ",".join(f"{value:g}" for value in found)
    return LabError(f"The labels are {len(set(values)):,} different numbers from {values[0]:g} to {values[-1]:g}, a scale, and a classifier needs "
                    f"classes; cut it by thresholds, as &thresholds={shown} for the classes {listed(map(repr, threshold_names(found)))}.")


def thirds(values: list[float]) -> tuple[float, ...]:
    """Return thresholds, as round as they can be, near a third and two thirds of these values, ascending; one where no two are there."""
    for digits in (1, 2, 3, 4, 6, 12):
        found = sorted({float(f"{values[len(values) * i // 3]:.{digits}g}") for i in (1, 2)})
        if len(found) == 2 and values[0] < found[0] and found[1] <= values[-1]:
            return tuple(found)
    return (next(value for value in (values[len(values) // 2], values[-1]) if value > values[0]),)


def cut(labels: Sequence[str], thresholds: tuple[float, ...], place: Callable[[int], str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the classes between the thresholds, and of each label its class; a value at a threshold is in the upper one.

    place: where a label stands, by its position. LabError for a label that is no number.
    """
    values = [value_of(label) for label in labels]
    wrong = next((i for i, value in enumerate(values) if value is None), None)
    if wrong is not None:
        raise LabError(f"{place(wrong)}: the label is {short(labels[wrong])}, and thresholds= needs numbers.")
    return threshold_names(thresholds), tuple(bisect_right(thresholds, value) for value in values)

"""From rows with labels, as data have them, to a task: what is no label is left out, the rest becomes classes, missing splits are carved."""

from collections import Counter
from dataclasses import dataclass, replace

from core.data import cards, scale
from core.data.address import Options, classes_of, placed, told
from core.data.naming import folded, listed, number_of, short, tidy
from core.data.spelling import spellings
from core.data.splitting import complete
from core.data.task import Split, Task
from core.data.unlabelled import unlabelled
from core.errors import LabError

MOST_CLASSES = 10  # a run keeps its predictions as one digit an example
FEWEST = {"train": 8, "validation": 2, "test": 2}


@dataclass(frozen=True)
class Labelled:
    """N rows. texts: their texts, with no classes yet. words: their labels as text, '' for none. places: where each stands, in words."""

    texts: Split
    words: list[str]
    places: list[str]

    def take(self, rows: list[int]) -> "Labelled":
        """Return the rows at these positions, in this order."""
        return Labelled(self.texts.take(rows), [self.words[i] for i in rows], [self.places[i] for i in rows])


def split_of(texts: list) -> Split:
    """Return a split of these texts, one column or two, whose classes are not known yet (all 0)."""
    return Split(tuple(texts[0]), tuple(texts[1]) if len(texts) == 2 else None, (0,) * len(texts[0]))


def task_of(name: str, parts: dict[str, Labelled], options: Options, source: str, remark: str = "", names: tuple[str, ...] | None = None,
            test_from: str = "train", called: tuple[str, ...] = ()) -> Task:
    """Return the task of these parts, the missing ones carved as `complete` does; source and remark are sentences of its card.

    names: the classes, where they are known; then the words are among them. called: what the data call the labels 0, 1, ….
    LabError when labels are no classes, the address does not fit them, a split is too small to train or measure on, or train lacks a class.
    """
    spelt = ""
    if not names:
        parts, options, spelt = _spelt(parts, options)
    none = {part: {""} for part in parts} if names else unlabelled({part: rows.words for part, rows in parts.items()}, options)
    kept, left_out = _with_labels(parts, none)
    words = [word for rows in kept.values() for word in rows.words]
    places = [place for rows in kept.values() for place in rows.places]
    if names is None:
        names, numbers = _numbered(words, places, options)
    else:
        classes(list(names))  # for its limits
        numbers = tuple(map(names.index, words))
    found, order = classes_of(names, options)
    if called and not (options.labels or options.thresholds):
        found = replace(found, called=_called(found.names, called))
    splits, done = {}, 0
    for part, rows in kept.items():
        splits[part] = placed(replace(rows.texts, labels=numbers[done : done + len(rows.words)]), order)
        done += len(rows.words)
    splits, notes = complete(splits, test_from)
    _check(splits, found.names)
    length = options.max_length or Task.max_length
    notes += [left_out, spelt, told(found, options), remark, f"Texts are cut at {length} tokens." if options.max_length else ""]
    card = [source, *notes, cards.sizes(found.names, splits), cards.overlap_sentence(splits["train"], splits["test"]),
            *(sentence for _, sentence in cards.weaknesses(tuple(map(cards.plain, found.names)), splits))]
    return Task(name, found.names, **splits, card="\n\n".join(filter(None, card)), max_length=length, numbers=found.numbers, mapped=found.mapped,
                called=found.called)


def _spelt(parts: dict[str, Labelled], options: Options) -> tuple[dict[str, Labelled], Options, str]:
    """Return the parts and the options with one spelling for each label, and what the card says of it."""
    found, said = spellings(word for rows in parts.values() for word in rows.words)
    parts = {part: replace(rows, words=[found[word] for word in rows.words]) for part, rows in parts.items()}
    return parts, replace(options, missing=tuple(dict.fromkeys(found.get(value, tidy(value)) for value in options.missing))), cards.plain(said)


def _called(names: tuple[str, ...], called: tuple[str, ...]) -> tuple[str, ...]:
    numbers = [number_of(name) for name in names]
    wrong = next((name for name, number in zip(names, numbers) if number is None or not 0 <= number < len(called)), None)
    if wrong is not None:
        raise LabError(f"The label {short(wrong)} is none of the {len(called)} classes that the data name ({listed(called)}); mend the data, or name "
                       "the classes in the address by &labels=.")
    return tuple(called[number] for number in numbers)


def rows_of(n: int) -> str:
    """Return '1 row', '2 rows'."""
    return f"{n:,} row{'s' if n != 1 else ''}"


def _with_labels(parts: dict[str, Labelled], none: dict[str, set[str]]) -> tuple[dict[str, Labelled], str]:
    """Return the parts with only the rows that have a label, parts without any dropped, and what the card says about the others."""
    kept, gone, said = {}, Counter(), []
    for part, rows in parts.items():
        there = [i for i, word in enumerate(rows.words) if word not in none[part]]
        if there:
            kept[part] = rows.take(there) if len(there) < len(rows.words) else rows
            gone.update(word for word in rows.words if word in none[part])
        elif rows.words:
            said.append(f"The {part} part has no labels; its {rows_of(len(rows.words))} can only be left out.")
    if gone:
        how = ", ".join(f"{cards.plain(word)} in {n:,}" if word else f"an empty cell in {n:,}" for word, n in sorted(gone.items()))
        said.append(f"{rows_of(gone.total())} without a label ({how}) {'was' if gone.total() == 1 else 'were'} left out.")
    if "train" not in kept and any(rows.words for rows in parts.values()):
        raise LabError("In train there are no examples with a label, so nothing can be learned.")
    return kept, " ".join(said)


def _numbered(words: list[str], places: list[str], options: Options) -> tuple[tuple[str, ...], tuple[int, ...]]:
    if options.thresholds:
        return scale.cut(words, options.thresholds, places.__getitem__)
    return classes(words, places)


def classes(values: list[str], places: list[str] | None = None) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return class names in sorted order (as numbers when all are whole numbers), and each value's index. LabError unless 2 to 10."""
    names = set(values)
    try:
        ordered = sorted(names, key=lambda value: (int(value), value))
    except ValueError:
        ordered = sorted(names)
    if len(ordered) < 2:
        raise LabError(f"There is one class only, {short(ordered[0])}: nothing can be learned." if ordered else "There are no examples.")
    if scale.is_scale(values, MOST_CLASSES):
        raise scale.scale_error(values)
    _check_twins(ordered, values, places)
    if len(ordered) > MOST_CLASSES:
        raise LabError(f"There are {len(ordered):,} different labels; at most {MOST_CLASSES} classes can be learned here.")
    index = {value: i for i, value in enumerate(ordered)}
    return tuple(ordered), tuple(index[value] for value in values)


def _check_twins(names: list[str], values: list[str], places: list[str] | None) -> None:
    """Raise LabError for two labels that are one to a reader, such as Positive and positive, or 1 and 1.0."""
    seen: dict = {}
    for name in names:
        number = number_of(name)
        twin = seen.setdefault(folded(name) if number is None else number, name)
        if twin != name:
            where = [f"{short(one)}{f' ({places[values.index(one)]})' if places else ''}" for one in (twin, name)]
            raise LabError(f"The labels {where[0]} and {where[1]} are written in two ways but look like one class; write them alike in the data.")


def _check(splits: dict[str, Split], names: tuple[str, ...]) -> None:
    for part, fewest in FEWEST.items():
        if len(splits[part]) < fewest:
            raise LabError(f"There are too few examples: {part} has {len(splits[part])}, and at least {fewest} are needed.")
    absent = sorted(set(range(len(names))) - set(splits["train"].labels))
    if absent:
        raise LabError(f"The class {short(names[absent[0]])} has no example in train.")

"""What a published claim says as statements on saved runs: which students it compares, and what of a comparison would agree with it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from core.errors import LabError
from core.findings.evidence import UNTRAINED, Choice
from core.findings.landscape import Landscape
from core.recipe import RUNGS, Optimiser, Seeding, bundle, preset
from core.statistics.noise import Comparison, compare
from core.statistics.verdict import EQUAL, HIGHER, LOWER, WITHIN
from core.studies.choosers import picks

AGREES, DISAGREES, OPEN = "agrees", "disagrees", "not decidable here"
Pick = Callable[[Landscape], Choice | None]
USUAL = {"budget": asdict(RUNGS["full"]), "optimiser": asdict(Optimiser())}


@dataclass(frozen=True)
class Student:
    """pick: the layers it starts from. objective: a bundle. match: the teacher layers that the losses between layers compare: seeding, uniform, or a
    preset of as many."""

    pick: Pick
    objective: str = "hinton"
    match: str = "seeding"

    def choice(self, one: Landscape) -> Choice | None:
        """Return the layers where such a student was saved; None elsewhere."""
        if one.settings["objective"]["name"] != self.objective or match_of(one) != self.match:
            return None
        choice = self.pick(one)
        return choice if choice in one.runs else None


@dataclass(frozen=True)
class Trial:
    """One place where saved runs bear on a claim. sides: (landscape, choice) of every student. comparisons: what is judged, of each two neighbours
    among the sides the first less the second. before: accuracies of both before the first step, where these count."""

    sides: tuple[tuple[Landscape, Choice], ...]
    comparisons: tuple[Comparison, ...]
    before: tuple[float, float] | None = None

    @property
    def place(self) -> Landscape:
        return self.sides[0][0]


def usual(found: Iterable[Landscape]) -> list[Landscape]:
    """Return the landscapes that claims are put to: full runs with the usual training, of as many seeds as show their noise."""
    return [one for one in found if _as_usual(one) and one.noise.known]


def _as_usual(one: Landscape) -> bool:
    settings, objective = one.settings, one.settings["objective"]
    seeding = {name: value for name, value in asdict(Seeding()).items() if name != "untrained_layers"}
    with suppress(LabError):
        bare = bundle(objective["name"]).to_dict()
        return settings == USUAL | {"seeding": seeding, "objective": bare | {"match": objective["match"]}}
    return False


def match_of(one: Landscape) -> str:
    """Return which teacher layers the losses between layers compare: seeding, uniform, or the preset that names them; '' for other lists."""
    match = one.settings["objective"]["match"]
    if isinstance(match, str):
        return match
    return next((name for name in ("first-k", "last-k") if tuple(match) == preset(name, one.layers, one.k)), "")


def named(name: str) -> Pick:
    """Return the pick of a preset."""

    def pick(one: Landscape) -> Choice | None:
        with suppress(LabError):
            return preset(name, one.layers, one.k)
        return None

    return pick


def untrained(_: Landscape) -> Choice:
    return UNTRAINED


def listed(lists: Mapping[int, Choice]) -> Pick:
    """Return the pick of a list that a source gives. lists: layers of the teacher -> the list."""
    return lambda one: lists[one.layers] if one.k == len(lists.get(one.layers, ())) else None


def ranked(method: str, place: int) -> Pick:
    """Return the pick of what a chooser ranks first (place 0) or last (-1). A pick whose regret must not be known is none."""

    def pick(one: Landscape) -> Choice | None:
        choices = _rankings(picks.folder()).get((method, *one.ground, one.k))
        return choices[place] if choices else None

    return pick


@cache
def _rankings(folder: Path) -> dict[tuple, tuple[Choice, Choice]]:
    """Return (method, teacher, data, size) -> the choices that a chooser ranks first and last."""
    frozen = picks.frozen(folder.parent)
    return {
        tuple(one[name] for name in ("method", "teacher_hash", "task_hash", "k")): tuple(tuple(one["choices"][i]["layers"]) for i in (0, -1))
        for one in picks.read(folder.parent) if not picks.refusal(one, frozen)
    }


@dataclass(frozen=True)
class Higher:
    """Of students of the same teacher and task, each ends above the next. over_sizes: they differ in how many layers they have."""

    students: tuple[Student, ...]
    over_sizes: bool = False

    def trials(self, found: Sequence[Landscape]) -> Iterator[Trial]:
        for sides in _lined_up(self.students, found, self.over_sizes):
            yield Trial(sides, tuple(compared(a, b) for a, b in zip(sides, sides[1:])))

    def reading(self, words: Sequence[str], trial: Trial) -> str:
        return AGREES if set(words) == {HIGHER} else DISAGREES if LOWER in words else OPEN


@dataclass(frozen=True)
class Alike:
    """Two students of the same teacher and task end within a few points of each other."""

    students: tuple[Student, Student]

    def trials(self, found: Sequence[Landscape]) -> Iterator[Trial]:
        yield from Higher(self.students).trials(found)

    def reading(self, words: Sequence[str], trial: Trial) -> str:
        return {WITHIN: AGREES, HIGHER: DISAGREES, LOWER: DISAGREES}.get(words[0], OPEN)


@dataclass(frozen=True)
class Flipped:
    """Of two students the one that is ahead before the first step ends behind. Ahead is what was measured, by more than EQUAL."""

    students: tuple[Student, Student]

    def trials(self, found: Sequence[Landscape]) -> Iterator[Trial]:
        for one in Higher(self.students).trials(found):
            (x, a), (y, b) = one.sides
            yield Trial(one.sides, one.comparisons, (initial(x, a), initial(y, b)))

    def reading(self, words: Sequence[str], trial: Trial) -> str:
        ahead = trial.before[0] - trial.before[1]
        if abs(ahead) <= EQUAL or words[0] not in (HIGHER, LOWER):
            return OPEN
        return DISAGREES if (ahead > 0) == (words[0] == HIGHER) else AGREES


def initial(one: Landscape, choice: Choice) -> float:
    """Return the mean accuracy before the first step."""
    return sum(run["initial"]["accuracy"] for run in one.runs[choice]) / len(one.runs[choice])


def compared(a: tuple[Landscape, Choice], b: tuple[Landscape, Choice]) -> Comparison:
    """Compare two students, each with its own noise."""
    (x, first), (y, second) = a, b
    if x is y:
        return x.compare([(first, second)])[0][0]
    return compare(x.runs[first], y.runs[second], x.noises[first], y.noises[second], x.test)


def _lined_up(students: Sequence[Student], found: Sequence[Landscape], over_sizes: bool) -> Iterator[tuple[tuple[Landscape, Choice], ...]]:
    """Return the sides of every place where all the students were saved: of one teacher and task, and of one size unless it is sizes that differ."""
    places: dict[tuple, list[Landscape]] = {}
    for one in found:
        places.setdefault((one.pair, one.ground, None if over_sizes else one.k), []).append(one)
    for here in places.values():
        each = [next(((one, choice) for one in here if (choice := student.choice(one)) is not None), None) for student in students]
        if all(each) and len({(id(one), choice) for one, choice in each}) == len(each):
            yield tuple(each)

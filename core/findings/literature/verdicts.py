"""All claims put to the saved runs: every comparison judged together, and what comes of it for each claim."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.findings.finding import names, percent, points
from core.findings.landscape import Landscape
from core.findings.literature.claims import CLAIMS, TWO_LISTS, Claim
from core.findings.literature.statements import AGREES, DISAGREES, OPEN, Trial, match_of, usual
from core.findings.names import choice_name, pair_text, short_name
from core.findings.words import TOO_FEW
from core.objectives import BUNDLES
from core.statistics.noise import Comparison
from core.statistics.verdict import EQUAL, WITHIN, Verdict, judged_together

DEPENDS = "depends"  # agrees in one place, disagrees in another
MATCHED = {"seeding": "the layers that seeded it", "uniform": "evenly spread ones", "last-k": "the last ones", "first-k": "the first ones"}


@dataclass(frozen=True)
class Tried:
    """A trial with what was judged. outcome: AGREES, DISAGREES or OPEN."""

    trial: Trial
    verdicts: tuple[Verdict, ...]
    outcome: str

    @property
    def size(self) -> str:
        """'6 of 12'."""
        return f"{names(dict.fromkeys(str(one.k) for one, _ in self.trial.sides))} of {self.trial.place.layers}"

    @property
    def where(self) -> str:
        """'MPNet base on sick, 6 of 12 layers', with the objective where it is none of the usual labels and soft targets."""
        losses = {loss_of(one) for one, _ in self.trial.sides}
        loss = f", {losses.pop()}" if len(losses) == 1 and losses != {loss_of(None)} else ""
        return f"{pair_text(*self.trial.place.pair)}, {self.size} layers{loss}"

    @property
    def told(self) -> str:
        """What was compared, with its figures: '85.0 % from layers 1, 2, 3; 73.0 % from layers 4, 5, 6'."""
        several = len({loss_of(one) for one, _ in self.trial.sides}) > 1
        name = lambda one, choice: choice_name(choice, one.layers).partition(" (")[0]
        loss = lambda one: f" ({loss_of(one)})" if several else ""
        each = "; ".join(f"{percent(one.means[choice])} from {name(one, choice)}{loss(one)}" for one, choice in self.trial.sides)
        if not self.trial.before:
            return each
        guess = f" (always the most frequent class: {percent(majority)})" if (majority := self.trial.place.one.get("majority")) else ""
        return f"before the first step {' and '.join(map(percent, self.trial.before))}{guess}; after training {each}"

    @property
    def came(self) -> str:
        """The outcome in words, with the gap that would have been found where runs are too few."""
        return self.outcome if self.outcome != OPEN else "; ".join(dict.fromkeys(map(self._undecided, self.verdicts)))

    def _undecided(self, one: Verdict) -> str:
        gap = points(one.comparison.difference)
        if one.clear:
            return f"before the first step within {points(EQUAL)}" if self.close else f"a gap of {gap} is clear"
        if one.word == WITHIN:
            return f"within {points(one.far)}"
        if not one.known:
            return f"{TOO_FEW}, since one of them was run once"
        return f"{TOO_FEW} (a gap of {gap}; they find {'none' if one.findable is None else f'one of {points(one.findable)}'})"

    @property
    def seeds(self) -> int | None:
        """The seeds of each side that would settle every gap; None where no number is known to."""
        needed = [one.seeds for one in self.verdicts if not one.clear]
        return max(needed) if needed and None not in needed and not self.close else None

    @property
    def close(self) -> bool:
        """Whether accuracy before the first step counts and is too close to say which student is ahead."""
        return self.trial.before is not None and abs(self.trial.before[0] - self.trial.before[1]) <= EQUAL


@dataclass(frozen=True)
class Judged:
    """A claim with every place where saved runs bear on it."""

    topic: str
    claim: Claim
    tried: tuple[Tried, ...]

    @property
    def word(self) -> str:
        """AGREES or DISAGREES where a place says so and none the opposite, DEPENDS where both are said, else OPEN."""
        said = {one.outcome for one in self.tried} - {OPEN}
        return DEPENDS if len(said) == 2 else said.pop() if said else OPEN

    def of(self, outcome: str) -> list[Tried]:
        return [one for one in self.tried if one.outcome == outcome]

    @property
    def here(self) -> str:
        """What the saved runs say, in a sentence or two."""
        if not self.tried:
            return f"No saved run bears on it. Needed: {self.claim.needs}."
        parts = [f"{verb}: {places(some)}" for verb, outcome in (("Yes", AGREES), ("No", DISAGREES)) if (some := self.of(outcome))]
        left = self.of(OPEN)
        if left and parts:
            parts.append(f"Not decided in {len(left)} other comparison{'s' * (len(left) != 1)}")
        elif left:
            parts += [f"Not decided: {places(left)}", f"Needed: {self.wanted}"]
        return ". ".join(parts) + "."

    @property
    def wanted(self) -> str:
        """The runs that would decide it: as many of the place that needs the fewest, else what the claim names; '' where it is decided."""
        if self.word != OPEN:
            return ""
        counted = [(one.seeds, one.where) for one in self.tried if one.seeds]
        if not counted:
            return self.claim.needs
        seeds, where = min(counted)
        return f"about {seeds} runs of each choice{f' ({where})' if len(self.tried) > 1 else ''}"


def places(some: Iterable[Tried]) -> str:
    """Return where comparisons were made, each task once: 'sick (6 of 12 and 3 of 6 layers), reviews (3 of 6 layers)'."""
    found: dict[str, dict[str, None]] = {}
    for one in some:
        found.setdefault(short_name(one.trial.place.pair[1]), {})[one.size] = None
    return ", ".join(f"{task} ({names(sizes)} layers)" for task, sizes in found.items())


def loss_of(one: Landscape | None) -> str:
    """Return what the student of a landscape was trained with; of None the usual."""
    name = one.settings["objective"]["name"] if one else "hinton"
    title = BUNDLES[name].title.partition(":")[0]
    return title if name == "hinton" else f"{title}, comparing with {MATCHED.get(match_of(one), 'other layers')}"


@dataclass(frozen=True)
class Literature:
    """claims: in their order. lists: the two lists that no source compares, where both were saved. comparisons: how many were judged together."""

    claims: tuple[Judged, ...]
    lists: Tried | None
    comparisons: int

    @property
    def summary(self) -> str:
        """'Of 15 claims 5 agree with the saved runs, 2 disagree and 8 cannot be decided with them.'"""
        count = lambda word: sum(one.word == word for one in self.claims)
        texts = {AGREES: "agree with the saved runs", DISAGREES: "disagree", DEPENDS: "do both, in different places"}
        texts[OPEN] = "cannot be decided with them"
        return f"Of {len(self.claims)} claims {names([f'{count(word)} {text}' for word, text in texts.items() if count(word)])}."

    @property
    def two_lists(self) -> str:
        """How the two lists stand that no source compares; '' where they were not both saved."""
        if self.lists is None:
            return ""
        runs = [len(one.runs[choice]) for one, choice in self.lists.trial.sides]
        (told,) = self.lists.verdicts
        ends = f"the first ends {told.word} by {points(told.comparison.difference)}" if told.clear else self.lists.came
        return ("DistilBERT and sentence-transformers take different layers for 6 of 12, and no source compares the two lists. Here "
                f"({pair_text(*self.lists.trial.place.pair)}): {self.lists.told} ({names(map(str, runs))} run{'s' * (max(runs) != 1)}): {ends}.")


def literature(found: Iterable[Landscape]) -> Literature:
    """Put every claim to the landscapes of all saved runs. Comparisons that several claims share are judged once, and all of them together."""
    places = usual(found)
    tried = lambda statements: [(one, trial) for one in statements for trial in one.trials(places)]
    trials = [(topic, claim, tried(claim.statements)) for topic, claims in CLAIMS.items() for claim in claims]
    lists = tried([TWO_LISTS])
    every = {_key(one): one for some in (*(some for *_, some in trials), lists) for _, trial in some for one in trial.comparisons}
    verdicts = dict(zip(every, judged_together(list(every.values())), strict=True))

    def judged(statement, trial: Trial) -> Tried:
        told = tuple(replace(verdicts[_key(one)], comparison=one) for one in trial.comparisons)
        return Tried(trial, told, statement.reading([one.word for one in told], trial))

    return Literature(
        tuple(Judged(topic, claim, tuple(judged(*one) for one in some)) for topic, claim, some in trials),
        next((judged(*one) for one in lists), None), sum(one.p is not None for one in verdicts.values()),
    )


def _key(one: Comparison) -> frozenset[str]:
    """Return what two comparisons of the same runs share, whichever side stands first."""
    return frozenset(one.runs)

"""The fully trained students that a reason is read off: those of the same teacher, data, objective and settings, of any number of layers."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.findings.evidence import UNTRAINED, Choice, Evidence, gather, interval, noises_of
from core.findings.landscape import full_runs_like
from core.recipe import RUNGS
from core.statistics.noise import ChoiceNoise, Comparison, Untold, mean_accuracy, ways_of
from core.statistics.testset import share_variance
from core.store.saved import truth


@dataclass(frozen=True)
class Students:
    """evidence: of a full run of the choice in question. All of the teacher's layers in their order are the teacher itself, where no student of
    them is saved."""

    evidence: Evidence

    @property
    def own(self) -> Choice:
        return self.evidence.choice

    @property
    def layers(self) -> int:
        """The number of the teacher's layers."""
        return self.evidence.teacher_layers

    @property
    def whole(self) -> Choice:
        return tuple(range(1, self.layers + 1))

    def runs(self, choice: Choice) -> list[dict]:
        """Return the saved runs of a choice, one a seed; [] where there are none, as of the teacher."""
        return self.evidence.sizes.get(len(choice), {}).get(choice, [])

    def there(self, choice: Choice) -> bool:
        """Return whether anything is known of a choice."""
        return bool(self.runs(choice)) or choice == self.whole

    def mean(self, choice: Choice) -> float:
        """Return the mean accuracy over seeds, a fraction; of the teacher its own."""
        runs = self.runs(choice)
        return mean_accuracy(runs) if runs else self.evidence.run["teacher"]["accuracy"]

    def interval(self, choice: Choice) -> tuple[float, float] | None:
        """Return the 95 % interval of the mean; None for the teacher, and where the noise is unknown."""
        return interval(self.mean(choice), self.noise(choice)) if self.runs(choice) else None

    def noise(self, choice: Choice) -> ChoiceNoise | Untold:
        found = self.evidence.noises[len(choice)][choice]
        return found if found.known else noises_of({**self.evidence.twins, choice: self.runs(choice)})[choice]

    def contrast(self, weights: Mapping[Choice, float]) -> Comparison:
        """Compare a weighted sum of mean accuracies with zero; the weights sum to zero. The noise is that of core/statistics/noise.py: each choice's
        own seeds or a bound above them, and the test examples, on which all students are compared one by one where the truth is known."""
        sampled = {choice: weight for choice, weight in weights.items() if self.runs(choice)}
        n = {choice: len(self.runs(choice)) for choice in sampled}
        noises = {choice: self.noise(choice) for choice in sampled}
        whole, df, basis = self._test_variance(weights)
        flips = sum(weight**2 * self._flips(len(choice)) / n[choice] for choice, weight in sampled.items())
        counts = tuple(sum(n[choice] for choice, weight in sampled.items() if sign * weight > 0) for sign in (1, -1))
        rest = {
            "n": counts, "basis": basis, "least_variance": whole, "runs": tuple(run["id"] for choice in sampled for run in self.runs(choice)),
        }
        difference, test_variance = sum(weight * self.mean(choice) for choice, weight in weights.items()), max(0.0, whole - flips)
        if not all(noise.known for noise in noises.values()):
            return Comparison(difference, (), test_variance, **rest)
        squares = [weight**2 / n[choice] for choice, weight in sampled.items()]
        ways = ways_of(list(noises.values()), list(n.values()), test_variance, df, squares)
        return Comparison(difference, ways, test_variance, **rest)

    def _flips(self, k: int) -> float:
        return self.evidence.test.flips([runs for choice, runs in self.evidence.sizes[k].items() if choice != UNTRAINED])

    def _test_variance(self, weights: Mapping[Choice, float]) -> tuple[float, float, str]:
        """Return variance, degrees of freedom and kind. What is not known by example is taken as measured on other examples: the safe side, since
        two students tend to fail on the same ones."""
        test, run = self.evidence.test, self.evidence.run
        teacher = [{"predictions": run["teacher"]["predictions"]}] if "predictions" in run["teacher"] else []
        sides = {choice: self.runs(choice) or teacher for choice in weights}
        paired = {choice: runs for choice, runs in sides.items() if runs and test.fits(runs)}
        n = len(run["predictions"])
        variance = sum(weight**2 * share_variance(self.mean(choice), n) for choice, weight in weights.items() if choice not in paired)
        variance *= test.design_effect(run)
        if paired:
            variance += test.variance(sum(weights[choice] * sum(map(test.hits, runs)) / len(runs) for choice, runs in paired.items()))
        basis = "paired by example, clustered" if len(paired) == len(sides) else "partly unpaired" if paired else "unpaired"
        return variance, (test.clusters if test.known else n) - 1, basis


def students(evidence: Evidence) -> Students | None:
    """Return the full runs beside a run, its own choice among them: its own evidence where it is a full run; None where none of it is saved."""
    if evidence.run["recipe"]["budget"].get("epochs") == RUNGS["full"].epochs:
        return Students(evidence)
    own = full_runs_like(evidence).get(evidence.choice)
    return Students(gather(own[0], evidence.related, truth(own[0]["task_hash"], own[0]["split"]))) if own else None

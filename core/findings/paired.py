"""Which runs of two choices belong together in pairs, and what pairing gains, in a sentence."""

from collections.abc import Iterable

from core.findings.evidence import Choice, choice_of, same_ground, settings_of
from core.findings.finding import Finding, write
from core.statistics.noise import Comparison, SeedNoise, compare
from core.statistics.paired import PairedNoise, compare_pairs
from core.statistics.testset import TestSet


def partners(a: Iterable[dict], b: Iterable[dict]) -> list[tuple[dict, dict]]:
    """Return runs of A, each with the run of B that learned from the same batches."""
    others = list(b)
    return [(one, other) for one in a if (other := next((run for run in others if _same_batches(one, run)), None)) is not None]


def _same_batches(a: dict, b: dict) -> bool:
    """Return whether two runs learned from the same batches in the same order, as the runners of a race do: same data, seed, budget and
    training settings; layers, objective and seeding may differ."""
    return same_ground(a, b) and all(a["recipe"][name] == b["recipe"][name] for name in ("seed", "budget", "optimiser"))


def compare_paired(a: list[dict], b: list[dict], noise: PairedNoise, unpaired: SeedNoise, test: TestSet, flips: float = 0.0) -> Comparison:
    """Compare A with B. Where every run of both sides has its partner on the other, the noise is that of paired differences; else, and where
    that noise is not known, `compare` of the two sets of runs with the seed noise `unpaired`. noise: of choices with the settings of these runs.
    """
    pairs = partners(a, b)
    if not noise.rest.known or len(pairs) < max(len(a), len(b)):
        return compare(a, b, unpaired, unpaired, test, flips)
    return compare_pairs(pairs, noise, test, flips)


def samples_like(record: dict, saved: Iterable[dict]) -> dict[Choice, list[dict]]:
    """Return the finished runs that differ from this one in nothing but layers (as many) and seed, one a seed, by choice: what `paired_noise`
    is measured on."""
    found: dict[Choice, list[dict]] = {}
    for run in saved:
        alike = run["status"] == "finished" and not run.get("mistake") and same_ground(run, record) and settings_of(run) == settings_of(record)
        choice = choice_of(run)
        if alike and choice and len(choice) == len(record["recipe"]["layers"]):
            runs = found.setdefault(choice, [])
            if all(other["recipe"]["seed"] != run["recipe"]["seed"] for other in runs):
                runs.append(run)
    return found


def pairing_finding(noise: PairedNoise, runs: Iterable[str] = ()) -> Finding:
    """Say what pairing gains on this task, size and budget."""
    if noise.shared is None:
        text = "What a paired comparison gains is not known here: too few choices were trained with the same seeds."
        return write("pairing", text, {}, runs, "unknown")
    root = 2**0.5
    figures = {"paired": noise.rest.sd * root, "unpaired": noise.whole.sd * root, "choices": noise.choices, "seeds": noise.seeds}
    text = (
        "From one seed to the next, the difference between two choices varies by {paired:points} (SD) when both learn from the same batches, and by "
        "{unpaired:points} when they do not ({choices} choices, {seeds} seeds)."
    )
    return write("pairing", text, figures | {"shared": noise.shared}, runs)

"""The study of seams on the saved full runs: which files, and every table as plain data. Nothing is trained."""

import itertools
from collections.abc import Mapping

import numpy as np
from scipy import special

from core.statistics.agreement import Choice
from core.statistics.noise import Comparison
from core.statistics.testset import TestSet
from core.store.saved import FOLDER, read, truth
from core.studies.seams import forecast
from core.studies.seams.descriptions import DESCRIPTIONS
from core.studies.seams.elsewhere import across_sizes, fitted, single_seams, summed, transfer, weights
from core.studies.seams.sample import Sample
from core.studies.seams.stand_in import Measured, settings, stand_in
from core.studies.seams.study import LEVEL, overall, sample_table, worths

PATH = FOLDER / "seams" / "study.json"
BUILT_IN = "minilm-l6--composed-nli"
SAMPLES = {  # of three layers; then other sizes of the first
    "composed-nli": f"{BUILT_IN}--k3", "composed-nli (teacher seed 1)": "minilm-l6-1--composed-nli--k3", "SICK": "minilm-l6--sick--k3",
    "reviews": "minilm-l6--reviews--k3",
}
SIZES = (1, 2, 3, 4, 5)
RUNGS = (60, 240, 480)
OWN = 3  # the size that is forecast
DIGITS = 4


def runs_of(file: str) -> dict[Choice, list[dict]]:
    """Return the runs of a file by choice, in the order of their seeds."""
    found: dict[Choice, list[dict]] = {}
    for run in sorted(read(FOLDER / f"{file}.jsonl"), key=lambda run: run["recipe"]["seed"]):
        found.setdefault(tuple(run["recipe"]["layers"]), []).append(run)
    return found


def accuracies(runs: dict[Choice, list[dict]]) -> dict[Choice, list[float]]:
    return {choice: [run["final"]["accuracy"] for run in some] for choice, some in runs.items()}


def sample(name: str, file: str) -> Sample:
    runs = runs_of(file)
    one = next(iter(runs.values()))[0]
    return Sample(name, accuracies(runs), one["teacher"]["layers"], one["majority"])


def measured(sizes: dict[int, dict[Choice, list[dict]]]) -> Measured:
    """Return what the runs of all sizes say of the built-in pair, the teacher and the noise of test examples among it."""
    runs = {choice: some for found in sizes.values() for choice, some in found.items()}
    one = next(iter(runs.values()))[0]
    test, whole = TestSet(truth(one["task_hash"], one["split"])), tuple(range(1, one["teacher"]["layers"] + 1))
    hits = {choice: np.mean([test.hits(run) for run in some], 0) for choice, some in runs.items()} | {whole: test.hits(one["teacher"])}
    scores = accuracies(runs) | {whole: [one["teacher"]["accuracy"]]}
    return Measured(scores, len(whole), lambda weights: test.variance(sum(weight * hits[choice] for choice, weight in weights.items())))


def _cost(found: Comparison) -> dict:
    return {"value": found.difference, "interval": found.interval(1 - LEVEL)}


def stand_ins(known: Measured, chance: float) -> list[dict]:
    """Return for every two layers what losing either, and both, costs: with nothing else missing, and as the mean over all that can be missing
    besides. added: what both would cost if each cost as much beside the other, in the logits of accuracy above chance."""
    whole = known.without(())
    logit = lambda accuracy: special.logit((accuracy - chance) / (1 - chance))
    (teacher,) = known.accuracies[whole]
    rows = []
    for gone in itertools.combinations(whole, 2):
        every = settings(known, gone)
        for others in [[()], every] if len(every) > 1 else [[()]]:
            one = stand_in(known, gone, others)
            each = [cost.difference for cost in one.alone.values()]
            added = teacher - chance - (1 - chance) * special.expit(sum(logit(teacher - cost) for cost in each) - logit(teacher))
            rows.append({
                "gone": list(gone), "neighbours": gone[1] - gone[0] == 1, "settings": len(others),
                "alone": [_cost(cost) for cost in one.alone.values()], "both": _cost(one.all), "beyond": _cost(one.beyond),
                "added": added if others == [()] else None,
            })
    return rows


def forecasts(samples: dict[int, Sample], more: Mapping[str, Mapping[Choice, float]] | None = None) -> dict:
    """Return what forecasts of the built-in pair's choices of three layers miss: from nothing, a short run of each rung, a description fitted on the
    full runs of all other sizes (`score`), and both. untouched: the description's own prediction, with no run of three layers used.

    more: other scores by name, a predicted accuracy for each choice."""
    own, others = samples[OWN], [one for k, one in samples.items() if k != OWN]
    full, means = own.accuracies, own.table.mean(1)
    short = {rung: {choice: [[run["final"]["accuracy"], run["final"]["loss"]] for run in some]
                    for choice, some in runs_of(f"{BUILT_IN}--rung-{rung}").items()} for rung in RUNGS}
    nothing = forecast.left_out(full, {choice: [[]] for choice in full})
    runs = {rung: forecast.left_out(full, known) for rung, known in short.items()}
    judged = lambda one: {"error": one.error, "r_squared": one.r_squared}
    beside = lambda one, other: {"value": (found := forecast.gain(one, other)).value, "interval": found.interval}
    rows = []
    described = {name: dict(zip(own.choices, own.accuracy(fitted(others, one, own.choices)))) for name, one in DESCRIPTIONS.items()}
    for name, predicted in (described | dict(more or {})).items():
        score = {choice: [[predicted[choice]]] for choice in own.choices}
        alone = forecast.left_out(full, score)
        both = {rung: forecast.left_out(full, known, score) for rung, known in short.items()}
        rows.append({
            "name": name, "untouched": judged(forecast.of([np.array(score[choice][0]) for choice in own.choices], means)), "score": judged(alone),
            "both": {str(rung): judged(one) for rung, one in both.items()},
            "score_over_run": {str(rung): beside(alone, runs[rung]) for rung in RUNGS},
            "both_over_score": {str(rung): beside(both[rung], alone) for rung in RUNGS},
            "both_over_run": {str(rung): beside(both[rung], runs[rung]) for rung in RUNGS},
        })
    return {"mean": judged(nothing), "runs": {str(rung): judged(one) for rung, one in runs.items()}, "rows": rows,
            "full_runs": sum(one.table.size for one in others)}


def study() -> dict:
    """Return all tables: figures rounded, accuracies and costs as fractions."""
    three = [sample(name, file) for name, file in SAMPLES.items()]
    by_size = {k: runs_of(f"{BUILT_IN}--k{k}") for k in SIZES}
    samples = {k: sample(f"composed-nli ({k} layers)", f"{BUILT_IN}--k{k}") for k in SIZES}
    samples[OWN] = three[0]
    sizes, known = list(samples.values()), measured(by_size)
    (teacher,) = known.accuracies[known.without(())]
    judged = {one.name: worths(one) for one in (*three, samples[2], samples[4])}
    found = {
        "samples": [sample_table(one, judged[one.name]) for one in (*three, samples[2], samples[4])],
        "overall": overall([judged[one.name] for one in three]),
        "sizes": [{"k": k, "rows": across_sizes(sizes, samples[k]), "summed": summed(sizes, samples[k], teacher)} for k in (2, 3, 4)],
        "single_seams": single_seams(sizes, teacher),
        "transfer": transfer(three, ("flags", "layers-flags", "seams")),
        "flags": {one.name: weights(one, "flags") for one in three},
        "stand_in": stand_ins(known, three[0].chance),
        "forecast": forecasts(samples),
    }
    return rounded(found)


def rounded(value):
    """Return the same with every number rounded to DIGITS digits."""
    if isinstance(value, dict):
        return {str(key): rounded(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [rounded(one) for one in value]
    return round(float(value), DIGITS) + 0.0 if isinstance(value, (float, np.floating)) else value

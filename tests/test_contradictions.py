"""No explanation contradicts itself: the rules, and every saved run. Run: python -m pytest tests/test_contradictions.py"""

import pytest

from core.findings.explanation.explain import explain
from core.findings.finding import Finding
from core.store.saved import saved_runs, truth
from tests.contradictions import contradictions

LEARNS = {"mistake": None, "collapsed": False, "majority_verdict": "higher", "start_verdict": "higher"}
PLACE = {
    "better_than": 1, "worse_than": 0, "alike": 0, "untold": 1, "others": 2, "best_layers": [1, 2], "best_verdict": "higher", "best_difference": 0.1,
}
WIDE = {"size_verdict": "within", "size_difference": 0.01, "size_difference_from": -0.05, "size_difference_to": 0.07}
SEEN = {
    "it is said to learn, and training is not shown to have changed anything": (
        Finding("learning", "The student learns: ...", LEARNS, strength="clear"), Finding("seeding", "...", {"trained_verdict": "unknown"}),
    ),
    "it is said to learn at an accuracy that it had before": (
        Finding("learning", "The student learns: ...", LEARNS | {"start_verdict": "unknown"}, strength="clear"),
        Finding("seeding", "...", {"trained_verdict": "unknown"}),
    ),
    "it is said to learn and collapsed": (
        Finding("learning", "The student learns: ...", LEARNS | {"collapsed": True}, strength="clear"),
        Finding("seeding", "...", {"trained_verdict": "higher"}),
    ),
    "better than a choice here, too few runs there": (
        Finding("standing", "...", PLACE), Finding("swap", "...", {"swap_layers": [1, 2], "swap_verdict": "unknown", "swap_difference": 0.1}),
    ),
    "higher with a lower mean": (Finding("control", "...", {"control_verdict": "higher", "control_difference": -0.1}),),
    "within some points, and the interval is wider": (Finding("capacity", "...", WIDE),),
    "counts that do not add up": (Finding("standing", "...", PLACE | {"others": 3}),),
    "worse than a preset, and worse than none": (
        Finding("standing", "...", PLACE), Finding("presets", "...", {"odd_verdict": "lower", "odd_difference": -0.1, "odd_layers": [3, 4]}),
    ),
    "a forecast beside full runs that it leaves out": (
        Finding("forecast", "Trained fully, this run would end near ...",
                {"forecast": 0.679, "low": 0.65, "high": 0.71, "full_mean": 0.508, "missed": False}),
    ),
    "nothing lost beside a best choice that is clearly higher": (
        Finding("standing", "...", PLACE | {"best_verdict": "lower", "best_difference": -0.2}),
        Finding("phenomena", "...", {"best": "layers 1, 2"}, strength="within"),
    ),
}


@pytest.mark.parametrize("found", SEEN.values(), ids=SEEN.keys())
def test_a_contradiction_is_seen(found):
    assert contradictions(found)


def explained(runs):
    every = saved_runs()
    for run in runs:
        yield run, explain(run, [one for one in every if one["task_hash"] == run["task_hash"]], truth(run["task_hash"], run["split"]))


def test_one_run_of_every_file_is_explained_without_a_contradiction():
    last = {run["file"]: run for run in saved_runs()}
    for run, found in explained(last.values()):
        assert contradictions(found) == [], (run["file"], run["id"])


@pytest.mark.slow
def test_no_saved_run_is_explained_with_a_contradiction():
    for run, found in explained(saved_runs()):
        assert contradictions(found) == [], (run["file"], run["id"])


def test_a_run_that_collapsed_is_called_so_counted_and_not_averaged_silently():
    """1,2,3 with labels alone: one of three seeds names one class for nearly everything."""
    (run,) = [
        run for run in saved_runs() if run["file"] == "minilm-l6--composed-nli--cross-entropy.jsonl"
        and (run["recipe"]["layers"], run["recipe"]["seed"], run["recipe"]["seeding"]["untrained_layers"]) == ([1, 2, 3], 0, False)
    ]
    ((_, found),) = explained([run])
    assert found[0].sentence.startswith("The run collapsed") and "learns" not in found[0].sentence
    assert "1 of them collapsed (without: 62.3 %)" in found[1].sentence and found[1].figures["collapsed"] == 1


def test_a_run_that_ends_where_it_began_is_not_said_to_learn():
    """Above the most frequent label from its seeding alone; a record that holds its first predictions is compared on the same examples."""
    run = next(run for run in saved_runs() if run["file"] == "minilm-l6--composed-nli--k5.jsonl")
    same = run | {"final": run["final"] | {"accuracy": run["initial"]["accuracy"] + 0.005}}
    ((_, found),) = explained([same])
    assert found[0].strength == "likely" and "that training added to it is not shown" in found[0].sentence
    kept = run["predictions"]
    worse = "".join("012"[(int(digit) + 1) % 3] if place % 60 == 0 else digit for place, digit in enumerate(kept))
    started = {"accuracy": run["final"]["accuracy"] - 0.016, "loss": 0.5, "predictions": worse}
    ((_, paired),) = explained([run | {"initial": started}])
    assert paired[0].figures["start_verdict"] == "higher" and "paired" in paired[0].figures["start_test_noise"]
    ((_, unpaired),) = explained([run | {"initial": {"accuracy": started["accuracy"], "loss": 0.5}}])
    assert unpaired[0].figures["start_verdict"] != "higher"

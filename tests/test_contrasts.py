"""The study of stages and adaptive attention: its commands, its comparisons and what is said of them, on synthetic records.

Run: python -m pytest tests/test_contrasts.py
"""

import dataclasses
import json
import shlex

import numpy as np
import pytest

from core.__main__ import main, parser
from core.commands.distill import layers_of, objective_of, recipe_with
from core.errors import LabError
from core.findings.choosers.contrasts import estimates, summary, title
from core.recipe import Budget, Recipe, bundle
from core.statistics.holm import holm
from core.store.saved import read, write_truth
from core.studies import contrasts as study
from core.studies.stages.staged import Staged
from core.studies.sweep import append
from tests import synthetic_runs as synthetic

STEP_FLOPS = 1e9
STEPS = 750


def staged(world, right, arm: str, seed: int, layers=study.LAYERS, budget=None, check=0.8) -> dict:
    """A record as `python -m core stages` leaves it; its FLOPs are the arm's cost times the reference's."""
    budget = budget or Budget(epochs=study.EPOCHS)
    objective = bundle("hinton")
    method = arm if arm in ("shrinking", "theseus", "two-stage") else "one-stage"
    if arm.startswith("fixed-") or arm in study.EMPHASES:
        scale = float(arm.removeprefix("fixed-")) if arm.startswith("fixed-") else 1.0
        weights = tuple((dict(bundle("attention").weights) | {"attention_kl": scale}).items())
        objective = dataclasses.replace(bundle("attention"), weights=weights, emphasis=arm if arm in study.EMPHASES else "fixed")
    recipe = Recipe("minilm-l6", "composed-nli", layers, objective, budget, seed=seed)
    one = synthetic.record(world, right, layers, seed, right, Budget(epochs=3))
    told = Staged(method, recipe, test=budget.steps is not None)
    cost = study.ARMS[arm].cost if arm in study.ARMS else 1.0
    steps = budget.steps or STEPS
    part = {"name": "all", "layers": list(layers), "steps": steps, "planned": steps, "ended": "planned", "choice": {}, "final": one["final"]}
    curve = [point | {"stage": 1} | ({"emphasis": [0.5, 1.0, 1.5]} if arm in study.EMPHASES and point["step"] else {}) for point in one["curve"]]
    return one | {
        "id": told.id, "recipe": recipe.to_dict(), "staged": told.to_dict(), "stages": [part], "curve": curve, "split": "test", "steps": steps,
        "training_flops": cost * steps * STEP_FLOPS, "check": {"final": {"accuracy": check}},
    }


@pytest.fixture(scope="module")
def world():
    return synthetic.world(np.random.default_rng(0), 900)


def everything(world, shifts: dict[str, float], rng, seeds=study.SEEDS, references=True) -> list[dict]:
    """All arms with all seeds, and the references at equal FLOPs. shifts: arm -> shift of its logits. Shrinking ends on layers 1,2,3."""
    found = []
    for arm in study.ARMS:
        rights = world.rights(np.array([shifts.get(arm, 0.0)]), len(seeds), rng)[0]
        layers = (1, 2, 3) if arm == "shrinking" else study.LAYERS
        check = 0.9 if arm == "fixed-3" else 0.8
        found += [staged(world, rights[i], arm, seed, layers, check=check) for i, seed in enumerate(seeds)]
    if references:
        base = {run["recipe"]["seed"]: run for run in study.by_arm(found)[study.REFERENCE].values()}
        keys = {study.wanted(kind, run, base[run["recipe"]["seed"]]) for run in found for kind in ("steps", "flops")}
        for layers, steps, seed in sorted(keys - set(study.references(found))):
            budget = Budget(epochs=3) if steps == STEPS else Budget(steps=steps)
            found.append(staged(world, world.rights(np.zeros(1), 1, rng)[0, 0], "reference", seed, layers, budget))
    return found


def options_of(command: study.Command):
    """The command as the command line reads it: the arguments and the recipe."""
    assert command.text.startswith("python -m core ")
    args = parser().parse_args(shlex.split(command.text)[3:])
    layers = layers_of(args) if args.layers else (1, 2, 3)
    return args, recipe_with(args, layers, args.seed)


# --- the commands ---


def test_the_commands_are_read_by_the_command_line_and_make_the_arms(world):
    commands = study.missing([])
    assert len(commands) == len(study.ARMS) * len(study.SEEDS) == 30
    right = np.ones(900, bool)
    made = []
    for command in commands:
        args, recipe = options_of(command)
        one = staged(world, right, study.REFERENCE, args.seed)
        made.append(one | {"recipe": recipe.to_dict(), "staged": Staged(args.method, recipe).to_dict()})
    arms = study.by_arm(made)
    assert set(arms) == set(study.ARMS) and all(sorted(runs) == [0, 1, 2] for runs in arms.values())
    assert len({Staged(args.method, recipe).id for args, recipe in map(options_of, commands)}) == 30
    assert sum(command.minutes for command in commands) == pytest.approx(3 * 2.2 * sum(arm.cost for arm in study.ARMS.values()))


def test_references_follow_from_the_arms_flops_and_are_asked_for_once(world):
    runs = everything(world, {}, np.random.default_rng(1), references=False)
    commands = [options_of(command) for command in study.missing(runs)]
    asked = {(recipe.layers, recipe.budget.steps or STEPS, recipe.seed) for _, recipe in commands}
    assert len(asked) == len(commands)
    steps = {round(STEPS * cost) for cost in (1.3, 1.2, 1.4, 1.5)}
    expected = {(study.LAYERS, n, seed) for n in steps for seed in study.SEEDS}
    expected |= {((1, 2, 3), n, seed) for n in (STEPS, round(1.45 * STEPS)) for seed in study.SEEDS}
    assert asked == expected
    assert all(args.test == (recipe.budget.steps is not None) for args, recipe in commands)
    assert study.missing(everything(world, {}, np.random.default_rng(1))) == []


def test_a_reference_takes_the_arms_flops_within_half_a_step():
    reference = {"training_flops": 750 * 3.7, "steps": 750}
    for flops in (1000.0, 2775.0, 4100.5):
        steps = study.reference_steps({"training_flops": flops}, reference)
        assert abs(steps * 3.7 - flops) <= 3.7 / 2


def test_make_runs_what_is_missing_until_nothing_is(tmp_path, monkeypatch, capsys, world):
    """The commands' runs are stood in for: each leaves the record that its command line names."""
    from core.commands import stages

    path, made = tmp_path / "runs.jsonl", []
    lengths = {"theseus": 1.3}

    def follow(staged_run, quiet):
        made.append(staged_run.id)
        one = staged(world, np.ones(900, bool), study.REFERENCE, staged_run.recipe.seed, staged_run.recipe.layers, staged_run.recipe.budget)
        cost = lengths.get(staged_run.method, 1.0) * one["steps"] * STEP_FLOPS
        return {"record": one | {"id": staged_run.id, "recipe": staged_run.recipe.to_dict(), "staged": staged_run.to_dict(), "training_flops": cost}}

    monkeypatch.setattr(stages, "follow", follow)
    monkeypatch.setattr("core.studies.stages.run.run", lambda staged_run: staged_run)
    monkeypatch.setattr(stages, "summary", lambda record: "")
    assert main(["stages", "--contrasts", str(path), "--make"]) == 0
    assert "No run is missing." in capsys.readouterr().out
    assert len(made) == len(set(made)) == 30 + 3 + 3  # one stage at module replacing's FLOPs, and from the layers that shrinking ended on
    assert main(["stages", "--contrasts", str(path), "--make"]) == 0 and len(made) == 36
    assert main(["stages", "--make"]) == 2


# --- the comparisons ---


def test_every_arm_is_compared_with_its_own_references(world):
    runs = everything(world, {}, np.random.default_rng(2))
    found = study.contrasts(runs)
    assert found[0].named and (found[0].arm, found[0].kind) == study.NAMED and sum(one.named for one in found) == 1
    assert len(found) == 9 * 2 + 3
    for one in found:
        assert [run["recipe"]["seed"] for run in one.runs] == [run["recipe"]["seed"] for run in one.against] == [0, 1, 2]
        if one.kind == "best-fixed":
            assert {study.arm_of(run) for run in one.against} == {"fixed-3"}  # the one that validation prefers
            continue
        for run, other in zip(one.runs, one.against):
            assert other["recipe"]["layers"] == run["recipe"]["layers"] and other["recipe"]["objective"]["name"] == "hinton"
            flops = run["training_flops"] if one.kind == "flops" else STEPS * STEP_FLOPS
            assert abs(other["training_flops"] - flops) <= STEP_FLOPS / 2


def test_what_is_not_there_is_left_out(world):
    assert study.contrasts([]) == [] and estimates([], None) == []
    runs = everything(world, {}, np.random.default_rng(2), references=False)
    assert {(one.arm, one.kind) for one in study.contrasts(runs)} >= {("theseus", "steps"), ("relevance", "best-fixed")}
    assert not any(one.kind == "flops" or one.arm == "shrinking" for one in study.contrasts(runs))
    stopped = [run | {"status": "stopped"} if study.arm_of(run) == "theseus" else run for run in runs]
    assert not any(one.arm == "theseus" for one in study.contrasts(stopped))
    plain = [{key: value for key, value in run.items() if key != "staged"} for run in runs]
    assert study.contrasts(plain) == []


# --- what is said of them ---


def test_a_planted_difference_is_found_and_the_rest_is_left_open_with_its_power(world):
    shift = synthetic.shift_for(world, 0.2)
    runs = everything(world, {"theseus": shift, "gradient-norm": -shift}, np.random.default_rng(3))
    found = estimates(runs, world.truth)
    word = {(one.contrast.arm, one.contrast.kind): one.word for one in found}
    assert word["theseus", "steps"] == word["theseus", "flops"] == "higher"
    assert {word["gradient-norm", kind] for kind in ("steps", "flops", "best-fixed")} == {"lower"}
    assert {value for (arm, _), value in word.items() if arm not in ("theseus", "gradient-norm")} <= {"unknown", "within"}
    theseus = next(one for one in found if (one.contrast.arm, one.contrast.kind) == ("theseus", "steps"))
    mean = lambda some: np.mean([run["final"]["accuracy"] for run in some])
    assert theseus.comparison.difference == pytest.approx(mean(theseus.contrast.runs) - mean(theseus.contrast.against))
    assert theseus.interval[0] < theseus.comparison.difference < theseus.interval[1] and theseus.interval[0] > 0
    assert theseus.flops == pytest.approx(1.3)
    assert "named beforehand" in title(found[0].contrast) and "named" not in title(found[1].contrast)
    said = summary(found)
    named = found[0]
    assert named.told == f"too few runs to tell ({100 * named.verdict.findable:.1f} points)" and named.verdict.findable > 0.03
    assert said.startswith(f"Progressive shrinking against one stage, equal FLOPs (named beforehand): {named.told}. Of the 20 others: 2 higher (")
    few = [one.verdict.findable for one in found[1:] if one.word == "unknown"]
    assert "3 lower (" in said and summary([]) == ""
    assert f"for {len(few)} too few runs to tell (they would have found gaps from {100 * min(few):.1f} to {100 * max(few):.1f} points on with" in said


def test_the_named_contrast_stands_alone_and_holm_is_over_the_others(world):
    found = estimates(everything(world, {}, np.random.default_rng(4)), world.truth)
    assert found[0].p_holm == found[0].comparison.p
    others = [one.comparison.p for one in found[1:]]
    assert [one.p_holm for one in found[1:]] == pytest.approx(holm(others, [1.0] * len(others)))


def test_no_false_difference_more_often_than_said(world):
    """Nothing differs: in at most about one experiment of twenty any of the others is called higher or lower."""
    rng = np.random.default_rng(5)
    wrong = [any(one.word in ("higher", "lower") for one in estimates(everything(world, {}, rng), world.truth)[1:]) for _ in range(40)]
    assert sum(wrong) <= 6  # 2 expected; above 6 with a chance of 0.3 %


def test_each_side_has_the_noise_of_its_own_seeds_and_none_is_known_with_one_seed(world):
    found = estimates(everything(world, {}, np.random.default_rng(6)), world.truth)
    sd = lambda runs: np.std([run["final"]["accuracy"] for run in runs], ddof=1)
    for one in found:
        floored = [noise.sd for noise in one.comparison.noise]
        assert all(each >= own - 1e-12 for each, own in zip(floored, (sd(one.contrast.runs), sd(one.contrast.against))))
    assert len({one.comparison.noise for one in found}) > 5
    single = everything(world, {}, np.random.default_rng(6), seeds=(0,))
    assert {one.word for one in estimates(single, world.truth)} == {"unknown"} and estimates(single, None)[0].interval is None
    assert summary(estimates(single, world.truth)).endswith("Of the 20 others: for 20 too few runs to tell.")


# --- the verb ---


def test_the_verb_reads_a_file_and_names_what_is_missing(world, tmp_path, capsys):
    path = tmp_path / "runs.jsonl"
    assert main(["stages", "--contrasts", str(path)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("30 runs are missing, about 90 minutes of one core:") and out.count("python -m core stages") == 30
    for run in everything(world, {}, np.random.default_rng(7)):
        append(path, run)
    write_truth("composed-nli", "data", {"test": world.truth}, tmp_path)
    assert len(read(path)) > 30
    assert main(["stages", "--contrasts", str(path)]) == 0
    out = capsys.readouterr().out
    assert "progressive shrinking against one stage, equal FLOPs (named beforehand)" in out and "No run is missing." in out
    assert main(["stages", "--contrasts", str(path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["contrasts"]) == 21 and document["contrasts"][0]["named"] and document["missing"] == []


@pytest.mark.parametrize("text", ["attention_kl", "attention_kl=much", "hidden_mse=1", "attention_kl=-1"])
def test_a_weight_that_cannot_be_is_one_sentence(text):
    args = parser().parse_args(["stages", "--layers", "1,3", "--objective", "attention", "--weight", text])
    with pytest.raises(LabError, match=r"^[A-Z].*\.$"):
        objective_of(args)

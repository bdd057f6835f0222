"""Questions put to the saved runs, on runs with planted answers. Run: python -m pytest tests/test_findings_questions.py"""

import dataclasses
import itertools

import numpy as np
import pytest

from core.__main__ import main
from core.findings.landscape import landscapes
from core.findings.questions import questions, shared_texts
from core.findings.two_landscapes import arithmetic, compare_settings, longer, second_teachers, shared_order
from core.recipe import Budget, Seeding, bundle
from tests import landscape_runs as made

THREE = made.THREE
FEW = [(1, 2, 3), (1, 3, 5), (2, 4, 6), (4, 5, 6)]


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture
def nli(rng):
    return made.task("composed-nli", rng)


def found(nli, *sets):
    return landscapes(itertools.chain(*sets), lambda task, split: nli.worlds[split].truth)


def shifted(nli, by: float):
    return dataclasses.replace(nli, worth=tuple(worth + by / 3 for worth in nli.worth))


def answers(these, words: str) -> tuple[str, ...]:
    (one,) = [question for question in questions(these) if words in question.title]
    return one.answers


def test_without_runs_no_question_is_answered(nli, rng):
    assert len(questions([])) == 8 and all(question.answers == () for question in questions([]))
    assert all(question.answers == () for question in questions(found(nli, made.runs(nli, FEW, 2, rng))))


def test_whether_distilling_helps(nli, rng):
    """Soft targets are worth 0.8 logits of everything, or nothing."""
    labels = made.runs(nli, FEW, 3, rng, objective=bundle("cross-entropy"))
    control = made.runs(nli, FEW[:1], 3, rng, objective=bundle("cross-entropy"), seeding=Seeding(untrained_layers=True))
    (helps,) = answers(found(nli, labels, made.runs(shifted(nli, 0.8), FEW, 3, rng)), "distilling")
    assert "Beyond noise: 4 higher: layers" in helps and "0 lower. SD" in helps
    both = found(nli, labels, control, made.runs(nli, FEW, 3, rng), made.runs(nli, FEW[:1], 3, rng, seeding=Seeding(untrained_layers=True)))
    (none,) = answers(both, "distilling")
    assert "0 higher; 0 lower; for 5 too few runs to tell" in none and "untrained layers" in none
    assert "made in" not in none
    sd = {one.settings["objective"]["name"]: f"{100 * one.noise.sd:.2f}" for one in both}
    assert none.endswith(f" SD from seed to seed: {sd['hinton']} points with the change, {sd['cross-entropy']} without.")
    in_bf16 = in_precision(made.runs(nli, FEW, 3, rng), "auto", "bfloat16")
    assert answers(found(nli, labels, in_bf16), "distilling")[0].endswith(" These runs were made in bfloat16, those without the change in float32.")
    (few,) = answers(found(nli, labels, made.runs(nli, FEW, 1, rng)), "distilling")
    assert few.endswith("Too few seeds to say what exceeds noise.")


def test_differences_are_those_of_the_means(nli, rng):
    usual, other = found(nli, made.runs(nli, FEW, 3, rng)), found(nli, made.runs(shifted(nli, -0.8), FEW[:3], 3, rng))
    both = compare_settings(usual[0], other[0])
    assert {choice: one.difference for choice, one in both.comparisons.items()} == pytest.approx(
        {choice: other[0].means[choice] - usual[0].means[choice] for choice in FEW[:3]}
    )
    assert set(both.lower) == set(FEW[:3]) and both.higher == []
    assert compare_settings(usual[0], found(nli, made.runs(nli, [(1, 4, 6)], 3, rng))[0]) is None


def test_whether_trained_layers_help(nli, rng):
    untrained = made.runs(nli, FEW[:1], 3, rng, seeding=Seeding(untrained_layers=True))
    (told,) = answers(found(nli, made.runs(nli, FEW, 3, rng), untrained), "trained layers")
    assert "the worst choice, layers 4, 5, 6 (the last 3, nearest the output)" in told
    assert "4 of 4 lie above untrained layers, 0 below." in told


def test_whether_the_head_and_the_mapping_matter(nli, rng):
    """A head drawn anew is planted to cost 0.8 logits, the mapping nothing."""
    fresh = made.runs(shifted(nli, -0.8), FEW, 3, rng, seeding=Seeding(fresh_head=True))
    (told,) = answers(found(nli, made.runs(nli, FEW, 3, rng), fresh), "teacher's head")
    assert "a head drawn anew in place of the teacher's changes accuracy by layers 1, 2, 3" in told and "0 higher; 4 lower: layers" in told
    by_match = {match: dataclasses.replace(bundle("patient"), match=match) for match in ("seeding", "uniform")}
    (told,) = answers(found(nli, *(made.runs(nli, FEW, 3, rng, objective=one) for one in by_match.values())), "losses compare")
    assert "3 layers, 3 epochs, patient: comparing evenly spaced teacher layers in place of those that seeded" in told
    assert "0 higher; 0 lower; for 4 too few runs to tell" in told
    no_layers = {match: dataclasses.replace(bundle("assignment"), match=match) for match in ("seeding", "uniform")}  # nothing that a mapping changes
    assert answers(found(nli, *(made.runs(nli, FEW, 3, rng, objective=one) for one in no_layers.values())), "losses compare") == ()


def test_whether_the_order_matters(nli, rng):
    """The planted worth is that of the layers, in whatever order."""
    (told,) = answers(found(nli, made.runs(nli, [*FEW, (6, 4, 2), (4, 2, 6)], 3, rng)), "order of the layers")
    assert "layers 2, 4, 6 (even layers) in another order: 6,4,2" in told
    assert "0 of 2 lie above layers 2, 4, 6 (even layers), 0 below, for 2 too few runs to tell." in told


def test_whether_order_and_gaps_survive_longer_training(nli, rng):
    usual = made.runs(nli, FEW, 3, rng)
    (same,) = longer(found(nli, usual, made.runs(nli, FEW, 1, rng, Budget(epochs=9), strength=1.5)))
    assert same.common[0] == (1, 2, 3) and same.common[-1] == (4, 5, 6) and len(same.distinguished) >= 3
    assert same.kept == same.distinguished and same.gaps[1] > same.gaps[0] > 0
    (turned,) = longer(found(nli, usual, made.runs(nli, FEW, 1, rng, Budget(epochs=9), strength=-1.5)))
    assert turned.kept == () and turned.gaps[1] < 0
    (told,) = answers(found(nli, usual, made.runs(nli, FEW, 1, rng, Budget(epochs=9))), "survive")
    assert "9 epochs, in place of 3 epochs (in brackets)" in told and "stand in the same order. The gap from the best to the worst" in told
    single = found(nli, made.runs(nli, FEW, 1, rng), made.runs(nli, FEW, 1, rng, Budget(epochs=9)))
    assert "Too few seeds" in answers(single, "survive")[0]
    assert longer(found(nli, usual, made.runs(nli, FEW[:2], 1, rng, Budget(epochs=9)))) == []


def other_teacher(runs):
    """The same runs as of the teacher with fine-tuning seed 1."""
    return [run | {"recipe": run["recipe"] | {"teacher": "minilm-l6@1"}, "teacher": run["teacher"] | {"hash": "others"}} for run in runs]


def test_a_teacher_that_differs_by_a_shift_alone_is_seen(nli, rng):
    (one,) = second_teachers(found(nli, made.runs(nli, THREE, 3, rng), other_teacher(made.runs(shifted(nli, 0.6), THREE, 1, rng))))
    assert one.difference.interval[0] > 0 and one.difference.p > 0.01
    assert one.difference.shift == pytest.approx(0.08, abs=0.05)
    assert one.difference.between < 0.02 and one.order.tau > 0.5 and one.borrowed


def test_a_teacher_that_ranks_otherwise_is_seen(nli, rng):
    turned = dataclasses.replace(nli, worth=nli.worth[::-1])
    these = found(nli, made.runs(nli, THREE, 3, rng), other_teacher(made.runs(turned, THREE, 1, rng)))
    (one,) = second_teachers(these)
    assert one.difference.p < 1e-4 and one.difference.between > 3 * one.usual.noise.sd and one.order.tau < 0
    assert "more than the noise of seeds explains" in answers(these, "another teacher")[0]


@pytest.mark.slow
def test_equal_teachers_are_seldom_told_apart(nli):
    p = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        (one,) = second_teachers(found(nli, made.runs(nli, THREE[::2], 2, rng), other_teacher(made.runs(nli, THREE[::2], 1, rng))))
        p.append(one.difference.p)
    assert np.mean(np.array(p) <= 0.05) < 0.15


def test_teachers_of_other_tasks_sizes_or_few_choices_are_not_compared(nli, rng):
    usual = made.runs(nli, THREE, 2, rng)
    assert second_teachers(found(nli, usual, other_teacher(made.runs(nli, FEW, 1, rng)))) == []
    assert second_teachers(found(nli, made.runs(nli, THREE, 1, rng), other_teacher(made.runs(nli, THREE, 1, rng)))) == []
    assert second_teachers(found(nli, usual, other_teacher(made.runs(nli, made.TWO, 1, rng)))) == []


def in_precision(runs, precision: str, dtype: str):
    """The same runs, asked for in a precision and made in a dtype."""
    asked = [run | {"recipe": run["recipe"] | {"optimiser": run["recipe"]["optimiser"] | {"precision": precision}}} for run in runs]
    return [run | {"id": f"{precision}-{run['id']}", "environment": run["environment"] | {"dtype": dtype}} for run in asked]


def test_runs_in_another_arithmetic_are_compared_one_by_one(nli, rng):
    """One of the 8 is planted to class its first 9 examples otherwise and to end 1 point lower."""
    runs = made.runs(nli, FEW, 2, rng)
    usual, other = in_precision(runs, "auto", "bfloat16"), in_precision(runs, "fp32", "float32")
    first = other[0]
    turned = "".join(str((int(label) + 1) % 3) for label in first["predictions"][:9]) + first["predictions"][9:]
    other[0] = first | {"predictions": turned, "final": first["final"] | {"accuracy": first["final"]["accuracy"] - 0.01}}
    (one,) = arithmetic(found(nli, usual, other))
    assert sorted(one.differences) == pytest.approx([-0.01] + [0.0] * 7) and sorted(one.differing) == [0] * 7 + [9]
    (told,) = answers(found(nli, usual, other), "float32")
    assert "8 runs made again in float32, all else equal, differ by -0.1 points on average (-1.0 points to +0.0 points), in 0 to 9 of" in told
    assert "From seed to seed one choice varies with an SD of" in told
    (single,) = answers(found(nli, usual[:1], other[:1]), "float32")
    assert "1 run made again in float32, all else equal, differs by -1.0 points on average" in single and "From seed" not in single


def test_runs_that_were_made_in_the_same_arithmetic_say_nothing_of_it(nli, rng):
    runs = made.runs(nli, FEW, 2, rng)
    assert arithmetic(found(nli, in_precision(runs, "auto", "float32"), in_precision(runs, "fp32", "float32"))) == []
    assert arithmetic(found(nli, in_precision(runs[:2], "auto", "bfloat16"), in_precision(runs[2:], "fp32", "float32"))) == []


def test_the_verb(capsys):
    assert main(["landscape", "--questions"]) == 0
    assert "Does the order of the layers matter?" in capsys.readouterr().out


def test_the_share_of_pairs_that_both_tell_apart_and_order_alike(nli, rng):
    """Planted: another task that turns the worth of two layers, one of equal choices, and one with a single seed."""
    other = lambda runs, name: [run | {"recipe": run["recipe"] | {"task": name}, "task_hash": name} for run in runs]
    swapped = dataclasses.replace(nli, worth=(nli.worth[5], *nli.worth[1:5], nli.worth[0]))
    alike = dataclasses.replace(nli, worth=(0.0,) * 6)
    runs = [made.runs(nli, THREE, 3, rng, strength=2.0), other(made.runs(nli, THREE, 2, rng, strength=2.0), "same"),
            other(made.runs(swapped, THREE, 3, rng, strength=2.0), "swapped"), other(made.runs(alike, THREE, 2, rng), "alike"),
            other(made.runs(nli, THREE, 1, rng), "single")]
    here = {one.pair[1]: one for one in found(nli, *runs)}
    beside = lambda name: shared_order(here["composed-nli"], here[name])
    same, turned, silent, single = map(beside, ("same", "swapped", "alike", "single"))
    assert same.both > 40 and same.alike == same.both and same.agreement.interval[1] > 0.9
    assert f"both tell {same.both} apart; {same.alike} of these (100.0 %) stand in the same order." in shared_texts([same])[0]
    assert turned.both > 20 and turned.alike < 0.6 * turned.both
    assert silent.told[1] <= 9 and silent.agreement is None and len(shared_texts([same, silent, single])) == 3
    assert single.told[1] is None and single.agreement is None and "one seed a choice, which tells no pairs apart" in shared_texts([single])[0]
    assert f"tells {silent.told[1] or 'none'} of {silent.pairs} pairs apart: whether" in shared_texts([silent])[0]
    turned_round = shared_order(here["swapped"], here["composed-nli"])
    assert (turned_round.both, turned_round.alike, turned_round.agreement) == (turned.both, turned.alike, turned.agreement)

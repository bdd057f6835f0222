"""Choosers: their searches, their scores against closed forms and independent versions, and what they may see.

Run: python -m pytest tests/test_choosers.py
"""

import dataclasses
import inspect
import itertools
import json
import math

import numpy as np
import pytest
import torch

from core.commands.choose import summary
from core.data.batches import EncodedSplit
from core.errors import LabError
from core.models.bypass import gated
from core.models.families import layers
from core.models.seeding import seed_student
from core.recipe import Optimiser, Recipe, preset
from core.store import layer_scores
from core.studies.choosers import methods
from core.studies.choosers.choose import choose, layers_allowed, parameters_of
from core.studies.choosers.method import Method
from core.studies.choosers.methods import CHOOSERS, METHODS, learned_gates, method_named
from core.studies.choosers.methods import successive_halving as halving
from core.studies.choosers.methods.angular_distance import blocks_left_out
from core.studies.choosers.methods.learned_gates import open_probability, sampled, train_gates
from core.studies.choosers.ranking import Ranked, Scored, beam_search, best_first, rank_by_score, rank_by_sum
from core.studies.choosers.sample import Sample, sample_of
from core.studies.inside.similarity import linear_cka
from core.studies.inside.states import look
from core.training.evaluate import predict
from core.training.layer_weights import fisher
from core.training.loading import load_pair

ALL = list(itertools.combinations(range(1, 5), 2))
UNTRAINED = [name for name in METHODS if name not in ("successive-halving",)]


@pytest.fixture
def recipe(teacher, task):
    return Recipe(teacher, task, (1,), optimiser=Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32"))


@pytest.fixture
def seen(recipe):
    return sample_of(recipe)


# --- searches ---


def test_choices_are_ranked_best_first_and_no_number_is_the_worst():
    found = best_first({(1, 2): 0.5, (1, 3): math.nan, (2, 3): 0.5, (3, 4): 2.0})
    assert [scored.layers for scored in found] == [(3, 4), (1, 2), (2, 3), (1, 3)]
    assert Ranked(found).choices[0].layers == (3, 4)


def test_sums_rank_every_choice_and_pick_the_best_layers():
    worth = {1: 0.1, 2: 5.0, 3: 3.0, 4: -1.0}
    found = rank_by_sum(list(worth.values()), 2)
    assert found.choices[0].layers == (2, 3) and found.complete and found.layer_scores == worth
    assert {scored.layers: scored.score for scored in found.choices} == pytest.approx({(a, b): worth[a] + worth[b] for a, b in ALL})


def test_beam_search_finds_the_best_sum_and_is_exhaustive_when_wide():
    worth = [3, 1, 4, 1, 5, 9, 2, 6]
    score = lambda choice: float(sum(worth[layer - 1] for layer in choice))
    found = beam_search(score, 8, 3, width=2)
    assert best_first(found)[0].layers == (5, 6, 8)
    wide = beam_search(score, 8, 3, width=1000)
    assert wide.keys() == set(itertools.combinations(range(1, 9), 3))
    assert beam_search(score, 3, 3) == {(1, 2, 3): 8.0}


def test_greedy_and_beam_differ_where_the_best_set_is_reached_by_a_worse_one():
    value = {(1, 2, 3): 0.0, (1, 2): 3.0, (1, 3): 2.0, (2, 3): 1.0, (1,): 0.0, (2,): 0.5, (3,): 9.0}
    assert best_first(beam_search(value.get, 3, 1, width=1))[0] == Scored((2,), 0.5)
    assert best_first(beam_search(value.get, 3, 1, width=2))[0] == Scored((3,), 9.0)


def test_more_choices_than_can_be_listed_are_searched(monkeypatch):
    monkeypatch.setattr("core.studies.choosers.ranking.LISTED", 10)
    found = rank_by_score(lambda choice: float(sum(choice)), 6, 3)
    assert found.choices[0].layers == (4, 5, 6) and not found.complete


# --- similarity ---


def states_of(teacher, sample):
    *_, found = look(teacher, sample.validation, sample.device)
    return found


def test_block_influence_is_the_sum_of_the_layers_influence(seen):
    found = METHODS["block-influence"].run(*seen, 2)
    influence = states_of(*seen).influence.tolist()
    assert found.layer_scores == pytest.approx(dict(enumerate(influence, 1)))
    assert found.choices[0].layers == tuple(sorted(sorted(range(1, 5), key=lambda layer: -influence[layer - 1])[:2]))


def test_blocks_left_out():
    assert blocks_left_out((1, 4), 6) == [(1, 3), (4, 6)]
    assert blocks_left_out((1, 2, 3), 3) == [] and blocks_left_out((3,), 3) == [(0, 2)] and blocks_left_out((1, 2), 4) == [(2, 4)]


def test_angular_distance_removes_the_block_that_turns_least(seen):
    """Of the choices that leave out one block of L - k neighbours, the paper's rule, with angles from NumPy."""
    first = states_of(*seen).first.double().numpy()
    angle = lambda a, b: np.mean(np.arccos(np.clip(np.sum(a * b, 1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1), -1, 1))) / np.pi
    blocks = {start: angle(first[start], first[start + 2]) for start in range(3)}
    found = METHODS["angular-distance"].run(*seen, 2)
    score = {scored.layers: scored.score for scored in found.choices}
    one_block = {0: (3, 4), 1: (1, 4), 2: (1, 2)}
    for start, layers_kept in one_block.items():
        assert score[layers_kept] == pytest.approx(-blocks[start], abs=1e-6)
    assert score[2, 4] == pytest.approx(-angle(first[0], first[1]) - angle(first[2], first[3]), abs=1e-6)
    assert max(one_block.values(), key=score.get) == one_block[min(blocks, key=blocks.get)]


def test_cka_coverage_is_the_mean_of_the_best_likeness(seen):
    mean = states_of(*seen).mean
    cka = [[linear_cka(mean[a], mean[b]) for b in range(1, 5)] for a in range(1, 5)]
    score = {scored.layers: scored.score for scored in METHODS["cka-coverage"].run(*seen, 2).choices}
    for a, b in ALL:
        assert score[a, b] == pytest.approx(np.mean([max(row[a - 1], row[b - 1]) for row in cka]), abs=1e-6)
    whole = METHODS["cka-coverage"].run(*seen, 4)
    assert whole.choices == (Scored((1, 2, 3, 4), pytest.approx(1.0)),)


# --- losses of the untrained ---


def loss_of_student(teacher, sample, choice):
    logits = predict(seed_student(teacher.model, choice), sample.validation, sample.device)
    return float(torch.nn.functional.cross_entropy(logits.double(), sample.validation.labels))


def test_before_training_is_the_seeded_students_loss(seen):
    teacher, sample = seen
    found = METHODS["before-training"].run(teacher, sample, 2)
    assert found.complete and len(found.choices) == 6
    for scored in found.choices:
        assert scored.score == pytest.approx(-loss_of_student(teacher, sample, scored.layers), abs=1e-6)


def test_greedy_removal_takes_the_best_layer_away_each_time(seen):
    teacher, sample = seen
    kept = (1, 2, 3, 4)
    for _ in range(2):
        kept = min(itertools.combinations(kept, len(kept) - 1), key=lambda choice: loss_of_student(teacher, sample, choice))
    assert METHODS["before-training-greedy"].run(teacher, sample, 2).choices[0].layers == kept


def test_leave_one_out_is_what_a_layers_removal_costs(seen):
    teacher, sample = seen
    whole = loss_of_student(teacher, sample, (1, 2, 3, 4))
    found = METHODS["leave-one-out"].run(teacher, sample, 3).layer_scores
    for layer in range(1, 5):
        rest = tuple(other for other in range(1, 5) if other != layer)
        assert found[layer] == pytest.approx(loss_of_student(teacher, sample, rest) - whole, abs=1e-6)


def test_fisher_sensitivity_is_the_fisher_scores(seen):
    teacher, sample = seen
    assert list(METHODS["fisher"].run(teacher, sample, 2).layer_scores.values()) == pytest.approx(fisher(teacher, sample.validation, sample.device))


# --- gates ---


def test_gates_at_the_ends_of_their_range():
    """Far above a gate is 1 and open for certain, far below 0 and shut, whatever the noise; in the middle both ends are drawn."""
    noise = torch.linspace(0.001, 0.999, 999)
    assert (sampled(torch.tensor(50.0), noise) == 1).all() and (sampled(torch.tensor(-50.0), noise) == 0).all()
    assert open_probability(torch.tensor([-50.0, 50.0])).tolist() == pytest.approx([0, 1])
    middle = sampled(torch.tensor(0.0), noise)
    assert (middle == 0).any() and (middle == 1).any() and middle.diff().min() >= 0


@pytest.mark.parametrize("location", [-2.0, 0.0, 1.5])
def test_the_penalty_is_the_probability_that_a_gate_is_not_zero(location):
    noise = torch.rand(200_000, generator=torch.Generator().manual_seed(0)).clamp(1e-6, 1 - 1e-6)
    drawn = (sampled(torch.tensor(location), noise) > 0).double().mean()
    assert float(drawn) == pytest.approx(float(open_probability(torch.tensor(location))), abs=0.005)


def test_gates_learn_to_keep_the_only_layer_that_matters(recipe):
    """A teacher whose other layers change nothing (their gates have no effect on the loss) and one without which it knows nothing."""
    teacher, sample = sample_of(recipe)
    everything = list(range(4))
    matters = layers(teacher.model)[2]
    original = matters.forward
    labels = torch.zeros(len(sample.train), dtype=torch.int64)
    sample = dataclasses.replace(sample, train=dataclasses.replace(sample.train, labels=labels))
    head = teacher.model.classifier
    try:
        for j in everything:
            if j != 2:
                layers(teacher.model)[j].forward = lambda hidden, *_, **__: hidden
        matters.forward = lambda hidden, *_, **__: -hidden
        with torch.no_grad():
            pooled = torch.tanh(teacher.model.bert.pooler.dense(-teacher.model.bert.embeddings(sample.train.batch([0]).input_ids)[:, 0]))[0]
            head.weight.zero_()
            head.weight[0] = 3 * pooled / pooled.norm()
            head.bias.zero_()
        found = train_gates(teacher, sample, 1, steps=120)
    finally:
        for j in everything:
            del layers(teacher.model)[j].forward
    assert callable(original) and int(found.argmax()) == 2
    assert found[2] - found[[0, 1, 3]].max() > 1
    share = open_probability(found).mean()
    assert 0.1 < float(share) < 0.6  # the budget is one of four


def test_training_gates_changes_nothing_else_and_is_repeatable(seen):
    teacher, sample = seen
    before = {name: tensor.clone() for name, tensor in teacher.model.state_dict().items()}
    first, again = (train_gates(teacher, sample, 2, steps=8) for _ in range(2))
    assert torch.equal(first, again) and first.shape == (4,)
    assert all(torch.equal(before[name], tensor) for name, tensor in teacher.model.state_dict().items())
    assert all(parameter.grad is None for parameter in teacher.model.parameters())
    with torch.no_grad(), gated(teacher.model, [torch.ones(())] * 4):  # no hook stays behind
        pass
    assert not any(layer._forward_hooks for layer in layers(teacher.model))


# --- successive halving ---


def test_rounds_halve_the_arms_and_double_the_steps():
    assert halving.rounds(20) == [(20, 60), (10, 120), (5, 240), (3, 480)]
    assert halving.rounds(2) == [(2, 60), (1, 120)] and halving.rounds(1) == [(1, 60)]


def test_arms_are_all_choices_or_the_presets_with_a_draw():
    assert halving.arms_of(6, 3) == list(itertools.combinations(range(1, 7), 3))
    found = halving.arms_of(12, 6)
    assert len(found) == len(set(found)) == halving.HALVING_ARMS and found == halving.arms_of(12, 6)
    assert {preset(name, 12, 6) for name in ("first-k", "last-k", "odd", "even", "spread")} <= set(found)
    assert all(list(choice) == sorted(set(choice)) and len(choice) == 6 for choice in found)


def test_successive_halving_keeps_the_better_half(seen, monkeypatch):
    """Losses by hand: every run of a choice says the same, so the choice with the lowest loss is picked and later rounds rank above earlier."""
    truth = {choice: 0.2 + 0.1 * i for i, choice in enumerate([(2, 4), (1, 3), (1, 2), (3, 4), (1, 4), (2, 3)])}
    asked = []
    monkeypatch.setattr(halving, "_loss_after", lambda sample, choice, steps, *_: asked.append((choice, steps)) or truth[choice])
    found = METHODS["successive-halving"].run(*seen, 2)
    assert [scored.layers for scored in found.choices] == sorted(truth, key=truth.get)
    assert asked == [(c, 60) for c in ALL] + [((2, 4), 120), ((1, 3), 120), ((1, 2), 120), ((2, 4), 240), ((1, 3), 240), ((2, 4), 480)]
    assert found.steps == 6 * 60 + 3 * 120 + 2 * 240 + 480 and found.complete
    rounds_passed = [int(scored.score) for scored in found.choices]
    assert rounds_passed == [3, 2, 1, 0, 0, 0]


def test_a_short_run_reads_no_test_example_and_follows_the_recipe(recipe, monkeypatch):
    monkeypatch.setattr(halving, "HALVING_FIRST", 2)
    monkeypatch.setattr(halving, "HALVING_LAST", 4)
    told = []
    teacher, sample = sample_of(recipe, lambda done, text: told.append(done))
    encoded = load_pair(recipe.teacher, recipe.task)[2]
    lost = EncodedSplit(torch.zeros(0, dtype=torch.int32), None, torch.zeros(1, dtype=torch.int64), torch.zeros(0, dtype=torch.int64))
    monkeypatch.setitem(encoded, "test", lost)
    found = METHODS["successive-halving"].run(teacher, sample, 3)
    assert found.steps == 4 * 2 + 2 * 4 and len(found.choices) == 4
    assert told == sorted(told) and max(told) == 1
    short = sample.short_run((1, 3), 60)
    assert (short.layers, short.budget.steps, short.optimiser, short.objective) == ((1, 3), 60, recipe.optimiser, recipe.objective)


def test_a_halving_that_was_cut_off_goes_on_and_counts_what_it_took_before(recipe, monkeypatch):
    """Stopped in its fourth short run: the three finished ones are not made again, and the ranking is that of an undisturbed one."""
    monkeypatch.setattr(halving, "HALVING_FIRST", 2)
    monkeypatch.setattr(halving, "HALVING_LAST", 4)
    real, made, told = halving._loss_after, [], []
    monkeypatch.setattr(halving, "_loss_after", lambda sample, *run: made.append(run[:2]) or real(sample, *run))
    run = METHODS["successive-halving"].run
    undisturbed = run(*sample_of(recipe), 3)
    whole = list(made)
    made.clear()

    def stop_in_the_fourth(done, text):
        if len(made) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(*sample_of(recipe, stop_in_the_fourth), 3)
    made.clear()
    teacher, sample = sample_of(recipe, lambda done, text: told.append(done))
    cut_off = halving.FinishedShortRuns(teacher, sample, 3)
    assert set(cut_off.found) == set(whole[:3]) and all(line["seconds"] > 0 for line in cut_off.found.values())
    found = run(teacher, sample, 3)
    assert made == whole[3:] and (found.choices, found.steps) == (undisturbed.choices, undisturbed.steps)
    assert told[0] == 0 and told == sorted(told) and max(told) == 1  # of what was left
    assert found.seconds > sum(line["seconds"] for line in cut_off.found.values())
    assert undisturbed.notes == () and found.notes == ("It was cut off and went on: 6 of its 16 steps had been made before.",)
    assert not cut_off.path.exists()  # done: the next ranking is made anew


def test_kept_short_runs_answer_for_their_own_ranking_only(recipe):
    teacher, sample = sample_of(recipe)
    kept = halving.FinishedShortRuns(teacher, sample, 2)
    assert kept.add((1, 3), 60, 0.12345678, 1.5) == 0.123457 and kept.add((2, 3), 60, math.inf, 1.0) == math.inf
    again = halving.FinishedShortRuns(teacher, sample, 2)
    assert again.loss((1, 3), 120) is None and again.seconds == 0
    assert (again.loss((1, 3), 60), again.loss((2, 3), 60), again.seconds) == (0.123457, math.inf, 2.5)
    other_seed = dataclasses.replace(sample, recipe=dataclasses.replace(recipe, seed=1))
    other_teacher = dataclasses.replace(teacher, identity="0" * 16)
    other_dtype = dataclasses.replace(sample, device=dataclasses.replace(sample.device, autocast=torch.bfloat16))
    for others in ((teacher, sample, 3), (teacher, other_seed, 2), (other_teacher, sample, 2), (teacher, other_dtype, 2)):
        assert not halving.FinishedShortRuns(*others).found


# --- baselines ---


def test_presets_are_what_they_name(seen):
    for name in ("first-k", "last-k", "odd", "even", "spread"):
        found = METHODS[name].run(*seen, 2)
        assert [scored.layers for scored in found.choices] == [preset(name, 4, 2)] and METHODS[name].baseline
    with pytest.raises(LabError, match="only 2 odd layers"):
        METHODS["odd"].run(*seen, 3)


def test_the_lowest_sum_is_first_and_chance_is_always_the_same(seen):
    assert [scored.layers for scored in METHODS["lowest-sum"].run(*seen, 2).choices][:2] == [(1, 2), (1, 3)]
    first, again = (METHODS["random"].run(*seen, 2).choices for _ in range(2))
    assert first == again and len({scored.score for scored in first}) == 6


# --- all of them ---


@pytest.mark.parametrize("name", UNTRAINED)
def test_every_chooser_ranks_choices_of_k_and_is_timed(seen, name):
    found = METHODS[name].run(*seen, 2)
    assert set(inspect.signature(METHODS[name].rank).parameters) == {"teacher", "sample", "k"}
    assert found.seconds > 0 and all(len(scored.layers) == 2 and list(scored.layers) == sorted(scored.layers) for scored in found.choices)
    assert len({scored.layers for scored in found.choices}) == len(found.choices)
    if found.complete:
        assert {scored.layers for scored in found.choices} == set(ALL)
    assert METHODS[name].run(*seen, 2).choices == found.choices


def test_a_sample_holds_nothing_of_test(seen, recipe):
    teacher, sample = seen
    _, data, encoded = load_pair(recipe.teacher, recipe.task)
    assert {field.name for field in dataclasses.fields(Sample)} == {"train", "validation", "task_hash", "recipe", "device", "progress"}
    assert sample.validation.hash == encoded["validation"].take(torch.tensor(data.check_indices)).hash
    assert len(sample.train) == min(learned_gates.TRAIN_EXAMPLES, len(data.train))


# --- capacity ---


def test_a_students_parameters_are_counted_without_making_it(seen):
    teacher, _ = seen
    for k in (1, 3, 4):
        assert parameters_of(teacher, k) == seed_student(teacher.model, range(1, k + 1)).num_parameters()


def test_a_limit_picks_the_largest_student_that_fits(seen):
    teacher, _ = seen
    assert layers_allowed(teacher, None, parameters_of(teacher, 3)) == 3
    assert layers_allowed(teacher, None, parameters_of(teacher, 3) - 1) == 2
    assert layers_allowed(teacher, 3, parameters_of(teacher, 3)) == 3


@pytest.mark.parametrize(
    ("k", "most", "sentence"),
    [(None, None, "give one"), (0, None, "from 1 to 4"), (5, None, "from 1 to 4"), (4, 10, "above the limit"), (None, 0, "Not even")],
)
def test_sizes_that_cannot_be_are_one_sentence(seen, k, most, sentence):
    with pytest.raises(LabError, match=sentence):
        layers_allowed(seen[0], k, most)


# --- what is kept ---


def test_a_ranking_is_kept_by_teacher_and_task_and_readable_without_torch(recipe, monkeypatch):
    found = choose("block-influence", recipe, 2)
    teacher, data, _ = load_pair(recipe.teacher, recipe.task)
    kept = layer_scores.read(teacher.key, data.hash, "choices--block-influence--k2")
    assert kept == {key: value for key, value in found.items() if key != "size"}
    assert set(kept["settings"]) == {"beam", "listed", "recipe"} and kept["settings"]["recipe"]["seed"] == 0
    assert [len(choice["layers"]) for choice in kept["choices"]] == [2] * 6 and kept["complete"]
    assert set(kept["layer_scores"]) == {"1", "2", "3", "4"}

    def never(*_):
        raise AssertionError("computed again")

    real = METHODS["block-influence"]
    monkeypatch.setitem(METHODS, "block-influence", dataclasses.replace(real, rank=never))
    assert choose("block-influence", recipe, 2) == found
    other_seed = dataclasses.replace(recipe, seed=1)  # of short runs, which it makes none of
    assert choose("block-influence", other_seed, 2) == found | {"settings": real.settings_for(other_seed)}
    with pytest.raises(AssertionError, match="computed again"):
        choose("block-influence", recipe, 2, again=True)
    monkeypatch.setitem(METHODS, "block-influence", dataclasses.replace(real, rank=never, settings={"beam": 6, "listed": 5000}))
    with pytest.raises(AssertionError, match="computed again"):
        choose("block-influence", recipe, 2)
    monkeypatch.setitem(METHODS, "block-influence", real)
    limited = choose("block-influence", recipe, most=found["size"]["parameters"])
    assert limited["k"] == 2 and limited["size"] == found["size"] | {"limit": found["size"]} and limited["choices"] == found["choices"]


def test_a_ranking_that_was_kept_with_the_settings_of_all_methods_still_answers(recipe, monkeypatch):
    found = choose("lowest-sum", recipe, 2)
    section = (found["teacher_hash"], found["task_hash"], "choices--lowest-sum--k2")
    earlier = layer_scores.read(*section)
    layer_scores.write(*section, earlier | {"settings": earlier["settings"] | {"gate_steps": 200}, "settings_hash": "0" * 16, "seconds": 77.0})
    again = choose("lowest-sum", recipe, 2)
    assert again["seconds"] == 77.0 and again == found | {"seconds": 77.0}


# --- declarations ---


def test_every_chooser_declares_what_the_page_shows_and_the_settings_that_it_uses():
    """A number in capitals in a chooser's file is one of its settings, and the declared values are those in force."""
    assert list(METHODS)[:10] == list(CHOOSERS)
    for one in CHOOSERS.values():
        assert one.title and one.page_title and one.line.endswith(".") and one.formula.startswith(("S(C)=", "C"))
        assert one.trains or not one.short_runs
    for module in vars(methods).values():
        if getattr(module, "__package__", "") != "core.studies.choosers.methods" or module.__name__ == "core.studies.choosers.methods":
            continue
        declared = [value for value in vars(module).values() if isinstance(value, Method)]
        numbers = {name: value for name, value in vars(module).items() if name.isupper() and isinstance(value, (int, float))}
        used = {name.lower(): value for name, value in numbers.items() if name != "DIGITS"}
        assert declared and all(used.items() <= one.settings.items() for one in declared), module.__name__


def test_an_unknown_chooser_is_one_sentence():
    with pytest.raises(LabError, match=r"no chooser 'luck'; choose one of block-influence, .*\.$"):
        method_named("luck")


def test_the_verb(teacher, task, capsys):
    from core.__main__ import main

    where = ["--teacher", teacher, "--task", task]
    assert main(["choose", "--method", "list"]) == 0
    listing = capsys.readouterr().out
    assert all(name in listing for name in METHODS)
    assert main(["choose", *where, "--method", "leave-one-out", "--k", "2", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["method"] == "leave-one-out" and document["k"] == 2
    assert main(["choose", *where, "--method", "leave-one-out", "--k", "2"]) == 0
    out = capsys.readouterr().out
    assert out.strip() == summary(document) and out.startswith("leave one out: layers ")
    assert main(["choose", *where, "--method", "odd", "--k", "3"]) == 2
    assert main(["choose", *where, "--k", "2", "--steps", "60"]) == 2
    assert main(["choose", *where]) == 2
    assert main(["choose", *where, "--method", "lowest-sum", "--max-parameters", "1"]) == 2

"""Losses between attention, what the teacher is asked for them, and the emphasis of layers. Run: python -m pytest tests/test_attention_losses.py"""

import dataclasses
import json
import math

import numpy as np
import pytest
import torch

from core.data.batches import Batch
from core.errors import LabError
from core.models.attention import Vectors
from core.objectives import LOSSES, WEIGHTINGS
from core.objectives.declarations import ATTENTION_MAPS, RELATIONS
from core.objectives.layer_weights import BOUND, LayerWeights, balanced
from core.objectives.weightings.gradient_norm import GradientNorm
from core.objectives.weightings.relevance import Relevance
from core.objectives.weightings.uncertainty import Uncertainty
from core.recipe import (
    BUNDLES,
    Budget,
    Objective,
    Optimiser,
    Recipe,
    attention_layers_used,
    bundle,
    hidden_layers_used,
    layers_compared,
    matched_layers,
)
from core.training import layer_weights, losses
from core.training.device import pick
from core.training.distill import distill
from core.training.layer_weights import fisher, layer_weights_for
from core.training.loading import load_pair
from core.training.losses import Signal, StudentOutput
from core.training.signals import CachedSignals, LiveSignals, SignalRequest, prepare, request_for, size
from core.training.student import Exact, reads_whole_last_layer
from tests.tiny import FAMILIES, save_tiny_teacher

B, H, T, D, C, K, L = 4, 2, 6, 3, 3, 3, 6
LENGTHS = (6, 2, 4, 5)
MATCHED = (2, 4, 6)
NAMES = tuple(name for name, one in LOSSES.items() if one.needs in (ATTENTION_MAPS, RELATIONS))
ATTENTION_BUNDLES = tuple(name for name in BUNDLES if set(NAMES) & {part for part, _ in bundle(name).weights})
FP32 = Optimiser(learning_rate=1e-4, batch_size=16, precision="fp32")


def make(seed=0, tokens=T, heads=H, width=D):
    """A batch, a student with K layers and a teacher's signal with L; values at padding are random too."""
    g = torch.Generator().manual_seed(seed)
    mask = torch.tensor([[int(t < n) for t in range(tokens)] for n in LENGTHS])
    batch = Batch(mask * 7, mask, None, torch.tensor([0, 2, 1, 1]), torch.arange(B))
    draw = lambda *shape: torch.randn(*shape, generator=g)
    vectors = lambda n: {j: Vectors(*(draw(B, heads, tokens, width) for _ in range(3))) for j in range(1, n + 1)}
    hidden = lambda n: {j: draw(B, tokens, D) for j in range(1, n + 1)}
    student = StudentOutput(draw(B, C), hidden(K), vectors(K))
    return batch, student, Signal(draw(B, C), hidden(L), vectors(L))


def compute(name, batch, student, signal, hidden_layers="all", emphasis=None):
    objective = Objective(weights=((name, 1.0),), hidden_layers=hidden_layers)
    return losses.total(objective, student, signal, batch, MATCHED, emphasis=emphasis)[0]


# --- independent versions: loops over examples, heads, queries and keys, no torch ---


def softmax(z):
    e = [math.exp(v - max(z)) for v in z]
    return [v / sum(e) for v in e]


def products(a, b, n):
    """Scaled dot products of the first n rows of two (T, d) lists."""
    return [[sum(x * y for x, y in zip(a[i], b[j])) / math.sqrt(len(a[i])) for j in range(n)] for i in range(n)]


def kl_row(ours, theirs):
    q, p = softmax(ours), softmax(theirs)
    return sum(a * math.log(a / b) for a, b in zip(p, q))


def squares_row(ours, theirs):
    return np.mean([(a - b) ** 2 for a, b in zip(ours, theirs)])


def naive(name, batch, student, signal, per_layer=False):
    row = {"attention_mse": lambda a, b: squares_row(softmax(a), softmax(b)), "attention_scores": squares_row}.get(name, kl_row)
    left, right = {"query_relation": ("queries", "queries"), "key_relation": ("keys", "keys"), "value_relation": ("values", "values")}.get(
        name, ("queries", "keys"))
    layers = []
    for j in range(1, K + 1):
        ours, theirs = student.attention[j], signal.attention[MATCHED[j - 1]]
        rows = []
        for b, n in enumerate(LENGTHS):
            for h in range(H):
                a, c = (products(getattr(x, left)[b, h].tolist(), getattr(x, right)[b, h].tolist(), n) for x in (ours, theirs))
                rows += [row(x, y) for x, y in zip(a, c)]
        layers.append(np.mean(rows))
    return layers if per_layer else np.mean(layers)


def test_every_attention_loss_is_tested():
    assert set(NAMES) == {"attention_kl", "attention_mse", "attention_scores", "query_relation", "key_relation", "value_relation"}
    assert set(NAMES) == {name for name, one in LOSSES.items() if one.between_layers and not name.startswith("hidden")}
    assert set(ATTENTION_BUNDLES) == {"attention", "tinybert", "minilm"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [0, 1])
def test_against_the_naive_version(name, seed):
    batch, student, signal = make(seed)
    expected = naive(name, batch, student, signal)
    assert expected > 0.01
    assert compute(name, batch, student, signal).item() == pytest.approx(expected, rel=2e-5)


@pytest.mark.parametrize("name", NAMES)
def test_zero_when_student_equals_teacher(name):
    batch, student, signal = make()
    student.attention = {j: signal.attention[MATCHED[j - 1]] for j in range(1, K + 1)}
    assert abs(compute(name, batch, student, signal).item()) < 1e-7
    one = student.attention[2]
    moved = lambda x: x + torch.eye(T, D)
    student.attention[2] = Vectors(moved(one.queries), moved(one.keys), moved(one.values))
    assert compute(name, batch, student, signal).item() > 1e-4


@pytest.mark.parametrize("name", NAMES)
def test_unchanged_by_padding(name):
    batch, student, signal = make()
    expected = compute(name, batch, student, signal).item()
    pad = torch.zeros(B, 3, dtype=torch.long)
    wide = Batch(torch.cat([batch.input_ids, pad], 1), torch.cat([batch.attention_mask, pad], 1), None, batch.labels, batch.index)

    def longer(vectors):
        return Vectors(*(torch.cat([x, 100 * torch.randn(B, H, 3, D)], 2) for x in (vectors.queries, vectors.keys, vectors.values)))

    got = compute(
        name, wide, StudentOutput(student.logits, attention={j: longer(v) for j, v in student.attention.items()}),
        Signal(attention={j: longer(v) for j, v in signal.attention.items()}),
    ).item()
    assert got == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_reach_the_student_alone_and_nothing_at_padding(name):
    batch, student, signal = make()
    parts = lambda those: [x for vectors in those.values() for x in (vectors.queries, vectors.keys, vectors.values)]
    ours, theirs = parts(student.attention), parts(signal.attention)
    for tensor in ours + theirs:
        tensor.requires_grad_(True)
    compute(name, batch, student, signal).backward()
    assert all(tensor.grad is None for tensor in theirs)
    reached = [tensor for tensor in ours if tensor.grad is not None and tensor.grad.abs().sum() > 0]
    assert len(reached) == K * (1 if LOSSES[name].needs == RELATIONS else 2)  # maps come of queries and keys
    for tensor in reached:
        assert tensor.grad[(batch.attention_mask == 0)[:, None, :].expand(B, H, T)].abs().sum() == 0


@pytest.mark.parametrize("name", NAMES)
def test_gradients_by_finite_differences(name):
    g = torch.Generator().manual_seed(3)
    draw = lambda: torch.randn(2, 1, 3, 2, generator=g, dtype=torch.float64)
    teacher, mask = Vectors(draw(), draw(), draw()), torch.tensor([[1, 1, 1], [1, 1, 0]])
    ours = tuple(draw().requires_grad_(True) for _ in range(3))
    assert torch.autograd.gradcheck(lambda q, k, v: LOSSES[name].function(Vectors(q, k, v), teacher, mask), ours, eps=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_inputs_and_autocast_are_computed_in_float32(name, dtype):
    batch, student, signal = make()
    change = lambda those, kind: {j: Vectors(*(x.to(kind) for x in (v.queries, v.keys, v.values))) for j, v in those.items()}
    low, low_signal = change(student.attention, dtype), change(signal.attention, dtype)
    expected = compute(name, batch, StudentOutput(None, attention=change(low, torch.float32)), Signal(attention=change(low_signal, torch.float32)))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        got = compute(name, batch, StudentOutput(None, attention=low), Signal(attention=low_signal))
    assert got.dtype == torch.float32 and torch.equal(got, expected)


@pytest.mark.parametrize("name", NAMES)
def test_layers_with_other_numbers_of_heads_are_refused(name):
    batch, student, _ = make()
    _, _, signal = make(heads=1)
    with pytest.raises(LabError, match=r"have 2 attention heads and the teacher's 1;.*\.$"):
        compute(name, batch, student, signal)


@pytest.mark.parametrize("name", ATTENTION_BUNDLES)
def test_bundles_are_their_weighted_sums(name):
    batch, student, signal = make()
    objective = bundle(name)
    loss, parts = losses.total(objective, student, signal, batch, MATCHED)
    assert loss.item() == pytest.approx(sum(weight * parts[part].item() for part, weight in objective.weights), rel=1e-6)
    for part in set(parts) & set(NAMES):
        alone = naive(part, batch, student, signal, per_layer=True)
        expected = alone[-1] if objective.hidden_layers == "last" else np.mean(alone)
        assert parts[part].item() == pytest.approx(expected, rel=2e-5)


def test_what_the_bundles_compare():
    tinybert, minilm = bundle("tinybert"), bundle("minilm")
    assert matched_layers(tinybert, (1, 2, 3), 6) == (2, 4, 6) and layers_compared(tinybert, 3) == (1, 2, 3)
    assert not {"cross_entropy"} & dict(tinybert.weights).keys()
    assert layers_compared(minilm, 3) == (3,) and matched_layers(minilm, (1, 2, 3), 6)[-1] == 6
    assert hidden_layers_used(minilm, 3) == () and attention_layers_used(minilm, 3) == (3,)
    assert matched_layers(bundle("attention"), (5, 1, 3), 6) == (5, 1, 3) and attention_layers_used(bundle("patient"), 3) == ()
    assert all(reads_whole_last_layer(bundle(name), 3) for name in ATTENTION_BUNDLES)
    assert request_for(bundle("tinybert"), (2, 4, 6)) == SignalRequest(True, (2, 4, 6), scores=(2, 4, 6))
    assert request_for(minilm, (2, 4, 6)) == SignalRequest(True, vectors=(6,)) and request_for(bundle("hinton"), (1, 2)) == SignalRequest()
    assert request_for(bundle("patient"), (2, 4, 6)) == SignalRequest(True, (2, 4), True)


def test_objectives_of_attention_alone_that_compare_nothing_are_refused():
    with pytest.raises(LabError, match="compares nothing"):
        Recipe("t", "k", (4,), Objective(weights=(("attention_kl", 1.0),), hidden_layers="all-but-last"))


# --- what the teacher is asked ---


def asked(teacher, split, ask, **options):
    *_, signals = prepare(teacher, split, ask, pick("fp32"), **options)
    return signals


@pytest.mark.parametrize("family", FAMILIES)
def test_kept_attention_equals_live_attention_in_any_order(tmp_path, task, family):
    teacher, _, encoded = load_pair(str(save_tiny_teacher(tmp_path / family, family)), task)
    split, ask = encoded["train"], SignalRequest(True, (2,), scores=(1, 4), vectors=(3, 4))
    kept, live = asked(teacher, split, ask), asked(teacher, split, ask, cache=False)
    assert isinstance(kept, CachedSignals) and isinstance(live, LiveSignals)
    for indices in torch.randperm(len(split), generator=torch.Generator().manual_seed(0)).split(31):
        batch = split.batch(indices)
        a, b = kept(batch), live(batch)
        mask = batch.attention_mask[:, None, :, None]  # of queries
        for layer in (1, 4):
            both = mask * batch.attention_mask[:, None, None, :]
            assert a.attention[layer].scores().shape == (len(indices), 2, batch.input_ids.shape[1], batch.input_ids.shape[1])
            torch.testing.assert_close(a.attention[layer].scores() * both, b.attention[layer].scores() * both, atol=1e-5, rtol=0)
        for layer in (3, 4):
            for kind in ("queries", "keys", "values"):
                torch.testing.assert_close(getattr(a.attention[layer], kind), getattr(b.attention[layer], kind) * mask, atol=1e-5, rtol=0)
        torch.testing.assert_close(a.hidden[2], b.hidden[2] * batch.attention_mask.unsqueeze(2), atol=1e-5, rtol=0)
    assert not live(split.batch([0])).attention[4].queries.requires_grad


def test_a_signal_that_would_be_too_large_is_asked_live(teacher, task):
    loaded, _, encoded = load_pair(teacher, task)
    split = encoded["train"]
    pairs, tokens = int(split.lengths.square().sum()), int(split.lengths.sum())
    assert size(split, SignalRequest(), 16, 2) == 0
    assert size(split, SignalRequest(True, (1,), scores=(1, 2), vectors=(3,)), 16, 2) == 4 * (tokens * 16 + 2 * pairs * 2 + 3 * tokens * 16)


@pytest.mark.parametrize("name", ATTENTION_BUNDLES)
def test_cached_and_live_signals_give_the_same_run(teacher, task, name):
    one = Recipe(teacher, task, (1, 3), bundle(name), Budget(steps=12), FP32)
    cached, live = (list(distill(one, exact=Exact(cache_signals=kept)))[-1].data["record"] for kept in (True, False))
    assert set(cached["curve"][-1]["losses"]) == {part for part, _ in bundle(name).weights}
    for a, b in zip(cached["curve"], live["curve"]):
        assert a["loss"] == b["loss"] or abs(a["loss"] - b["loss"]) < 1e-5
    assert all(norm > 0 for norm in cached["update_norms"].values())


def test_a_layer_seeded_and_compared_with_layer_1_agrees_at_first_and_the_other_does_not(own_teacher, task):
    """Dropout off: layer 1 reads the same embeddings as the teacher's, so before any step its attention is the teacher's."""
    with open(f"{own_teacher}/config.json") as file:
        config = json.load(file)
    with open(f"{own_teacher}/config.json", "w") as file:
        json.dump(config | {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}, file)
    first = lambda layers: list(distill(Recipe(own_teacher, task, layers, bundle("attention"), Budget(steps=1), FP32)))[-1].data["record"]["curve"][1]
    assert first((1,))["losses"]["attention_kl"] < 1e-7
    assert first((3,))["losses"]["attention_kl"] > 1e-4


# --- emphasis ---


def test_balanced_weights_have_the_sum_of_equal_ones_within_bounds():
    assert balanced(torch.ones(5)).tolist() == [1] * 5
    found = balanced(torch.tensor([1e9, 1.0, 0.0]))
    assert found.sum().item() == pytest.approx(3) and (found.max() / found.min()).item() == pytest.approx(BOUND**2)


def test_fixed_emphasis_is_the_plain_average_and_weights_weigh_it():
    batch, student, signal = make()
    alone = naive("attention_kl", batch, student, signal, per_layer=True)
    assert compute("attention_kl", batch, student, signal, emphasis=LayerWeights(3)).item() == pytest.approx(np.mean(alone), rel=2e-5)
    leaning = LayerWeights(3)
    leaning.weights = torch.tensor([0.5, 0.5, 2.0])
    expected = np.mean(np.array(alone) * [0.5, 0.5, 2])
    assert compute("attention_kl", batch, student, signal, emphasis=leaning).item() == pytest.approx(expected, rel=2e-5)
    _, parts = losses.total(Objective(weights=(("attention_kl", 1.0),)), student, signal, batch, MATCHED, emphasis=leaning)
    assert parts["attention_kl"].item() == pytest.approx(np.mean(alone), rel=2e-5)  # what is reported stays comparable


def test_learned_uncertainty_goes_to_its_closed_form():
    """The minimum of ½ Σ (exp(-s) l + s) is s = ln l, so the weights go as 1 / l, within the bounds."""
    found = Uncertainty(3)
    losses_now = torch.tensor([1.0, 2.0, 3.0])
    for _ in range(1000):
        found(losses_now)
    expected = 1 / losses_now
    assert found.weights.tolist() == pytest.approx((3 * expected / expected.sum()).tolist(), rel=1e-3)
    assert found.record() == pytest.approx(found.weights.tolist(), abs=1e-6)


def test_gradient_norms_are_balanced_to_equal_pulls_when_all_lose_alike():
    """l_j = c_j w: gradients c_j, all losses keep their ratio to the first, so w_j c_j become equal."""
    shared = torch.nn.Parameter(torch.tensor([1.0]))
    scale = torch.tensor([1.0, 2.0, 3.0])
    found = GradientNorm(3, [shared])
    for _ in range(4000):
        found(scale * shared)
    pulls = found.weights * scale
    assert pulls.tolist() == pytest.approx([pulls.mean().item()] * 3, rel=0.06) and found.weights.sum().item() == pytest.approx(3)
    assert shared.grad is None  # looking at norms leaves no gradient behind


def test_a_slow_layer_pulls_harder():
    shared = torch.nn.Parameter(torch.tensor([1.0]))
    found = GradientNorm(2, [shared])
    found(torch.tensor([1.0, 1.0]) * shared)
    for _ in range(200):
        found(torch.stack([shared[0], shared[0] - 0.7]))  # the second has lost most of its loss, at equal gradients
    assert found.weights[0] > found.weights[1]


@pytest.mark.parametrize("losses_now", [[0.0, 1.0, 1.0], [1e-30, 1.0, 1e3], [0.0, 0.0, 0.0], [1e-8, 1e-8, 1e-8]])
def test_a_layer_without_loss_divides_nothing(losses_now):
    shared = torch.nn.Parameter(torch.ones(1))
    for found in (Uncertainty(3), GradientNorm(3, [shared])):
        for _ in range(300):
            weights = found(torch.tensor(losses_now) * shared)
        assert torch.isfinite(weights).all() and weights.sum().item() == pytest.approx(3)
        assert (weights.max() / weights.min()).item() <= BOUND**2 + 1e-3


def test_relevance_weights_the_teacher_layers_that_are_compared():
    found = Relevance([1.0, 2.0, 3.0, 100.0], (3, 1))
    assert found.weights.tolist() == pytest.approx([1.5, 0.5])
    assert found(torch.tensor([5.0, 1.0])).tolist() == pytest.approx([1.5, 0.5])
    assert Relevance([0.0, 0.0], (1, 2)).weights.tolist() == [1, 1]


def test_an_evaluation_moves_no_weight():
    found = Uncertainty(2)
    with torch.no_grad():
        assert found(torch.tensor([1.0, 3.0])).tolist() == [1, 1]


@pytest.mark.parametrize("family", FAMILIES)
def test_fisher_scores_are_half_the_mean_square_of_the_gates_gradients(tmp_path, task, family):
    """Against finite differences of each example's loss in each layer's gate."""
    from core.models.bypass import gated

    teacher, _, encoded = load_pair(str(save_tiny_teacher(tmp_path / family, family)), task)
    split = encoded["train"].take(torch.arange(5))
    found = fisher(teacher, split, pick("fp32"))
    batch, step = split.batch(torch.arange(5)), 1e-4
    model = teacher.model.double()

    def loss(layer, value):
        gates = [torch.tensor(value if j == layer else 1.0, dtype=torch.float64) for j in range(4)]
        with torch.no_grad(), gated(model, gates):
            return torch.nn.functional.cross_entropy(model(**batch.model_inputs()).logits, batch.labels, reduction="none")

    for layer in range(4):
        slope = (loss(layer, 1 + step) - loss(layer, 1 - step)) / (2 * step)
        assert found[layer] == pytest.approx(float(slope.square().mean() / 2), rel=1e-3)
    model.float()
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize("name", [name for name in WEIGHTINGS if name != "fixed"])
def test_an_adaptive_run_records_its_weights_over_time(teacher, task, name):
    objective = dataclasses.replace(bundle("attention"), emphasis=name)
    one = Recipe(teacher, task, (1, 3), objective, Budget(steps=24), dataclasses.replace(FP32, learning_rate=5e-3))
    events = list(distill(one))
    record = events[-1].data["record"]
    points = [point for point in record["curve"] if point["loss"] is not None]
    assert len(points) == 24 and all(sum(point["emphasis"]) == pytest.approx(2, abs=1e-5) for point in points)
    assert [e.data["emphasis"] for e in events if e.kind == "step"] == [point["emphasis"] for point in points]
    moved = points[-1]["emphasis"] != [1.0, 1.0]
    assert moved and (points[0]["emphasis"] == points[-1]["emphasis"]) == (name == "relevance")
    plain = list(distill(dataclasses.replace(one, objective=bundle("attention"))))[-1].data["record"]
    assert "emphasis" not in plain["curve"][-1] and plain["final"]["loss"] != record["final"]["loss"]


def test_the_emphasis_is_part_of_a_recipe_and_fixed_leaves_ids_as_they_were():
    plain = Recipe("minilm-l6", "sick", (1, 3, 5))
    assert "emphasis" not in plain.canonical() and Recipe.from_json(plain.canonical()).objective.emphasis == "fixed"
    with_attention = Recipe("minilm-l6", "sick", (1, 3, 5), bundle("attention"))
    others = [dataclasses.replace(with_attention, objective=dataclasses.replace(bundle("attention"), emphasis=name)) for name in WEIGHTINGS]
    assert len({other.id for other in others}) == len(WEIGHTINGS) and with_attention.id in {other.id for other in others}
    assert all(Recipe.from_json(other.canonical()) == other for other in others)
    with pytest.raises(LabError, match="compares no layers"):
        Objective(weights=(("cross_entropy", 1.0),), emphasis="relevance")
    with pytest.raises(LabError, match="emphasis is 'loud'"):
        Objective(weights=(("attention_kl", 1.0),), emphasis="loud")


def test_no_emphasis_where_nothing_is_compared(teacher, task):
    loaded, _, encoded = load_pair(teacher, task)
    nothing = Objective(weights=(("cross_entropy", 1.0), ("attention_kl", 1.0)), hidden_layers="all-but-last", emphasis="uncertainty")
    assert layer_weights_for(nothing, loaded, encoded["train"], (4,), None, pick("fp32")) is None
    assert layer_weights.RELEVANCE_EXAMPLES > 96

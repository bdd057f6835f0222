"""Each loss against a plain loop in NumPy, and the promises all of them make; those between attention are in test_attention_losses.py.

Run: python -m pytest tests/test_losses.py
"""

import math

import numpy as np
import pytest
import torch

from core.data.batches import Batch
from core.errors import LabError
from core.objectives import LOSSES as ALL_LOSSES
from core.objectives.declarations import ATTENTION_MAPS, RELATIONS
from core.objectives.losses.hidden_cosine import hidden_cosine
from core.objectives.losses.hidden_mse import hidden_mse
from core.objectives.losses.hidden_pkd import hidden_pkd
from core.objectives.losses.logit_cosine import logit_cosine
from core.objectives.losses.soft_targets import soft_targets
from core.recipe import BUNDLES as ALL_BUNDLES
from core.recipe import Objective, bundle, hidden_layers_used, matched_layers
from core.training import losses
from core.training.losses import Signal, StudentOutput

B, T, C, D, K, L = 5, 7, 3, 8, 3, 6
LENGTHS = (7, 3, 5, 2, 6)
MATCHED = (2, 4, 6)
LOSSES = tuple(name for name, one in ALL_LOSSES.items() if one.needs not in (ATTENTION_MAPS, RELATIONS))
BUNDLES = tuple(name for name in ALL_BUNDLES if {part for part, _ in bundle(name).weights} <= set(LOSSES))
TEACHER_LOSSES = tuple(name for name in LOSSES if name != "cross_entropy")


def make(seed=0, hidden=D, tokens=T):
    """A batch, a student with K layers and a teacher's signal with L, all random; values at padding are random too."""
    g = torch.Generator().manual_seed(seed)
    mask = torch.tensor([[int(t < n) for t in range(tokens)] for n in LENGTHS])
    ids = torch.randint(5, 50, (B, tokens), generator=g) * mask
    batch = Batch(ids, mask, None, torch.tensor([0, 2, 1, 1, 0]), torch.arange(B))
    states = lambda layers: {j: torch.randn(B, tokens, hidden, generator=g) for j in range(1, layers + 1)}
    student = StudentOutput(torch.randn(B, C, generator=g), states(K))
    signal = Signal(2 * torch.randn(B, C, generator=g), states(L))
    return batch, student, signal


def compute(name, batch, student, signal, temperature=2.0, hidden_layers="all"):
    objective = Objective(weights=((name, 1.0),), temperature=temperature, hidden_layers=hidden_layers)
    return losses.total(objective, student, signal, batch, MATCHED)[0]


# --- independent versions: loops over examples, tokens and units, no torch ---


def softmax(z):
    e = [math.exp(v - max(z)) for v in z]
    return [v / sum(e) for v in e]


def naive_cross_entropy(batch, student, signal, temperature):
    return np.mean([-math.log(softmax(z)[y]) for z, y in zip(student.logits.tolist(), batch.labels.tolist())])


def naive_soft_targets(batch, student, signal, temperature):
    rows = []
    for zs, zt in zip(student.logits.tolist(), signal.logits.tolist()):
        q, p = softmax([v / temperature for v in zs]), softmax([v / temperature for v in zt])
        rows.append(sum(a * math.log(a / b) for a, b in zip(p, q)))
    return temperature**2 * np.mean(rows)


def naive_logit_mse(batch, student, signal, temperature):
    return np.mean([(a - b) ** 2 for s, t in zip(student.logits.tolist(), signal.logits.tolist()) for a, b in zip(s, t)])


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def naive_logit_cosine(batch, student, signal, temperature):
    return np.mean([1 - cosine(s, t) for s, t in zip(student.logits.tolist(), signal.logits.tolist())])


def naive_hidden(per_token):
    def loss(batch, student, signal, temperature):
        layers = []
        for j in range(1, K + 1):
            ours, theirs = student.hidden[j].tolist(), signal.hidden[MATCHED[j - 1]].tolist()
            layers.append(np.mean([per_token(ours[b][t], theirs[b][t]) for b in range(B) for t in range(LENGTHS[b])]))
        return np.mean(layers)

    return loss


def naive_hidden_pkd(batch, student, signal, temperature):
    unit = lambda v: [x / math.sqrt(sum(y * y for y in v)) for x in v]
    layers = []
    for j in range(1, K + 1):
        ours, theirs = student.hidden[j].tolist(), signal.hidden[MATCHED[j - 1]].tolist()
        layers.append(np.mean([sum((x - y) ** 2 for x, y in zip(unit(ours[b][0]), unit(theirs[b][0]))) for b in range(B)]))
    return np.mean(layers)


NAIVE = {
    "cross_entropy": naive_cross_entropy,
    "soft_targets": naive_soft_targets,
    "logit_mse": naive_logit_mse,
    "logit_cosine": naive_logit_cosine,
    "hidden_mse": naive_hidden(lambda a, b: np.mean([(x - y) ** 2 for x, y in zip(a, b)])),
    "hidden_cosine": naive_hidden(lambda a, b: 1 - cosine(a, b)),
    "hidden_pkd": naive_hidden_pkd,
}


def test_every_loss_is_tested():
    assert set(NAIVE) == set(LOSSES)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("temperature", [1.0, 3.5])
@pytest.mark.parametrize("seed", [0, 1])
def test_against_the_naive_version(name, temperature, seed):
    batch, student, signal = make(seed)
    expected = NAIVE[name](batch, student, signal, temperature)
    assert expected > 0.05  # a comparison of zeros would show nothing
    assert compute(name, batch, student, signal, temperature).item() == pytest.approx(expected, rel=2e-5)


@pytest.mark.parametrize("name", TEACHER_LOSSES)
def test_zero_when_student_equals_teacher(name):
    batch, _, signal = make()
    student = StudentOutput(signal.logits.clone(), {j: signal.hidden[MATCHED[j - 1]].clone() for j in range(1, K + 1)})
    assert abs(compute(name, batch, student, signal).item()) < 1e-6
    student.logits[0, 0] += 1.0
    student.hidden[2][0, 0, 0] += 1.0
    assert compute(name, batch, student, signal).item() > 1e-4


def test_cross_entropy_is_no_distance_to_a_teacher():
    """Zero for equal outputs does not apply to cross-entropy: it takes no teacher, and uniform logits cost log C."""
    batch, student, _ = make()
    student.logits = torch.zeros(B, C)
    assert compute("cross_entropy", batch, student, Signal()).item() == pytest.approx(math.log(C), rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_unchanged_by_padding(name):
    batch, student, signal = make()
    expected = compute(name, batch, student, signal).item()
    longer = lambda x: torch.cat([x, 100 * torch.randn(B, 4, D)], dim=1)
    pad = torch.zeros(B, 4, dtype=torch.long)
    wide = Batch(torch.cat([batch.input_ids, pad], 1), torch.cat([batch.attention_mask, pad], 1), None, batch.labels, batch.index)
    got = compute(
        name, wide, StudentOutput(student.logits, {j: longer(h) for j, h in student.hidden.items()}),
        Signal(signal.logits, {j: longer(h) for j, h in signal.hidden.items()}),
    ).item()
    assert got == pytest.approx(expected, rel=1e-6)
    for hidden in (*student.hidden.values(), *signal.hidden.values()):  # nor do the values at padding count
        hidden[batch.attention_mask == 0] = 1e4
    assert compute(name, batch, student, signal).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", ["hidden_mse", "hidden_cosine"])
def test_every_token_counts(name):
    batch, student, signal = make()
    before = compute(name, batch, student, signal).item()
    student.hidden[1][0, LENGTHS[0] - 1] += 3.0
    assert compute(name, batch, student, signal).item() != pytest.approx(before, rel=1e-4)


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_reach_the_student_alone(name):
    batch, student, signal = make()
    ours = [student.logits, *student.hidden.values()]
    theirs = [signal.logits, *signal.hidden.values()]
    for tensor in ours + theirs:
        tensor.requires_grad_(True)
    compute(name, batch, student, signal).backward()
    assert all(tensor.grad is None for tensor in theirs)
    reached = list(student.hidden.values()) if name.startswith("hidden") else [student.logits]
    for tensor in reached:
        assert tensor.grad is not None and tensor.grad.abs().sum() > 0
    for tensor in student.hidden.values():
        if tensor.grad is not None:
            assert tensor.grad[batch.attention_mask == 0].abs().sum() == 0


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        (lambda x, y, mask: soft_targets(x, y, 3.0), (B, C)),
        (lambda x, y, mask: logit_cosine(x, y), (B, C)),
        (lambda x, y, mask: hidden_cosine(x, y, mask), (B, T, D)),
        (lambda x, y, mask: hidden_pkd(x, y), (B, T, D)),
    ],
)
def test_gradients_by_finite_differences(call, shape):
    g = torch.Generator().manual_seed(3)
    mask = make()[0].attention_mask
    teacher = torch.randn(shape, generator=g, dtype=torch.float64)
    student = torch.randn(shape, generator=g, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: call(x, teacher, mask), (student,), eps=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_inputs_and_autocast_are_computed_in_float32(name, dtype):
    batch, student, signal = make()
    low = lambda tensors: {j: h.to(dtype) for j, h in tensors.items()}
    half, half_signal = StudentOutput(student.logits.to(dtype), low(student.hidden)), Signal(signal.logits.to(dtype), low(signal.hidden))
    up = lambda tensors: {j: h.float() for j, h in tensors.items()}
    full, full_signal = StudentOutput(half.logits.float(), up(half.hidden)), Signal(half_signal.logits.float(), up(half_signal.hidden))
    expected = compute(name, batch, full, full_signal)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        got = compute(name, batch, half, half_signal)
    assert got.dtype == torch.float32
    assert torch.equal(got, expected)


@pytest.mark.parametrize("temperature", [1.0, 2.0, 8.0])
def test_t_squared_keeps_the_gradients_size(temperature):
    """For small logits the gradient of T² KL is (z_s - z_t) / C per logit, centred, over the batch, whatever T (Hinton, section 2)."""
    g = torch.Generator().manual_seed(0)
    student = (0.01 * torch.randn(B, C, generator=g, dtype=torch.float64)).requires_grad_(True)
    teacher = 0.01 * torch.randn(B, C, generator=g, dtype=torch.float64)
    soft_targets(student, teacher, temperature).backward()
    difference = student.detach() - teacher
    expected = (difference - difference.mean(1, keepdim=True)) / C / B
    assert torch.allclose(student.grad, expected, rtol=0.05, atol=2e-5)


@pytest.mark.parametrize("name", BUNDLES)
def test_bundles_are_their_weighted_sums(name):
    batch, student, signal = make()
    objective = bundle(name)
    loss, parts = losses.total(objective, student, signal, batch, MATCHED)
    assert set(parts) == {part for part, _ in objective.weights}
    assert loss.item() == pytest.approx(sum(weight * parts[part].item() for part, weight in objective.weights), rel=1e-6)
    assert not any(part.requires_grad for part in parts.values())
    for part in parts:
        alone = compute(part, batch, student, signal, objective.temperature, objective.hidden_layers)
        assert parts[part].item() == pytest.approx(alone.item(), rel=1e-6)


def test_assignment_by_hand():
    batch, student, signal = make()
    expected = sum(NAIVE[name](batch, student, signal, 1.0) for name in ("cross_entropy", "soft_targets", "logit_cosine")) / 3
    assert losses.total(bundle("assignment"), student, signal, batch, MATCHED)[0].item() == pytest.approx(expected, rel=2e-5)


@pytest.mark.parametrize(("which", "read"), [("all", (1, 2, 3)), ("last", (3,)), ("all-but-last", (1, 2))])
def test_only_the_named_student_layers_are_read(which, read):
    batch, student, signal = make()
    objective = Objective(weights=(("hidden_mse", 1.0),), hidden_layers=which)
    assert hidden_layers_used(objective, K) == read
    losses_by_layer = {j: hidden_mse(student.hidden[j], signal.hidden[MATCHED[j - 1]], batch.attention_mask).item() for j in read}
    student.hidden = {j: student.hidden[j] for j in read}  # what is not read need not be there
    signal.hidden = {MATCHED[j - 1]: signal.hidden[MATCHED[j - 1]] for j in read}
    got = losses.total(objective, student, signal, batch, MATCHED)[0].item()
    assert got == pytest.approx(np.mean(list(losses_by_layer.values())), rel=1e-6)


def test_matching_decides_the_teacher_layer():
    batch, student, signal = make()
    weights = (("hidden_mse", 1.0),)
    values = set()
    for match, expected in (("seeding", (5, 1, 3)), ("uniform", (2, 4, 6)), ((6, 6, 1), (6, 6, 1))):
        objective = Objective(weights=weights, match=match)
        matched = matched_layers(objective, (5, 1, 3), L)
        assert matched == expected
        got = losses.total(objective, student, signal, batch, matched)[0].item()
        by_hand = [hidden_mse(student.hidden[j], signal.hidden[expected[j - 1]], batch.attention_mask).item() for j in (1, 2, 3)]
        assert got == pytest.approx(np.mean(by_hand), rel=1e-6)
        values.add(round(got, 4))
    assert len(values) == 3


def test_a_student_of_one_layer_has_no_layer_before_its_last():
    batch, student, signal = make()
    student.logits.requires_grad_(True)
    assert hidden_layers_used(bundle("patient"), 1) == ()
    loss, parts = losses.total(bundle("patient"), student, signal, batch, (4,))
    assert parts["hidden_pkd"].item() == 0
    assert loss.item() == pytest.approx(0.5 * parts["cross_entropy"].item() + 0.5 * parts["soft_targets"].item(), rel=1e-6)
    loss.backward()
    assert student.logits.grad.abs().sum() > 0


def test_hidden_states_of_different_sizes_are_refused():
    batch, student, _ = make()
    _, _, signal = make(hidden=2 * D)
    for name in ("hidden_mse", "hidden_cosine", "hidden_pkd"):
        with pytest.raises(LabError, match=r"have 8 units and the teacher's 16;.*\.$"):
            compute(name, batch, student, signal)

"""A look inside a teacher: each measure against a closed form or an independent version. Run: python -m pytest tests/test_inside.py"""

import json
import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from core.commands import inside as command
from core.data.batches import EncodedSplit
from core.errors import LabError
from core.home import home
from core.models.attention import caught, scaled_products
from core.models.bypass import PrefixCache, gated, only_layers
from core.models.families import exit_logits, layers
from core.models.first_token import first_token_only
from core.models.seeding import seed_student
from core.store import layer_scores
from core.studies.inside.forming import forming
from core.studies.inside.measure import measure, members
from core.studies.inside.probe import fit
from core.studies.inside.similarity import angular_distance, angular_matrix, cka_matrix, linear_cka
from core.studies.inside.states import distance, entropy, look, maps
from core.training.device import pick
from core.training.evaluate import predict
from core.training.loading import load_pair
from tests.tiny import FAMILIES, save_tiny_teacher, tiny_model

LENGTHS = (7, 3, 5, 2)


@pytest.fixture(scope="module", params=FAMILIES)
def model(request):
    return tiny_model(request.param)


def inputs(lengths=LENGTHS, seed=0) -> dict[str, torch.Tensor]:
    """Random ids, padded on the right."""
    mask = torch.tensor([[int(t < n) for t in range(max(lengths))] for n in lengths])
    ids = torch.randint(5, 60, mask.shape, generator=torch.Generator().manual_seed(seed))
    return {"input_ids": ids * mask, "attention_mask": mask}


def random(*shape, seed=0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# --- similarity of representations ---


def rotation(width: int) -> torch.Tensor:
    return torch.linalg.qr(random(width, width, seed=9))[0]


@pytest.mark.parametrize(("n", "width"), [(50, 6), (10, 20)])
def test_cka_of_equal_and_of_rotated_scaled_and_shifted_representations_is_one(n, width):
    x = random(n, width)
    for y in (x, x @ rotation(width), 7 * x, x + random(1, width, seed=1), -x, x @ rotation(width) * 0.01 + 5):
        assert linear_cka(x, y) == pytest.approx(1, abs=1e-9)


def test_cka_of_independent_representations_is_near_zero_with_many_examples_and_biased_upward_with_few():
    many = linear_cka(random(20_000, 4), random(20_000, 4, seed=1))
    assert 0 <= many < 0.01
    assert linear_cka(random(8, 40), random(8, 40, seed=1)) > 0.5


def test_cka_of_orthogonal_features_is_zero_and_of_half_the_features_has_its_closed_form():
    """x = (a, b) with a, b uncorrelated and of equal variance, y = a: ||y'x||² = s², ||x'x|| = s sqrt 2, ||y'y|| = s, so 1 / sqrt 2."""
    a, b = (torch.tensor(v, dtype=torch.float64)[:, None] for v in ([1.0, 1, -1, -1], [1.0, -1, 1, -1]))
    assert linear_cka(a, b) == pytest.approx(0, abs=1e-12)
    assert linear_cka(torch.cat([a, b], 1), a) == pytest.approx(1 / math.sqrt(2))


@pytest.mark.parametrize("width", [3, 30])
def test_cka_is_the_correlation_of_centred_similarity_matrices(width):
    """Kornblith et al.'s other form, tr(KHLH) / sqrt(tr(KHKH) tr(LHLH)), in NumPy, with fewer and with more examples than features."""
    x, y = random(12, width).numpy(), random(12, width + 2, seed=1).numpy()
    h = np.eye(12) - 1 / 12
    k, m = h @ (x @ x.T) @ h, h @ (y @ y.T) @ h
    expected = np.trace(k @ m) / math.sqrt(np.trace(k @ k) * np.trace(m @ m))
    assert linear_cka(torch.tensor(x), torch.tensor(y)) == pytest.approx(expected)


def test_cka_of_a_representation_that_is_always_the_same_is_unknown():
    assert math.isnan(linear_cka(torch.ones(5, 3), random(5, 3)))


def test_angular_distance_has_its_closed_forms():
    x = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    assert angular_distance(x, 5 * x) == 0
    assert angular_distance(x, -x) == pytest.approx(1)
    assert angular_distance(x, x @ torch.tensor([[0.0, 1.0], [-1.0, 0.0]])) == pytest.approx(0.5)
    turn = math.pi / 6
    assert angular_distance(x, x @ torch.tensor([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])) == pytest.approx(1 / 6)
    mixed = angular_distance(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    assert mixed == pytest.approx(0.25)  # the mean over examples of 0 and 1/2


def test_matrices_between_layers_are_symmetric_with_their_diagonals():
    states = random(3, 40, 4)
    cka, angles = np.array(cka_matrix(states)), np.array(angular_matrix(states))
    assert np.allclose(cka, cka.T) and np.allclose(np.diag(cka), 1) and cka[0, 2] == pytest.approx(linear_cka(states[0], states[2]))
    assert np.allclose(angles, angles.T) and np.allclose(np.diag(angles), 0) and angles[1, 2] == pytest.approx(angular_distance(states[1], states[2]))


# --- attention ---


def test_scores_give_the_maps_of_eager_attention(model):
    """Against transformers' own maps, on every backend; under SDPA they would be an empty tuple, which is why scores are made here."""
    batch, before = inputs(), model.config._attn_implementation
    got = {}
    for backend in ("sdpa", "eager"):
        model.set_attn_implementation(backend)
        with torch.no_grad(), caught(model, (1, 3)) as vectors:
            model(**batch)
            got[backend] = {layer: vectors[layer].scores() for layer in (1, 3)}
    with torch.no_grad():
        theirs = model(**batch, output_attentions=True).attentions
    model.set_attn_implementation(before)
    assert len(theirs) == 4
    for layer in (1, 3):
        for scores in (got["sdpa"][layer], got["eager"][layer]):
            ours = maps(scores, batch["attention_mask"])
            assert ours.shape == (4, 2, 7, 7)
            real = batch["attention_mask"][:, None, :, None]
            assert torch.allclose(ours * real, theirs[layer - 1] * real, atol=1e-5)


def test_scores_are_queries_times_keys_in_float32_under_autocast():
    a, b = (torch.randn(1, 1, 3, 4, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    expected = torch.tensor([[sum(x * y for x, y in zip(p, q)) / 2 for q in b[0, 0].tolist()] for p in a[0, 0].tolist()])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        got = scaled_products(a, b)
    assert got.dtype == torch.float32 and torch.allclose(got[0, 0], expected, atol=1e-6)


def test_a_layer_computed_for_the_first_token_alone_gives_no_maps(model):
    with torch.no_grad(), first_token_only(model), caught(model, (3, 4)) as vectors:
        model(**inputs())
        assert vectors[3].scores().shape == (4, 2, 7, 7)
        with pytest.raises(LabError, match=r"no attention maps in layer 4; choose an objective without attention, such as hinton\.$"):
            vectors[4]


def test_a_model_without_the_projections_gives_no_maps(model):
    layer = layers(model)[1]
    attention = layer.attention
    layer.attention = torch.nn.Identity()
    try:
        with pytest.raises(LabError, match=r"gives no attention maps of layer 2;.*\.$"), caught(model, (2,)):
            pass
    finally:
        layer.attention = attention


def test_entropy_and_distance_have_their_closed_forms():
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
    flat = torch.zeros(2, 1, 4, 4)
    assert entropy(flat, mask)[0].tolist() == [pytest.approx([math.log(4)] * 4)]
    assert entropy(flat, mask)[1].tolist() == [pytest.approx([math.log(2), math.log(2), 0, 0])]  # padding is neither seen nor counted
    assert distance(flat, mask)[0].tolist() == [pytest.approx([1.5, 1.0, 1.0, 1.5])]
    assert distance(flat, mask)[1].tolist() == [pytest.approx([0.5, 0.5, 0, 0])]
    next_token = 1000 * torch.eye(4).roll(1, 1)[None, None]
    assert entropy(next_token, mask[:1]).abs().max() == 0
    assert distance(next_token, mask[:1])[0, 0].tolist() == [1, 1, 1, 3]


# --- running on some layers, gates, exits ---


def test_a_model_on_some_of_its_layers_says_what_the_seeded_student_says(model):
    with torch.no_grad():
        whole = model(**inputs()).logits
        for chosen in ((1, 3), (4,), (2, 1, 4), (1, 2, 3, 4)):
            expected = seed_student(model, chosen)(**inputs()).logits
            with only_layers(model, chosen):
                assert torch.equal(model(**inputs()).logits, expected)
        assert torch.equal(model(**inputs()).logits, whole)


def test_choices_evaluated_one_after_the_other_share_what_they_begin_with(model):
    """The same bits as without sharing, and each layer runs only where a choice leaves the one before it; two batches, in order."""
    runs, cache = [], PrefixCache()
    for number, layer in enumerate(layers(model), 1):
        layer.register_forward_hook(lambda *_, number=number: runs.append(number))
    batches = [{name: values[part] for name, values in inputs().items()} for part in (slice(0, 2), slice(2, 4))]
    choices = {(1, 2, 3): (1, 2, 3), (1, 2, 4): (4,), (1, 3, 4): (3, 4), (1, 4): (4,), (2,): (2,), (2, 1): (2, 1), (2, 1, 2): (1, 2)}
    with torch.no_grad():
        for choice, computed in choices.items():
            with only_layers(model, choice):
                expected = [model(**batch).logits for batch in batches]
            runs.clear()
            with only_layers(model, choice, cache):
                assert all(torch.equal(model(**batch).logits, logits) for batch, logits in zip(batches, expected, strict=True)), choice
            assert runs == [*computed, *computed], choice


def test_gates_at_the_ends_of_their_range(model):
    """All at 1 is the model; one at 0 is the model without that layer; an example's own gate is its alone."""
    ones = [torch.ones(()) for _ in range(4)]
    with torch.no_grad():
        whole = model(**inputs()).logits
        with only_layers(model, (1, 2, 4)):
            without = model(**inputs()).logits
        with gated(model, ones):
            assert torch.allclose(model(**inputs()).logits, whole, atol=1e-6)
        with gated(model, [ones[0], ones[1], torch.zeros(()), ones[3]]):
            assert torch.allclose(model(**inputs()).logits, without, atol=1e-6)
        own = torch.tensor([1.0, 0.0, 1.0, 0.0]).reshape(4, 1, 1)
        with gated(model, [ones[0], ones[1], own, ones[3]]):
            mixed = model(**inputs()).logits
        assert torch.allclose(mixed[0::2], whole[0::2], atol=1e-6) and torch.allclose(mixed[1::2], without[1::2], atol=1e-6)
        assert torch.equal(model(**inputs()).logits, whole)


def test_an_exit_is_what_a_student_of_the_first_layers_says_before_its_first_step(model):
    with torch.no_grad():
        out = model(**inputs(), output_hidden_states=True)
        assert torch.allclose(exit_logits(model, out.hidden_states[4]), out.logits, atol=1e-6)
        for layer in (1, 2, 3):
            student = seed_student(model, range(1, layer + 1))
            assert torch.allclose(exit_logits(model, out.hidden_states[layer]), student(**inputs()).logits, atol=1e-5)


# --- one pass over a sample ---


@pytest.mark.parametrize("family", ["bert", "mpnet"])
def test_one_pass_gives_what_a_plain_loop_gives(tmp_path, task, family):
    """Block Influence, token means, exits and attention, example by example without padding."""
    teacher, _, encoded = load_pair(str(save_tiny_teacher(tmp_path / family, family)), task)
    split = encoded["validation"].take(torch.arange(9))
    *_, states = look(teacher, split, pick("fp32"))
    turned, spread, reach = [], [], []
    for i in range(9):
        batch = split.batch([i])
        with torch.no_grad():
            out = teacher.model(**batch.model_inputs(), output_hidden_states=True)
            hidden = [h[0].double().numpy() for h in out.hidden_states]
            teacher.model.set_attn_implementation("eager")
            attention = teacher.model(**batch.model_inputs(), output_attentions=True).attentions
            teacher.model.set_attn_implementation("sdpa" if family == "bert" else "eager")
        for layer, state in enumerate(hidden):
            assert np.allclose(states.first[layer, i], state[0], atol=1e-5)
            assert np.allclose(states.mean[layer, i], state.mean(0), atol=1e-5)
        assert torch.allclose(states.exits[4, i], out.logits[0], atol=1e-5)
        for t in range(len(hidden[0])):
            pairs = zip(hidden, hidden[1:])
            turned.append([1 - a[t] @ b[t] / math.sqrt(a[t] @ a[t] * (b[t] @ b[t])) for a, b in pairs])
            rows = [layer[0, :, t].double().numpy() for layer in attention]  # L of (H, T)
            spread.append([-(row * np.log(row)).sum(1) for row in rows])
            reach.append([(row * abs(np.arange(row.shape[1]) - t)).sum(1) for row in rows])
    assert np.allclose(states.influence, np.mean(turned, 0), atol=1e-5)
    assert np.allclose(states.entropy, np.mean(spread, 0), atol=1e-5)
    assert np.allclose(states.distance, np.mean(reach, 0), atol=1e-5)


def test_looking_leaves_the_teacher_as_it_was(teacher, task):
    loaded, _, encoded = load_pair(teacher, task)
    before = predict(loaded.model, encoded["validation"], pick("fp32"))
    *_, states = look(loaded, encoded["validation"], pick("fp32"), attention=False)
    assert torch.equal(predict(loaded.model, encoded["validation"], pick("fp32")), before)
    assert torch.allclose(states.exits[-1], before, atol=1e-5)
    assert states.entropy.abs().sum() == 0


# --- probes ---


def test_a_probe_is_scikit_learns_logistic_regression():
    features, labels = random(120, 5).numpy() * [1, 10, 0.1, 1, 1] + 3, np.tile([0, 1, 2], 40)
    features[:, 1] += 5 * labels
    ours = fit(torch.tensor(features), torch.tensor(labels), 3)
    standard = (features - features.mean(0)) / features.std(0)
    theirs = LogisticRegression(tol=1e-8, max_iter=1000).fit(standard, labels)
    weight = ours.weight.numpy()
    assert np.allclose(weight - weight.mean(1, keepdims=True), theirs.coef_.T - theirs.coef_.T.mean(1, keepdims=True), atol=1e-3)
    assert (ours.predict(torch.tensor(features)).numpy() == theirs.predict(standard)).all()


def test_a_probe_reads_what_is_there_and_nothing_where_nothing_is():
    labels = torch.tensor([0, 1, 2] * 30)
    assert (fit(torch.nn.functional.one_hot(labels), labels, 3).predict(torch.eye(3)) == torch.arange(3)).all()
    assert (fit(torch.ones(90, 2), labels * 0 + 1, 3).predict(torch.ones(4, 2)) == 1).all()


# --- the whole measurement ---


def finished(events) -> dict:
    *_, last = events
    assert last.kind == "finished"
    return last.data["scores"]


def test_a_measurement_is_kept_and_readable_without_torch(teacher, task):
    found = finished(measure(teacher, task, examples=30, probe_examples=60))
    loaded, data, encoded = load_pair(teacher, task)
    assert layer_scores.read(loaded.key, data.hash) == found == layer_scores.find(loaded.key, task)
    assert layer_scores.read("0" * 16, data.hash) is None and layer_scores.find(loaded.key, "another") is None
    assert (found["layers"], found["heads"], found["examples"], found["probe_examples"]) == (4, 2, 30, 60)
    assert len(found["cka"]) == len(found["angular"]) == len(found["exits"]) == len(found["probes"]) == 5
    assert np.array(found["attention"]["heads"]["entropy"]).shape == (4, 2)
    series = layer_scores.by_layer(found)
    assert all(sorted(values) == [1, 2, 3, 4] for values in series.values())
    assert series["influence"][2] == found["influence"][1] and series["exit_accuracy"][4] == found["exits"][4]["accuracy"]
    assert set(found["exits"][0]["groups"]) == set(found["probes"][0]["groups"]) == set()  # the tiny task has no tags


def test_what_was_kept_is_not_measured_again_unless_asked_otherwise(teacher, task):
    first = finished(measure(teacher, task, 30, 60))
    events = list(measure(teacher, task, 30, 60))
    assert [event.kind for event in events] == ["stage", "finished"] and events[-1].data["scores"] == first
    for events in (measure(teacher, task, 30, 60, again=True), measure(teacher, task, 24, 60)):
        assert len(list(events)) > 2
    loaded, data, _ = load_pair(teacher, task)
    next((home() / "layer_scores").glob("*--inside.json")).write_text("{")
    assert layer_scores.read(loaded.key, data.hash) is None


def test_no_test_example_is_read(teacher, task, monkeypatch):
    loaded, data, encoded = load_pair(teacher, task)
    lost = EncodedSplit(torch.zeros(0, dtype=torch.int32), None, torch.zeros(1, dtype=torch.int64), torch.zeros(0, dtype=torch.int64))
    monkeypatch.setitem(encoded, "test", lost)
    assert finished(measure(teacher, task, 30, 60))["split"] == "validation"


def test_phenomena_have_probes_of_their_own():
    from core.data.task import Split
    from core.studies.inside.measure import _probes
    from core.studies.inside.states import States

    labels = (0, 1) * 60
    split = Split(("x",) * 120, None, labels, tuple((("phenomenon:easy",) if i < 60 else ("phenomenon:hard",)) + ("all",) for i in range(120)))
    assert members(split)["phenomenon:hard"] == list(range(60, 120))
    states = torch.zeros(2, 120, 2)
    states[1, :60, 0] = torch.tensor(labels[:60]).float()
    blank = torch.zeros(2, 120, 2)
    seen = States(states, blank, None, None, None, None)
    steps = _probes(seen, split, seen, split, 2)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found = end.value
            break
    assert [set(layer["groups"]) for layer in found] == [{"phenomenon:easy", "phenomenon:hard"}] * 2  # "all" is the probe of all examples
    easy, hard = (found[1]["groups"][name] for name in ("phenomenon:easy", "phenomenon:hard"))
    assert easy == {"accuracy": 1.0, "n": 60, "majority": 0.5} and hard["accuracy"] == 0.5
    assert found[0]["groups"]["phenomenon:easy"]["accuracy"] == 0.5


def test_a_prediction_forms_layer_by_layer(teacher, task):
    loaded, data, encoded = load_pair(teacher, task)
    found = forming(teacher, task, data.validation.first[0], data.validation.second[0])
    assert found["labels"] == list(data.labels) and len(found["layers"]) == 5 and not found["cut"]
    assert all(sum(row) == pytest.approx(1) for row in found["layers"])
    expected = torch.softmax(predict(loaded.model, encoded["validation"], pick())[0].double(), 0)
    assert found["layers"][4] == pytest.approx(expected.tolist(), abs=0.01)  # in the device's own precision
    assert found["layers"][0] != pytest.approx(found["layers"][4], abs=0.02)
    with pytest.raises(LabError, match="two texts"):
        forming(teacher, task, "a dog runs")


def test_the_verb_prints_the_scores_and_a_pair(teacher, task, capsys):
    from core.__main__ import main

    assert main(["inside", "--teacher", teacher, "--task", task, "--examples", "30", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["layers"] == 4
    assert main(["inside", "--teacher", teacher, "--task", task, "--examples", "30"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("layer") for line in lines) and command.percent(printed["exits"][4]["accuracy"]) in "\n".join(lines)
    assert main(["inside", "--teacher", teacher, "--task", task, "--pair", "the dog runs", "a dog runs"]) == 0
    assert "layer 4" in capsys.readouterr().out
    assert main(["inside", "--teacher", teacher, "--task", task, "--examples", "1"]) == 2

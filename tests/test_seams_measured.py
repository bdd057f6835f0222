"""Seams measured without training: the same numbers as a model that is cut and bridged in full, kept, served, combined and judged."""

import itertools
import json

import pytest
import torch

from core.__main__ import main
from core.models.bridge import fit_bridge, laid
from core.models.bypass import only_layers
from core.models.families import layer_count
from core.models.stepwise import Stepwise
from core.recipe.seams import Seam
from core.store import facts, jobs, saved
from core.store.seam_costs import possible, seam_costs
from core.studies.inside.similarity import linear_cka
from core.studies.seams import chains, live
from core.studies.seams.combine import VARIANTS, chosen_by_rule
from core.studies.seams.healing import alone, with_healed
from core.studies.seams.live import try_gap
from core.studies.seams.measure import measure, measured, read_states
from core.studies.seams.moments import Moments
from core.training.device import pick
from core.training.evaluate import predict
from core.training.events import completed
from core.training.loading import load_pair
from core.worker.runner import Runner
from tests import tiny
from tests.stopping import cancel


@pytest.fixture
def pair(teacher, task):
    loaded, data, encoded = load_pair(teacher, task)
    return loaded, data, encoded, pick("fp32")


def made_of(generator):
    """Return what a generator of shares yields at last."""
    *_, last = generator
    return last


def states_of(model, split, device) -> list[torch.Tensor]:
    """Return the states of every layer of all real tokens, (N, D) each, by transformers' own pass."""
    batch = split.batch(range(len(split)))
    with torch.no_grad():
        found = model(**batch.model_inputs(), output_hidden_states=True).hidden_states
    return [state[batch.attention_mask.bool()] for state in found]


def test_moments_give_the_bridge_and_the_distances_of_the_states(pair):
    teacher, _, encoded, device = pair
    moments = Moments()
    made_of(read_states(teacher.model, encoded["train"], device, moments))
    states = states_of(teacher.model, encoded["train"], device)
    assert moments.tokens == len(states[0]) == int(encoded["train"].lengths.sum())
    for seam in (Seam(0, 2), Seam(1, 4), Seam(2, 5)):
        x, y = states[seam.below], states[seam.above - 1]
        own, expected = moments.bridge(seam), fit_bridge(x, y)
        assert torch.allclose(own(x), expected(x), atol=2e-3)
        apart = moments.apart(seam, own)
        assert apart["cka"] == pytest.approx(linear_cka(x, y), abs=1e-3)
        assert apart["distance"] == pytest.approx(float((x - y).norm() / y.norm()), abs=1e-3)
        assert apart["left"] == pytest.approx(float((expected(x) - y).norm() / (y - y.mean(0)).norm()), abs=5e-3)


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_layer_by_layer_a_model_answers_as_in_one_go(family):
    model = tiny.tiny_model(family)
    batch = {"input_ids": torch.arange(5, 25).view(2, 10), "attention_mask": torch.tensor([[1] * 10, [1] * 7 + [0] * 3])}
    with torch.no_grad():
        opened, count = Stepwise(model, batch), layer_count(model.config)
        assert torch.allclose(opened.logits(opened.states[-1]), model(**batch).logits, atol=1e-5)
        for choice in ((1, 3), (2, 4), (4,)):
            *_, last = chains.along(opened, choice, count, lambda chain, seam: None)
            with only_layers(model, choice):
                assert torch.allclose(opened.logits(last), model(**batch).logits, atol=1e-5)


def test_every_seam_is_that_of_the_model_cut_and_bridged_there(pair):
    teacher, _, encoded, device = pair
    check = encoded["validation"]
    document = completed(measured(teacher, encoded["train"], check, device))
    assert [Seam(one["below"], one["above"]) for one in document["seams"]] == possible(4)
    assert document["tokens"] == int(encoded["train"].lengths.sum())
    states = states_of(teacher.model, encoded["train"], device)
    accuracy = lambda: float((predict(teacher.model, check, device).argmax(1) == check.labels).double().mean())
    assert document["accuracy"] == accuracy() and document["majority"] == pytest.approx(1 / 3, abs=0.02)
    for one in document["seams"]:
        seam = Seam(one["below"], one["above"])
        choice = alone(seam, 4)
        bridge = fit_bridge(states[seam.below], states[seam.above - 1])
        with only_layers(teacher.model, choice):
            assert one["cut"]["accuracy"] == pytest.approx(accuracy(), abs=1e-9)
            with laid(teacher.model, {seam.below + 1: bridge}):
                assert one["bridged"]["accuracy"] == pytest.approx(accuracy(), abs=0.021)  # one example of 48: products are summed in float32
        assert one["cut"]["kl"] >= 0 <= one["bridged"]["kl"] and 0 <= one["cut"]["agreement"] <= 1


def test_choices_with_all_seams_at_once(pair):
    teacher, _, encoded, device = pair
    every = [choice for k in range(1, 5) for choice in itertools.combinations(range(1, 5), k)]
    cut = made_of(chains.answers(teacher.model, encoded["validation"], every, lambda chain, seam: None, device))
    bridges = made_of(chains.refitted(teacher.model, encoded["train"], every, device))
    refitted = made_of(chains.answers(teacher.model, encoded["validation"], every, lambda chain, seam: bridges[chain, seam], device))
    for choice in every:
        with only_layers(teacher.model, choice):
            assert torch.allclose(cut[choice], predict(teacher.model, encoded["validation"], device), atol=1e-5)
    assert torch.allclose(refitted[1, 2, 3, 4], cut[1, 2, 3, 4])
    states = states_of(teacher.model, encoded["train"], device)
    first = fit_bridge(states[0], states[1])  # over 0-2 a student has the teacher's own states, over 2-4 no longer
    assert torch.allclose(bridges[(), Seam(0, 2)].weight, first.weight, atol=1e-4)
    assert not torch.allclose(bridges[(2,), Seam(2, 4)].weight, fit_bridge(states[2], states[3]).weight, atol=1e-3)
    with only_layers(teacher.model, (2, 4)), laid(teacher.model, {1: bridges[(), Seam(0, 2)], 2: bridges[(2,), Seam(2, 4)]}):
        assert torch.allclose(refitted[2, 4], predict(teacher.model, encoded["validation"], device), atol=1e-4)


def test_a_measurement_is_a_job_that_is_kept_and_its_time_remembered(teacher, task):
    job = jobs.submit("seams", {"teacher": teacher, "task": task})
    Runner("test").run(jobs.claim("test"))
    loaded, data, _ = load_pair(teacher, task)
    found = seam_costs(loaded.key, data.hash)
    assert jobs.get(job.id).status == "finished" and found.layers == 4 and set(found.cut) == set(found.bridged) == set(possible(4))
    assert facts.get("seams_seconds")[f"{teacher}/{task}"] > 0
    told = [event for event in jobs.events(job.id) if event.get("done") is not None]
    assert {"Reading the states of every layer", "Fitting bridges", "Trying every seam"} <= {event["text"] for event in told}
    (again,) = [event for event in measure(teacher, task) if event.kind == "finished"]
    assert again.data["costs"]["seconds"]["seams"] + again.data["costs"]["seconds"]["states"] <= found.seconds  # kept: not measured again


def test_a_measurement_that_is_stopped_keeps_nothing(teacher, task):
    job = jobs.submit("seams", {"teacher": teacher, "task": task})
    claimed = jobs.claim("test")
    cancel(job.id)
    Runner("test").run(claimed)
    loaded, data, _ = load_pair(teacher, task)
    assert (jobs.get(job.id).status, jobs.get(job.id).reason) == ("stopped", "Stopped by the learner.") and seam_costs(loaded.key, data.hash) is None


# --- gaps tried live ---


def test_a_gap_is_tried_cut_and_bridged(pair, teacher, task, monkeypatch):
    monkeypatch.setenv("LAYER_LAB_PRECISION", "fp32")
    loaded, data, encoded, device = pair
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    cut = try_gap(teacher, task, (1, 3, 4), bridged=False, first="the dog runs", second="a dog runs")
    bridged = try_gap(teacher, task, [1, 3, 4], bridged=True)
    assert torch.equal(torch.rand(3), expected)
    check = encoded["validation"].take(torch.tensor(data.check_indices))
    with only_layers(loaded.model, (1, 3, 4)):
        alone_on = predict(loaded.model, check, device)
    assert cut["examples"] == len(check) == 48 and cut["accuracy"] == pytest.approx(float((alone_on.argmax(1) == check.labels).double().mean()))
    assert cut["seams"] == [[1, 3]] and bridged["whole"] == cut["whole"] and len(cut["shown"]) == live.SHOWN and "text" not in bridged
    place = list(zip(data.split("check").first, data.split("check").second)).index((cut["shown"][0]["first"], cut["shown"][0]["second"]))
    assert cut["shown"][0]["gap"] == pytest.approx(torch.softmax(alone_on[place], 0).tolist(), abs=1e-5)
    text = cut["text"]
    assert len(text["whole"]) == 5 and [layer for layer, _ in text["gap"]] == [1, 3, 4] and text["gap"][-1][1] == text["answer"]
    assert text["gap"][0][1] == pytest.approx(text["whole"][1], abs=1e-6) and text["gap"][1][1] != pytest.approx(text["whole"][3], abs=1e-3)
    json.dumps(cut | bridged)


@pytest.mark.parametrize("layers, words", [((2, 1), "ascending order"), ((1, 9), "from 1 to 4"), ((), "At least one layer")])
def test_a_gap_that_cannot_be_is_a_sentence(teacher, task, layers, words):
    job = jobs.submit("gap", {"teacher": teacher, "task": task, "layers": layers, "bridged": True})
    Runner("test").run(jobs.claim("test"))
    assert jobs.get(job.id).status == "failed" and words in jobs.get(job.id).reason


def test_a_gap_is_answered_as_a_request(teacher, task):
    job = jobs.submit("gap", {"teacher": teacher, "task": task, "layers": [2, 4], "bridged": True, "first": "the dog runs", "second": "a dog runs"})
    Runner("test").serve_forward()
    (answer,) = [event for event in jobs.events(job.id) if "accuracy" in event]
    assert jobs.get(job.id).status == "finished" and answer["seams"] == [[0, 2], [2, 4]] and len(answer["text"]["gap"]) == 2


# --- combined ---


def costs(seams: dict[tuple[int, int], float]) -> dict:
    one = lambda seam: {"below": seam.below, "above": seam.above, "cut": {"accuracy": 0.5, "agreement": 0.5, "kl": 1.0}, "cka": 0.9, "distance": 0.5,
                        "left": 0.2, "bridged": {"accuracy": 0.9 - seams.get((seam.below, seam.above), 0.0), "agreement": 1.0, "kl": 0.0}}
    return {"layers": 4, "accuracy": 0.9, "majority": 0.4, "seams": [one(seam) for seam in possible(4)]}


def test_costs_of_seams_are_summed_or_the_worst_counts():
    document = costs({(0, 2): 0.1, (2, 4): 0.2})
    cost = lambda name, choice: VARIANTS[name].cost(document, choice)
    assert cost("bridged: accuracy lost, summed", (2, 4)) == pytest.approx(0.3)
    assert cost("bridged: accuracy lost, worst seam", (2, 4)) == pytest.approx(0.2)
    assert cost("bridged: accuracy lost, summed", (1, 2, 3, 4)) == 0 and cost("nothing measured: longest gap", (1, 4)) == 2
    assert cost("bridged: share of accuracy left, multiplied", (2, 4)) == pytest.approx(-torch.tensor([0.8, 0.6]).log().sum().item())
    assert cost("all bridges at once: accuracy lost", (2, 4)) is None and cost("healed 60 steps: accuracy lost, summed", (2, 4)) is None


def test_the_rule_takes_the_first_of_those_near_the_best():
    first, second, *_ = VARIANTS
    assert chosen_by_rule({second: (0.5, 0.7), first: (0.5, 0.62)}) == first
    assert chosen_by_rule({second: (0.5, 0.7), first: (0.4, 0.62)}) == second


# --- short runs of single seams ---


def test_short_runs_of_single_seams_are_kept_and_resumed(teacher, task, tmp_path, capsys):
    file = tmp_path / "healed.jsonl"
    assert [alone(seam, 4) for seam in (Seam(0, 2), Seam(1, 5), Seam(1, 3))] == [(2, 3, 4), (1,), (1, 3, 4)]
    assert main(["seams", "--heal", "1", "--teacher", teacher, "--task", task, "--out", str(file)]) == 0
    records = saved.read(file)
    assert len(records) == len(possible(4)) == 9 and len({tuple(record["recipe"]["layers"]) for record in records}) == 9
    file.write_text("\n".join(file.read_text().splitlines()[:-2]) + "\n")
    capsys.readouterr()
    assert main(["seams", "--heal", "1", "--teacher", teacher, "--task", task, "--out", str(file)]) == 0
    assert capsys.readouterr().out.count("layers") == 2 and len(saved.read(file)) == 9
    loaded, data, _ = load_pair(teacher, task)
    document = costs({}) | {"teacher_hash": loaded.key, "task_hash": data.hash}
    healed = with_healed(document, records)
    assert healed["seams"][0]["healed 1"]["accuracy"] == records[0]["final"]["accuracy"] and healed["healed"]["1"] > 0
    assert "healed 1" not in with_healed(document | {"task_hash": "other"}, records)["seams"][0]


def test_the_verb_measures_and_writes(teacher, task, tmp_path, capsys):
    file = tmp_path / "seams" / "mine.json"
    assert main(["seams", "--measure", "--choices", "--teacher", teacher, "--task", task, "--out", str(file), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert json.loads(file.read_text()) == document and set(document["choices"]) == {"cut", "fixed", "refitted"}
    assert len(document["choices"]["fixed"]) == 14
    assert main(["seams", "--measure", "--teacher", teacher, "--task", task]) == 0
    assert "0-2" in capsys.readouterr().out
    assert main(["seams", "--heal", "1"]) == 2

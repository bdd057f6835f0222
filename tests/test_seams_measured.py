"""Seams measured without training: the same numbers as a model that is cut and bridged in full, kept, served, combined and judged."""

import itertools
import json
import os

import pytest
import torch

from core.__main__ import main
from core.data.task import stratified
from core.findings.landscape import landscapes
from core.findings.seam_measures import cost_in_full_runs, grounds, healing, judge
from core.models.bridge import RIDGE, fit_bridge, laid
from core.models.bypass import only_layers
from core.models.families import layer_count
from core.models.stepwise import Stepwise
from core.recipe import Recipe
from core.recipe.seams import Seam, seams
from core.store import facts, jobs, layer_scores, saved
from core.store.seam_costs import possible, seam_costs
from core.store.waiting import lane_of
from core.studies.choosers.choose import choose
from core.studies.inside.forming import forming
from core.studies.inside.similarity import linear_cka
from core.studies.seams import chains, fitted, live
from core.studies.seams.combine import CHOSEN, CHOSEN_ON, VARIANTS, chosen_by_rule
from core.studies.seams.healing import alone, with_healed
from core.studies.seams.measure import measure, measured, read_states, shuffled
from core.studies.seams.moments import Reading
from core.studies.seams.settings import HEAD_RIDGE, TRAIN_EXAMPLES
from core.training.device import pick
from core.training.evaluate import predict
from core.training.events import completed
from core.training.loading import load_pair
from core.worker.runner import Runner
from tests import results_seams, tiny
from tests.stopping import cancel


@pytest.fixture
def pair(teacher, task):
    loaded, data, encoded = load_pair(teacher, task)
    return loaded, data, encoded, pick("fp32")


def made_of(generator):
    """Return what a generator of shares yields at last."""
    *_, last = generator
    return last


def states_of(model, split) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Return the states of every layer by transformers' own pass: of all real tokens, and of the first token of each text."""
    batch = split.batch(range(len(split)))
    with torch.no_grad():
        found = model(**batch.model_inputs(), output_hidden_states=True).hidden_states
    return [state[batch.attention_mask.bool()] for state in found], [state[:, 0] for state in found]


def test_what_is_read_gives_the_bridges_and_the_distances_of_the_states(pair):
    teacher, _, encoded, device = pair
    reading = Reading()
    made_of(read_states(teacher.model, encoded["train"], device, reading))
    tokens, first = states_of(teacher.model, encoded["train"])
    assert reading.moments.tokens == len(tokens[0]) == int(encoded["train"].lengths.sum())
    for seam, states, ridge in ((Seam(0, 2), tokens, RIDGE), (Seam(1, 4), tokens, RIDGE), (Seam(2, 5), first, HEAD_RIDGE)):
        x, y = states[seam.below], states[seam.above - 1]
        assert torch.allclose(reading.bridge(seam)(x), fit_bridge(x, y, ridge)(x), atol=2e-3)
        assert reading.apart(seam) == pytest.approx({"cka": linear_cka(x, y), "distance": float((x - y).norm() / y.norm())}, abs=1e-3)


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_layer_by_layer_a_model_answers_as_in_one_go(family):
    model = tiny.tiny_model(family)
    batch = {"input_ids": torch.arange(5, 25).view(2, 10), "attention_mask": torch.tensor([[1] * 10, [1] * 7 + [0] * 3])}
    with torch.no_grad():
        opened, count = Stepwise(model, batch), layer_count(model.config)
        assert torch.allclose(opened.logits(opened.states[-1]), model(**batch).logits, atol=1e-5)
        for choice in ((1, 3), (2, 4), (4,)):
            *_, last = chains.along(opened, choice, count, lambda *at: None)
            with only_layers(model, choice):
                assert torch.allclose(opened.logits(last), model(**batch).logits, atol=1e-5)


def test_every_seam_is_that_of_the_model_cut_and_bridged_there(pair):
    teacher, _, encoded, device = pair
    check, model = encoded["validation"], teacher.model
    document = completed(measured(teacher, encoded["train"], check, device))
    assert [Seam(one["below"], one["above"]) for one in document["seams"]] == possible(4)
    assert document["tokens"] == int(encoded["train"].lengths.sum())
    tokens, first = states_of(model, encoded["train"])
    accuracy = lambda: float((predict(model, check, device).argmax(1) == check.labels).double().mean())
    assert document["accuracy"] == accuracy() and document["majority"] == pytest.approx(1 / 3, abs=0.02)
    nearly = lambda value: pytest.approx(value, abs=0.021)  # one example of 48: products are summed in float32
    for one in document["seams"]:
        seam = Seam(one["below"], one["above"])
        choice = alone(seam, 4)
        over = {} if seam.above == 5 else {seam.below + 1: fit_bridge(tokens[seam.below], tokens[seam.above - 1])}
        with only_layers(model, choice):
            assert one["cut"]["accuracy"] == nearly(accuracy())
            with laid(model, over):
                _, own = states_of(model, encoded["train"])
                kept = accuracy()
                with laid(model, {len(choice) + 1: fit_bridge(own[-1], first[-1], HEAD_RIDGE)}):
                    assert one["bridged"]["accuracy"] == nearly(accuracy())
                assert one["head kept"]["accuracy"] == (nearly(kept) if over else one["bridged"]["accuracy"])
        assert one["cut"]["kl"] >= 0 <= one["bridged"]["kl"] and 0 <= one["cut"]["agreement"] <= 1


def test_choices_with_all_seams_at_once(pair):
    teacher, _, encoded, device = pair
    every = [choice for k in range(1, 5) for choice in itertools.combinations(range(1, 5), k)]
    cut = made_of(chains.answers(teacher.model, encoded["validation"], every, lambda *at: None, device))
    bridges = made_of(chains.in_sequence(teacher.model, encoded["train"], every, device))
    bridged = made_of(chains.answers(teacher.model, encoded["validation"], every, lambda *at: bridges.get(at), device))
    for choice in every:
        with only_layers(teacher.model, choice):
            assert torch.allclose(cut[choice], predict(teacher.model, encoded["validation"], device), atol=1e-5)
    tokens, _ = states_of(teacher.model, encoded["train"])
    first = fit_bridge(tokens[0], tokens[1])  # over 0-2 a student has the teacher's own states, over 2-4 no longer
    assert torch.allclose(bridges[(), 2].weight, first.weight, atol=1e-4)
    assert not torch.allclose(bridges[(2,), 4].weight, fit_bridge(tokens[2], tokens[3]).weight, atol=1e-3)
    assert ((2,), 3) not in bridges and ((2, 4), 5) in bridges
    with only_layers(teacher.model, (2, 4)), laid(teacher.model, {1: bridges[(), 2], 2: bridges[(2,), 4], 3: bridges[(2, 4), 5]}):
        assert torch.allclose(bridged[2, 4], predict(teacher.model, encoded["validation"], device), atol=1e-4)


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


def tried(*asked) -> tuple[dict, dict]:
    """What is there at once, and the whole answer; nothing else but how far fitting is comes in between."""
    first, *fitting, last = live.try_gap(*asked)
    assert (first.kind, last.kind) == ("cut", "answer") and {one.kind for one in fitting} <= {"stage", "turn"}
    return first.data, last.data


@pytest.fixture
def reads(monkeypatch):
    """Every time that texts were read to fit bridges to."""
    made = []
    monkeypatch.setattr(fitted, "read_states", lambda *given: made.append(given) or read_states(*given))
    monkeypatch.setattr(live, "_last", [])
    return made


def test_a_gap_is_tried_cut_and_bridged(pair, teacher, task, monkeypatch):
    monkeypatch.setenv("LAYER_LAB_PRECISION", "fp32")
    loaded, data, encoded, device = pair
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    at_once, answer = tried(teacher, task, (1, 3, 4), "the dog runs", "a dog runs")
    assert torch.equal(torch.rand(3), expected)
    check = encoded["validation"].take(torch.tensor(data.check_indices))
    share = lambda model: float((predict(model, check, device).argmax(1) == check.labels).double().mean())
    train = encoded["train"].take(torch.tensor(stratified(data.train.labels, TRAIN_EXAMPLES, seed=0)))
    reading = Reading()
    completed(read_states(loaded.model, shuffled(train), device, reading))
    with only_layers(loaded.model, (1, 3, 4)):
        alone_on, cut = predict(loaded.model, check, device), share(loaded.model)
        with laid(loaded.model, {2: reading.bridge(Seam(1, 3))}):
            bridged = share(loaded.model)
    assert answer["examples"] == len(check) == 48 and answer["seams"] == [[1, 3]] and answer["teacher_layers"] == 4
    assert answer["accuracy"] == pytest.approx({"whole": share(loaded.model), "cut": cut, "bridged": bridged})
    assert answer["mended"] - answer["undone"] == round(48 * (bridged - cut)) and "mended" not in at_once
    assert at_once["accuracy"] == {name: answer["accuracy"][name] for name in ("whole", "cut")}
    one = answer["broke"][0]
    place = list(zip(data.split("check").first, data.split("check").second)).index((one["first"], one["second"]))
    assert data.labels[int(alone_on[place].argmax())] == one["said"] != one["label"] == data.labels[int(check.labels[place])]
    json.dumps([at_once, answer])


def test_a_text_is_read_after_every_layer_that_is_left(pair, teacher, task, monkeypatch):
    monkeypatch.setenv("LAYER_LAB_PRECISION", "fp32")
    at_once, answer = tried(teacher, task, (1, 3, 4), "the dog runs", "a dog runs")
    head, mapped = answer["text"]["after"]["head"], answer["text"]["after"]["mapped"]
    assert set(at_once["text"]["after"]) == {"head"} and set(at_once["text"]["answers"]) == {"whole", "cut"}
    assert [layer for layer, _ in head["whole"]] == [1, 2, 3, 4] and all([layer for layer, _ in head[way]] == [1, 3, 4] for way in ("cut", "bridged"))
    near = lambda a, b: a == pytest.approx(b, abs=1e-6)
    formed = forming(teacher, task, "the dog runs", "a dog runs")["layers"]
    assert all(near(said, formed[layer]) for layer, said in head["whole"])
    for of in (head, mapped):  # up to the gap a chain is the teacher; the last layer needs no map to the head
        assert near(of["cut"][0][1], of["whole"][0][1])
        assert not near(of["cut"][1][1], of["whole"][2][1]) and not near(of["cut"][1][1], of["bridged"][1][1])
        assert all(near(of[way][-1][1], answer["text"]["answers"][way]) for way in ("whole", "cut", "bridged"))
    assert not near(head["whole"][0][1], mapped["whole"][0][1])
    assert "text" not in tried(teacher, task, (1, 4))[1]
    before_head = tried(teacher, task, (1, 2), "the dog runs", "a dog runs")[1]["text"]  # that bridge is the map that reads layer 2
    assert near(before_head["answers"]["bridged"], before_head["after"]["mapped"]["cut"][1][1])


def test_bridges_are_fitted_once_and_kept_by_contents(teacher, task, reads, home):
    first = tried(teacher, task, (1, 4))[1]
    (folder,) = (home / "bridges").iterdir()
    assert len(reads) == 1 and {path.name for path in folder.iterdir()} == {f"{seam.below}-{seam.above}.safetensors" for seam in possible(4)}
    tried(teacher, task, (2, 3))
    live._last.clear()  # as after a new start of the worker
    assert tried(teacher, task, (1, 4))[1] == first and len(reads) == 1
    (folder / "1-4.safetensors").write_bytes(b"cut short")
    live._last.clear()
    assert tried(teacher, task, (1, 4))[1] == first and len(reads) == 2


def test_on_a_full_disk_bridges_serve_till_the_worker_ends(teacher, task, reads, home, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fitted, "save_file", full)
    assert "bridged" in tried(teacher, task, (1, 4))[1]["accuracy"] and "bridged" in tried(teacher, task, (1, 3))[1]["accuracy"]
    assert len(reads) == 1 and not [path for path in (home / "bridges").rglob("*") if path.is_file()]


def test_of_a_deep_teacher_only_the_bridges_that_are_asked_for_are_kept(teacher, task, reads, home, monkeypatch):
    monkeypatch.setattr(fitted, "DEEP", 3)
    tried(teacher, task, (1, 4))
    (folder,) = (home / "bridges").iterdir()
    assert [path.name for path in folder.iterdir()] == ["1-4.safetensors"]
    tried(teacher, task, (1, 3))
    assert len(reads) == 1


def test_the_bridges_that_were_fitted_first_give_way(teacher, task, reads, home, monkeypatch):
    monkeypatch.setattr(fitted, "PAIRS", 2)
    for n in (1, 2):
        (home / "bridges" / f"old-{n}").mkdir(parents=True)
        os.utime(home / "bridges" / f"old-{n}", (n, n))
    tried(teacher, task, (1, 4))
    assert [path.name for path in (home / "bridges").iterdir() if path.name.startswith("old")] == ["old-2"]


@pytest.mark.parametrize("layers, words", [((2, 1), "ascending order"), ((1, 9), "from 1 to 4"), ((), "At least one layer")])
def test_a_gap_that_cannot_be_is_a_sentence(teacher, task, layers, words):
    job = jobs.submit("gap", {"teacher": teacher, "task": task, "layers": layers})
    Runner("test").run(jobs.claim("test"))
    assert jobs.get(job.id).status == "failed" and words in jobs.get(job.id).reason


def test_a_gap_is_answered_as_a_request_and_can_be_stopped(teacher, task):
    payload = {"teacher": teacher, "task": task, "layers": [2, 4], "first": "the dog runs", "second": "a dog runs"}
    job = jobs.submit("gap", payload)
    assert lane_of("gap") == lane_of("ask")
    Runner("test").serve_forward()
    answer = jobs.last_event(job.id, "answer")
    assert jobs.get(job.id).status == "finished" and answer["seams"] == [[0, 2], [2, 4]] and len(answer["text"]["after"]["head"]["cut"]) == 2
    stopped = jobs.submit("gap", payload)
    claimed = jobs.claim("test")
    cancel(stopped.id)
    Runner("test").run(claimed)
    assert jobs.get(stopped.id).status == "stopped" and jobs.last_event(stopped.id, "answer") is None


# --- combined ---


def costs(seams: dict[tuple[int, int], float]) -> dict:
    one = lambda seam: {"below": seam.below, "above": seam.above, "cut": {"accuracy": 0.5, "agreement": 0.5, "kl": 1.0}, "cka": 0.9, "distance": 0.5,
                        "bridged": {"accuracy": 0.9 - seams.get((seam.below, seam.above), 0.0), "agreement": 1.0, "kl": 0.0}}
    return {"layers": 4, "accuracy": 0.9, "majority": 0.4, "seams": [one(seam) for seam in possible(4)]}


def test_costs_of_seams_are_summed_or_the_worst_counts():
    document = costs({(0, 2): 0.1, (2, 4): 0.2})
    cost = lambda name, choice: VARIANTS[name].cost(document, choice)
    assert cost("bridged: accuracy lost, summed", (2, 4)) == pytest.approx(0.3)
    assert cost("bridged: accuracy lost, worst seam", (2, 4)) == pytest.approx(0.2)
    assert cost("bridged: accuracy lost, summed", (1, 2, 3, 4)) == 0 and cost("nothing measured: longest gap", (1, 4)) == 2
    assert cost("bridged: share of accuracy left, multiplied", (2, 4)) == pytest.approx(-torch.tensor([0.8, 0.6]).log().sum().item())
    assert cost("all seams at once, cut: accuracy lost", (2, 4)) is None and cost("healed 60 steps: accuracy lost, summed", (2, 4)) is None


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
    assert json.loads(file.read_text()) == document and set(document["choices"]) == {"cut", "bridged"}
    assert len(document["choices"]["bridged"]) == 14
    assert main(["seams", "--measure", "--teacher", teacher, "--task", task]) == 0
    assert "0-2" in capsys.readouterr().out
    assert main(["seams", "--heal", "1"]) == 2


# --- the chooser, and what full runs say ---


def test_the_chooser_ranks_by_what_seams_cost_and_measures_once(teacher, task):
    recipe = Recipe(teacher, task, (1,))
    told = []
    found = choose("seams", recipe, 2, progress=lambda done, text: told.append(text))
    loaded, data, _ = load_pair(teacher, task)
    document = layer_scores.read(loaded.key, data.hash, "seams")
    score = {tuple(one["layers"]): one["score"] for one in found["choices"]}
    known = seam_costs(loaded.key, data.hash)
    assert len(score) == 6 and "Trying every seam" in told and found["complete"]
    for choice in score:
        assert score[choice] == pytest.approx(-sum(known.cost(seam) for seam in seams(choice, 4)), abs=1e-9)
    again = choose("seams", recipe, 3)
    assert again["seconds"] >= known.seconds and layer_scores.read(loaded.key, data.hash, "seams") == document


def test_the_measures_of_the_built_in_pair_are_judged_by_full_runs():
    (document,) = [one for one in results_seams.documents() if (one["teacher"], one["task"]) == CHOSEN_ON[0]]
    full = grounds(document, landscapes(saved.saved_runs()))
    found = {k: (ground, {one.variant: one for one in judge(document, ground)}) for k, ground in full.items()}
    assert set(found) == {1, 2, 3, 4, 5}
    taus = {name: tuple(found[k][1][name].tau for k in CHOSEN_ON[1]) for name in found[2][1]}
    assert chosen_by_rule(taus) == CHOSEN  # the rule, on the sizes that it was made for, names what the chooser uses
    for ground, judged in found.values():
        low, high = judged[CHOSEN].interval
        assert -1 <= low <= judged[CHOSEN].tau <= high <= 1 and min(cost_in_full_runs(document, ground)) > 0
    five = healing(found[5][0])
    (worst_before, *_) = reversed(five.rows)
    assert worst_before == (1, 2, 3, 4, 5) and five.rows[worst_before][1] > 0.95  # without layer 6: it looks worst, and heals

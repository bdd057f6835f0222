"""What the page "What went wrong?" decides, and the worker's handler for mistakes. Run: python -m pytest tests/test_wrong_view.py"""

import dataclasses
import json
import math
import subprocess
import sys
from itertools import combinations

import pytest

from core.findings import four_choices
from core.findings.landscape import landscapes
from core.recipe import Budget, Optimiser, Recipe
from core.store import jobs, records
from core.store.saved import read, saved_runs
from core.store.waiting import TRAINING
from core.studies.mistakes.cases import cases
from core.studies.mistakes.catalogue import MISTAKES
from core.studies.mistakes.plan import recipes_of
from core.training.overrides import mistaken_id
from core.views.wrong import answers as wrong_answers
from core.views.wrong import case_study, done_right
from core.views.wrong import hunt as wrong_hunt
from core.views.wrong.hunt import STUDY, study_text
from core.worker.runner import Runner
from tests import fake_worker
from tests import landscape_runs as made
from tests.app_harness import ROOT
from tests.movement import PATH, movement, summary
from tests.stopping import cancel

SMALL = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")


def test_the_view_is_free_of_torch_and_of_streamlit():
    modules = "core.views.wrong.case_study, core.views.wrong.answers, core.views.wrong.hunt, core.views.wrong.done_right, core.worker.kinds"
    code = f"import sys, {modules}; sys.exit(bool({{'torch', 'transformers', 'streamlit'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_exactly_one_answer_to_each_question_holds_and_all_give_reasons():
    for question, judge in ((case_study.TABLE, case_study.table_answer), (case_study.LOG, case_study.log_answer)):
        judged = {option: judge(option) for option in question.options}
        assert sum(right for right, _ in judged.values()) == 1 and all(reasons for _, reasons in judged.values())
    holds = [answer for answer in ((low, high, which) for low in case_study.ENDS for high in case_study.ENDS for which in case_study.NAMES.options)
             if case_study.names_answer(*answer)[0]]
    assert holds == [(case_study.NEAR_INPUT, case_study.NEAR_OUTPUT, "unsaid")]


def test_the_reasons_rest_on_the_published_figures():
    error = math.sqrt(1 / 3 * 2 / 3 / 1000)
    assert f"up to {100 * (1 / 3 + 1.96 * error):.1f} %" in case_study.table_answer("top")[1][-1]
    epochs = [line.split(",") for line in case_study.case("assignment-epochs").table.split("\n")[1:]]
    moves = {}
    for name in case_study.strategies()[1:]:
        losses = [float(line[2]) for line in epochs if line[0] == name and line[1].isdigit()]
        moves[name] = max(losses) - min(losses)
    assert f"at most {max(moves.values()):.4f}" in case_study.log_answer("top")[1][0]
    assert f"standard error of {math.sqrt(0.552 * 0.448 / 1000):.3f}" in case_study.endpoints()
    assert [row["Validation accuracy"] for row in case_study.published()] == ["0.560", "0.333", "0.323", "0.326"]


def test_steps_wait_for_the_answers_before_them():
    given = {"table": {"option": "top"}}
    waits = lambda answers: {step: case_study.waits_for(step, answers) for step in case_study.STEPS}
    assert waits({}) == {"table": None, "log": "table", "hunt": "table", "right": "table", "own": None}
    assert waits(given) == {"table": None, "log": None, "hunt": "log", "right": "log", "own": None}
    assert set(waits(given | {"log": {"option": "all"}}).values()) == {None}
    assert [case_study.step_of(text) for text in ("hunt", "nonsense", None)] == ["hunt", "table", "table"]


def test_an_answer_is_kept_once_for_one_learner():
    wrong_answers.commit("ada", "table", {"option": "top", "text": "x" * 9000})
    wrong_answers.commit("ada", "table", {"option": "nothing", "text": ""})
    assert wrong_answers.answers("ada")["table"]["option"] == "top"
    assert len(wrong_answers.answers("ada")["table"]["text"]) == case_study.LONGEST and wrong_answers.answers("bob") == {}
    with pytest.raises(ValueError):
        wrong_answers.commit("ada", "nonsense", {})


def test_every_mistake_has_a_job_on_the_bundled_teachers_size():
    for name in MISTAKES:
        payload = json.loads(json.dumps(wrong_hunt.payload(name, "minilm-l6", "composed-nli", 6)))
        made_of = wrong_hunt.recipes(payload, 6)
        assert made_of == list(recipes_of(name, "minilm-l6", "composed-nli", 6)) and len(made_of) == len(MISTAKES[name].presets)
        assert {recipe.budget.rung for recipe in made_of} == {"60"}


def recipe(teacher, task, **changes) -> Recipe:
    return Recipe(teacher, task, **({"layers": (1, 3), "budget": Budget(steps=12), "optimiser": SMALL} | changes))


def run(payload: dict) -> tuple[jobs.Job, list[dict]]:
    jobs.submit("mistake", payload, learner="ada")
    job = fake_worker.claim()
    Runner("w").run(job)
    return jobs.get(job.id), jobs.events(job.id)


def test_the_worker_runs_the_correct_one_once_and_the_mistake_beside_it(teacher, task):
    assert "mistake" in TRAINING
    one = recipe(teacher, task)
    payload = one.to_dict() | {"mistake": "stale-optimizer"}
    job, events = run(payload)
    assert job.status == "finished" and job.run_row is None
    kept = {event["side"]: records.by_row(event["row"]) for event in events if event["kind"] == "made"}
    assert kept["correct"]["id"] == one.id and "mistake" not in kept["correct"]
    assert kept["mistaken"]["mistake"] == "stale-optimizer" and kept["mistaken"]["id"] == mistaken_id(one, "stale-optimizer")
    assert records.finished(one.id)["row"] == kept["correct"]["row"]  # the mistaken record answers nothing
    found = wrong_hunt.hunt_sides(events, wrong_hunt.recipes(payload, 4), records.by_row)
    assert found.whole and found.total == 12
    said = wrong_hunt.conclusions("stale-optimizer", found)
    assert said.verdict.startswith("The figures alone give it away") and [finding.kind for finding in said.alone] == ["not-updated", "not-visible"]
    assert any("stale-optimizer" in finding.figures["mistakes"] for finding in said.recorded)
    moved = {side: {row["norm"] for row in wrong_hunt.norms(found) if row["side"] == side} for side in found.sides}
    assert moved["mistaken"] == {0.0} and min(moved["correct"]) > 0
    _, again = run(one.to_dict() | {"mistake": "odd-wraps"})
    rows = {event["side"]: event["row"] for event in again if event["kind"] == "made"}
    assert rows["correct"] == kept["correct"]["row"] and not any(event["kind"] == "step" and event["side"] == "correct" for event in again)
    assert records.by_row(rows["mistaken"])["audit"]["layers"] == [4, 2]


def test_a_mistake_that_spans_choices_trains_them_all_in_turn(teacher, task):
    payload = recipe(teacher, task, layers=(1, 2), budget=Budget(steps=4)).to_dict() | {"mistake": "shared-student"}
    job, events = run(payload)
    assert job.status == "finished" and len([event for event in events if event["kind"] == "made"]) == 8
    found = wrong_hunt.hunt_sides(events, wrong_hunt.recipes(payload, 4), records.by_row)
    assert found.sides["mistaken"].names == ("1, 2", "3, 4", "1, 3", "2, 4")
    assert [record["recipe"]["layers"] for record in found.sides["mistaken"].records] == [[1, 2], [3, 4], [1, 3], [2, 4]]
    assert "one-student" in {finding.kind for finding in wrong_hunt.conclusions("shared-student", found).alone}


def test_a_job_that_is_told_to_stop_keeps_no_mistaken_run(teacher, task):
    job = jobs.submit("mistake", recipe(teacher, task).to_dict() | {"mistake": "no-t-squared"}, learner="ada")
    job = fake_worker.claim()
    cancel(job.id)
    Runner("w").run(job)
    job = jobs.get(job.id)
    assert job.status == "stopped" and job.reason and records.runs() == []


@pytest.mark.parametrize("changes", ({"mistake": "nonsense"}, {"mistake": "padding-in-loss"}, {"surplus": 1, "mistake": "best-epoch"}))
def test_a_job_that_cannot_be_is_one_sentence(teacher, task, changes):
    job, _ = run(recipe(teacher, task).to_dict() | changes)
    assert job.status == "failed" and job.reason.endswith(".") and "unexpected" not in job.reason


def test_live_curves_come_from_events_until_the_record_is_there(teacher, task):
    one = recipe(teacher, task)
    where = {"side": "mistaken", "run": 2, "runs": 2}
    events = [
        {"kind": "prepared", "teacher": {"accuracy": 0.9}, "curve": {"initial": 0.4}} | where,
        {"kind": "step", "step": 6, "loss": 1.5} | where, {"kind": "evaluated", "step": 6, "val_accuracy": 0.5} | where,
    ]
    found = wrong_hunt.hunt_sides(events, [one], lambda row: None)
    assert found.sides["mistaken"].accuracies == [{"step": 0, "value": 0.4, "line": "1, 3"}, {"step": 6, "value": 0.5, "line": "1, 3"}]
    assert found.sides["mistaken"].losses == [{"step": 6, "value": 1.5, "line": "1, 3"}] and found.loss >= 1.5
    assert not found.whole and found.sides["correct"].accuracies == [] and wrong_hunt.current_run_text(events) == "Run 2 of 2, with the mistake"


@pytest.mark.parametrize("name", MISTAKES)
def test_what_cannot_be_told_apart_is_listed_for_every_mistake(name):
    text = wrong_hunt.alike(MISTAKES[name])
    if MISTAKES[name].look is None:
        assert text.startswith("It leaves no signature")
    if name == "stale-schedule":
        assert MISTAKES["stale-optimizer"].title.lower() in text and "learning rate of zero" in text


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Landscapes of all choices of 3 of 6 layers, whose first layers are worth most."""
    folder = made.folder(tmp_path_factory.mktemp("saved") / "runs")
    from core.store import saved

    return landscapes(saved_runs(folder=folder), lambda *key: saved.truth(*key, folder=folder))


def test_every_pair_of_the_four_is_tested_and_gaps_beyond_noise_are_better(planted):
    one = next(one for one in planted if one.pair[1] == "composed-nli" and one.settings["budget"]["epochs"] == 3 and len(one.choices) == 20)
    found = four_choices.pairs(one)
    assert {frozenset((pair.higher, pair.lower)) for pair in found} == set(map(frozenset, combinations(four_choices.named(one), 2)))
    assert all(pair.difference == pytest.approx(one.means[pair.higher] - one.means[pair.lower]) and pair.difference >= 0 for pair in found)
    gap = next(pair for pair in found if (pair.higher, pair.lower) == ((1, 2, 3), (4, 5, 6)))
    assert gap.word == four_choices.BETTER
    single = dataclasses.replace(one, runs={choice: runs[:1] for choice, runs in one.runs.items()})
    assert {pair.word for pair in four_choices.pairs(single)} == {four_choices.UNKNOWN}
    assert [finding.strength for finding in four_choices.conclusions(single)] == ["unknown"]


def test_of_choices_of_equal_worth_none_is_better(planted):
    one = next(one for one in planted if len(one.choices) == 20 and one.settings["budget"]["epochs"] == 3)
    same = one.runs[1, 3, 5]
    equal = dataclasses.replace(one, runs=one.runs | {choice: same for choice in ((2, 4, 6), (1, 2, 3), (4, 5, 6))})
    assert {pair.word for pair in four_choices.pairs(equal)} == {four_choices.UNKNOWN}  # two seeds are too few to say how near


def test_what_the_assignments_code_took_stands_beside_the_four_and_in_no_pair():
    one = next(one for one in landscapes(saved_runs("mpnet-base", "sick")) if one.settings["budget"]["epochs"] == 3)
    shown, paired = done_right.comparison(one), {choice for pair in four_choices.pairs(one) for choice in (pair.higher, pair.lower)}
    told = {row["choice"] for row in shown.rows}
    assert len(told) == 6 and {'layers 2, 4, 6, 9, 10, 12 (the assignment\'s "Odd")', 'layers 3, 5, 7, 9, 11, 1 (the assignment\'s "Even")'} <= told
    assert len(paired) == 4 and not paired & set(four_choices.AS_TAKEN)
    assert "in no pair" in shown.note and all("assignment" not in finding.sentence for finding in shown.findings)


def test_what_is_not_measured_is_said_with_its_command(planted):
    from core.store.saved import blocks

    small, large = done_right.scales(planted, blocks())
    assert small.shown and large.shown == [] and "not measured yet" in large.missing[0]
    assert any("mpnet-base" in command for command in large.commands)
    assert all(shown.findings and len(shown.rows) == 4 for shown in small.shown if "3 epochs" in shown.title)


# --- how far the loss of fixed pairs moves while nothing is learned ---


def test_a_pairs_noise_is_found_again_from_the_means_of_batches():
    import random

    draw = random.Random(0)
    sizes = [64] * 60 + [20]
    batches = [[1.0 + sum(draw.gauss(0, 0.3) for _ in range(n)) / n for n in sizes] for _ in range(5)]
    found = summary(batches, sizes)
    assert found["pair_sd"] == pytest.approx(0.3, rel=0.15) and found["moves"] == max(found["losses"]) - min(found["losses"])


def test_the_study_is_told_for_mistakes_with_a_signature(tmp_path):
    cases = read(STUDY)
    for name, each in MISTAKES.items():
        told = study_text(name)
        seeds = sum(case["mistake"] == name for case in cases)
        assert (f"of {seeds} seeds" in told and "60 steps a run" in told) if each.look else told == "", name
    assert study_text("stale-optimizer", tmp_path / "none.jsonl") == ""


def test_dropout_alone_moves_the_loss_of_a_student_that_takes_no_update(teacher, task):
    found = movement(recipe(teacher, task), evaluations=3)
    assert len(set(found["assignment"]["losses"])) == 3 and found["pairs"] == 96
    assert 0 < found["assignment"]["moves"] < 10 * found["assignment"]["pair_sd"] / math.sqrt(found["pairs"])


def test_the_assignments_own_log_moves_by_less_than_a_500th():
    """Its three students that took no update, over its 100,000 pairs, as its log averages its loss."""
    head, *lines = (line.split(",") for line in next(case for case in cases() if case.name == "assignment-epochs").table.split("\n"))
    for name in ("Bottom 6 Layers", "Odd Layers", "Even Layers"):
        epochs = [line for line in lines if line[0] == name and line[1].isdigit()]
        losses = [float(line[head.index("train_loss")]) for line in epochs]
        assert len(losses) == 5 and max(losses) - min(losses) < 0.002
        assert len({line[head.index("val_accuracy")] for line in epochs}) == 1


def test_the_bundled_teachers_student_moves_by_less_than_a_500th_at_the_assignments_number_of_pairs():
    """One pair's noise as measured here; a mean over N pairs moves by its standard deviation over the root of N, and the range of five by at most
    3.86 of these in 95 % (Pearson and Hartley 1942, the range of five normal values)."""
    for found in json.loads(PATH.read_text()):
        for loss in ("assignment", "cross_entropy"):
            assert 3.86 * found[loss]["pair_sd"] / math.sqrt(100_000) < 0.002
        assert found["evaluations"] == 5 and found["cross_entropy"]["moves"] < 0.002

"""Losses that become NaN or infinite: the run breaks off with a sentence, others go on. Run: python -m pytest tests/test_diverged.py"""

import dataclasses
import json
import math

import pytest

from core.__main__ import main
from core.errors import LabError
from core.recipe import Budget, Optimiser, Recipe, bundle
from core.recipe.tuning import Tuning
from core.store import jobs, races, records, saved
from core.studies.choosers.methods.successive_halving import _loss_after
from core.studies.mistakes.runs import Case
from core.studies.mistakes.runs import run as mistaken
from core.studies.stages.run import run as in_stages
from core.studies.stages.staged import Staged
from core.studies.sweep import in_turn, sweep
from core.training import session, tune
from core.training.distill import distill
from core.training.diverged import Diverged, broke_off
from core.training.loading import load_pair
from core.training.race import Race
from core.views.race.curves import broke_off as told
from core.worker.kinds import race as race_job
from core.worker.runner import Runner

FP32 = Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")


def recipe(teacher, task, layers=(1, 3), steps=12, **changes) -> Recipe:
    return Recipe(teacher, task, layers, **({"budget": Budget(steps=steps), "optimiser": FP32} | changes))


@pytest.fixture
def breaks(monkeypatch):
    """A function: from its step `after` + 1 on, every run of these layers has a loss of NaN."""

    def make(after: int, layers=(1, 3)) -> None:
        right = session.student_loss

        def student_loss(recipe, *rest):
            loss, made = right(recipe, *rest), []

            def broken(*batch):
                made.append(1)
                value, parts = loss(*batch)
                return (value * math.nan if len(made) > after and recipe.layers == layers else value), parts

            return broken

        monkeypatch.setattr(session, "student_loss", student_loss)

    return make


def test_a_run_whose_loss_becomes_nan_breaks_off_with_its_step_and_rate(teacher, task, breaks):
    breaks(after=5)
    events = []
    with pytest.raises(Diverged, match=r"^The training broke off: by step 6 of 12 the loss was no longer a finite number, at a learning rate of up "
                                       r"to 0\.005 in float32; choose a lower learning rate\.$"):
        events.extend(distill(recipe(teacher, task)))
    for event in distill(recipe(teacher, task, (2, 4))):
        assert event.kind != "step" or math.isfinite(event.data["loss"])


def test_between_two_reports_it_is_found_at_the_next(teacher, task, breaks):
    breaks(after=601)  # of 1,200 steps every 20th is reported
    with pytest.raises(Diverged, match="by step 620 of 1200"):
        list(distill(recipe(teacher, task, steps=1200)))


def test_weights_that_are_spoilt_by_the_last_step_are_found_at_its_evaluation(teacher, task, monkeypatch):
    right = session.Session.step

    def spoilt(self):
        event = right(self)
        if self.made == self.steps:
            self.student.classifier.bias.data.fill_(math.inf)
        return event

    monkeypatch.setattr(session.Session, "step", spoilt)
    with pytest.raises(Diverged, match="by step 12 of 12 the loss on held-out examples was no longer a finite number"):
        list(distill(recipe(teacher, task)))


def test_at_the_first_step_the_learning_rate_is_not_blamed(teacher, task, breaks):
    breaks(after=0)
    with pytest.raises(Diverged, match="at the first step already, so the learning rate is hardly the cause; choose another objective"):
        list(distill(recipe(teacher, task)))


def test_the_way_out_names_what_the_recipe_has(teacher, task, breaks):
    class Stub:
        settings, made, steps = dataclasses.replace(FP32, clip=0.0), 5, 9
        device = type("Device", (), {"dtype": "bfloat16"})

    said = str(broke_off(Stub, "The loss"))
    assert said.endswith("in bfloat16; choose a lower learning rate or fp32 (--precision fp32) or to clip gradients (--clip 1).")


def test_a_signal_of_the_teacher_that_is_not_finite_is_named_as_the_cause(teacher, task, monkeypatch):
    right = session.prepare

    def spoilt(*asked):
        for value in right(*asked):
            if getattr(value, "hidden", None):
                next(iter(value.hidden.values()))[3] = math.inf
            yield value

    monkeypatch.setattr(session, "prepare", spoilt)
    with pytest.raises(Diverged, match="The teacher's hidden states at layer 1 hold NaN or infinity"):
        list(distill(recipe(teacher, task, objective=bundle("patient"), layers=(1, 3))))


def test_in_a_race_the_others_go_on_and_end_as_alone(teacher, task, breaks, tmp_path):
    breaks(after=5)
    wanted = [recipe(teacher, task, layers) for layers in ((1, 3), (2, 4), (1, 4))]
    race, saved_at = Race(wanted), tmp_path / "kept"
    events = []
    for event in race.events():
        events.append(event)
        if event.kind == "round" and event.data["step"] == 8:
            race.save(saved_at)
    finished = {event.data["runner"]: event.data["record"] for event in events if event.kind == "finished"}
    (broken,) = [event.data for event in events if event.kind == "broke_off"]
    assert set(finished) == {1, 2} and broken["runner"] == 0 and "by step 6 of 12" in broken["reason"]
    *_, alone = distill(wanted[1])
    assert finished[1]["predictions"] == alone.data["record"]["predictions"] and finished[1]["status"] == "finished"
    again = list(Race(wanted, folder=saved_at).events())  # gone on with: the broken one stays so, and is not told twice
    assert {event.data["runner"] for event in again if event.kind == "finished"} == {1, 2} and not [e for e in again if e.kind == "broke_off"]
    assert told([{"kind": "broke_off", **broken}], [one.to_dict() for one in wanted])[0].startswith("Run 1: 1, 3. The training broke off")


def race_as_a_job(wanted) -> tuple[jobs.Job, list[dict]]:
    races.submit(wanted, "ada")
    job = jobs.claim("w")
    Runner("w").run(job)
    return jobs.get(job.id), jobs.events(job.id)


def test_the_job_of_a_race_keeps_the_records_of_those_that_went_on(teacher, task, breaks, monkeypatch):
    breaks(after=5)
    monkeypatch.setattr(race_job, "LOOK_SECONDS", 0.0)
    job, events = race_as_a_job([recipe(teacher, task, layers) for layers in ((1, 3), (2, 4))])
    assert job.status == "finished" and [event["kind"] for event in events].count("made") == 1
    assert [event["runner"] for event in events if event["kind"] == "broke_off"] == [0] and len(records.runs()) == 1


def test_a_race_in_which_all_break_off_has_failed_with_the_reason(teacher, task, breaks):
    breaks(after=2)
    breaks(after=2, layers=(2, 4))
    job, _ = race_as_a_job([recipe(teacher, task, layers) for layers in ((1, 3), (2, 4))])
    assert job.status == "failed" and job.reason.startswith("Every run of the race broke off. The training broke off: by step 3")


def test_the_job_of_a_run_fails_with_the_sentence_and_keeps_no_record(teacher, task, breaks):
    breaks(after=5)
    one = recipe(teacher, task)
    jobs.submit("distill", one.to_dict(), run_id=one.id, learner="ada")
    job = jobs.claim("w")
    Runner("w").run(job)
    assert jobs.get(job.id).status == "failed" and "choose a lower learning rate" in jobs.get(job.id).reason and records.runs() == []


def test_a_sweep_goes_on_and_tells_at_the_end(teacher, task, breaks, tmp_path, capsys):
    breaks(after=2)
    out = tmp_path / "runs.jsonl"
    options = ["--teacher", teacher, "--task", task, "--steps", "6", "--batch-size", "16", "--precision", "fp32"]
    assert main(["sweep", "--layers", "1,2;1,3;2,4", "--out", str(out), *options]) == 2
    told = capsys.readouterr().err.strip().splitlines()[-1]
    assert "1 run broke off and is not in the file; the first is 1,3 seed 0: The training broke off: by step 3 of 6" in told
    assert [tuple(run["recipe"]["layers"]) for run in saved.read(out)] == [(1, 2), (2, 4)]
    teacher_hash, task_hash = (saved.read(out)[0][name] for name in ("teacher", "task_hash"))
    states = list(sweep([recipe(teacher, task)], tmp_path / "other.jsonl", teacher_hash["hash"], task_hash, in_turn(distill)))
    assert [state["event"].kind for state in states if state["event"]][-1] == "failed" and states[-1]["done"] == 0


def test_stages_mistakes_and_choosers_see_it_too(teacher, task, breaks):
    breaks(after=2)
    with pytest.raises(LabError, match="The training broke off"):
        list(in_stages(Staged("one-stage", recipe(teacher, task))))
    with pytest.raises(LabError, match="The training broke off"):
        list(mistaken(Case("no-t-squared", (recipe(teacher, task),)), 4))

    class Sample:
        progress = staticmethod(lambda done, text: None)
        short_run = staticmethod(lambda choice, steps: recipe(teacher, task, choice, steps))

    loaded, data, _ = load_pair(teacher, task)
    began = loaded.key, data.hash
    assert _loss_after(Sample, (1, 3), 6, 0, 6, began) == math.inf and math.isfinite(_loss_after(Sample, (2, 4), 6, 0, 6, began))


def test_a_fine_tuning_that_diverges_keeps_no_teacher(teacher, task, monkeypatch, home):
    right = tune.cross_entropy
    monkeypatch.setattr(tune, "cross_entropy", lambda logits, labels: right(logits, labels) * math.nan)
    with pytest.raises(Diverged, match="is not a finite number"):
        list(tune.tune(Tuning(teacher, task, epochs=1, optimiser=FP32)))
    assert not (home / "teachers").is_dir() or list((home / "teachers").iterdir()) == []


@pytest.fixture
def old_run(teacher, task):
    """A record as older programs kept one: finished, with null where its losses were NaN."""
    *_, last = distill(recipe(teacher, task))
    record = last.data["record"]
    curve = [point | {"loss": None, "val_loss": None} if point["step"] >= 6 else point for point in record["curve"]]
    return record | {"final": record["final"] | {"loss": None}, "curve": curve}


def test_a_run_that_was_kept_with_nan_shows_no_figure_and_answers_nothing(old_run, capsys, tmp_path):
    records.add(old_run)
    assert records.finished(old_run["id"]) is None
    (tmp_path / "runs.jsonl").write_text(json.dumps(old_run) + "\n")
    assert saved.read(tmp_path / "runs.jsonl") == []
    for verb in ("show", "explain"):
        assert main([verb, old_run["id"]]) == 0
        out = " ".join(capsys.readouterr().out.split())
        assert "not finite numbers, so it says nothing: its loss was no longer a number by step 6." in out and "%" not in out
    assert main(["runs"]) == 0
    assert "not finite" in capsys.readouterr().out


def test_the_sentence_on_an_old_run_stands_in_the_lab(old_run):
    from streamlit.testing.v1 import AppTest

    def page(record):
        from pages.parts.lab import result

        result.draw(record)

    app = AppTest.from_function(page, default_timeout=60, args=(old_run,)).run()
    assert not app.exception and len(app.warning) == 1 and "not finite numbers" in app.warning[0].value and not app.metric


def test_the_pair_is_whole_afterwards(teacher, task, breaks):
    breaks(after=2)
    with pytest.raises(Diverged):
        list(distill(recipe(teacher, task)))
    assert all(parameter.isfinite().all() for parameter in load_pair(teacher, task)[0].model.parameters())

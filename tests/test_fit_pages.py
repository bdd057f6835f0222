"""What stops a pair of teacher and task, and what weakens it, as the app shows them. Run: python -m pytest tests/test_fit_pages.py"""

from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from core.errors import LabError
from core.store import jobs
from core.training.loading import load_pair, warm
from tests import app_harness as harness
from tests import fake_worker
from tests.app_harness import button, clean, run_button, shown
from tests.tiny import WORDS, save_tiny_teacher

WARNING = "This teacher has little to teach here; choose another one."


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    harness.without_worker(monkeypatch)


def test_warnings_stand_before_the_run_on_the_card_and_below_a_run(teacher, task):
    app = harness.opener(teacher, task)
    assert "check examples right" not in shown(app())  # nothing was looked at yet
    list(warm(teacher, task))
    test = app()
    assert "so it has little to teach here" in shown(test)
    clean(button(test, "About this task").click().run())
    assert "Does the teacher fit?" in shown(test) and "of the words; 0.0 % of the texts are cut, at 128 tokens" in shown(test)


def test_what_stops_is_said_before_run_is_pressed(tmp_path, task):
    folder = save_tiny_teacher(tmp_path / "teacher", words=[f"{word}x" for word in WORDS])
    with pytest.raises(LabError, match="does not know 100 %"):
        load_pair(str(folder), task)
    assert "does not know 100 % of the words of these texts" in shown(harness.opener(str(folder), task)())


def test_weights_that_are_not_finite_are_said_and_mended_ones_are_not(tmp_path, task):
    folder = Path(save_tiny_teacher(tmp_path / "teacher"))
    good = (folder / "model.safetensors").read_bytes()
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"][0] = float("nan")
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(LabError, match="NaN or infinite"):
        load_pair(str(folder), task)
    assert "are NaN or infinite" in shown(harness.opener(str(folder), task)())
    (folder / "model.safetensors").write_bytes(good)
    assert "are NaN or infinite" not in shown(harness.opener(str(folder), task)())


def test_a_run_that_goes_on_and_one_that_is_over_show_its_warnings(teacher, task):
    test = harness.opener(teacher, task)()
    clean(button(test, "Skip the prediction").click().run()) if "Skip the prediction" in harness.labels(test) else None
    clean(run_button(test).click().run())
    job = fake_worker.claim()
    while job.kind != "distill":
        jobs.finish(job.id, "finished")
        job = fake_worker.claim()
    fit = {"figures": {"unknown_words": 0.0, "texts_cut": 0.0, "max_length": 128}, "warnings": [{"kind": "chance", "sentence": WARNING}]}
    jobs.emit(job.id, "prepared", {
        "steps": 60, "curve": {"teacher": 0.3, "initial": 0.3}, "parameters": {}, "teacher": {"accuracy": 0.3, "loss": 1.1},
        "initial": {"accuracy": 0.3, "loss": 1.1}, "fit": fit,
    })
    assert WARNING in shown(clean(test.run()))
    jobs.finish(job.id, "failed", "The training broke off: by step 6 of 12 the loss was no longer a finite number; choose a lower learning rate.")
    assert "The training broke off" in shown(clean(test.run()))

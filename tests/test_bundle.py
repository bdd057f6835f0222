"""The teacher that comes with the program: whole, as its card says, and missed in one sentence.

Run: python -m pytest tests/test_bundle.py
"""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from streamlit.testing.v1 import AppTest

from core import worker
from core.__main__ import main
from core.data.batches import encode
from core.data.catalogue import load
from core.models import catalogue, weights
from core.models.teachers import load_model, load_teacher, load_tokenizer
from core.training.device import pick
from core.training.evaluate import scores
from core.training.signals import bundled_logits, compute, entropy
from core.training.tune import notice
from pages.parts.common import learner

NAME, TASK = "minilm-l6", "composed-nli"
ROOT = Path(__file__).resolve().parent.parent
FOLDER = catalogue.bundled_folder(NAME, TASK)
CARD = json.loads((FOLDER / "teacher.json").read_text())


@pytest.fixture(scope="module")
def splits():
    return encode(load(TASK), load_tokenizer(FOLDER))


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the bundled folder that may be harmed."""
    monkeypatch.setattr(weights, "ASSETS", tmp_path / "assets")
    return shutil.copytree(FOLDER, catalogue.bundled_folder(NAME, TASK))


def test_it_is_fp16_small_and_licensed():
    with safe_open(FOLDER / "model.safetensors", "pt") as file:
        assert {file.get_tensor(name).dtype for name in file.keys() if "position_ids" not in name} == {torch.float16}  # noqa: SIM118
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 50e6
    assert (FOLDER / "NOTICE.md").read_text() == notice(CARD)
    assert "Apache License" in (weights.ASSETS / "LICENSE-Apache-2.0.txt").read_text()


def test_its_card_names_this_task_and_these_weights_and_what_the_issue_asks():
    assert CARD["task_hash"] == load(TASK).hash and CARD["sha256"] == weights.whole_weights(FOLDER, NAME)
    assert CARD["scores"]["test"]["accuracy"] >= 0.93 and set(CARD["target_entropy"]) == {"T=1", "T=2"}
    assert CARD["tuning"] == catalogue.default_tuning(NAME, TASK).to_dict()


def test_the_card_s_scores_are_those_of_the_kept_logits(splits):
    teacher, task = load_teacher(NAME, load(TASK)), load(TASK)
    for part, split in splits.items():
        logits = bundled_logits(teacher, split)
        found = scores(logits, split.labels, None, task.split(part).tags)
        assert found["accuracy"] == pytest.approx(CARD["scores"][part]["accuracy"], abs=2e-4)  # fp16 may flip a near tie
        assert found["loss"] == pytest.approx(CARD["scores"][part]["loss"], abs=1e-3)
    assert entropy(bundled_logits(teacher, splits["train"]), 2.0) == pytest.approx(CARD["target_entropy"]["T=2"], abs=1e-3)


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_a_sample_of_the_kept_logits_is_computed_again(splits, part):
    teacher = load_teacher(NAME, load(TASK))
    sample = torch.arange(0, len(splits[part]), 97)
    again = {}
    for _ in compute(teacher, splits[part].take(sample), ["logits"], pick("fp32"), again):
        pass
    kept = bundled_logits(teacher, splits[part])[sample]
    assert kept.abs().max() > 1 and torch.allclose(kept, again["logits"], atol=0.02, rtol=2e-3)


def test_logits_of_other_weights_or_data_are_not_used(splits, copied):
    teacher = load_teacher(NAME, load(TASK))
    assert bundled_logits(teacher, splits["test"].take(torch.arange(10))) is None
    teacher.hash = "0" * 16
    assert bundled_logits(teacher, splits["test"]) is None


def delete(path):
    path.unlink()


def cut_off(path):
    path.write_bytes(path.read_bytes()[:1000])


def flip_a_byte(path):
    data = bytearray(path.read_bytes())
    data[-1000] ^= 255
    path.write_bytes(data)


@pytest.mark.parametrize("harm, says", [(delete, "are missing"), (cut_off, "are damaged"), (flip_a_byte, "are damaged")])
def test_harmed_weights_are_one_sentence_on_the_command_line_and_in_the_app(copied, capsys, monkeypatch, harm, says):
    monkeypatch.setattr(worker, "ensure_running", lambda: None)
    monkeypatch.setattr(learner, "_from_browser", lambda: None)  # the harness has no browser, so no cookies
    harm(copied / "model.safetensors")
    assert main(["distill", "--preset", "odd", "--k", "3", "--steps", "1"]) == 2
    error = capsys.readouterr().err.strip()
    assert says in error and "git checkout core/assets" in error and "\n" not in error and "Traceback" not in error
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    shown = [message.value for message in app.error]
    assert not app.exception and len(shown) == 1 and says in shown[0] and "git checkout core/assets" in shown[0].replace(chr(92), "")


def test_harmed_logits_are_computed_anew(splits, copied):
    cut_off(copied / "logits.safetensors")
    assert bundled_logits(load_teacher(NAME, load(TASK)), splits["test"]) is None


def test_the_half_precision_weights_load_as_fp32():
    assert {p.dtype for p in load_model(FOLDER).parameters()} == {torch.float32}

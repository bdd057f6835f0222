"""Sweeps: killed at random moments, checked, and what they say of the time left. Run: python -m pytest tests/test_sweep.py"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scipy import stats

from core.__main__ import main
from core.commands.sweep import now_text
from core.errors import LabError
from core.recipe import Recipe
from core.store.saved import read
from core.studies import repeat
from core.studies.repeat import Repeat
from core.studies.sweep import Pace, append, in_turn, sweep
from core.training.events import Event, stage

ROOT = Path(__file__).resolve().parent.parent
TIMES = ("seconds", "train_seconds", "tokens_per_second")


def sweep_arguments(teacher, task, out, *more):
    short = ["--layers", "all:2", "--seeds", "0", "--epochs", "1", "--batch-size", "16"]
    return ["sweep", "--teacher", teacher, "--task", task, *short, "--out", str(out), *more]


def without_times(path):
    strip = lambda value: {k: v for k, v in value.items() if k not in TIMES}
    return [strip(r) | {"curve": [strip(p) for p in r["curve"]]} for r in read(path)]


# A process that has imported everything and forks a sweep for each line it reads, so that five kills cost one import.
NURSERY = """
import os, sys
import core.training.distill, core.training.loading
from core.__main__ import main
from core.commands.sweep import now_text
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        os._exit(main(eval(line)))
    print(child, flush=True)
    os.waitpid(child, 0)
    print("over", flush=True)
"""


def test_a_sweep_killed_at_five_random_moments_ends_as_an_undisturbed_one(teacher, task, tmp_path, home):
    whole, torn = tmp_path / "whole.jsonl", tmp_path / "torn.jsonl"
    began = time.monotonic()
    assert main(sweep_arguments(teacher, task, whole)) == 0
    one_run = (time.monotonic() - began) / 6
    moments = random.Random(5)
    there = lambda: torn.read_bytes().count(b"\n") if torn.exists() else 0
    env = {**os.environ, "LAYER_LAB_HOME": str(home)}
    nursery = subprocess.Popen(
        [sys.executable, "-c", NURSERY], cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    with nursery:
        answer = lambda: next(line.strip() for line in nursery.stdout if line.strip() in ("ready", "over") or line.strip().isdigit())
        assert answer() == "ready"
        for kept in sorted(moments.choices(range(6), k=5)):  # killed somewhere after this many runs are kept
            nursery.stdin.write(repr(sweep_arguments(teacher, task, torn)) + "\n")
            nursery.stdin.flush()
            child = int(answer())
            end = time.monotonic() + 600
            while there() < kept and time.monotonic() < end:
                time.sleep(0.002)
            end = time.monotonic() + moments.random() * one_run
            while there() < 5 and time.monotonic() < end:  # never into the end of the last run: there would be nothing to kill
                time.sleep(0.002)
            os.kill(child, signal.SIGKILL)
            assert answer() == "over"
            assert len({record["id"] for record in read(torn)}) == len(read(torn)) < 7
        nursery.stdin.close()
    assert main(sweep_arguments(teacher, task, torn)) == 0
    assert main(sweep_arguments(teacher, task, torn)) == 0  # nothing is left to do
    assert without_times(torn) == without_times(whole)


def test_check_finds_the_saved_runs_again_and_says_so_when_it_does_not(teacher, task, tmp_path, capsys):
    path = tmp_path / "runs.jsonl"
    assert main(sweep_arguments(teacher, task, path)) == 0
    first = read(path)
    assert main(["sweep", "--out", str(path), "--check", "--check-seed", "7"]) == 0
    assert "3 of 3 saved runs" in capsys.readouterr().out and read(path) == first
    path.unlink()
    for record in first:
        append(path, record | {"final": record["final"] | {"accuracy": record["final"]["accuracy"] + 0.006}})
    with pytest.raises(SystemExit) as ended:
        main(["sweep", "--out", str(path), "--check", "--check-seed", "7"])
    assert ended.value.code == 1 and "0 of 3 saved runs" in capsys.readouterr().out


def test_check_makes_staged_runs_again_in_their_stages(teacher, task, tmp_path, capsys):
    path, kept = str(tmp_path / "runs.jsonl"), []
    for method, more in (("shrinking", ["--k", "2"]), ("one-stage", ["--layers", "1,3", "--test"])):
        where = ["--teacher", teacher, "--task", task, "--steps", "12", "--out", path]
        assert main(["stages", "--method", method, *more, *where]) == 0
        kept.append(method)
    assert [record["staged"]["method"] for record in read(Path(path))] == kept
    assert main(["sweep", "--out", path, "--check"]) == 0
    assert "2 of 2 saved runs" in capsys.readouterr().out.splitlines()[-1]


def test_nothing_to_check_and_nothing_to_run_are_a_sentence_each(teacher, task, tmp_path, capsys):
    assert main(["sweep", "--out", str(tmp_path / "none.jsonl"), "--check"]) == 2
    assert "There is no file" in capsys.readouterr().err
    assert main(["sweep", "--teacher", teacher, "--task", task]) == 2
    assert "names no layer choices" in capsys.readouterr().err


def record(run_id="a", accuracy=0.8, device="cpu", weights="w", predictions="0101", dtype="float32", precision="auto", name="A", seed=0):
    return {"id": run_id, "environment": {"device": device, "dtype": dtype, "device_name": name}, "teacher": {"hash": weights}, "task_hash": "d",
            "recipe": {"optimiser": {"precision": precision}, "seed": seed}, "final": {"accuracy": accuracy}, "predictions": predictions}


def here(kind: str, dtype: str, name: str = "A"):
    """A machine that chooses a dtype where it is left to it."""
    return lambda precision: (kind, {"auto": dtype, "fp32": "float32", "bf16": "bfloat16"}[precision], name)


def test_which_runs_are_checked_depends_on_the_seed_and_not_on_the_files_order():
    records = [record(name) for name in "abcdefgh"] + [record("z", device="cuda")]
    ids = lambda found: [r["id"] for r in found]
    cpu = here("cpu", "float32")
    chosen = {seed: ids(repeat.pick_comparable(records, cpu, seed)) for seed in range(20)}
    assert all(len(set(found)) == 3 and "z" not in found for found in chosen.values()) and len(set(map(tuple, chosen.values()))) > 5
    assert chosen == {seed: ids(repeat.pick_comparable(records[::-1], cpu, seed)) for seed in range(20)}
    assert ids(repeat.pick_comparable(records, here("cuda", "float32"), 0)) == ["z"]
    with pytest.raises(LabError, match="made on cpu in float32, cuda in float32, here they would be on mps in float32"):
        repeat.pick_comparable(records, here("mps", "float32"), 0)
    with pytest.raises(LabError, match="no finished runs"):
        repeat.pick_comparable([], cpu, 0)


def test_runs_are_checked_in_the_arithmetic_they_were_made_in():
    records = [record("a", dtype="bfloat16"), record("b"), record("c", precision="fp32"), record("d", dtype="bfloat16", precision="bf16")]
    ids = lambda dtype: sorted(one["id"] for one in repeat.pick_comparable(records, here("cpu", dtype), 0))
    assert ids("bfloat16") == ["a", "c", "d"] and ids("float32") == ["b", "c", "d"]
    with pytest.raises(LabError, match="made on cpu in bfloat16, here they would be on cpu in float32"):
        repeat.pick_comparable(records[:1], here("cpu", "float32"), 0)


def test_runs_of_this_processor_are_checked_first():
    records = [record(name, name="AB"[n % 2]) for n, name in enumerate("abcdefgh")]
    ids = lambda name: {one["id"] for seed in range(20) for one in repeat.pick_comparable(records, here("cpu", "float32", name), seed)}
    assert (ids("A"), ids("B"), ids("C")) == (set("aceg"), set("bdfh"), set("abcdefgh"))


def test_a_run_of_another_processor_may_be_as_far_off_as_another_seed():
    records = [record(str(seed), 0.8 + shift, seed=seed) for seed, shift in enumerate((-0.02, 0.0, 0.02))]
    allowed = float(stats.t.ppf(0.975, 2)) * 2**0.5 * 0.02
    for found, holds in ((0.8 + allowed - 1e-6, True), (0.8 + allowed + 1e-5, False)):
        elsewhere = repeat.compare(record(name="B"), record(accuracy=found), records)
        assert elsewhere.elsewhere == "B" and elsewhere.holds is holds and not repeat.compare(record(), record(accuracy=found), records).holds
    assert repeat.compare(record(name="B"), record(accuracy=0.806), records[:1]).holds is False  # nothing shows what seeds do


@pytest.mark.parametrize("found, holds", [(0.8, True), (0.805, True), (0.795, True), (0.8051, False), (0.79, False)])
def test_half_a_point_is_the_limit(found, holds):
    outcome = repeat.compare(record(), record(accuracy=found, predictions="0111"))
    assert outcome.holds is holds and (outcome.differing, outcome.of) == (1, 4)


def test_runs_of_other_weights_are_not_compared():
    with pytest.raises(LabError, match=r"made with other weights of its teacher than are here, so it cannot be checked\.$"):
        repeat.compare(record(), record(weights="v"))
    with pytest.raises(LabError, match="other weights of its teacher.* made on another processor, B, where a teacher is tuned"):
        repeat.compare(record(name="B"), record(weights="v"))
    with pytest.raises(LabError, match="made with other data than"):
        repeat.compare(record(), record() | {"task_hash": "e"})


RECIPES = [Recipe("t", "x", (layer,)) for layer in (1, 2, 3)]


def finished(recipe, **changes):
    return Event("finished", {"record": record(recipe.id) | {"status": "finished"} | changes})


def test_half_a_point_of_a_file_that_rounds_is_half_a_point():
    saved, now = round(331 / 600, 6), 328 / 600  # three of 600 examples
    assert saved - now > 0.005 and Repeat("", saved, now, 40, 600).holds and not Repeat("", saved, 327 / 600, 40, 600).holds


def test_progress_counts_what_the_file_holds_already(tmp_path):
    path = tmp_path / "runs.jsonl"
    append(path, finished(RECIPES[1]).data["record"])
    states = list(sweep(RECIPES, path, "w", "d", in_turn(lambda recipe: iter([Event("step"), finished(recipe)]))))
    assert [(state["done"], state["of"]) for state in states] == [(1, 3), (2, 3), (2, 3), (3, 3), (3, 3)]
    assert states[0]["eta"] is None and states[1]["eta"] >= 0 and states[-1]["eta"] == 0
    assert [r["id"] for r in read(path)] == [RECIPES[i].id for i in (1, 0, 2)]


def test_a_run_is_on_the_disk_when_it_is_reported(tmp_path):
    path = tmp_path / "runs.jsonl"
    for state in sweep(RECIPES, path, "w", "d", in_turn(lambda recipe: iter([finished(recipe)]))):
        assert len(read(path)) == state["done"]


def test_a_stopped_run_ends_the_sweep_and_is_not_kept(tmp_path):
    path = tmp_path / "runs.jsonl"
    run = lambda recipe: iter([finished(recipe, status="finished" if recipe == RECIPES[0] else "stopped")])
    assert [state["done"] for state in sweep(RECIPES, path, "w", "d", in_turn(run))] == [1, 1]
    assert len(read(path)) == 1


def test_a_run_made_with_other_weights_is_refused(tmp_path):
    with pytest.raises(LabError, match="another teacher or other data"):
        list(sweep(RECIPES, tmp_path / "runs.jsonl", "w", "d", in_turn(lambda recipe: iter([finished(recipe, task_hash="other")]))))
    assert read(tmp_path / "runs.jsonl") == []


def test_two_sweeps_do_not_share_a_file(tmp_path):
    path = tmp_path / "runs.jsonl"
    first = sweep(RECIPES, path, "w", "d", in_turn(lambda recipe: iter([finished(recipe)])))
    next(first)
    with pytest.raises(LabError, match="Another sweep"):
        next(sweep(RECIPES, path, "w", "d", in_turn(lambda recipe: iter([finished(recipe)]))))
    first.close()


def test_the_time_left_follows_the_runs_made(monkeypatch):
    now = iter([100.0, 101.0, 104.0, 110.0, 110.0, 114.0, 150.0])
    monkeypatch.setattr("core.studies.sweep.time.monotonic", lambda: next(now))
    pace = Pace(5)
    assert pace.seconds_left() is None
    assert pace.seconds_left(of_run=6.0) == 46.0  # 4 s into a run of 10 s, and four like it
    pace.one_more()
    assert pace.seconds_left() == 40.0 and pace.seconds_left() == 36.0 and pace.seconds_left() == 0.0


def test_the_bar_tells_what_is_being_done():
    recipe = Recipe("minilm-l6", "sick", (1, 3), seed=2)
    assert now_text(recipe, Event("step", {"step": 7, "of": 60})) == "1,3 seed 2 step 7/60"
    assert now_text(recipe, stage("preparing", "Asking the teacher about train", 0.42)) == "Asking the teacher about train 42 %"
    assert now_text(recipe, stage("evaluating", "Evaluating the student")) == "Evaluating the student"
    assert now_text(recipe, Event("evaluated", {})) == ""


def test_records_stay_readable_lines(tmp_path):
    append(tmp_path / "runs.jsonl", {"id": "a", "loss": float("nan"), "x": 0.123456789})
    assert json.loads((tmp_path / "runs.jsonl").read_text()) == {"id": "a", "loss": None, "x": 0.123457}

"""Saved runs and what is true of their examples. Run: python -m pytest tests/test_saved.py"""

import json

import pytest

from core.errors import LabError
from core.store.saved import Truth, by_file, read, saved_runs, truth, write_truth


def record(run_id="a", teacher="t", task="x", status="finished", weights="w"):
    return {"id": run_id, "status": status, "recipe": {"teacher": teacher, "task": task}, "teacher": {"hash": weights}, "task_hash": "h"}


def write(path, *records, tail=""):
    path.write_text("".join(json.dumps(r) + "\n" for r in records) + tail)


def test_runs_are_read_from_all_files_once_each_and_by_teacher_and_task(tmp_path):
    write(tmp_path / "one.jsonl", record("a"), record("b", task="y"))
    write(tmp_path / "two.jsonl", record("a"), record("a", weights="v"), record("c", status="stopped"))
    found = saved_runs(folder=tmp_path)
    assert [(r["id"], r["teacher"]["hash"], r["file"]) for r in found] == [("a", "w", "one.jsonl"), ("b", "w", "one.jsonl"), ("a", "v", "two.jsonl")]
    assert [r["id"] for r in saved_runs("t", "y", tmp_path)] == ["b"]
    assert saved_runs("u", folder=tmp_path) == []
    assert [[r["id"] for r in records] for records in by_file(tmp_path).values()] == [["a", "b"], ["a", "a"]]


def test_runs_that_answer_no_recipe_are_left_out(tmp_path):
    write(tmp_path / "one.jsonl", record("a"), record("b") | {"mistake": "stale-optimizer"}, record("c") | {"staged": {}})
    assert [r["id"] for r in saved_runs(folder=tmp_path)] == ["a"]


def test_a_file_that_grows_is_read_again(tmp_path):
    write(tmp_path / "one.jsonl", record("a"))
    assert len(saved_runs(folder=tmp_path)) == 1
    write(tmp_path / "one.jsonl", record("a"), record("b"))
    assert len(saved_runs(folder=tmp_path)) == 2


def test_a_torn_last_line_is_no_record_and_a_broken_line_is_named(tmp_path):
    write(tmp_path / "one.jsonl", record("a"), tail='{"id": "b", "stat')
    assert [r["id"] for r in read(tmp_path / "one.jsonl")] == ["a"]
    (tmp_path / "one.jsonl").write_text('{"id"\n{}\n')
    with pytest.raises(LabError, match="Line 1 of .* is not JSON"):
        read(tmp_path / "one.jsonl")


def test_truth_is_kept_once_by_the_hash_of_the_data(tmp_path):
    assert truth("h", "test", tmp_path) is None
    write_truth("x", "h", {"test": Truth("012", (0, 0, 1))}, tmp_path)
    write_truth("x", "h", {"test": Truth("000", (0, 0, 0))}, tmp_path)
    assert truth("h", "test", tmp_path) == Truth("012", (0, 0, 1))
    assert truth("h", "check", tmp_path) is None

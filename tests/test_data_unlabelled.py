"""What stands for "no label", and labels written in two ways. Run: python -m pytest tests/test_data_unlabelled.py"""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data import catalogue
from core.data.address import Options
from core.data.unlabelled import unlabelled
from core.errors import LabError


def write(path, labels, n=60, parts=None):
    head = "text,label,part\n" if parts else "text,label\n"
    rows = [f"text {i},{labels[i % len(labels)]}" + (f",{parts[i % len(parts)]}" if parts else "") for i in range(n)]
    path.write_text(head + "\n".join(rows) + "\n")
    return f"file:{path}?text=text&label=label" + ("&split=part" if parts else "")


@pytest.mark.parametrize("labels, classes, lost", [
    (("a", "b", "c", "-"), ("a", "b", "c"), 15),
    (("+", "-", "0"), ("+", "-", "0"), 0),
    (("0", "1", "2", "-1"), ("0", "1", "2"), 15),
    (("0", "1", "2", "-1.0"), ("0", "1", "2"), 15),
    (("-1", "1"), ("-1", "1"), 0),
    (("-1", "0"), ("-1", "0"), 0),
    (("-2", "-1", "0", "1"), ("-2", "-1", "0", "1"), 0),
    (("yes", "no", "-1"), ("no", "yes"), 20),
    (("yes", "no", ""), ("no", "yes"), 20),
    (("1.0", "0.0", "nan"), ("0.0", "1.0"), 20),
    (("1", "0", "None"), ("0", "1"), 20),
    (("joy", "anger", "none"), ("anger", "joy", "none"), 0),
    (("yes", "no", "   "), ("no", "yes"), 20),
])
def test_what_is_clear_is_decided_and_counted(tmp_path, labels, classes, lost):
    task = catalogue.load(write(tmp_path / "x.csv", labels))
    assert task.labels == classes and sum(map(len, (task.train, task.validation, task.test))) == 60 - lost
    assert (f"{lost} rows without a label" in task.card) == bool(lost)


@pytest.mark.parametrize("labels, offered, classes, named", [
    (("-1", "0", "1"), "missing=-1", ("0", "1"), "labels=negative:-1,neutral:0,positive:1"),
    (("-1", "1", "2"), "missing=-1", ("1", "2"), "labels=name1:-1,name2:1,name3:2"),
])
def test_what_is_not_clear_is_asked_with_two_ways_out(tmp_path, labels, offered, classes, named):
    name = write(tmp_path / "x.csv", labels)
    with pytest.raises(LabError, match=r"'-1' may be a class or stand for no label; add &missing=-1") as caught:
        catalogue.load(name)
    assert named in str(caught.value)
    assert catalogue.load(f"{name}&{offered}").labels == classes
    kept = catalogue.load(f"{name}&{named}")
    assert kept.numbers[0] == -1 and len(kept.train) + len(kept.validation) + len(kept.test) == 60


def test_a_map_that_leaves_minus_one_out_says_that_it_is_no_label(tmp_path):
    task = catalogue.load(write(tmp_path / "x.csv", ("-1", "0", "1")) + "&labels=bad:0,good:1")
    assert task.labels == ("bad", "good") and "20 rows without a label (\\-1 in 20) were left out" in task.card


def test_nan_among_names_is_asked(tmp_path):
    name = write(tmp_path / "x.csv", ("yes", "no", "nan"))
    with pytest.raises(LabError, match="'nan' may be a class or stand for no label; add &missing=nan where it stands for none"):
        catalogue.load(name)
    assert catalogue.load(name + "&missing=nan").labels == ("no", "yes")


def test_a_dash_with_one_other_label_is_asked(tmp_path):
    name = write(tmp_path / "x.csv", ("-", "good"))
    with pytest.raises(LabError, match="'-' may be a class"):
        catalogue.load(name)
    assert catalogue.load(name + "&labels=-:0,good:1").labels == ("-", "good")


def test_a_part_whose_labels_are_hidden_is_left_out(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("text,label,part\n" + "".join(
        f"text {i},{-1 if i % 3 == 2 else i % 2},{('train', 'dev', 'test')[i % 3]}\n" for i in range(90)))
    task = catalogue.load(f"file:{path}?text=text&label=label&split=part")
    assert task.labels == ("0", "1") and len(task.validation) == 30 and len(task.train) + len(task.test) == 30
    assert "The test part has no labels; its 30 rows can only be left out" in task.card
    real = write(tmp_path / "y.csv", ("-1", "1", "-1", "-1"), parts=("train", "train", "dev", "test"))
    assert len(catalogue.load(real).test) == 15  # -1 is a class in train, so it is one in test


def test_other_values_are_named_by_the_user(tmp_path):
    name = write(tmp_path / "x.csv", ("a", "b", "n/a", "-1"))
    task = catalogue.load(name + "&missing=n/a,-1")
    assert task.labels == ("a", "b") and "30 rows without a label" in task.card
    assert catalogue.load(name + "&missing=none").labels == ("-1", "a", "b", "n/a")


def test_a_scale_may_reach_below_zero():
    values = {"train": ["-1", "0.5", "3.2"]}
    with pytest.raises(LabError, match="missing=-1 where it stands for none, or &thresholds= with &missing=none"):
        unlabelled(values, Options(thresholds=(1.0,)))
    assert unlabelled({"train": ["-1", "-0.5", "3"]}, Options(thresholds=(1.0,))) == {"train": {""}}
    assert unlabelled(values | {"test": ["-1.0"] * 3}, Options(thresholds=(1.0,), missing=("-1",)))["train"] == {"", "-1"}


@pytest.mark.parametrize("labels", [("Positive", "positive", "no"), ("not_a", "not a", "b"), ("Not-A", "not_a", "b"), ("1", "01", "0")])
def test_one_class_written_in_two_ways_is_refused_with_its_lines(tmp_path, labels):
    with pytest.raises(LabError, match="look like one class; write them alike") as caught:
        catalogue.load(write(tmp_path / "x.csv", labels))
    assert "x.csv, line 2" in str(caught.value) and "x.csv, line 3" in str(caught.value)


# From the hub


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYER_LAB_HUB", str(tmp_path / "hub"))

    def write_parts(**parts):
        folder = tmp_path / "hub/a/b/data"
        folder.mkdir(parents=True, exist_ok=True)
        for part, labels in parts.items():
            texts = [f"{part} {i}" for i in range(len(labels))]
            pq.write_table(pa.table({"text": texts, "label": labels}), folder / f"{part}-00000-of-00001.parquet")
        return "hub:a/b?text=text&label=label"

    return write_parts


def test_numbers_without_names_follow_the_same_rules(data):
    name = data(train=[-1, 0, 1] * 20)
    with pytest.raises(LabError, match="may be a class or stand for no label"):
        catalogue.load(name)
    assert catalogue.load(name + "&labels=down:-1,same:0,up:1").labels == ("down", "same", "up")
    assert catalogue.load(name + "&missing=-1").labels == ("0", "1")


def test_minus_one_and_one_are_two_classes(data):
    task = catalogue.load(data(train=[-1, 1] * 30))
    assert task.labels == ("-1", "1") and len(task.train) == 48


def test_a_hidden_test_part_of_the_hub(data):
    task = catalogue.load(data(train=[0, 1] * 30, validation=[0, 1] * 10, test=[-1] * 20))
    assert task.labels == ("0", "1") and len(task.validation) == len(task.test) == 10 and "test part has no labels" in task.card


def test_a_scale_of_the_hub(data):
    scores = [round(0.2 * i, 1) for i in range(26)] * 4
    name = data(train=scores, validation=scores, test=[-1.0] * 20)
    with pytest.raises(LabError, match="26 different numbers from 0 to 5, a scale"):
        catalogue.load(name)
    task = catalogue.load(name + "&thresholds=2,4&max_length=64")
    assert task.labels == ("below 2", "2 to 4", "4 and above") and task.max_length == 64 and len(task.train) == 104


def test_declared_names_keep_minus_one_as_no_label(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYER_LAB_HUB", str(tmp_path / "hub"))
    folder = tmp_path / "hub/stanfordnlp/snli/plain_text"
    folder.mkdir(parents=True)
    for part in ("train", "validation", "test"):
        texts = [f"{part} {i}" for i in range(40)]
        pq.write_table(pa.table({"premise": texts, "hypothesis": texts, "label": [-1, 0, 1, 2] * 10}), folder / f"{part}-00000-of-00001.parquet")
    task = catalogue.load("snli?labels=contradiction:0,entailment:1,neutral:2&max_length=64")
    assert task.labels == ("contradiction", "entailment", "neutral") and task.numbered and task.max_length == 64
    assert [task.labels[label] for label in task.test.labels[:3]] == ["entailment", "neutral", "contradiction"]
    assert catalogue.known_classes(task.name) == task.classes


def test_strings_where_names_are_known(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYER_LAB_HUB", str(tmp_path / "hub"))
    folder = tmp_path / "hub/stanfordnlp/snli/plain_text"
    folder.mkdir(parents=True)
    words = ["-", "entailment", "neutral", "contradiction"] * 10
    for part in ("train", "validation", "test"):
        texts = [f"{part} {i}" for i in range(40)]
        pq.write_table(pa.table({"premise": texts, "hypothesis": texts, "label": words}), folder / f"{part}-00000-of-00001.parquet")
    assert len(catalogue.load("snli").train) == 30

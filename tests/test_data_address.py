"""What a task's address may say: a label map, a length, thresholds. Run: python -m pytest tests/test_data_address.py"""

import dataclasses

import pytest

from core.data import address, catalogue
from core.data.address import Options, bare, common_options, map_text, with_option
from core.data.task import Classes
from core.errors import LabError
from core.findings.names import short_name

COMPOSED = "668f42835611e2c9"


def write(path, labels, n=60):
    path.write_text("text,label\n" + "".join(f"text {i},{labels[i % len(labels)]}\n" for i in range(n)))
    return f"file:{path}?text=text&label=label"


def truth(task):
    """The label's name of every text."""
    return {text: task.labels[label] for part in (task.train, task.validation, task.test) for text, label in zip(part.first, part.labels)}


def test_a_task_without_options_is_what_it_was():
    task = catalogue.load("composed-nli")
    assert task.hash == COMPOSED and task.name == "composed-nli" and not task.numbered and task.numbers is None


def test_a_length_is_part_of_the_task():
    task, plain = catalogue.load("composed-nli?max_length=64"), catalogue.load("composed-nli")
    assert task.max_length == 64 and task.name == "composed-nli?max_length=64" and "cut at 64 tokens" in task.card
    assert dataclasses.replace(task, max_length=128).hash == plain.hash != task.hash
    probe = catalogue.load("hypothesis:composed-nli?max_length=64")
    assert probe.max_length == 64 and probe.train.second is None


@pytest.mark.parametrize("length", ["7", "4097", "x", "-9", "1e2", "²"])
def test_a_length_that_cannot_be_is_one_sentence(length):
    with pytest.raises(LabError, match="whole number of tokens from 8 to 4096"):
        catalogue.load(f"composed-nli?max_length={length}")


def test_where_the_data_hold_names_the_map_is_the_order_of_the_teachers_classes(tmp_path):
    plain, task = (catalogue.load(f"composed-nli{more}") for more in ("", "?labels=CONTRADICTION:0,entailment:1,neutral:2"))
    assert task.labels == ("contradiction", "entailment", "neutral") and task.numbered and task.numbers is None
    assert truth(task) == truth(plain) and "contradiction 0, entailment 1, neutral 2" in task.card
    assert catalogue.known_classes(task.name) == task.classes and catalogue.info_of(task.name).title == "Composed NLI"
    task = catalogue.load(write(tmp_path / "x.csv", ("no", "yes")) + "&labels=yes:0,no:1")
    assert task.labels == ("yes", "no") and task.numbered and truth(task)["text 0"] == "no" and truth(task)["text 1"] == "yes"


def test_where_the_data_hold_numbers_the_map_says_what_they_are_called(tmp_path):
    name = write(tmp_path / "x.csv", ("0", "1", "2"))
    task = catalogue.load(name + "&labels=positive:2,negative:0,so-so:1")
    assert task.labels == ("negative", "so-so", "positive") and task.numbers == (0, 1, 2) and not task.numbered
    assert truth(task)["text 2"] == "positive" and truth(task)["text 3"] == "negative" and "2 is positive" in task.card.replace("\\", "")
    assert catalogue.load(name).numbers == (0, 1, 2) and catalogue.load(name).labels == ("0", "1", "2")
    floats = catalogue.load(write(tmp_path / "y.csv", ("1.0", "0.0")) + "&labels=good:1,bad:0")
    assert floats.labels == ("bad", "good") and truth(floats)["text 0"] == "good"


def test_names_with_any_sign_are_quoted(tmp_path):
    task = catalogue.load(write(tmp_path / "x.csv", ("0", "1")) + "&labels=a%2Cb%3A%26:0,ü c:1")
    assert task.labels == ("a,b:&", "ü c")
    assert map_text(task.classes, ["ü c", "a,b:&"], [1, 0]) == "a%2Cb%3A%26:0,%C3%BC c:1"
    assert common_options(f"sick?labels={map_text(task.classes, ['ü c', 'a,b:&'], [1, 0])}").labels == (("a,b:&", 0), ("ü c", 1))


FAULTS = {
    "labels=a": "write NAME:NUMBER for each class",
    "labels=a:x,b:1": "write NAME:NUMBER",
    "labels=a:0,a:1": "gives the name a twice",
    "labels=a:0,A:1": "gives the name A twice",
    "labels=a:0,b:0": "gives the number 0 twice",
    "labels=no:0": "does not name the label 'yes'",
    "labels=no:0,yes:1,more:2": "names 'more', but the data have no such label; they have 'no', 'yes'",
    "labels=no:0,yes:2": "numbers, 0 to 1, each once; it gives 0, 2",
    "labels=": "is not understood",
    "colour=red": "is not understood",
    "max_length=8&max_length=9": "is not understood",
    "thresholds=4,2": "ascending numbers",
    "thresholds=x": "ascending numbers",
    "thresholds=nan": "ascending numbers",
    "thresholds=2": "line 2: the label is 'no', and thresholds= needs numbers",
    "missing=zzz": "missing= names 'zzz', but the label column does not hold it; it holds no, yes",
    "encoding=utf-99": "no text encoding 'utf-99'",
    "encoding=zip": "no text encoding 'zip'",
    "separator=ab": "write comma, semicolon, tab, bar, or one sign",
    "quote=x": "write double, single, none",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_sentence_for_each_fault(tmp_path, fault):
    with pytest.raises(LabError, match=FAULTS[fault]) as caught:
        catalogue.load(f"{write(tmp_path / 'x.csv', ('no', 'yes'))}&{fault}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("labels, sentence", [("a:0,b:1,c:2", "labels= names the|labels= names 2|name the number"), ("a:0,b:1", None)])
def test_numbers_that_the_data_do_not_hold(tmp_path, labels, sentence):
    name = write(tmp_path / "x.csv", ("0", "1")) + f"&labels={labels}"
    if sentence:
        with pytest.raises(LabError, match="labels= names 2, but the data have no such number; they have 0, 1"):
            catalogue.load(name)
    else:
        assert catalogue.load(name).labels == ("a", "b")


def test_built_in_tasks_take_the_common_options_alone():
    for more, sentence in {"thresholds=2": "Every task takes labels=", "text=a": "Every task takes", "labels=a:0": "no such label"}.items():
        with pytest.raises(LabError, match=sentence):
            catalogue.load(f"composed-nli?{more}")
    with pytest.raises(LabError, match="there is composed-nli"):
        catalogue.load("nope?max_length=64")


def test_addresses_are_put_together_and_shortened():
    assert bare("glue/mnli?max_length=9") == "glue/mnli" and bare("sick") == "sick"
    assert with_option("sick", "labels", "a:0") == "sick?labels=a:0"
    assert with_option("sick?labels=b:1&max_length=9", "labels", "a:0") == "sick?max_length=9&labels=a:0"
    assert short_name("sick?max_length=9&labels=a:0,b:1") == "sick?max_length=9&labels=…"
    assert short_name("file:/d/train.csv,/d/dev.csv?text=a&label=b") == "train.csv,dev.csv"


# Numbers that measure


def test_a_scale_is_refused_with_thresholds_that_work(tmp_path):
    name = write(tmp_path / "x.csv", [f"{i / 4:.2f}" for i in range(21)], n=105)
    with pytest.raises(LabError, match="21 different numbers from 0 to 5, a scale, and a classifier needs classes; cut it") as caught:
        catalogue.load(name)
    offered = str(caught.value).split("as &")[1].split(" ")[0]
    assert len(catalogue.load(f"{name}&{offered}").labels) == 3


def test_thresholds_make_classes(tmp_path):
    name = write(tmp_path / "x.csv", ("0", "1.9", "2", "3.99", "4", "5")) + "&thresholds=2,4"
    task = catalogue.load(name)
    assert task.labels == ("below 2", "2 to 4", "4 and above") and "thresholds make classes of them" in task.card
    assert [truth(task)[f"text {i}"] for i in range(6)] == ["below 2"] * 2 + ["2 to 4"] * 2 + ["4 and above"] * 2
    named = catalogue.load(name + "&labels=low:0,high:2,middle:1")
    assert named.labels == ("low", "middle", "high") and "low is below 2" in named.card
    with pytest.raises(LabError, match="no such number; they have 0, 1, 2"):
        catalogue.load(name + "&labels=low:0,high:3,middle:1")
    with pytest.raises(LabError, match="The class '9 and above' has no example in train"):
        catalogue.load(name.replace("2,4", "2,9"))


def test_few_numbers_that_repeat_are_classes(tmp_path):
    assert catalogue.load(write(tmp_path / "x.csv", ("0.5", "1", "1.5"))).labels == ("0.5", "1", "1.5")
    with pytest.raises(LabError, match="12 different numbers from 1 to 12, a scale"):
        catalogue.load(write(tmp_path / "y.csv", list(range(1, 13))))
    with pytest.raises(LabError, match="12 different labels; at most 10"):
        catalogue.load(write(tmp_path / "z.csv", [f"n{i}" for i in range(12)]))


def test_options_are_read_as_they_are_written():
    assert address.options_of({"labels": "a:-1,b:0", "max_length": "256", "missing": "-1,%3F", "thresholds": "-1,2.5"}) == Options(
        (("a", -1), ("b", 0)), 256, ("-1", "?"), (-1.0, 2.5))
    assert Classes(("a", "b"), None, True).numbered and not Classes(("a", "b"), (0, 1), True).numbered and not Classes(("a", "b")).numbered

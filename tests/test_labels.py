"""Which of a teacher's classes is which of a task's labels, here and in the Lab's form. Run: python -m pytest tests/test_labels.py"""

import json

import pytest
import torch

from core.__main__ import main
from core.data import catalogue
from core.data.task import Classes
from core.errors import LabError
from core.models.catalogue import status
from core.models.labels import UnmatchedLabels, label_order
from core.models.teachers import load_model, load_teacher
from core.views.common.readiness import readiness
from core.views.lab import label_map
from tests import app_harness as harness
from tests.app_harness import button, chosen, clean, shown
from tests.tiny import save_tiny_teacher

IDS = torch.tensor([[2, 5, 6, 3]])


def order(names, classes, mapped=False, numbers=None):
    classes = classes if isinstance(classes, Classes) else Classes(tuple(classes), numbers, mapped)
    return label_order(list(names), classes, "it", [])


def asked(names, classes, **more) -> str:
    with pytest.raises(UnmatchedLabels) as caught:
        order(names, classes, **more)
    return str(caught.value)


@pytest.mark.parametrize("names, labels, expected", [
    (("NEUTRAL", "Entailment", "contradiction"), ("entailment", "neutral", "contradiction"), [1, 0, 2]),
    (("Not Entailment", "ENTAILMENT"), ("entailment", "not_entailment"), [1, 0]),
    (("not-entailment", "entailment"), ("entailment", "Not entailment"), [1, 0]),
    (("LABEL_1", "LABEL_0"), ("LABEL_0", "LABEL_1"), [1, 0]),
])
def test_by_name_whatever_its_case_and_joints(names, labels, expected):
    assert order(names, labels) == expected


@pytest.mark.parametrize("names, labels, numbers, expected", [
    (("LABEL_0", "LABEL_1"), ("0", "1"), (0, 1), [0, 1]),
    (("LABEL_1", "LABEL_0"), ("0", "1"), (0, 1), [1, 0]),
    (("Label 0", "label-1"), ("0.0", "1.0"), (0, 1), [0, 1]),
    (("1", "0"), ("LABEL_0", "LABEL_1"), None, [1, 0]),
    (tuple(f"LABEL_{i}" for i in range(10)), tuple(map(str, range(10))), tuple(range(10)), list(range(10))),
])
def test_by_number_where_the_task_has_numbers(names, labels, numbers, expected):
    assert order(names, labels, numbers=numbers) == expected


def test_by_the_address():
    assert order(("LABEL_0", "LABEL_1"), ("yes", "no"), mapped=True) == [0, 1]
    notes = []
    assert label_order(["no", "yes"], Classes(("yes", "no"), None, True), "it", notes) == [0, 1]  # whatever its config says
    assert notes == ["By the task's address the teacher's classes are yes, no, in this order (its config calls them no, yes)."]
    assert order(("LABEL_0", "LABEL_1"), ("bad", "good"), mapped=True, numbers=(0, 1)) == [0, 1]
    assert order(("LABEL_0", "LABEL_1"), ("LABEL_1", "LABEL_0"), mapped=True, numbers=(0, 1)) == [1, 0]
    assert order(("POSITIVE", "NEGATIVE"), ("negative", "positive"), mapped=True, numbers=(0, 1)) == [1, 0]


@pytest.mark.parametrize("names, labels, numbers, mapped, offered", [
    (("LABEL_0", "LABEL_1"), ("negative", "positive"), None, False, "behind ? or &, with the right numbers, as &labels=negative:0,positive:1;"),
    (("NEG", "POS"), ("negative", "positive"), None, False, "labels=negative:0,positive:1"),
    (("neutral", "x", "entails"), ("contradicts", "entails", "neutral"), None, False, "labels=neutral:0,contradicts:1,entails:2"),
    (("NEGATIVE", "POSITIVE"), ("0", "1"), (0, 1), False, "labels are the numbers 0, 1: nothing says which is which"),
    (("NEGATIVE", "POSITIVE"), ("0", "1"), (0, 1), False, "&labels=NEGATIVE:0,POSITIVE:1"),
    (("1 star", "2 stars", "3 stars"), ("1", "2", "3"), (1, 2, 3), False, "&labels=1 star:1,2 stars:2,3 stars:3"),
    (("LABEL_0", "LABEL_1"), ("1", "2"), (1, 2), False, "&labels=LABEL_0:1,LABEL_1:2"),
    (("LABEL_0", "LABEL_1"), ("-1", "1"), (-1, 1), False, "&labels=LABEL_0:-1,LABEL_1:1"),
    (("NEGATIVE", "POSITIVE"), ("bad", "good"), (0, 1), True, "0, 1, called bad, good"),
    (("NEGATIVE", "POSITIVE"), ("bad", "good"), (0, 1), True, "in place of its labels="),
    (("LABEL_0", "LABEL_1"), ("below 2", "2 and above"), (0, 1), False, "&labels=LABEL_0:0,LABEL_1:1"),
    (("Positive", "positive"), ("positive", "negative"), None, False, "it calls its classes Positive, positive"),
])
def test_what_nothing_says_is_asked_with_a_map_to_begin_from(names, labels, numbers, mapped, offered):
    said = asked(names, labels, numbers=numbers, mapped=mapped)
    assert offered in said and "\n" not in said


def test_another_number_of_classes_needs_a_teacher_of_its_own():
    for labels in (("a", "b", "c"), Classes(("a", "b", "c"), None, True)):
        with pytest.raises(LabError, match="it knows 2 classes .*, the task has 3 .*fine-tune"):
            order(("a", "b"), labels)


# With files


def write(path, labels, n=60):
    rows = [f"the {('dog', 'cat')[i % 2]} runs {'and no ' * (i % 5)}{i},{labels[i % len(labels)]}\n" for i in range(n)]
    path.write_text("text,label\n" + "".join(rows))
    return f"file:{path}?text=text&label=label"


@pytest.fixture
def nameless(tmp_path):
    path = save_tiny_teacher(tmp_path / "nameless", labels=("LABEL_0", "LABEL_1"))
    config = json.loads((path / "config.json").read_text())  # transformers leaves these names out of it
    (path / "config.json").write_text(json.dumps(config | {"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}))
    return str(path)


def test_the_map_decides_which_row_of_the_head_is_which(tmp_path, nameless):
    name = write(tmp_path / "x.csv", ("negative", "positive"))
    with pytest.raises(UnmatchedLabels):
        load_teacher(nameless, catalogue.load(name))
    plain = load_model(tmp_path / "nameless").eval()(input_ids=IDS).logits
    for more, places in (("negative:0,positive:1", {"negative": 0, "positive": 1}), ("negative:1,positive:0", {"negative": 1, "positive": 0})):
        task = catalogue.load(f"{name}&labels={more}")
        logits = load_teacher(nameless, task).model(input_ids=IDS).logits
        for place, label in enumerate(task.labels):
            assert logits[0, place] == plain[0, places[label]]


def test_the_other_order_is_another_identity(tmp_path, nameless):
    name = write(tmp_path / "x.csv", ("0", "1"))
    one, other = (load_teacher(nameless, catalogue.load(f"{name}{more}")) for more in ("", "&labels=LABEL_1:0,LABEL_0:1"))
    assert one.identity != other.identity and one.hash == other.hash
    assert torch.equal(one.model(input_ids=IDS).logits[:, [1, 0]], other.model(input_ids=IDS).logits)


def test_numbers_against_names(tmp_path):
    teacher = str(save_tiny_teacher(tmp_path / "named", labels=("POSITIVE", "NEGATIVE")))
    name = write(tmp_path / "x.csv", ("0", "1"))
    with pytest.raises(UnmatchedLabels, match="labels=POSITIVE:0,NEGATIVE:1"):
        load_teacher(teacher, catalogue.load(name))
    plain = load_model(tmp_path / "named").eval()(input_ids=IDS).logits
    logits = load_teacher(teacher, catalogue.load(name + "&labels=negative:0,positive:1")).model(input_ids=IDS).logits
    assert torch.equal(logits, plain[:, [1, 0]])


def test_the_command_line_asks_and_then_runs(tmp_path, nameless, capsys):
    name = write(tmp_path / "x.csv", ("negative", "positive"))
    args = ["distill", "--teacher", nameless, "--layers", "1,3", "--steps", "2", "--json", "--task"]
    assert main([*args, name]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "&labels=negative:0,positive:1" in err.splitlines()[-1]
    assert main([*args, f"{name}&labels=negative:0,positive:1"]) == 0


def test_status_and_readiness_say_what_is_asked(tmp_path, nameless):
    name = write(tmp_path / "x.csv", ("negative", "positive"))
    found = status(nameless, name, catalogue.load(name))
    assert not found.ready and found.unmatched.teacher == ["LABEL_0", "LABEL_1"] and "labels=negative:0" in found.needs and found.layers == 4
    ready = readiness(nameless, name)
    assert not ready.ready and ready.unmatched and ready.layers == 4 and ready.can_tune
    assert readiness(nameless, name + "&labels=negative:1,positive:0").ready
    assert "NAME:NUMBER" in readiness(nameless, name + "&labels=x").problem
    assert "cannot" in readiness(nameless, "sick?max_length=1").problem or "8 to 4096" in readiness(nameless, "sick?max_length=1").problem
    assert not readiness("minilm-l6", "composed-nli?max_length=64").problem


# The form


def test_the_forms_answer_is_an_address(tmp_path):
    unmatched = UnmatchedLabels("it", ["LABEL_0", "LABEL_1"], Classes(("bad", "good")))
    assert label_map.questions(unmatched) == [("bad", 0), ("good", 1)]
    assert label_map.address("sick?max_length=9", unmatched, [1, 0]) == "sick?max_length=9&labels=good:0,bad:1"
    with pytest.raises(LabError, match="LABEL_1 is chosen twice, and LABEL_0 not at all"):
        label_map.address("sick", unmatched, [1, 1])
    numbers = UnmatchedLabels("it", ["NEGATIVE", "POSITIVE"], Classes(("bad", "good"), (0, 1), True))
    assert label_map.questions(numbers)[0] == ("bad (0 in the data)", 0)
    assert label_map.address("file:x?text=a&label=b&labels=bad:0,good:1", numbers, [1, 0]) == "file:x?text=a&label=b&labels=POSITIVE:0,NEGATIVE:1"
    bare = UnmatchedLabels("it", ["NEGATIVE", "POSITIVE"], Classes(("0", "1"), (0, 1)))
    assert label_map.questions(bare) == [("0", 0), ("1", 1)]


def test_the_lab_asks_which_is_which_and_the_answer_makes_the_teacher_ready(tmp_path, nameless, monkeypatch):
    harness.without_worker(monkeypatch)
    name = write(tmp_path / "x.csv", ("<b>no</b>", "yes"))
    test = harness.opener(nameless, name)()
    assert "Which label is which of the teacher's classes?" in shown(test) and "&labels=<b>no</b>" not in shown(test).replace("%3C", "<")
    first, second = test.selectbox(key="w_label_map_0"), test.selectbox(key="w_label_map_1")
    assert first.label == r"\<b\>no\<\/b\>" and first.options == ["LABEL_0 (class 0)", "LABEL_1 (class 1)"] and (first.value, second.value) == (0, 1)
    first.select_index(1)
    clean(button(test, "Use this map").click().run())
    assert "LABEL_1 is chosen twice, and LABEL_0 not at all" in shown(test) and chosen(test).task == name
    test.selectbox(key="w_label_map_1").select_index(0)
    clean(button(test, "Use this map").click().run())
    assert chosen(test).task == f"{name}&labels=yes:0,%3Cb%3Eno%3C%2Fb%3E:1"
    assert "This teacher is ready for this task." in shown(test) and "Which label is which" not in shown(test)


def test_a_file_at_fault_is_one_sentence_in_the_lab(tmp_path, nameless, monkeypatch):
    harness.without_worker(monkeypatch)
    path = tmp_path / "x.csv"
    path.write_text('text,label\na,0\n"<script>,1\n' + "b,0\nc,1\n" * 20)
    test = harness.opener(nameless, f"file:{path}?text=text&label=label")()
    assert "x.csv, line 3: the quotation mark that opens a cell here never closes" in shown(test) and "&quote=none" in shown(test)
    path.write_text("text,label\n" + "".join(f"t {i},{i / 10}\n" for i in range(60)))
    test = harness.opener(nameless, f"file:{path}?text=text&label=label")()
    assert "a scale, and a classifier needs classes" in shown(test)


def test_the_card_in_the_app_says_how_the_file_was_read(tmp_path, nameless, monkeypatch):
    harness.without_worker(monkeypatch)
    path = tmp_path / "x.csv"
    path.write_bytes(("text;label\n" + "".join(f"t {i};{i % 2}\n" for i in range(60)) + "<b>café</b>;-\n").encode("latin-1"))
    test = harness.opener(nameless, f"file:{path}?text=text&label=label&max_length=200")()
    clean(button(test, "About this task").click().run())
    for said in ("Read as cp1252, since it is not UTF-8 (line 62; it then holds café", "separated by semicolon",
                 "1 row without a label (- in 1) was left out", "Texts are cut at 200 tokens"):
        assert said in shown(test)

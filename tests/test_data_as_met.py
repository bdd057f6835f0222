"""Tables as people really have them, small copies of what public reports describe. Run: python -m pytest tests/test_data_as_met.py"""

import gzip
import json
import unicodedata
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from core.data import cards, catalogue, tables
from core.data.naming import folded, tidy
from core.data.spelling import spellings, word_of
from core.data.task import Classes
from core.errors import LabError
from core.models.labels import UnmatchedLabels, label_order
from core.training.evaluate import scores

ASKED = "?text=text&label=label"


def csv(path, labels, n=60, text="text {i}"):
    path.write_text("text,label\n" + "".join(f"{text.format(i=i)},{labels[i % len(labels)]}\n" for i in range(n)), encoding="utf-8")
    return f"file:{path}{ASKED}"


def jsonl(path, labels, n=60):
    path.write_text("".join(json.dumps({"text": f"text {i}", "label": labels[i % len(labels)]}) + "\n" for i in range(n)))
    return f"file:{path}{ASKED}"


def parquet(path, labels, names=None, n=60):
    table = pa.table({"text": [f"text {i}" for i in range(n)], "label": [labels[i % len(labels)] for i in range(n)]})
    if names is not None:
        feature = {"label": {"names": names, "_type": "ClassLabel"}, "text": {"dtype": "string", "_type": "Value"}}
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": feature}})})
    pq.write_table(table, path)
    return f"file:{path}{ASKED}"


def size(task):
    return len(task.train) + len(task.validation) + len(task.test)


# One label in several spellings


NFD = unicodedata.normalize("NFD", "négatif")
SPELT = {
    "accents in two forms": (("négatif", "positif", NFD, "positif"), ("négatif", "positif"), "split accents were taken out of 15 labels"),
    "invisible and blanks": (("yes", "no", "yes\u200b", " no ", "\ufeffyes", "no\u00a0"), ("no", "yes"), "taken out of 20 labels"),
    "two blanks": (("not good", "good", "not  good", "good"), ("good", "not good"), "Odd blanks"),
    "0 and 0.0": (("0", "1", "0.0", "1.0"), ("0", "1"), "'0.0' is '0', '1.0' is '1'"),
    "one of three": (("0", "1.0", "2", "2.0"), ("0", "1", "2"), "count as one"),
    "True and true": (("True", "false", "true", "FALSE"), ("false", "true"), "'True' is 'true'"),
}


@pytest.mark.parametrize("case", SPELT)
def test_one_class_in_several_spellings_is_one_and_the_card_says_so(tmp_path, case):
    labels, classes, told = SPELT[case]
    task = catalogue.load(csv(tmp_path / "x.csv", labels))
    assert task.labels == classes and size(task) == 60 and told in task.card


def test_truth_values_beside_words_in_json(tmp_path):
    task = catalogue.load(jsonl(tmp_path / "x.jsonl", (True, False, "true", "false")))
    assert task.labels == ("false", "true") and size(task) == 60


def test_spellings_count_over_all_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    csv(tmp_path / "train.csv", ("0", "1"))
    csv(tmp_path / "test.csv", ("0.0", "1.0"), n=20, text="other {i}")
    assert catalogue.load(f"file:train.csv,test.csv{ASKED}").labels == ("0", "1")
    with pytest.raises(LabError, match="missing= names '2'"):
        catalogue.load(f"file:train.csv,test.csv{ASKED}&missing=2")
    csv(tmp_path / "test.csv", ("0.0", "-1.0", "1.0"), n=30, text="other {i}")
    csv(tmp_path / "train.csv", ("0", "1", "-1"))
    task = catalogue.load(f"file:train.csv,test.csv{ASKED}&missing=-1.0")
    assert task.labels == ("0", "1") and size(task) == 60


# The hashes were made before spellings were looked at.
KEPT = {
    "words": (csv, "x.csv", ("yes", "no"), ("no", "yes"), "d96e858719158c6c"),
    "floats as text": (csv, "x.csv", ("1.0", "0.0"), ("0.0", "1.0"), "1e8220dc56d4f3c7"),
    "truth values": (jsonl, "x.jsonl", (True, False), ("False", "True"), "02b6055d9d903b58"),
    "floats": (parquet, "x.parquet", (1.0, 0.0), ("0", "1"), "70f7d0916f52d0bb"),
    "a ClassLabel": (lambda path, labels: parquet(path, labels, ["good", "bad"]), "x.parquet", (1, 0), ("0", "1"), "70f7d0916f52d0bb"),
    "Persian": (csv, "x.csv", ("می\u200cخواهم", "نه"), ("می\u200cخواهم", "نه"), "ad9bc0d4dfe7c52a"),
}


@pytest.mark.parametrize("case", KEPT)
def test_labels_without_odd_characters_keep_their_form_and_the_task_its_hash(tmp_path, case):
    write, file, labels, classes, digest = KEPT[case]
    task = catalogue.load(write(tmp_path / file, labels))
    assert task.labels == classes and task.hash == digest and "count as one" not in task.card and "taken out" not in task.card


def test_what_is_compared():
    assert [word_of(cell) for cell in (None, float("nan"), 2.0, 2.5, True, " a ", np.float64(3))] == ["", "", "2", "2.5", "True", "a", "3"]
    assert tidy("\u200b a\u00a0\u2009b\ufeff") == "a b" and tidy("👩\u200d💻") == "👩\u200d💻" and tidy("\u200c") == ""
    assert folded(NFD) == folded("Négatif\u200b") and folded("می\u200cخواهم") == folded("میخواهم")
    assert spellings(["01", "1", "1"]) == ({"01": "01", "1": "1"}, "")
    assert spellings(["-1.0", "-1", "-0.0", "0"])[0] == {"-1.0": "-1", "-1": "-1", "-0.0": "0", "0": "0"}
    assert label_order([NFD, "positif\u200b"], ("positif", "négatif"), "it", []) == [1, 0]


def test_an_invisible_text_is_empty(tmp_path):
    (tmp_path / "x.csv").write_text("text,label\na,yes\n\u200b,no\n", encoding="utf-8")
    with pytest.raises(LabError, match="x.csv, line 3: the text column 'text' is empty"):
        catalogue.load(f"file:{tmp_path / 'x.csv'}{ASKED}")


def test_minus_one_as_a_third_of_the_labels_is_asked_about(tmp_path):
    with pytest.raises(LabError, match="'-1' may be a class or stand for no label"):
        catalogue.load(csv(tmp_path / "x.csv", ("-1", "0", "1")))


def test_nan_as_a_tenth_of_the_labels_is_asked_about(tmp_path):
    with pytest.raises(LabError, match="'nan' may be a class or stand for no label"):
        catalogue.load(csv(tmp_path / "x.csv", ("yes", "no", "yes", "no", "nan")))


# Names that the file itself gives


def test_the_names_of_a_class_label_tie_the_numbers_to_the_teacher(tmp_path):
    task = catalogue.load(parquet(tmp_path / "x.parquet", (0, 1), ["positive", "negative"]))
    assert task.labels == ("0", "1") and task.called == ("positive", "negative") and "0 is positive, 1 is negative" in task.card
    assert label_order(["negative", "positive"], task.classes, "it", []) == [1, 0]
    assert label_order(["LABEL_0", "LABEL_1"], task.classes, "it", []) == [0, 1]
    with pytest.raises(UnmatchedLabels, match="the numbers 0, 1, which the data call positive, negative: nothing says"):
        label_order(["NEG", "POS"], task.classes, "it", [])
    mapped = catalogue.load(f"file:{tmp_path / 'x.parquet'}{ASKED}&labels=good:0,bad:1")
    assert mapped.labels == ("good", "bad") and mapped.called is None


def test_names_that_are_numbers_win_over_the_numbers():
    classes = Classes(("0", "1"), (0, 1), called=("1", "0"))
    assert label_order(["0", "1"], classes, "it", []) == [1, 0]


def test_class_labels_that_do_not_fit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert catalogue.load(parquet(tmp_path / "x.parquet", (0, 1, -1), ["a", "b"])).labels == ("0", "1")
    with pytest.raises(LabError, match="label '2' is none of the 2 classes that the data name"):
        catalogue.load(parquet(tmp_path / "x.parquet", (0, 2), ["a", "b"]))
    for name, names in (("train", ["a", "b"]), ("test", ["b", "a"])):
        parquet(tmp_path / f"{name}.parquet", (0, 1), names)
    with pytest.raises(LabError, match=r"number their classes in different orders \(train.parquet: a, b; test.parquet: b, a\)"):
        catalogue.load(f"file:train.parquet,test.parquet{ASKED}")
    assert tables._class_names({b"huggingface": b"[]"}, "label") == tables._class_names(None, "label") == ()


# Files that are something else


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"b" * 64 + b"\nsize 175385569\n"
OTHERS = {
    "pointer": (POINTER, "is only a pointer of Git LFS, not the data; run git lfs pull"),
    "page": (b'\n\n<!DOCTYPE html>\n<html lang="en">\n<link href="https://x, y">\n</html>\n', "is a web page, not a table"),
    "marked page": (b"\xef\xbb\xbf<!-- saved from -->\n<HTML>\n", "is a web page, not a table"),
    "error": (b"<?xml version='1.0'?>\n<Error><Code>AccessDenied</Code></Error>", "is a web page, not a table"),
    "packed": (gzip.compress(b"text,label\n"), "is compressed by gzip"),
    "workbook": (b"PK\x03\x04 and more", "is a zip archive or an Excel workbook"),
}


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
@pytest.mark.parametrize("case", OTHERS)
def test_a_file_that_is_no_table_is_named_for_what_it_is(tmp_path, case, kind):
    content, sentence = OTHERS[case]
    (tmp_path / f"x.{kind}").write_bytes(content)
    with pytest.raises(LabError, match=f"^x.{kind} {sentence}"):
        catalogue.load(f"file:{tmp_path}/x.{kind}{ASKED}")


def test_parquet_under_another_name(tmp_path):
    parquet(tmp_path / "x.parquet", (0, 1))
    (tmp_path / "x.parquet").rename(tmp_path / "x.csv")
    with pytest.raises(LabError, match="x.csv is a Parquet file"):
        catalogue.load(f"file:{tmp_path}/x.csv{ASKED}")


@pytest.mark.parametrize("indent", [None, 1])
def test_one_json_array_is_read_as_its_rows(tmp_path, indent):
    rows = [{"text": f"text {i}", "label": ("no", "yes")[i % 2]} for i in range(60)]
    (tmp_path / "x.jsonl").write_text(json.dumps(rows, indent=indent))
    task = catalogue.load(f"file:{tmp_path / 'x.jsonl'}{ASKED}")
    assert task.hash == catalogue.load(csv(tmp_path / "x.csv", ("no", "yes"))).hash


@pytest.mark.parametrize("text, sentence", [
    ('[{"text": "a", "label": 1}, 2]', "x.jsonl, item 2 of its array, is not a JSON object"),
    ('[{"text": "a",\n "label": 1},\n oops]', "begins as a JSON array, and line 3 is not JSON"),
    ('[{"text": "a", "text": "b", "label": 1}]', "names 'text' twice in one object"),
    ('[{"text": "a", "label": 1}, {"text": "", "label": 0}]', "x.jsonl, row 2: the text column 'text' is empty"),
    ('[{"text": "a"}]', "no column 'label' in x.jsonl"),
])
def test_faults_within_an_array(tmp_path, text, sentence):
    (tmp_path / "x.jsonl").write_text(text)
    with pytest.raises(LabError, match=sentence):
        catalogue.load(f"file:{tmp_path / 'x.jsonl'}{ASKED}")


def test_a_name_with_a_percent_sign_is_found_as_it_is_typed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LabError, match=r"There is no file a b.csv \(nor a%20b.csv\) in the working folder"):
        catalogue.load(f"file:a%20b.csv{ASKED}")
    csv(tmp_path / "a%20b.csv", ("yes", "no"))
    task = catalogue.load(f"file:a%20b.csv{ASKED}")
    assert "a%20b.csv" in task.card and size(task) == 60
    csv(tmp_path / "a b.csv", ("yes", "no"), n=40)
    assert size(catalogue.load(f"file:a%20b.csv{ASKED}")) == 40 and size(catalogue.load(f"file:a%2520b.csv{ASKED}")) == 60
    csv(tmp_path / "100%.csv", ("yes", "no"), n=50)
    assert size(catalogue.load(f"file:100%.csv{ASKED}")) == 50


# What weakens the figures


def test_validation_that_is_in_train_and_texts_with_two_labels_stand_on_the_card(tmp_path):
    rows = [(f"text {i}", i % 2, "train") for i in range(40)] + [("Text  1", 0, "train"), ("text 3", 0, "train")]
    rows += [(f"text {i}", i % 2, "validation") for i in range(32, 42)] + [(f"text {i}", i % 2, "test") for i in range(50, 60)]
    (tmp_path / "x.csv").write_text("text,label,split\n" + "".join(f"{text},{label},{part}\n" for text, label, part in rows))
    task = catalogue.load(f"file:{tmp_path / 'x.csv'}{ASKED}&split=split")
    assert "8 of the 10 validation texts also occur in train" in task.card and "0.0% of the test texts" in task.card
    assert "4 examples (4 of train) are texts that occur with two labels or more (2 different texts)" in task.card
    assert catalogue.load(csv(tmp_path / "y.csv", ("0", "1"))).card.count("%") == 4  # the table's three and the test's overlap


def test_pairs_count_as_a_whole_and_little_is_not_said(tmp_path):
    task = catalogue.load(csv(tmp_path / "x.csv", ("0", "1")))
    splits = {name: replace(task.split(name), second=("one text",) * len(task.split(name))) for name in ("train", "validation", "test")}
    assert cards.weaknesses(task.labels, splits) == []
    splits["validation"] = splits["train"].take(range(4))
    (kind, sentence), = cards.weaknesses(task.labels, splits, 0.9)
    assert kind == "overlap" and sentence.startswith("4 of the 4 validation pairs also occur in train")
    assert cards.weaknesses(task.labels, splits, 1.0) == []


def test_a_class_that_a_split_does_not_hold_is_told_and_no_class_of_its_macro_f1(tmp_path):
    rows = [(f"text {i}", ("a", "b", "rare")[i % 3], "train") for i in range(30)]
    rows += [(f"text {i}", "ab"[i % 2], part) for part, start in (("validation", 40), ("test", 60)) for i in range(start, start + 10)]
    (tmp_path / "x.csv").write_text("text,label,split\n" + "".join(f"{text},{label},{part}\n" for text, label, part in rows))
    task = catalogue.load(f"file:{tmp_path / 'x.csv'}{ASKED}&split=split")
    assert "There is no rare in validation; macro-F1 there" in task.card
    truth = torch.tensor(task.validation.labels)
    assert scores(torch.eye(3)[truth], truth, None)["macro_f1"] == 1.0
    named = torch.eye(3)[truth]
    named[0] = torch.tensor([0.0, 0.0, 1.0])  # a class that is named counts, as in scikit-learn
    assert scores(named, truth, None)["macro_f1"] == pytest.approx((8 / 9 + 1 + 0) / 3)

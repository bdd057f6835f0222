"""Uploaded tables: limits, what they hold, guessed columns, and files that mean harm. Run: python -m pytest tests/test_uploads.py"""

import csv
import io
import json
import os
import tomllib
import zipfile
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest

from core.data import catalogue
from core.data.uploads import keep, parquet, place, preview, workbook
from core.data.uploads.guess import Columns, address, guessed
from core.data.uploads.keep import TABLE_MB, keep_table
from core.errors import LabError
from core.home import PART, uploaded
from core.models.archive import MODEL_MB
from core.store import uploads
from core.store.uploads import MODEL, TABLE, Upload
from core.views.common.export import csv_text
from core.views.landscape import runs_file
from core.views.yours.summary import leaks, summary
from core.views.yours.table import table_html

MOODS = ("sad", "so-so", "glad")


def rows(n: int = 60) -> list[dict]:
    return [{"id": i, "tweet": f"tweet number {i} is {MOODS[i % 3]}", "mood": MOODS[i % 3]} for i in range(n)]


def as_csv(found: list[dict], separator: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(found[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(found)
    return out.getvalue().encode()


def as_xlsx(found: list[dict]) -> bytes:
    book = openpyxl.Workbook()
    for row in (list(found[0]), *(list(one.values()) for one in found)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_parquet(table: pyarrow.Table) -> bytes:
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out)
    return out.getvalue()


FORMS = {
    "tweets.csv": as_csv(rows()), "tweets.tsv": as_csv(rows(), "\t"), "semicolons.csv": as_csv(rows(), ";"), "tweets.xlsx": as_xlsx(rows()),
    "tweets.jsonl": "\n".join(map(json.dumps, rows())).encode(), "tweets.parquet": as_parquet(pyarrow.Table.from_pylist(rows())),
}


def refused(name: str, content: bytes) -> str:
    """Return the sentence with which a table is refused; nothing of it is kept."""
    with pytest.raises(LabError) as caught:
        keep_table(name, content)
    assert not [file for file in place.folder("uploads").rglob("*") if file.is_file()]
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", FORMS)
def test_every_form_becomes_a_task_by_guessed_columns(name):
    kept, found = keep_table(name, FORMS[name])
    assert found.names == ("id", "tweet", "mood") and found.count == 60 and found.rows[1] == ("1", "tweet number 1 is so-so", "so-so")
    assert guessed(found) == Columns("tweet", "mood")
    task = catalogue.load(address((kept,), guessed(found), 64))
    assert sorted(task.labels) == sorted(MOODS) and task.max_length == 64
    assert (len(task.train), len(task.validation), len(task.test)) == (48, 6, 6)


def test_a_table_is_known_by_its_content_and_a_harmless_name():
    first, _ = keep_table("../../My tweets (1).CSV", FORMS["tweets.csv"])
    again, _ = keep_table("My tweets (1).csv", FORMS["tweets.csv"])
    other, _ = keep_table("My tweets (1).csv", as_csv(rows(59)))
    assert first == again != other and first.endswith("/My-tweets-1.csv")
    assert uploaded(first).read_bytes() == FORMS["tweets.csv"] and uploaded(first).is_relative_to(place.folder("uploads"))
    assert [place.safe_name(name) for name in ("..", "/", ".csv", "a\\b\\c.csv", "x" * 200 + ".csv", "né\0,?.csv")] == [
        "upload", "upload", "upload.csv", "c.csv", "x" * 60 + ".csv", "ne.csv"]
    for name in ("upload/0123456789abcdef/..", "upload/0123456789abcdef/../x", "upload/../../x", "upload/0123/x", "upload/0123456789abcdef/a/b"):
        assert uploaded(name) is None


def test_three_files_are_the_splits_and_one_that_is_gone_is_named():
    names = tuple(keep_table(f"{part}.csv", as_csv(rows(n)))[0] for part, n in (("train", 60), ("dev", 12), ("test", 9)))
    task = catalogue.load(address(names, Columns("tweet", "mood", split="ignored")))
    assert (len(task.train), len(task.validation), len(task.test)) == (60, 12, 9)
    place.remove(names[1])
    with pytest.raises(LabError, match="The uploaded file dev.csv is not on this machine"):
        catalogue.load(address(names, Columns("tweet", "mood")))


@pytest.mark.parametrize("table, columns", [
    ([{"premise": "a b", "hypothesis": "a", "gold_label": "yes", "split": "train"}, {"premise": "c d", "hypothesis": "c", "gold_label": "no",
                                                                                    "split": "dev"}],
     Columns("premise", "gold_label", "hypothesis", "split")),
    ([{"comment": "fine", "stars": i % 2, "user": f"user {i}"} for i in range(20)], Columns("comment", "stars")),
    ([{"x1": f"a rather long text {i}", "x2": "ab"[i % 2], "x3": f"{i}"} for i in range(20)], Columns("x1", "x2")),
    ([{"text": f"text {i}", "split": "ab"[i % 2], "label": "ab"[i % 2]} for i in range(20)], Columns("text", "label")),  # no names of splits
    ([{"only": f"text {i}"} for i in range(20)], Columns("only", None)),
])
def test_columns_are_guessed_by_name_and_cells(table, columns):
    assert guessed(keep_table("x.csv", as_csv(table))[1]) == columns


def test_odd_names_of_columns_survive_the_address():
    table = [{"the text, & more?": f"text {i}", "la=bel%": "ab"[i % 2]} for i in range(40)]
    kept, found = keep_table("x.csv", as_csv(table))
    assert len(catalogue.load(address((kept,), Columns(*found.names))).train) == 32


@pytest.mark.parametrize("name, content, said", [
    ("x.exe", b"MZ", "is not a table that this program reads"), ("x.csv", b"", "is empty"), ("x.csv", b"text,label\n", "has no rows below"),
    ("x.csv", b"PK\x03\x04rest", "a zip archive or an Excel workbook"), ("x.xlsx", b"text,label\na,b\n", "is not an Excel workbook"),
    ("x.parquet", b"PAR1 and no more", "is not a whole Parquet file"), ("x.jsonl", b'{"a": ', "is not JSON"),
    ("x.jsonl", b"[" * 100_000, "is not JSON"),
    ("x.csv", b"a,a\n1,2\n", None), ("x.csv", b"<html><body>", "is a web page"),
    ("x.xlsx", as_xlsx([{"text": None, "label": None}]), "no rows below"),
])
def test_what_is_no_table_is_refused_in_a_sentence(name, content, said):
    if said is None:  # two columns of one name: the first counts in the preview, and the task says it
        with pytest.raises(LabError, match="two columns called 'a'"):
            keep_table(name, content)
    else:
        assert said in refused(name, content)


def test_a_table_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(keep, "TABLE_MB", 0.001)
    assert "takes 0.0 MB, and a table may take 0.001 MB" in refused("x.csv", FORMS["tweets.csv"])
    monkeypatch.undo()
    monkeypatch.setattr(place, "LIMIT_GB", 1e-7)
    assert "has no room among them" in refused("x.csv", FORMS["tweets.csv"])


def test_what_a_killed_process_left_half_written_goes():
    old, new = (place.folder("uploads") / f"{PART}{name}" for name in ("old", "new"))
    for part in (old, new):
        part.mkdir()
        (part / "x.csv").write_bytes(b"text")
    os.utime(old, (0, 0))
    keep_table("x.csv", FORMS["tweets.csv"])
    assert not old.exists() and new.exists()


@pytest.mark.parametrize("name", FORMS)
def test_too_many_rows_are_refused_in_every_form(name, monkeypatch):
    for module in (keep, preview, parquet, workbook):
        monkeypatch.setattr(module, "ROWS", 50)
    assert "at most 50 are read here" in refused(name, FORMS[name])


@pytest.mark.parametrize("name, content", [
    ("x.csv", (",".join(f"c{i}" for i in range(10_000)) + "\n" + ",".join("x" * 10_000) + "\n").encode()),
    ("x.jsonl", json.dumps({f"c{i}": "x" for i in range(10_000)}).encode()),
    ("x.parquet", as_parquet(pyarrow.table({f"c{i}": ["x"] for i in range(10_000)}))),
    ("x.xlsx", as_xlsx([{f"c{i}": "x" for i in range(10_000)}])),
], ids=["csv", "jsonl", "parquet", "xlsx"])
def test_ten_thousand_columns_are_refused(name, content):
    assert "has 10,000 columns, and at most 200 are read here" in refused(name, content)


def test_a_parquet_file_that_would_grow_is_refused(monkeypatch):
    long = pyarrow.table({"text": pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 20_000, pyarrow.int32()), ["x" * 100_000]).cast("string")})
    content = as_parquet(long)
    assert len(content) < 100_000  # for 2 GB of text
    assert "grows to over 500 MB" in refused("x.parquet", content)
    lists = as_parquet(pyarrow.table({"text": [["a", "b"]], "label": ["x"]}))
    assert "holds lists or records" in refused("x.parquet", lists)


def test_a_workbook_that_would_grow_is_refused(monkeypatch):
    out = io.BytesIO(FORMS["tweets.xlsx"])
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x.xml", b" " * 3_000_000)
    monkeypatch.setattr(workbook, "UNPACKED", 2e6)
    assert "grows to 3 MB when it is unpacked" in refused("x.xlsx", out.getvalue())
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for n in range(15_000):
            archive.writestr(f"xl/{n:030}", b"")
    assert "holds too many files for an Excel workbook" in refused("x.xlsx", many.getvalue())


def test_a_workbook_says_how_far_its_rows_go_and_is_not_believed():
    out = io.BytesIO(FORMS["tweets.xlsx"])
    book = {name: zipfile.ZipFile(out).read(name) for name in zipfile.ZipFile(out).namelist()}
    sheet = book["xl/worksheets/sheet1.xml"].replace(b'<row r="3"', b'<row r="99999999999"')
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (book | {"xl/worksheets/sheet1.xml": sheet}).items():
            archive.writestr(name, content)
    assert keep_table("x.xlsx", changed.getvalue())[1].count == 1  # the row before it


def test_formulas_and_scripts_are_text_and_exports_escape_them():
    hostile = ['=HYPERLINK("http://evil.example";"click")', "<script>alert(1)</script>", "[x](javascript:alert(1))", "+1+cmd|' /C calc'!A0",
               "<img src=x onerror=alert(1)>", "@SUM(1)"]
    table = [{"text": f"{hostile[i % 6]} {i}", "label": ("=1+1", "<b>no</b>")[i % 2]} for i in range(60)]
    kept, found = keep_table("x.csv", as_csv(table))
    assert found.rows[0][0] == f"{hostile[0]} 0"
    shown = table_html(found.names, found.rows, "rows")
    assert "<script" not in shown and "<img" not in shown and "&lt;script&gt;" in shown and "<a " not in shown
    task = catalogue.load(address((kept,), guessed(found)))
    assert task.labels == ("<b>no</b>", "=1+1")
    exported = csv_text([{"text": text} for text in task.train.first], ["text"]).splitlines()[1:]
    assert exported and not any(line.lstrip('"').startswith(("=", "+", "@", "-")) for line in exported)


def test_formulas_in_a_workbook_are_what_they_last_gave_or_text():
    content = as_xlsx([{"text": f"=1+{i}" if i == 3 else f"text {i}", "label": "ab"[i % 2]} for i in range(40)])
    kept, found = keep_table("x.xlsx", content)
    assert found.rows[3] == ("", "b")  # openpyxl computes nothing, and no program has
    with pytest.raises(LabError, match="the text column 'text' is empty"):
        catalogue.load(address((kept,), Columns("text", "label")))


def test_summary_of_what_a_table_holds():
    kept, found = keep_table("tweets.csv", as_csv(rows(600)))
    told = summary(address((kept,), guessed(found)))
    assert [row["examples"] for row in told.sizes] == ["480", "60", "60"] and told.leaks == ()
    assert {row["name"]: row["n"] for row in told.classes} == dict.fromkeys(MOODS, 200)
    assert told.length == "Half of the examples have at most 5 words, 95 % at most 5; the longest has 5."
    assert any("A tenth of the rows each was set aside" in sentence for sentence in told.read)
    assert any("Validation has 60 and test has 60 examples only" in sentence for sentence in told.cautions)


def test_leaks_between_splits_are_counted_whatever_case_and_blanks():
    table = [one | {"split": ("train", "dev", "test")[min(2, one["id"] // 30)]} for one in rows(90)]
    table[30]["tweet"], table[60]["tweet"], table[61]["tweet"] = (table[0]["tweet"].upper(), f" {table[1]['tweet']} ", table[31]["tweet"])
    kept, found = keep_table("x.csv", as_csv(table))
    task = catalogue.load(address((kept,), guessed(found)))
    assert leaks({part: task.split(part) for part in ("train", "validation", "test")}) == (
        "1 of the 30 validation texts (3.3 %) also occur in train.", "1 of the 30 test texts (3.3 %) also occur in train.",
        "1 of the 30 test texts (3.3 %) also occur in validation.")


def test_a_learner_s_list_is_their_own_and_a_file_goes_with_its_last_owner():
    kept, _ = keep_table("tweets.csv", FORMS["tweets.csv"])
    one, other = (uploads.add(learner, Upload(TABLE, (kept,), 10)) for learner in ("a" * 32, "b" * 32))
    uploads.use("a" * 32, one, "file:x")
    uploads.add("a" * 32, Upload(MODEL, ("owner/model",), 0))
    assert [found.title for found in uploads.of("a" * 32)] == ["owner/model", "tweets.csv"] and uploads.of("c" * 32) == []
    assert uploads.of("a" * 32, TABLE)[0].task == "file:x" and uploads.of("b" * 32)[0].task == ""
    uploads.delete("a" * 32, one)
    assert uploads.of("a" * 32, TABLE) == [] and uploaded(kept).is_file()
    uploads.delete("b" * 32, other)
    assert not uploaded(kept).exists()


def test_the_list_has_an_end_and_uploads_come_one_at_a_time(monkeypatch):
    monkeypatch.setattr(uploads, "MOST", 2)
    for n in range(2):
        uploads.add("a" * 32, Upload(MODEL, (f"owner/model{n}",), 0))
    with pytest.raises(LabError, match="You have 2 uploads, the most there can be"):
        uploads.add("a" * 32, Upload(MODEL, ("owner/model3",), 0))
    a, b = "a" * 32, "b" * 32
    with place.one_at_a_time(a), place.one_at_a_time(b), pytest.raises(LabError, match="Another upload of yours is"), place.one_at_a_time(a):
        pass
    with place.one_at_a_time("a" * 32):
        pass


def test_the_server_takes_what_may_be_uploaded_and_nothing_larger():
    """The server's own limit is one for all files; those of the widgets are looked at in the browser alone, and by what keeps a file."""
    served = tomllib.loads((Path(__file__).resolve().parents[1] / ".streamlit/config.toml").read_text())["server"]["maxUploadSize"]
    assert served == MODEL_MB >= max(TABLE_MB, runs_file.MOST_MB)

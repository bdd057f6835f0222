"""Text files as people really have them: encodings, separators, quotes, several files. Run: python -m pytest tests/test_data_text_files.py"""

import csv
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import __main__ as cli
from core.data import catalogue, delimited, files, tables
from core.data.delimited import Reading
from core.errors import LabError

OPTIONS = "?text=text&label=label"


def rows(n=40, separator=",", start=0):
    return "".join(f"text {i}{separator}{('no', 'yes')[i % 2]}\n" for i in range(start, start + n))


def write(path, content, encoding="utf-8"):
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return f"file:{path}{OPTIONS}"


def texts(task):
    return {text: task.labels[label] for part in (task.train, task.validation, task.test) for text, label in zip(part.first, part.labels)}


def card(task):
    return task.card.replace("\\", "")


@pytest.fixture
def plain(tmp_path):
    return catalogue.load(write(tmp_path / "plain.csv", "text,label\n" + rows()))


# Encodings


@pytest.mark.parametrize("encoding, told", [
    ("utf-8", "Read as UTF-8"), ("utf-8-sig", "UTF-8 by its byte order mark"), ("utf-16", "UTF-16 by its byte order mark"),
    ("utf-32", "UTF-32 by its byte order mark"), ("utf-16-le", "UTF-16-LE (a guess"), ("utf-16-be", "UTF-16-BE (a guess"),
    ("latin-1", "as cp1252, since it is not UTF-8 (line 42; it then holds café, Zürich"), ("cp1252", "as cp1252, since it is not UTF-8"),
])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_text_is_read_right_and_the_card_says_how(tmp_path, encoding, told, kind):
    if kind == "csv":
        content = "text,label\n" + rows() + "café in Zürich,yes\n"
    else:
        found = [{"text": f"text {i}", "label": ("no", "yes")[i % 2]} for i in range(41)] + [{"text": "café in Zürich", "label": "yes"}]
        content = "\n".join(json.dumps(row, ensure_ascii=False) for row in found)
    task = catalogue.load(write(tmp_path / f"x.{kind}", content, encoding))
    assert texts(task)["café in Zürich"] == "yes" and told in card(task)


def test_signs_of_windows_only(tmp_path):
    task = catalogue.load(write(tmp_path / "x.csv", "text,label\n" + rows() + "“quoted” – 5 €,yes\n", "cp1252"))
    assert "“quoted” – 5 €" in texts(task)


def test_what_cannot_be_guessed_is_asked_for(tmp_path):
    russian = write(tmp_path / "x.csv", "text,label\n" + "".join(f"хороший фильм {i},да\nплохой фильм {i},нет\n" for i in range(30)), "cp1251")
    with pytest.raises(LabError, match=r"x.csv is not UTF-8 text \(line 2\); name its encoding, as &encoding=cp1251"):
        catalogue.load(russian)
    assert "хороший фильм 3" in texts(catalogue.load(russian + "&encoding=cp1251"))
    with pytest.raises(LabError, match=r"x.csv is not utf-16 text \(line"):
        catalogue.load(russian + "&encoding=utf-16")


def test_one_broken_line_in_a_file_of_utf_8(tmp_path):
    content = ("text,label\n" + "".join(f"café {i},{'ab'[i % 2]}\n" for i in range(40))).encode() + b"caf\xe9,a\n"
    with pytest.raises(LabError, match="x.csv, line 42, holds bytes that are not UTF-8, while the rest is"):
        catalogue.load(write(tmp_path / "x.csv", content))


def test_a_zero_byte(tmp_path):
    with pytest.raises(LabError, match="x.csv, line 4, holds a zero byte"):
        catalogue.load(write(tmp_path / "x.csv", "text,label\r\n" + rows(2) + "a\0b,no\n" + rows()))


# Separators


@pytest.mark.parametrize("separator, name", [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")])
@pytest.mark.parametrize("kind", ["csv", "tsv", "txt"])
def test_the_separator_is_found(tmp_path, plain, separator, name, kind):
    task = catalogue.load(write(tmp_path / f"x.{kind}", f"text{separator}label\n" + rows(separator=separator)))
    assert task.hash == plain.hash and f"cells are separated by {name}" in card(task)


def test_a_separator_is_named(tmp_path, plain):
    name = write(tmp_path / "x.csv", "text^label\n" + rows(separator="^"))
    with pytest.raises(LabError, match="has no column text, label; its first line has to name the columns, and it reads 'text\\^label'"):
        catalogue.load(name)
    assert catalogue.load(name + "&separator=^").hash == plain.hash
    excel = write(tmp_path / "y.csv", "sep=;\r\ntext;label\r\n" + rows(separator=";"))
    assert catalogue.load(excel).hash == plain.hash
    with pytest.raises(LabError, match="y.csv, line 43, has 3 cells where the header has 2; a text that holds the separator needs"):
        catalogue.load(write(tmp_path / "y.csv", "sep=;\r\ntext;label\r\n" + rows(separator=";") + "a;b;no\n"))


def test_no_header(tmp_path):
    with pytest.raises(LabError, match="x.csv has no column text, label; its first line has to name the columns, and it reads 'text 0', 'no'"):
        catalogue.load(write(tmp_path / "x.csv", rows()))


@pytest.mark.parametrize("head, line", [
    (",,text,label", "{i},{i},text {i},{label}"), (" text ,label,", "text {i},{label},"), ("note,note,text,label", "a,b,text {i},{label}"),
    ("text,label", "text {i},{label},,"),
])
def test_columns_that_nobody_asks_for_do_no_harm(tmp_path, plain, head, line):
    content = head + "\n" + "".join(line.format(i=i, label=("no", "yes")[i % 2]) + "\n" for i in range(40)) + ",,,\n"
    assert catalogue.load(write(tmp_path / "x.csv", content)).hash == plain.hash


def test_a_row_of_another_length_has_its_true_line(tmp_path):
    start = 'text,label\n"one\ntwo",no\n"three\r\nfour, five",yes\n\n'
    with pytest.raises(LabError, match="x.csv, line 17, has 3 cells where the header has 2"):
        catalogue.load(write(tmp_path / "x.csv", start + rows(10) + "a,b,no\n"))
    with pytest.raises(LabError, match="x.csv, line 17, has 1 cell where the header has 2; add what is missing"):
        catalogue.load(write(tmp_path / "x.csv", start + rows(10) + "a\n"))
    with pytest.raises(LabError, match="x.csv, line 17: the text column 'text' is empty"):
        catalogue.load(write(tmp_path / "x.csv", start + rows(10) + ",no\n"))
    assert texts(catalogue.load(write(tmp_path / "x.csv", start + rows(30))))["three\r\nfour, five"] == "yes"


# Quotation marks


def test_a_mark_that_never_closes_is_named_where_it_opens(tmp_path):
    name = write(tmp_path / "x.csv", 'text,label\n"a\nb",no\n' + rows(5) + '"stray,yes\n' + rows(30))
    with pytest.raises(LabError, match="x.csv, line 9: the quotation mark that opens a cell here never closes; mend it, or add &quote=none"):
        catalogue.load(name)
    name = write(tmp_path / "x.csv", "text,label\n" + rows(5) + '"stray,yes\n' + rows(30))
    assert texts(catalogue.load(name + "&quote=none"))['"stray'] == "yes"


def test_a_mark_that_closes_in_another_row_is_named_where_it_opens(tmp_path):
    name = write(tmp_path / "x.csv", "text,label\r\n" + rows(5) + 'b,no\n"stray,yes\n' + rows(5) + 'an "other" one,no\n' + rows(30))
    with pytest.raises(LabError, match="x.csv, line 8: the quotation mark that opens a cell here closes before its cell ends"):
        catalogue.load(name)
    name = write(tmp_path / "x.csv", "text,label\r\n" + rows(5) + '"stray,yes\n' + rows(5) + 'another" one,no\n' + rows(30))
    with pytest.raises(LabError, match="x.csv, line 7: the quotation mark that opens a cell here closes before its cell ends"):
        catalogue.load(name)


def test_rows_that_a_stray_mark_joined_are_not_one_text(tmp_path):
    name = write(tmp_path / "x.csv", "text,label\n" + rows(5) + '"stray,yes\n' + rows(5) + 'and closes",no\n' + rows(30))
    with pytest.raises(LabError, match="x.csv, line 7: a quotation mark opens a cell that ends on line 13, and line 7 in it looks like a row"):
        catalogue.load(name)
    assert '"stray' in texts(catalogue.load(name + "&quote=none"))
    assert any("stray,yes\ntext 0" in text for text in texts(catalogue.load(name + "&quote=double")))
    honest = catalogue.load(write(tmp_path / "y.csv", 'text,label\n"He came, saw,\nand, so, on.",no\n' + rows(30)))
    assert "He came, saw,\nand, so, on." in texts(honest)


def test_a_cell_of_any_length(tmp_path):
    task = catalogue.load(write(tmp_path / "x.csv", "text,label\n" + rows() + "x" * 200_000 + ",yes\n"))
    assert texts(task)["x" * 200_000] == "yes"


@pytest.mark.parametrize("content, found", [
    ('text\tlabel\n"He said ""hi"""\tyes\n', 'He said "hi"'),  # as pandas writes it
    ('"text"\t"label"\n"one two"\t"yes"\n', "one two"),
    ('text\tlabel\n"one\ntwo"\tyes\n', "one\ntwo"),
    ('text\tlabel\n"one two"\tyes\n', '"one two"'),  # a quoted utterance
    ('text\tlabel\n5" nails\tyes\n', '5" nails'),
    ('text\tlabel\n"Second\tyes\nThird "sentence"\tno\n', '"Second'),
    ('text\tlabel\na " c\tno\n" b c\tyes\n', '" b c'),
])
def test_marks_in_tsv_are_signs_unless_the_file_shows_otherwise(tmp_path, content, found):
    assert texts(catalogue.load(write(tmp_path / "x.tsv", content + rows(separator="\t"))))[found] == "yes"


def test_tsv_that_can_be_read_both_ways_is_asked(tmp_path):
    name = write(tmp_path / "x.tsv", 'text\tlabel\n' + rows(3, "\t") + '"one\tno\ntwo"\tyes\n' + rows(separator="\t"))
    with pytest.raises(LabError, match=r"x.tsv, line 5: a quotation mark opens a cell here, .*\(&quote=double\) or are plain signs \(&quote=none\)"):
        catalogue.load(name)
    assert texts(catalogue.load(name + "&quote=none"))['two"'] == "yes" and texts(catalogue.load(name + "&quote=double"))["one\tno\ntwo"] == "yes"


def test_a_carriage_return_within_a_text(tmp_path):
    with pytest.raises(LabError, match="has 1 cell where the header has 2; a carriage return within a text ends its line"):
        catalogue.load(write(tmp_path / "x.tsv", "text\tlabel\n" + rows(3, "\t") + "one\rtwo\tyes\n" + rows(separator="\t")))


SIGNS = st.text("ab \",;\t|\n\r'é", min_size=1, max_size=8).filter(str.strip)


@given(st.lists(st.tuples(SIGNS, st.sampled_from(("no", "yes"))), max_size=6), st.sampled_from(",;\t|"), st.sampled_from(("csv", "tsv", "txt")),
       st.sampled_from(("utf-8", "utf-16", "latin-1")), st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)))
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_what_a_writer_wrote_is_read_as_it_was_or_refused(tmp_path, written, separator, kind, encoding, quoting):
    whole = [("text", "label"), *((f"text {i}", ("no", "yes")[i % 2]) for i in range(30)), *written]
    path = tmp_path / f"x.{kind}"
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=separator, quoting=quoting).writerows(whole)
    try:
        found = tables.read(path, ("text", "label"), label="label").columns
    except LabError as error:
        assert "quotation mark" in str(error)
        return
    assert list(zip(found["text"], found["label"])) == whole[1:]


def test_quotes_are_named(tmp_path):
    name = write(tmp_path / "x.csv", "text,label\n'one, two',yes\n" + rows())
    with pytest.raises(LabError, match="line 2, has 3 cells"):
        catalogue.load(name)
    assert texts(catalogue.load(name + "&quote=single"))["one, two"] == "yes"


def test_json_that_names_a_column_twice(tmp_path):
    with pytest.raises(LabError, match="line 2, names 'label' twice"):
        catalogue.load(write(tmp_path / "x.jsonl", '{"text": "a", "label": 1}\n{"text": "b", "label": 1, "label": 0}\n'))


def test_the_place_of_a_row():
    found = delimited.rows('a,b\n"x\ny",1\n\nz,2\n', "x.csv", ("a", "b"), Reading(), ",")
    assert found.lines == [(2, 3), (5, 5)] and found.cells == [["x\ny", "1"], ["z", "2"]]
    assert tables.Table("x.csv", {"a": [1, 2]}, [2, 5]).place(1) == "x.csv, line 5" and tables.Table("x.parquet", {}).place(1) == "x.parquet, row 2"


# Several files


@pytest.fixture
def three(tmp_path, monkeypatch):
    for name, start, n in (("train", 0, 30), ("dev", 30, 10), ("test", 38, 10), ("a", 0, 30), ("b", 30, 10), ("c", 38, 10)):
        write(tmp_path / f"{name}.csv", "text,label\n" + rows(n, start=start))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_for_each_part(three):
    task = catalogue.load(f"file:train.csv,dev.csv,{three}/test.csv{OPTIONS}")
    assert (len(task.train), len(task.validation), len(task.test)) == (30, 10, 10) and task.test.first[0] == "text 38"
    assert "train is train.csv, validation is dev.csv, test is test.csv" in card(task) and "0.0% of the test texts" in task.card
    assert catalogue.load(f"file:test.csv,train.csv,dev.csv{OPTIONS}").hash == task.hash == catalogue.load(f"file:a.csv,b.csv,c.csv{OPTIONS}").hash


def test_two_files(three):
    task = catalogue.load(f"file:train.csv,test.csv{OPTIONS}")
    assert (len(task.test), len(task.train) + len(task.validation)) == (10, 30) and "set aside for validation" in task.card
    assert catalogue.load(f"file:a.csv,c.csv{OPTIONS}").hash == task.hash
    task = catalogue.load(f"file:train.csv,dev.csv{OPTIONS}")
    assert len(task.validation) == 10 and "set aside for test" in task.card


def test_examples_in_train_and_test_are_told(three):
    assert "20.0% of the test texts also occur in train" in catalogue.load(f"file:b.csv,a.csv,c.csv{OPTIONS}").card


@pytest.mark.parametrize("name, sentence", [
    ("file:test.csv,a.csv", "read as train, test, but test.csv stands where train should"),
    ("file:dev.csv,test.csv", "dev.csv stands where train should"),
    ("file:a.csv,test.csv,c.csv", "test.csv stands where validation should"),
    ("file:a.csv,b.csv,c.csv,dev.csv", "Name one file, or two or three"),
    ("file:a.csv,", "Name one file, or two or three"),
    ("file:a.csv,zzz.csv", "There is no file zzz.csv in the working folder"),
])
def test_files_in_another_order(three, name, sentence):
    with pytest.raises(LabError, match=sentence):
        catalogue.load(name + OPTIONS)


def test_columns_of_all_files_agree(three):
    write(three / "c.csv", "words,label\n" + rows(10))
    with pytest.raises(LabError, match="There is no column 'text' in c.csv; there is words, label"):
        catalogue.load(f"file:a.csv,b.csv,c.csv{OPTIONS}")
    with pytest.raises(LabError, match="leave out &split="):
        catalogue.load(f"file:a.csv,b.csv{OPTIONS}&split=part")
    write(three / "c.csv", "text,label\nx,maybe\n" + rows(10))
    with pytest.raises(LabError, match="The class 'maybe' has no example in train"):
        catalogue.load(f"file:a.csv,b.csv,c.csv{OPTIONS}")
    write(three / "c.csv", "text,label\n" + rows(3) + "a,b,c\n")
    with pytest.raises(LabError, match="c.csv, line 5, has 3 cells"):
        catalogue.load(f"file:a.csv,b.csv,c.csv{OPTIONS}")


def test_a_changed_part_is_read_again(three):
    name = f"file:a.csv,b.csv,c.csv{OPTIONS}"
    before = catalogue.load(name)
    assert catalogue.load(name) is before
    write(three / "b.csv", "text,label\n" + rows(20, start=60))
    assert len(catalogue.load(name).validation) == 20


def test_a_name_with_a_comma_is_one_file(three):
    write(three / "a.csv,b.csv", "text,label\n" + rows(50))
    assert len(catalogue.load(f"file:a.csv,b.csv{OPTIONS}").train) == 40
    assert files.parse(f"file:a.csv%2Cb.csv{OPTIONS}").several == ()


# The card on the command line


def test_the_card_says_encoding_separator_and_what_was_left_out(tmp_path, capsys):
    name = write(tmp_path / "x.csv", "text;label\n" + rows(separator=";") + "café;yes\nwhat;\n<b>x</b>;yes\n", "latin-1")
    assert cli.main(["tasks", "--card", f"{name}&max_length=200"]) in (0, None)
    out = capsys.readouterr().out.replace("\\", "")
    for said in ("Read as cp1252", "separated by semicolon", "1 row without a label (an empty cell in 1) was left out", "Texts are cut at 200 tokens",
                 "| split | examples | no | yes |"):
        assert said in out

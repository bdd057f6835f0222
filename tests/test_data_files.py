"""Local tables as tasks, and the catalogue. Run: python -m pytest tests/test_data_files.py"""

import json
import subprocess
import sys
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data import cards, catalogue, files, tables
from core.errors import LabError
from tests.tiny_task import task_name

N = 200


def table(n=N):
    return {
        "text": [f'number {i}, "said" <b>' for i in range(n)],
        "other text": [f"another {i}" for i in range(n)],
        "label": [("no", "yes")[i % 4 == 0] for i in range(n)],
        "part": [("Train", " DEV", "test ")[0 if i % 10 < 6 else 1 if i % 10 < 8 else 2] for i in range(n)],
    }


def write(path, columns=None):
    columns = columns or table()
    rows = [dict(zip(columns, cells)) for cells in zip(*columns.values())]
    if path.suffix == ".parquet":
        pq.write_table(pa.table(columns), path)
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    elif path.suffix == ".tsv":
        path.write_text("\n".join("\t".join(map(str, cells)) for cells in [list(columns), *zip(*columns.values())]))
    else:
        quoted = lambda cell: '"' + str(cell).replace('"', '""') + '"'
        path.write_text("\ufeff" + "\r\n".join(",".join(map(quoted, cells)) for cells in [list(columns), *zip(*columns.values())]))
    return path


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
def test_every_kind_gives_the_same_task(tmp_path, kind):
    path = write(tmp_path / f"a & b? 100%.{kind}")
    name = task_name(path, ["text", "other text"], "label", "part")
    task = catalogue.load(name)
    assert task.name == name and task.labels == ("no", "yes")
    assert (len(task.train), len(task.validation), len(task.test)) == (120, 40, 40)
    assert task.validation.first[0] == 'number 6, "said" <b>' and task.validation.second[0] == "another 6"
    assert task.train.labels[:5] == (1, 0, 0, 0, 1)
    assert list(tables.read(path, ("part", "text")).columns) == ["part", "text"]


def test_without_a_split_column_it_is_carved_8_1_1_with_label_shares(tmp_path):
    path = write(tmp_path / "x.csv")
    task = files.load(task_name(path, "text", "label"))
    assert (len(task.train), len(task.validation), len(task.test)) == (160, 20, 20)
    assert [split.labels.count(1) for split in (task.train, task.validation, task.test)] == [40, 5, 5]
    assert set(task.train.first) | set(task.validation.first) | set(task.test.first) == set(table()["text"])
    assert "A tenth of the rows each was set aside for validation and test" in task.card
    reversed_rows = {name: cells[::-1] for name, cells in table().items()}
    again = files.load(task_name(write(tmp_path / "y.csv", reversed_rows), "text", "label"))
    assert set(again.test.first) == set(task.test.first) and again.hash != task.hash


def test_a_missing_part_is_carved_out_of_train(tmp_path):
    columns = table() | {"part": ["validation" if i < 50 else "train" for i in range(N)]}
    task = files.load(task_name(write(tmp_path / "x.csv", columns), "text", "label", "part"))
    assert (len(task.train), len(task.validation), len(task.test)) == (135, 50, 15)
    assert task.validation.first == tuple(columns["text"][:50])


def test_repeats_and_shared_premises_stay_together(tmp_path):
    columns = table() | {"text": [f"premise {i // 4}" for i in range(N)]}
    task = files.load(task_name(write(tmp_path / "x.csv", columns), ["text", "other text"], "label"))
    assert not set(task.train.first) & set(task.test.first) and not set(task.validation.first) & set(task.test.first)
    assert len(set(task.test.clusters)) == len(task.test) / 4
    columns["text"] = ["always the same"] * N  # one group of all rows would leave nothing to divide
    task = files.load(task_name(write(tmp_path / "y.csv", columns), ["text", "other text"], "label"))
    assert len(task.test) == 20 and task.test.clusters is None


def test_whole_numbers_are_sorted_as_numbers(tmp_path):
    columns = {"text": [f"t {i}" for i in range(60)], "label": [(10, 9, 2)[i % 3] for i in range(60)]}
    for kind in ("csv", "jsonl", "parquet"):
        path = write(tmp_path / f"x.{kind}", columns)
        assert files.load(f"file:{path}?text=text&label=label").labels == ("2", "9", "10")


def test_relative_paths(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "here").mkdir()
    write(tmp_path / "data" / "x.csv")
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(LabError, match="no file x.csv in the working folder or in LAYER_LAB_DATA"):
        catalogue.load("file:x.csv?text=text&label=label")
    monkeypatch.setenv("LAYER_LAB_DATA", str(tmp_path / "data"))
    assert len(catalogue.load("file:x.csv?text=text&label=label").train) == 160
    write(tmp_path / "here" / "x.csv", table(100))
    assert len(catalogue.load("file:x.csv?text=text&label=label").train) == 80


FAULTS = {
    "unknown column": ("text=text&label=nope", None, "There is no column 'nope' in x.csv; there is text, other text, label, part"),
    "unknown text column": ("text=text,zzz&label=label", None, "no column 'zzz'"),
    "unknown split column": ("text=text&label=label&split=zzz", None, "no column 'zzz'"),
    "three texts": ("text=a,b,c&label=label", None, "one text column, or two"),
    "no label": ("text=text", None, "A file task is written"),
    "unknown option": ("text=text&label=label&colour=red", None, "'colour=red' is not understood"),
    "column twice": ("text=text&label=text", None, "different columns"),
    "split value": ("text=text&label=label&split=other text", None, "x.csv, line 2: the split column 'other text' says 'another 0'"),
    "empty text": ("text=text&label=label", {"text": ["a", " ", "c"], "label": "xyx"}, "x.csv, line 3: the text column 'text' is empty"),
    "empty label": ("text=text&label=label", {"text": "abc", "label": ["x", "y", ""]}, "too few examples"),
    "one class": ("text=text&label=label", {"text": list("abc"), "label": list("xxx")}, "one class only, 'x'"),
    "too many classes": ("text=text&label=text", {"text": list("abcdefghijk"), "y": list("xyxyxyxyxyx")}, "11 different labels"),
    "too few examples": ("text=text&label=label", {"text": list("abcd"), "label": list("xyxy")}, "too few examples"),
    "no train": ("text=text&label=label&split=s", {"text": "ab", "label": "xy", "s": ["test", "test"]}, "no row as train"),
    "class not in train": (
        "text=text&label=label&split=s",
        {"text": [f"t{i}" for i in range(40)], "label": ["z" if i == 9 else "xy"[i % 2] for i in range(40)]}
        | {"s": ["test" if i < 10 else "dev" if i < 20 else "train" for i in range(40)]},
        "'z' has no example in train",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_sentence_for_each_fault(tmp_path, fault):
    query, columns, sentence = FAULTS[fault]
    path = write(tmp_path / "x.csv", columns)
    if fault == "too many classes":
        query = "text=y&label=text"
    with pytest.raises(LabError, match=sentence) as caught:
        catalogue.load(f"file:{path}?{query}")
    assert "\n" not in str(caught.value)


BROKEN = {
    "quote.csv": (b'text,label\n"never closed,1\n', "quote.csv, line 2: the quotation mark that opens a cell here never closes"),
    "ragged.csv": (b"text,label\na,1\nb,2,3\n", "line 3, has 3 cells where the header has 2"),
    "twice.csv": (b"text,text\na,b\n", "two columns called 'text'"),
    "empty.csv": (b"", "empty.csv is empty"),
    "header.csv": (b"text,label\n", "no examples"),
    "comma.jsonl": (b'{"text": "a", "label": 1}\n{"text": "b",, "label": 1}\n', "line 2, is not JSON"),
    "list.jsonl": (b"[1, 2]\n", "line 1, is not a JSON object"),
    "nested.jsonl": (b'{"text": ["a"], "label": 1}\n', "does not hold text"),
    "gap.jsonl": (b'{"text": "a", "label": 1}\n{"label": 0}\n', "gap.jsonl, line 2: the text column 'text' is empty"),
    "cut.parquet": (b"PAR1 and no more", "not a whole Parquet file"),
    "sheet.xlsx": (b"PK", "not a table this program reads"),
}


@pytest.mark.parametrize("file", BROKEN)
def test_broken_files(tmp_path, file):
    content, sentence = BROKEN[file]
    (tmp_path / file).write_bytes(content)
    with pytest.raises(LabError, match=sentence):
        catalogue.load(f"file:{tmp_path / file}?text=text&label=label")


def test_parquet_cut_short(tmp_path):
    path = write(tmp_path / "x.parquet")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(LabError, match="not a whole Parquet file"):
        tables.read(path, ("text",))


def test_columns_are_checked(tmp_path):
    path = write(tmp_path / "x.csv")
    with pytest.raises(LabError, match="no column 'zzz'"):
        files.load(task_name(path, "zzz", "label"))
    with pytest.raises(LabError, match="one text column, or two"):
        files.load(task_name(path, ("text", "text"), "label"))
    spec = files.parse(task_name(path, ("other text", "text"), "label", "part"))
    assert spec == files.FileSpec(str(path), ("other text", "text"), "label", "part")


def test_card_escapes_what_comes_from_the_user(tmp_path):
    columns = {"text": [f"t{i}" for i in range(60)], "label": ["<b>|[x](y)$", "no"] * 30}
    card = files.load(f"file:{write(tmp_path / 'x.csv', columns)}?text=text&label=label").card
    assert cards.plain("<b>|[x](y)$") == r"\<b\>\|\[x\]\(y\)\$" and r"\<b\>\|\[x\]\(y\)\$" in card
    assert "<b>" not in card.replace("\\<b\\>", "")


def test_catalogue_lists_and_refuses():
    assert {"composed-nli", "reviews", "sick", "snli", "glue/mnli"} < set(catalogue.CATALOGUE)
    for name in ("nope", "glue/zzz", ""):
        with pytest.raises(LabError, match="there is composed-nli, reviews, sick"):
            catalogue.load(name)


def test_composed_pairs_become_splits(monkeypatch):
    def pair(premise, label, seen=True, held_out=False):
        return SimpleNamespace(
            premise=premise, hypothesis="h", label=label, phenomenon="negation", template="t", seen=seen, held_out_words=held_out
        )

    made = {"train": (pair("p", 1), pair("q", 2), pair("p", 0, False, True))}
    made |= {"validation": made["train"][:1], "test": made["train"][1:]}
    fake = SimpleNamespace(LABELS=("entailment", "neutral", "contradiction"), CARD="card", generate=lambda seed: made)
    monkeypatch.setitem(sys.modules, "core.data.composed_nli", fake)
    monkeypatch.setattr("core.data.composed_nli", fake, raising=False)
    task = catalogue._composed()
    assert task.train.labels == (1, 2, 0) and task.train.clusters == (0, 1, 0) and task.train.second == ("h", "h", "h")
    assert task.train.tags[0] == ("phenomenon:negation", "template:seen", "words:seen")
    assert task.train.tags[2] == ("phenomenon:negation", "template:unseen", "words:held-out")
    assert (len(task.validation), len(task.test), task.card) == (1, 2, "card")
    assert task.labels == catalogue.CATALOGUE["composed-nli"].labels


def test_the_catalogue_imports_nothing_heavy():
    code = "import sys, core.data.catalogue; print([m for m in ('torch', 'transformers', 'datasets', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

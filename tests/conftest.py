"""Every test has a home of its own and sees none of the user's data folders."""

import os

# One thread, set before torch is imported, also for the processes that tests start: tiny models gain nothing from more, and
# sums made by another number of threads round differently.
os.environ["OMP_NUM_THREADS"] = "1"

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

settings.register_profile("no-deadline", deadline=None, database=None)  # no test depends on how fast the machine is
settings.load_profile("no-deadline")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    path = tmp_path / "home"
    monkeypatch.setenv("LAYER_LAB_HOME", str(path))
    for name in ("LAYER_LAB_DATA", "LAYER_LAB_HUB", "LAYER_LAB_PRECISION"):
        monkeypatch.delenv(name, raising=False)
    return path


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Streamlit's own harness draws nothing, so nothing is waited for; browser tests run a server of their own, which does wait."""
    from pages.parts.common import first_sight

    monkeypatch.setattr(first_sight, "HEAD_START", 0.0)


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

"""Every test has a home of its own and sees none of the user's data folders; a teacher and a task that no test writes into serve all."""

import os
import sys

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
    monkeypatch.setattr(first_sight, "LAY_OUT", 0.0)


@pytest.fixture(autouse=True)
def at_this_machine(monkeypatch):
    """Streamlit's own harness has no connection: its sessions are those of somebody at this machine."""
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.ip_address", None)


@pytest.fixture(autouse=True)
def loaded_anew():
    """The teacher that a test loaded, and may have changed in memory, is not the next one's, whose teacher lies in the same folder."""
    yield
    if loading := sys.modules.get("core.training.loading"):
        loading._loaded.cache_clear()


@pytest.fixture(scope="session")
def read_only(tmp_path_factory):
    """A folder that all tests read; at the end its files are what they were."""
    folder = tmp_path_factory.mktemp("read_only")
    made = {}
    yield folder, made
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == made


def keep(read_only, written):
    """Note the new files as they are, once one of the shared things has been written; return its name."""
    folder, made = read_only
    made.update({path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path not in made})
    return written


@pytest.fixture(scope="session")
def task(read_only):
    """The name of a tiny task that a small model can learn; read only."""
    from tests.tiny_task import write_task

    return keep(read_only, write_task(read_only[0] / "data"))


@pytest.fixture(scope="session")
def teacher(read_only):
    """The name (a folder) of a tiny random BERT of 4 layers that knows the tiny task's labels; read only."""
    from tests.tiny import save_tiny_teacher

    return keep(read_only, str(save_tiny_teacher(read_only[0] / "teacher")))


@pytest.fixture
def own_teacher(tmp_path):
    """Like `teacher`, for a test that changes its files."""
    from tests.tiny import save_tiny_teacher

    return str(save_tiny_teacher(tmp_path / "teacher"))

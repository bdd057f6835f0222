"""The worker process: its lock, its start, its heartbeat, and the loop that takes jobs."""

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import LabError
from core.home import alive, home, tidy
from core.store import facts, maps, students, workers
from core.store.waiting import BESIDE, TRAINING
from core.worker.runner import Runner, going_on

IDLE_SECONDS = 60.0
HEARTBEAT_SECONDS = 2.0
BESIDE_SECONDS = 0.5  # between two looks for a job that goes on beside what trains
KEEP_SECONDS = 3600.0  # how long a worker without a server tries to store a run that has ended
PUT_TOGETHER = ("students", "exports", "uploads")  # folders in which a killed process leaves half of something
ROOT = Path(__file__).resolve().parents[2]
log = logging.getLogger("layer_lab.worker")
_starting = threading.Lock()
_started: dict[Path, subprocess.Popen] = {}  # by lock: the worker that this process started last


def lock_path() -> Path:
    """Return the file of a device's one lock: LAYER_LAB_DEVICE and CUDA_VISIBLE_DEVICES name it, else it is the machine's best."""
    name = "-".join(filter(None, (os.environ.get("LAYER_LAB_DEVICE"), os.environ.get("CUDA_VISIBLE_DEVICES")))) or "auto"
    return home() / f"worker-{''.join(c if c.isalnum() else '-' for c in name)}.lock"


def running() -> bool:
    """Return whether a worker of this device holds its lock."""
    lock = FileLock(lock_path())
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def ensure_running() -> None:
    """Start a worker unless one runs. It outlives this process; one that another process starts at the same time ends at once.

    A worker takes seconds to hold its lock, and a class opens its pages all at once: this process starts a second one only where its first is over.
    """
    facts.put(f"server/{socket.gethostname()}/{os.getpid()}", True)
    with _starting:
        mine = _started.get(lock_path())
        if (mine is not None and mine.poll() is None) or running():
            return
        # Threads that wait by spinning starve the server and the browser on a machine with few cores, and are starved by them.
        environment = {"OMP_WAIT_POLICY": "passive", **os.environ}
        with (home() / "worker.log").open("ab") as out:
            _started[lock_path()] = subprocess.Popen(
                [sys.executable, "-m", "core", "work"], stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                cwd=ROOT, env=environment,
            )


def work(idle_seconds: float = IDLE_SECONDS) -> None:
    """Take jobs until idle without a server. Returns at once when another worker has the device."""
    lock = FileLock(lock_path())
    try:
        lock.acquire(timeout=1)  # `running` holds it for a moment when somebody looks
    except Timeout:
        return
    host = socket.gethostname()
    me = f"{host}/{os.getpid()}/{time.time():.0f}"
    device = lock_path().stem.removeprefix("worker-")
    with lock:
        ours = _file(lock_path())
        for other in workers.known():  # their lock is ours now, so they are dead
            if other["host"] == host and other["device"] == device:
                workers.leave(other["id"])
        beating = threading.Event()
        thread = threading.Thread(target=_beat, args=(me, host, device, beating), daemon=True)
        beside = Beside(me)
        workers.beat(me, os.getpid(), host, device)
        thread.start()
        beside.start()
        for name in PUT_TOGETHER:
            tidy(home() / name)
        try:
            _warm()
            _serve(Runner(me), idle_seconds, ours, beside)
        finally:
            beating.set()
            thread.join()
            beside.ended.set()
            workers.leave(me)


class Beside(threading.Thread):
    """Takes the jobs that go on beside what trains, one after another. busy: whether there is one. ended: to be set when no more may be taken."""

    def __init__(self, worker: str):
        super().__init__(daemon=True)
        self.runner, self.ended, self.busy = Runner(worker), threading.Event(), False

    def run(self) -> None:
        while not self.ended.wait(BESIDE_SECONDS):
            with going_on("nothing is done beside what trains"):
                self.runner.close_ended()
                while not self.ended.is_set() and (job := self.runner.claim(BESIDE)) is not None:
                    self.busy = True
                    self.runner.run(job)
            self.busy = False


def _beat(me: str, host: str, device: str, ended: threading.Event) -> None:
    """Say that this worker lives, and close the jobs of others that do not, until it has ended."""
    while True:
        with going_on("no heartbeat"):
            workers.beat(me, os.getpid(), host, device)
            workers.close_dead(host, alive)
        if ended.wait(HEARTBEAT_SECONDS):
            return


def _warm() -> None:
    """Import torch and say what the device is."""
    from core.training.device import matmul_rate, pick

    device = pick()
    about = {"device": device.kind, "name": device.name, "dtype": device.dtype, "threads": device.threads}
    facts.put("device", about | {"gflops": matmul_rate(device) / 1e9})


def _ready_to_answer() -> None:
    """Ask the newest student something, while there is nothing else to do: the first question imports transformers and loads its teacher, which takes
    seconds on a busy machine."""
    try:
        if newest := students.students()[:1]:
            from core.studies.trying import try_students

            try_students([newest[0].key], "a text", "a text" if newest[0].about["pair"] else None)
    except Exception:  # whatever is wrong with it, whoever asks is told; the worker goes on
        log.warning("the first question to a student loads its models", exc_info=True)


def _serve(runner: Runner, idle_seconds: float, ours: int | None, beside: Beside) -> None:
    """Until idle, or until the lock file is no longer ours: the folder was deleted, and another worker may have started."""
    idle_since, ready = time.monotonic(), False
    while runner.unstored or _file(lock_path()) == ours:
        patience = KEEP_SECONDS if runner.unstored else idle_seconds
        served = _turn(runner)
        if not served and not ready:
            ready = True
            _ready_to_answer()
        if served or beside.busy:
            idle_since = time.monotonic()
        elif time.monotonic() - idle_since > patience and not _server_alive():
            return
        if not served:
            time.sleep(0.2)


def _file(path: Path) -> int | None:
    """What tells a file from a later one of the same name."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _turn(runner: Runner) -> bool:
    """Forward-only requests and one job of the other lane, so that neither lane waits for ever, or where no learner waits one run of a map; whether
    there was anything to do."""
    try:
        runner.close_ended()
        served = runner.serve_forward()
        job = runner.claim(TRAINING) or maps.next_job(runner.worker)
    except LabError as error:  # the store is full, busy or gone: it may come back
        log.warning("%s", error)
        time.sleep(1.0)
        return False
    if job is not None:
        runner.run(job)
    return served or job is not None


def _server_alive() -> bool:
    """Whether a process on this machine that asked for a worker still runs."""
    try:
        servers = facts.keys(f"server/{socket.gethostname()}/")
    except LabError:
        return False
    return any(alive(int(key.rsplit("/", 1)[-1])) for key in servers)

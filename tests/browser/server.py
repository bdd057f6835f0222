"""A server of the app as a subprocess, with a home of its own, and its worker: started, killed hard, cleaned up."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`streamlit run app.py` on a free port. home: its LAYER_LAB_HOME. address: that it listens on. The port stays over restarts."""

    def __init__(self, home: Path, address: str = "127.0.0.1", **environment: str):
        self.home, self.address, self.port = Path(home), address, free_port()
        self.home.mkdir(parents=True, exist_ok=True)
        self.environment = os.environ | {"LAYER_LAB_HOME": str(self.home), "OMP_NUM_THREADS": "1"} | environment
        self.process: subprocess.Popen | None = None
        self.log = self.home / "server.log"

    def url(self, page: str = "", **query) -> str:
        return f"http://127.0.0.1:{self.port}/{page}" + (f"?{urlencode(query)}" if query else "")

    def start(self) -> "Server":
        options = ["--server.port", str(self.port), "--server.address", self.address, "--server.headless", "true"]
        options += ["--server.fileWatcherType", "none"]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", *options], cwd=ROOT, env=self.environment,
                stdout=out, stderr=out, start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self.log.read_text()[-2000:]}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_stcore/health", timeout=2):
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError("the server did not come up")

    def kill(self) -> None:
        """kill -9 the server alone; its worker lives on."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def worker_pids(self) -> list[int]:
        """Processes that its store names as workers."""
        try:
            with sqlite3.connect(self.home / "store.sqlite", timeout=5) as store:
                return [pid for (pid,) in store.execute("SELECT pid FROM workers")]
        except sqlite3.Error:
            return []

    def kill_workers(self) -> None:
        for pid in self.worker_pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def close(self) -> None:
        self.kill()
        self.kill_workers()

"""The worker: a process of its own that takes jobs from the queue and runs them. Torch is imported only inside it.

One worker a device (a lock file says so). It is started by the app, or by hand with `python -m core work`, and ends when
it has been idle for a while and no server that asked for it is alive.
"""

from core.worker.kinds import KINDS
from core.worker.process import IDLE_SECONDS, ensure_running, lock_path, running, work
from core.worker.runner import Runner, limit_minutes

__all__ = ["IDLE_SECONDS", "KINDS", "Runner", "ensure_running", "limit_minutes", "lock_path", "running", "work"]

"""The finished runs that a learner asked for and did not leave, as kept on this machine."""

import json

from core.store.database import connect


def finished_runs(learner: str) -> list[dict]:
    """Records, oldest first."""
    with connect() as db:
        rows = db.execute(
            "SELECT * FROM runs WHERE status = 'finished' AND row IN "
            "(SELECT run_row FROM jobs JOIN watchers ON job = id WHERE watchers.learner = ? AND left IS NULL) ORDER BY row", (learner,),
        ).fetchall()
    return [json.loads(row["record"]) | {"at": row["at"], "row": row["row"]} for row in rows]

"""The finished runs that a learner asked for and did not leave, as kept on this machine."""

import json

from core.store.database import connect


def finished_runs(learner: str) -> list[dict]:
    """Return the records, oldest first."""
    with connect() as db:
        rows = db.execute(
            "WITH mine AS (SELECT id, kind, run_row FROM jobs JOIN watchers ON job = id WHERE watchers.learner = ? AND left IS NULL) "
            "SELECT * FROM runs WHERE status = 'finished' AND (row IN (SELECT run_row FROM mine) OR row IN "  # a race makes several runs
            "(SELECT json_extract(data, '$.row') FROM events JOIN mine ON job = id WHERE mine.kind = 'race' AND events.kind = 'made')) ORDER BY row",
            (learner,),
        ).fetchall()
    return [json.loads(row["record"]) | {"at": row["at"], "row": row["row"]} for row in rows]

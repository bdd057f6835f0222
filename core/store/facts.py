"""Facts about this machine that the worker measures and the pages read: device, dtype, rates, layer sizes."""

import json

from core.store.database import connect, now, to_json, transaction


def put(key: str, value) -> None:
    with transaction() as db:
        db.execute(
            "INSERT INTO facts (key, at, value) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET at = excluded.at, value = excluded.value",
            (key, now(), to_json(value)),
        )


def get(key: str, default=None):
    with connect() as db:
        row = db.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone()
    return json.loads(row["value"]) if row else default


def keys(prefix: str) -> list[str]:
    with connect() as db:
        return [row["key"] for row in db.execute("SELECT key FROM facts WHERE substr(key, 1, ?) = ?", (len(prefix), prefix))]


def delete(key: str) -> None:
    with transaction() as db:
        db.execute("DELETE FROM facts WHERE key = ?", (key,))

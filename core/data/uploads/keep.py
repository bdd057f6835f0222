"""An uploaded table: looked at within limits, then kept as it is, a workbook as JSON lines."""

import hashlib

from core.data.uploads import parquet, place, workbook
from core.data.uploads.preview import ROWS, Preview, preview, too_long
from core.errors import LabError

TABLE_MB = 50
KINDS = ("csv", "tsv", "txt", "jsonl", "ndjson", "parquet", "xlsx")


def keep_table(name: str, content: bytes) -> tuple[str, Preview]:
    """Keep a table; return its name for a task's address, upload/KEY/NAME, and what is in it. LabError, one sentence, for what is no table.

    name: as the browser gave it; its end says of which kind the table is.
    """
    name, size = place.safe_name(name), len(content)
    kind = name.rpartition(".")[2]
    if kind not in KINDS:
        raise LabError(f"{name} is not a table that this program reads; upload {', '.join(KINDS[:-1])} or {KINDS[-1]}.")
    if size > TABLE_MB * 1e6:
        raise LabError(f"{name} takes {size / 1e6:.1f} MB, and a table may take {TABLE_MB} MB; upload a part of its rows.")
    if not content:
        raise LabError(f"{name} is empty.")
    with place.scratch(2 * size) as scratch:
        if kind == "xlsx":
            content, name = workbook.json_lines(content, name), f"{name.removesuffix('.xlsx')}.jsonl"
        elif kind == "parquet":
            parquet.check(content, name)
        elif (lines := max(content.count(b"\n"), content.count(b"\r"))) > ROWS:
            raise too_long(name, lines, "lines")
        path = scratch / name
        path.write_bytes(content)
        found = preview(path)
        return place.settle(path, hashlib.sha256(content).hexdigest(), name), found

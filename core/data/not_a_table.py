"""Files that are something else than the table their name promises: known by how they begin."""

import re

from core.errors import LabError

HEAD = 4096  # bytes looked at
PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[\s>]|(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head)[\s>])", re.DOTALL | re.IGNORECASE)
BEGINNINGS = {
    b"version https://git-lfs.github.com/spec/": "only a pointer of Git LFS, not the data; run git lfs pull where it was cloned",
    b"\x1f\x8b": "compressed by gzip; unpack it",
    b"PK\x03\x04": "a zip archive or an Excel workbook; unpack it, or save the sheet as CSV",
    b"PAR1": "a Parquet file; let its name end in .parquet",
}


def check(head: bytes, name: str, parquet: bool = False) -> None:
    """Raise LabError, in one sentence, where a file's first bytes are those of no table. parquet: whether it may be a Parquet file."""
    if PAGE.match(head):
        raise LabError(f"{name} is a web page, not a table; download the file itself (on GitHub: Raw).")
    for beginning, what in BEGINNINGS.items():
        if head.startswith(beginning) and not (parquet and beginning == b"PAR1"):
            raise LabError(f"{name} is {what}.")

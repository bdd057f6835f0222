"""A zip's list of files, opened only while it is short: the list alone can stand for gigabytes."""

import contextlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from core.errors import LabError

LIST_BYTES = 1 << 20  # of the list; a thousand files have about a tenth
END, LOCATOR = b"PK\x05\x06", b"PK\x06\x07"  # of the list's end; of an end in the form for huge archives (APPNOTE.TXT 4.3.15, 4.3.16)


@contextlib.contextmanager
def opened(file: BinaryIO, name: str, what: str) -> Iterator[zipfile.ZipFile]:
    """Yield the archive. what: it has to be, with what to do otherwise, as in "is not …". LabError where it is none, or its list is too long."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))  # the longest end, with its comment
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + 22:
        raise LabError(f"{name} is not {what}.")
    if struct.unpack_from("<I", tail, at + 12)[0] > LIST_BYTES or tail[max(0, at - 20) : at].startswith(LOCATOR):
        raise LabError(f"{name} holds too many files for {what.partition(';')[0]}.")
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error) as error:
        raise LabError(f"{name} is damaged, or not {what}.") from error

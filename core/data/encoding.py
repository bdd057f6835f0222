"""Bytes of a text file to text: by what the user names, by a byte order mark, as UTF-8, else by a guess that is told."""

import codecs
import re
from itertools import islice

from core.data.cards import plain
from core.errors import LabError

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
         (codecs.BOM_UTF16_BE, "utf-16"))
HEAD = 4096  # bytes looked at for UTF-16 without its mark
MOST_ACCENTS = 0.2  # of all bytes: western text has fewer that are not ASCII, so more mean another alphabet


def decoded(content: bytes, name: str, encoding: str | None) -> tuple[str, str]:
    """Return a file's text without its byte order mark, and a phrase, for the card, that says how it was read: 'as UTF-8'.

    name: the file's. encoding: what the user names, or None. Raises LabError where it cannot be read so, with the line.
    """
    if encoding is not None:
        return _strict(content, name, _known(encoding)), f"as {plain(encoding)}"
    for mark, kind in MARKS:
        if content.startswith(mark):
            return _strict(content, name, kind), f"as {kind.upper()} by its byte order mark"
    head = content[:HEAD]
    for kind, zeros, others in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if zeros.count(0) > 0.4 * len(zeros) and others.count(0) < 0.1 * len(others):
            return _strict(content, name, kind), f"as {kind.upper()} (a guess, from its zero bytes)"
    try:
        return content.decode("utf-8"), "as UTF-8"
    except UnicodeDecodeError as error:
        return _guessed(content, name, error)


def _guessed(content: bytes, name: str, error: UnicodeDecodeError) -> tuple[str, str]:
    text, line = content.decode("utf-8", "replace"), _line(content, error.start)
    broken, high = text.count("\ufffd"), sum(byte > 127 for byte in content)
    if sum(sign > "\x7f" for sign in text) > 2 * broken:
        raise LabError(f"{name}, line {line:,}, holds bytes that are not UTF-8, while the rest is UTF-8; mend that line and save the file again.")
    if high > MOST_ACCENTS * len(content):
        raise LabError(f"{name} is not UTF-8 text (line {line:,}); name its encoding, as &encoding=cp1251, gb18030 or shift_jis.")
    try:
        text, kind = content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        text, kind = content.decode("latin-1"), "latin-1"
    shown = list(dict.fromkeys(match[0] for match in islice(re.finditer(r"\w*[^\x00-\x7f]\w*", text), 40)))[:3]
    return text, f"as {kind}, since it is not UTF-8 (line {line:,}; it then holds {', '.join(map(plain, shown))}: &encoding=NAME names another)"


def _known(encoding: str) -> str:
    try:
        if codecs.lookup(encoding)._is_text_encoding:
            return encoding
    except (LookupError, ValueError):
        pass
    raise LabError(f"There is no text encoding {encoding[:40]!r}; write one such as utf-8, utf-16, cp1252 or latin-1.")


def _strict(content: bytes, name: str, encoding: str) -> str:
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise LabError(f"{name} is not {encoding} text (line {_line(content, error.start):,}); name another with &encoding=.") from error


def _line(content: bytes, place: int) -> int:
    return content.count(b"\n", 0, place) + 1

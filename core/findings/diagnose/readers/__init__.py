"""The formats that `diagnose` reads, one file each, which makes a READER (core/findings/diagnose/sheet.py); adding one is adding a file.

The first reader that knows a text's shape reads it; the last one, tables of one's own, knows any."""

import importlib
import pkgutil

from core.findings.diagnose.sheet import Reader


def _declared() -> tuple[Reader, ...]:
    modules = (importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return tuple(sorted((module.READER for module in modules), key=lambda reader: reader.order))


READERS = _declared()


def reader_of(text: str) -> Reader:
    """Return the reader that knows the shape of this text."""
    return next(reader for reader in READERS if reader.matches(text))


def format_names() -> str:
    """Return the formats besides a table of one's own for a sentence: 'a, b or c'."""
    *names, last = (reader.name for reader in READERS[:-1])
    return f"{', '.join(names)} or {last}"

"""An Excel workbook's first sheet as JSON lines, an object a row, so that it is read like any other table afterwards."""

import io
import json
from itertools import islice

from core.data.uploads import zips
from core.data.uploads.preview import ROWS, too_long
from core.errors import LabError

UNPACKED = 300e6  # bytes of XML; a sheet of 50 MB packed has about that
CELL = 32_767  # characters, Excel's own limit
EXCEL_ROWS = 2**20  # Excel's own limit


def json_lines(content: bytes, name: str) -> bytes:
    """Return the first sheet's rows, named by its first row, as JSON lines in UTF-8. Cells become text; what a formula last gave counts.

    LabError for what is no workbook, is too large unpacked, or has too many rows.
    """
    import openpyxl

    _check(content, name)
    try:
        sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False).worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size may be wrong
        rows = islice(sheet.iter_rows(values_only=True), EXCEL_ROWS)
        header = [_text(cell).strip() for cell in next(rows, ())]
        found = []
        for row in rows:
            cells = {column: _text(cell) for column, cell in zip(header, row) if column}
            if any(cells.values()):
                found.append(json.dumps(cells, ensure_ascii=False))
                if len(found) > ROWS:
                    break
    except Exception as error:  # openpyxl raises a great many kinds for a broken file
        raise LabError(f"{name} cannot be read as an Excel workbook ({type(error).__name__}); save the sheet as CSV and upload that.") from error
    names = [cell for cell in header if cell]
    if not names:
        raise LabError(f"The first sheet of {name} is empty; its first row has to name the columns.")
    if len(set(names)) < len(names):
        raise LabError(f"{name} has two columns called {max(names, key=names.count)!r}; rename one.")
    if len(found) > ROWS:
        raise too_long(name, len(found))
    if not found:
        raise LabError(f"The first sheet of {name} has names of columns and no rows below them.")
    return ("\n".join(found) + "\n").encode()


def _check(content: bytes, name: str) -> None:
    """Raise LabError for what is no zip archive, or would grow too large: unpacked sizes are those that zipfile holds itself to."""
    with zips.opened(io.BytesIO(content), name, "an Excel workbook (xlsx); save it anew, or as CSV") as archive:
        size = sum(one.file_size for one in archive.infolist())
    if size > UNPACKED:
        raise LabError(f"{name} grows to {size / 1e6:,.0f} MB when it is unpacked, and a workbook may grow to {UNPACKED / 1e6:,.0f} MB; save the "
                       "sheet as CSV and upload that.")


def _text(cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)[:CELL]

"""Whether a Parquet file stays small when it is read: a few bytes can stand for gigabytes."""

import io

from core.data.uploads.preview import ROWS, too_long
from core.errors import LabError

UNPACKED = 500e6  # bytes of all cells


def check(content: bytes, name: str) -> None:
    """Raise LabError for what is no Parquet file, has too many rows, lists in its cells, or cells that take more than UNPACKED bytes."""
    import pyarrow
    import pyarrow.compute as compute
    import pyarrow.parquet

    try:
        about = pyarrow.parquet.read_metadata(io.BytesIO(content))
        if about.num_rows > ROWS:
            raise too_long(name, about.num_rows)
        size = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
        texts = [field.name for field in about.schema.to_arrow_schema() if _is_text(field.type)]
        nested = next((field.name for field in about.schema.to_arrow_schema() if pyarrow.types.is_nested(field.type)), None)
        if nested:
            raise LabError(f"The column {nested!r} of {name} holds lists or records in its cells; leave it out and upload the file again.")
        if size <= UNPACKED:  # each text once; how often each occurs is counted without writing it out
            table = pyarrow.parquet.ParquetFile(io.BytesIO(content), read_dictionary=texts).read(columns=texts)
            for chunk in (chunk for column in table.columns for chunk in column.chunks):
                values, indices = (chunk.dictionary, chunk.indices) if pyarrow.types.is_dictionary(chunk.type) else (chunk, None)
                lengths = compute.binary_length(values)
                size += compute.sum(lengths if indices is None else lengths.take(indices)).as_py() or 0
    except LabError:
        raise
    except (pyarrow.ArrowException, OSError, ValueError, MemoryError) as error:
        raise LabError(f"{name} is not a whole Parquet file; write it again.") from error
    if size > UNPACKED:
        raise LabError(f"{name} grows to over {UNPACKED / 1e6:,.0f} MB when it is read; upload a part of its rows or columns.")


def _is_text(kind) -> bool:
    from pyarrow import types

    return types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind) or types.is_large_binary(kind)

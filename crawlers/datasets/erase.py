"""One person out of files: rows that hold the pseudonym go, and what else mentions it names nobody any more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawlers.datasets.files import PUBLISHED, STAGED, put_in_place, replace_durably, write_parquet

NOBODY = "user"
"""What stands for the pseudonym in a text: a mention becomes the scrubber's neutral `@user`."""
_BATCH_ROWS = 1 << 14


@dataclass(frozen=True, slots=True)
class Erased:
    """Rows that went, and texts (or lists of texts) of the rows that stayed in which the person was mentioned."""

    rows: int = 0
    texts: int = 0

    def __add__(self, other: Erased) -> Erased:
        return Erased(self.rows + other.rows, self.texts + other.texts)

    def __bool__(self) -> bool:
        return bool(self.rows or self.texts)


def erase_batch(batch: pa.RecordBatch, pseudonym: str) -> tuple[pa.RecordBatch, Erased]:
    """The batch without the rows that hold `pseudonym` in a column, alone or in a list, and without mentions of it."""
    suspects = [name for name in _texts(batch.schema) if _stands_in(batch.column(name), pseudonym)]
    if not suspects:
        return batch, Erased()
    kept = [True] * len(batch)
    for name in suspects:
        for row, value in enumerate(batch.column(name).to_pylist()):
            if value == pseudonym or (isinstance(value, list) and pseudonym in value):
                kept[row] = False
    rest = batch.filter(pa.array(kept))
    texts = 0
    for name in suspects:
        place = rest.schema.get_field_index(name)
        column, changed = _without_mentions(rest.column(place), pseudonym)
        rest = rest.set_column(place, rest.schema.field(place), column)
        texts += changed
    return rest, Erased(len(batch) - len(rest), texts)


def _texts(schema: pa.Schema) -> list[str]:
    """The columns of text and of lists of text; no other column can hold a pseudonym."""
    return [
        field.name
        for field in schema
        if pa.types.is_string(field.type)
        or (pa.types.is_list(field.type) and pa.types.is_string(field.type.value_type))
    ]


def _stands_in(column: pa.Array, pseudonym: str) -> bool:
    texts = pc.list_flatten(column) if pa.types.is_list(column.type) else column
    return bool(pc.any(pc.match_substring(texts, pseudonym)).as_py())


def _without_mentions(column: pa.Array, pseudonym: str) -> tuple[pa.Array, int]:
    """The column with nobody in the pseudonym's place, and how many of its values changed."""

    def unnamed(value: Any) -> Any:
        if isinstance(value, list):
            return [unnamed(text) for text in value]
        return value and value.replace(pseudonym, NOBODY)

    before = column.to_pylist()
    after = [unnamed(value) for value in before]
    return pa.array(after, column.type), sum(old != new for old, new in zip(before, after, strict=True))


def erase_table(path: Path, temporary: Path, pseudonym: str) -> Erased:
    """Take a person out of a published table, in one step; without rows it stays as an empty table.

    `temporary` is where the new file is made. Nothing is written if the person is not there.
    Raises: OSError, pyarrow.ArrowException: the disk, or no Parquet; the table is as it was.
    """
    if erased := _count(path, pseudonym):
        try:
            put_in_place(temporary, path, _write(path, temporary, pseudonym, PUBLISHED))
        finally:
            temporary.unlink(missing_ok=True)
    return erased


def erase_part(path: Path, pseudonym: str) -> Erased:
    """Take a person out of a staged part, in one step; without rows it goes. Raises: as `erase_table`."""
    if erased := _count(path, pseudonym):
        temporary = path.with_name(f".tmp-{path.name}")
        try:
            if rows := _write(path, temporary, pseudonym, STAGED):
                put_in_place(temporary, path, rows)
            else:
                path.unlink()
        finally:
            temporary.unlink(missing_ok=True)
    return erased


def holds(path: Path, columns: Iterable[str], value: str) -> bool:
    """Whether a value stands in one of these columns, alone or in a list. Raises: as `erase_table`."""
    with pq.ParquetFile(path) as file:
        there = [name for name in columns if name in file.schema_arrow.names]
        batches = file.iter_batches(_BATCH_ROWS, columns=there)
        return any(_has(column, value) for batch in batches for column in batch.columns)


def _has(column: pa.Array, value: str) -> bool:
    values = pc.list_flatten(column) if pa.types.is_list(column.type) else column
    return bool(pc.any(pc.equal(values, value)).as_py())


def _count(path: Path, pseudonym: str) -> Erased:
    with pq.ParquetFile(path) as file:
        batches = file.iter_batches(_BATCH_ROWS, columns=_texts(file.schema_arrow))
        return sum((erase_batch(batch, pseudonym)[1] for batch in batches), Erased())


def _write(path: Path, temporary: Path, pseudonym: str, options: dict[str, Any]) -> int:
    """Write what is left of a file to `temporary`; how many rows."""
    with pq.ParquetFile(path) as file:
        left = (erase_batch(batch, pseudonym)[0] for batch in file.iter_batches(_BATCH_ROWS))
        return write_parquet(temporary, file.schema_arrow, left, **options)


def erase_text_files(paths: Iterable[Path], folder: Path, pseudonym: str) -> int:
    """Replace the pseudonym in files of text by the neutral `@user`; how many held it. `folder` is for new files."""
    changed = 0
    for path in paths:
        text = path.read_bytes()
        if pseudonym.encode() in text:
            temporary = folder / path.name
            mention = f"@{NOBODY}".encode()
            temporary.write_bytes(text.replace(f"@{pseudonym}".encode(), mention).replace(pseudonym.encode(), mention))
            replace_durably(temporary, path)
            changed += 1
    return changed

"""Parquet files that are there whole or not at all, whatever is killed or full."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.errors import DatasetError

# A row group repeats the dictionary of its ids: 1 Mi rows cost 4.7 bytes a row where 100,000 cost 9.3.
MAX_GROUP_ROWS = 1 << 20
MAX_GROUP_BYTES = 128 << 20

# How `write_parquet` writes a published table. 60,000 ids of 32 characters outgrow the default dictionary of 1 MiB, and
# the column would cost thrice as much.
PUBLISHED: dict[str, Any] = {"compression": "zstd", "compression_level": 3, "dictionary_pagesize_limit": 4 << 20}
# How it writes a staged part, which is read once and deleted: lz4 costs a fifth of zstd 3, and DuckDB reads a column of
# a group whole, in 256 MB for everything.
STAGED: dict[str, Any] = {"compression": "lz4", "group_rows": 250_000, "group_bytes": 16 << 20}


UNHARMED = "What is published is unchanged, staged rows are kept"
ONLY_READ = "Nothing was changed; move a table that is damaged away, and crawl it again"


@contextmanager
def storage_errors(doing: str, folder: Path, left: str = UNHARMED) -> Iterator[None]:
    """Turn what disks, Parquet, DuckDB and SQLite raise into one message that says what to do.

    `left` says in what state things are left. Raises: DatasetError: in place of any of them; our own errors pass
    unchanged.
    """
    try:
        yield
    except OSError as error:
        # Some of pyarrow's OSErrors have no errno, only a text.
        found = f"{error.strerror} ({error.filename})" if error.strerror and error.filename else str(error)
        raise DatasetError(
            f"{doing} in {folder}: {found}; make room there or fix its permissions, then run it again. {left}"
        ) from error
    except (pa.ArrowException, duckdb.Error, sqlite3.Error) as error:
        first_line = next(iter(str(error).splitlines()), "").rstrip(".")
        raise DatasetError(f"{doing} in {folder}: {type(error).__name__}: {first_line}. {left}") from error


def read_batches(path: Path, columns: list[str], rows: int = 1 << 17) -> Iterator[pa.RecordBatch]:
    """Some columns of a Parquet file in batches of at most `rows` rows, none of them empty."""
    with pq.ParquetFile(path) as file:
        yield from (batch for batch in file.iter_batches(rows, columns=columns) if len(batch))


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with exactly the columns, types and metadata of `schema`; a column it lacks is null."""
    names = set(batch.schema.names)
    columns = [
        batch.column(field.name).cast(field.type) if field.name in names else pa.nulls(len(batch), field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def write_parquet(
    path: Path,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    *,
    group_rows: int = MAX_GROUP_ROWS,
    group_bytes: int = MAX_GROUP_BYTES,
    **options: Any,
) -> int:
    """Write the batches as one file in row groups of `group_rows` rows or `group_bytes` of Arrow memory; its rows.

    `options` go to `pyarrow.parquet.ParquetWriter`. The batches must have the schema already.
    """
    rows = 0
    buffered: list[pa.RecordBatch] = []
    buffered_rows = buffered_bytes = 0
    with pq.ParquetWriter(path, schema, **options) as writer:

        def flush() -> None:
            # One call is one row group; a call for every batch would make a group of every batch.
            writer.write_table(pa.Table.from_batches(buffered, schema), row_group_size=MAX_GROUP_ROWS)
            buffered.clear()

        for batch in batches:
            if buffered and (buffered_rows + len(batch) > group_rows or buffered_bytes + batch.nbytes > group_bytes):
                flush()
                buffered_rows = buffered_bytes = 0
            buffered.append(batch)
            buffered_rows += len(batch)
            buffered_bytes += batch.nbytes
            rows += len(batch)
        if buffered or not rows:
            flush()
    return rows


def put_in_place(temporary: Path, target: Path, rows: int) -> None:
    """Give a finished Parquet file its name, as `replace_durably` does, if its footer is right.

    Raises: DatasetError: the footer does not count `rows` rows; OSError: the disk.
    """
    counted = pq.read_metadata(temporary).num_rows
    if counted != rows:
        raise DatasetError(
            f"writing {target}: {rows} rows went in and the footer counts {counted}; the disk may be bad"
        )
    replace_durably(temporary, target)


def replace_durably(temporary: Path, target: Path) -> None:
    """Give a finished file its name: make it durable, replace, make the name durable."""
    _fsync(temporary)
    os.replace(temporary, target)  # noqa: PTH105  (tests make this very call fail)
    _fsync(target.parent)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

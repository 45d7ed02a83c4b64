"""The latest row of every key, out of any number of Parquet files, in bounded memory.

DuckDB only sorts (by key, newest first; it spills to disk), and the first row of every key is picked from the sorted
stream. A window function or an aggregation inside DuckDB cost 2.9 and 3.4 times the CPU of the sort on 2 M + 2 M rows,
and the window ran out of its 256 MB on 10 M + 10 M, where this way the whole process takes 0.8 GB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from glob import escape
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawlers.datasets.files import conform
from crawlers.errors import DatasetError
from crawlers.items import Item, arrow_schema

_BATCH_ROWS = 1 << 14


class Effort(NamedTuple):
    """What a merge may use: memory for DuckDB's buffers (the process takes 200 to 500 MB more), and threads."""

    memory: str
    threads: int


# DuckDB's sort holds some 123,000 rows a thread, however many there are: tables of ids fit into the first, rows of
# 3 kB of text need the second.
EFFORTS = (Effort("256MB", 2), Effort("512MB", 1), Effort("1GB", 1), Effort("2GB", 1), Effort("4GB", 1))


def is_out_of_memory(error: Exception) -> bool:
    """Whether a merge failed for want of memory, and may succeed with the next of `EFFORTS`."""
    # What fails while batches are read reaches us through Arrow, as an OSError with DuckDB's text.
    return isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory Error" in str(error)


def latest_rows(table: type[Item], files: Sequence[Path], scratch: Path, effort: Effort) -> Iterator[pa.RecordBatch]:
    """The newest row of each key in `files`, sorted by key, with the columns of `arrow_schema(table)`.

    Newest is: the latest `fetched_at`, then the later file of the list, then the later row of the file. `first_seen_at`
    is the earliest time any row of the key carries. `scratch` is a directory for what does not fit into memory.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": effort.memory,
        "threads": effort.threads,
        "temp_directory": str(scratch / "spilled"),  # else it spills into the working directory
        # False lets DuckDB hand out the batches of a sorted result in another order (seen with `execute`).
        "preserve_insertion_order": True,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(config=config) as connection:
        # Not `execute`: its result is copied whole before the first batch (3.9 GB on 10 M + 10 M rows).
        yield from _first_of_each_key(table, connection.sql(_query(table, files)).to_arrow_reader(_BATCH_ROWS))


def _query(table: type[Item], files: Sequence[Path]) -> str:
    schema = arrow_schema(table)
    there = {name for file in files for name in pq.read_schema(file).names}
    columns = [_quoted(name) for name in schema.names if name in there and name != "first_seen_at"]
    first_seen = "coalesce(first_seen_at, fetched_at)" if "first_seen_at" in there else "fetched_at"
    key = ", ".join(map(_quoted, table.key()))
    paths = ", ".join(_literal(escape(str(file))) for file in files)  # our paths are names, not patterns
    # union_by_name: files of an older version lack columns. A folder named a=b must not become a column.
    return (
        f"SELECT {', '.join(columns)}, {first_seen} AS first_seen_at "  # noqa: S608  (names of our own types)
        f"FROM read_parquet([{paths}], union_by_name=true, hive_partitioning=false) "
        f"ORDER BY {key}, fetched_at DESC, file_index DESC, file_row_number DESC"
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first_of_each_key(table: type[Item], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    schema = arrow_schema(table)
    held: pa.RecordBatch | None = None  # the last key so far, whose older rows may come with the next batch
    for batch in batches:
        if not len(batch):
            continue
        conformed = conform(batch, schema)
        if held is not None and _key_at(table, conformed, 0) < _key_at(table, held, 0):
            raise DatasetError(f"merging {table.dataset}: the sorted rows came out of order, which is a bug")
        rows = _collapse(table.key(), conformed if held is None else pa.concat_batches([held, conformed]))
        held = rows.slice(len(rows) - 1)
        yield rows.slice(0, len(rows) - 1)
    if held is not None:
        yield held


def _key_at(table: type[Item], rows: pa.RecordBatch, index: int) -> tuple[Any, ...]:
    return tuple(rows.column(name)[index].as_py() for name in table.key())


def _collapse(key: Sequence[str], rows: pa.RecordBatch) -> pa.RecordBatch:
    """The first of each run of rows with equal keys, with the run's smallest `first_seen_at`."""
    if len(rows) < 2:
        return rows
    differs = pa.nulls(len(rows) - 1, pa.bool_()).fill_null(False)
    for name in key:
        column = rows.column(name)
        differs = pc.or_(differs, pc.not_equal(column.slice(1), column.slice(0, len(rows) - 1)))
    is_first = pa.concat_arrays([pa.array([True]), differs])
    newest = rows.filter(is_first)
    if len(newest) == len(rows):
        return rows
    run = pc.cumulative_sum(is_first.cast(pa.int64()))
    seen = pa.table({"run": run, "seen": rows.column("first_seen_at")})
    # Without threads the groups come in the order of the rows.
    earliest = seen.group_by("run", use_threads=False).aggregate([("seen", "min")])["seen_min"].combine_chunks()
    return newest.set_column(rows.schema.get_field_index("first_seen_at"), rows.schema.field("first_seen_at"), earliest)

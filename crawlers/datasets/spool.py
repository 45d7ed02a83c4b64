"""Rows on their way from a page to a staged part: Arrow record batches, as bytes."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from crawlers.datasets.check import with_key
from crawlers.datasets.checksum import with_checksum, without_checksum
from crawlers.errors import DamagedRecord
from crawlers.items import Item, Row, spool_schema

logger = logging.getLogger(__name__)


# What SQLite writes twice and deletes once costs more CPU than packing it: a million likes take 2.1 s into the spool
# instead of 4.7, and lz4 takes 2.5.
_COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd")


class Encoded(NamedTuple):
    """Rows as one Arrow IPC stream; how many it holds, how many Arrow could not take, and nulls per column."""

    stream: bytes
    rows: int
    refused: int
    nulls: dict[str, int]


def encode(table: type[Item], rows: list[Row], key_id: str | None = None) -> Encoded:
    """The rows as Arrow.

    The schema's metadata name the pseudonym key, so that publishing can refuse to mix the pseudonyms of two.

    Types are checked when a page is validated, so a row that fails here holds something no column could
    (a lone surrogate in a hand-made item, say). It is left out alone, and counted.
    """
    schema = with_key(spool_schema(table), key_id)
    refused = 0
    try:
        batch = pa.RecordBatch.from_pylist(rows, schema=schema)
    except (pa.ArrowException, UnicodeError, OverflowError, TypeError, ValueError):
        kept = [row for row in rows if _fits(row, schema)]
        refused = len(rows) - len(kept)
        batch = pa.RecordBatch.from_pylist(kept, schema=schema)
    nulls = {name: column.null_count for name, column in zip(schema.names, batch.columns, strict=True)}
    return Encoded(stream([batch]), len(batch), refused, nulls)


def stream(batches: Sequence[pa.RecordBatch]) -> bytes:
    """The batches, at least one and of one schema, as the bytes of a stored blob."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batches[0].schema, options=_COMPRESSED) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return with_checksum(sink.getvalue().to_pybytes())


def _fits(row: Row, schema: pa.Schema) -> bool:
    try:
        pa.RecordBatch.from_pylist([row], schema=schema)
    except (pa.ArrowException, UnicodeError, OverflowError, TypeError, ValueError):
        return False
    return True


def decode(blob: bytes) -> Iterator[pa.RecordBatch]:
    """The record batches of one stored blob.

    Raises: DamagedRecord: its checksum is wrong. Arrow itself trusts what it reads, and ends the process.
    """
    with pa.ipc.open_stream(without_checksum(blob)) as reader:
        yield from reader


def dataset_of(blob: bytes) -> str:
    """The name of the table that a stored blob has rows of. Raises: DamagedRecord, as `decode` does."""
    with pa.ipc.open_stream(without_checksum(blob)) as reader:
        return str(reader.schema.metadata[b"dataset"].decode())


def read(database: Path, dataset: str) -> Iterator[pa.RecordBatch]:
    """The rows of one table that wait in a job's file, in order; none if the file or its table is not there (any more).

    What is damaged is left out, with a warning: other rows of the job, and other jobs, are not to suffer for it.
    """
    try:
        connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    except sqlite3.OperationalError:
        if database.exists():
            raise
        return
    with closing(connection) as db:
        try:
            if db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'spool'").fetchone() is None:
                return
            for (blob,) in db.execute("SELECT arrow FROM spool WHERE dataset = ? ORDER BY seq", (dataset,)):
                try:
                    yield from decode(blob)
                except DamagedRecord:
                    logger.warning(
                        "the job %s: some rows of %s are damaged and left out", database.parent.name, dataset
                    )
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode not in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
                raise
            logger.warning(
                "the job %s: its file is damaged, further rows of %s are left out", database.parent.name, dataset
            )

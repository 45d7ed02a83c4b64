"""Rows on their way from a page to a staged part: Arrow record batches, as bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

from crawlers.datasets.check import with_key
from crawlers.items import Item, Row, spool_schema


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
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(batch)
    nulls = {name: column.null_count for name, column in zip(schema.names, batch.columns, strict=True)}
    return Encoded(sink.getvalue().to_pybytes(), len(batch), refused, nulls)


def _fits(row: Row, schema: pa.Schema) -> bool:
    try:
        pa.RecordBatch.from_pylist([row], schema=schema)
    except (pa.ArrowException, UnicodeError, OverflowError, TypeError, ValueError):
        return False
    return True


def decode(blob: bytes) -> Iterator[pa.RecordBatch]:
    """The record batches of one stored blob."""
    with pa.ipc.open_stream(blob) as reader:
        yield from reader

"""What is published: sizes, keys, personal columns and one example row, from Parquet footers and one row per table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.datasets.check import table_file
from crawlers.datasets.files import ONLY_READ, storage_errors
from crawlers.datasets.records import runs
from crawlers.items import Item, Pseudonymize, sites, tables


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A published table. `bytes` is the size of its file; `last_crawl` is UTC; `example` the first row, if any."""

    table: type[Item]
    path: Path
    rows: int
    bytes: int
    schema: pa.Schema
    last_crawl: dt.datetime | None
    example: dict[str, Any] | None

    @property
    def dataset(self) -> str:
        return self.table.dataset

    @property
    def key(self) -> tuple[str, ...]:
        return self.table.key()

    @property
    def personal(self) -> tuple[str, ...]:
        """The columns that hold pseudonyms of people or of what leads to them."""
        return tuple(self.table.marked(Pseudonymize))


def describe(output_dir: Path, site: str | None = None) -> list[TableInfo]:
    """The published tables of one site, or of all; those that were never published are left out.

    Raises: ConfigurationError: no such site; DatasetError: a table cannot be read.
    """
    found = []
    for name in [site] if site is not None else sites():
        last_crawl = _last_end(output_dir / name)
        for table in tables(name):
            if (path := table_file(table, output_dir)).exists():
                with storage_errors(f"reading {table.dataset}", path.parent, ONLY_READ):
                    found.append(_describe(table, path, last_crawl))
    return found


def _describe(table: type[Item], path: Path, last_crawl: dt.datetime | None) -> TableInfo:
    with pq.ParquetFile(path) as file:
        head = next(file.iter_batches(batch_size=1, row_groups=[0]), None) if file.metadata.num_rows else None
        return TableInfo(
            table=table,
            path=path.parent,
            rows=file.metadata.num_rows,
            bytes=path.stat().st_size,
            schema=file.schema_arrow,
            last_crawl=last_crawl or _newest_row_time(file.metadata),
            example=head.to_pylist()[0] if head is not None else None,
        )


def _newest_row_time(metadata: pq.FileMetaData) -> dt.datetime | None:
    """The largest `fetched_at`, from the statistics in the footer."""
    newest: list[dt.datetime] = []
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            column = metadata.row_group(group).column(index)
            if column.path_in_schema == "fetched_at" and column.is_stats_set and column.statistics.has_min_max:
                newest.append(column.statistics.max)
    return max(newest, default=None)


def _last_end(site_dir: Path) -> dt.datetime | None:
    """When the last crawl that got an answer ended; None where no manifest says so."""
    ended = [run.finished_at.astimezone(dt.UTC) for run in runs(site_dir) if run.was_answered and run.finished_at]
    return max(ended, default=None)

"""Staged parts: rows that left a job's spool and wait, as Parquet in the private job directory, to be published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.datasets.check import check_schema, key_id_of, with_key
from crawlers.datasets.files import STAGED, conform, put_in_place, storage_errors, write_parquet
from crawlers.errors import DatasetError
from crawlers.items import Item, spool_schema, tables

_TEMPORARY = ".tmp-"


def write_part(table: type[Item], batches: Iterable[pa.RecordBatch], directory: Path, first: int, last: int) -> Path:
    """Write rows `first` to `last` of a job's spool as one part, durable when this returns; its path.

    `batches` have the columns of `spool_schema(table)`; those an older version wrote may lack some. The name follows
    from the numbers, so that a crash before the spool forgets the rows makes the same part again; a part of that name
    with other rows (a job begun anew counts from 1 again) is never overwritten, the new one gets a suffix. Where the
    batches' schema metadata name a pseudonym key, so does the part.

    Raises: DatasetError: the disk, or rows that are not of the table.
    """
    name = f"{first:012d}-{last:012d}"
    temporary = directory / f"{_TEMPORARY}{name}.parquet"
    with storage_errors(f"sealing rows of {table.dataset}", directory):
        for folder in (directory.parent, directory):  # the mode is not that of parents made on the way
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            rest = iter(batches)
            head = next(rest, None)
            key_id = key_id_of(head.schema) if head is not None else None
            schema = with_key(spool_schema(table), key_id)
            conformed = _conformed(table, rest if head is None else chain([head], rest), schema)
            rows = write_parquet(temporary, schema, conformed, **STAGED)
            target = _free_name(directory, name, temporary)
            put_in_place(temporary, target, rows)
        finally:
            temporary.unlink(missing_ok=True)
    return target


def _free_name(directory: Path, name: str, part: Path) -> Path:
    """The path for a part: the first of `name`, `name-2`, ... that is free or holds the very same rows."""
    target, number = directory / f"{name}.parquet", 1
    while target.exists() and not _same_rows(target, part):
        number += 1
        target = directory / f"{name}-{number}.parquet"
    return target


def _same_rows(one: Path, other: Path) -> bool:
    if pq.read_metadata(one).num_rows != pq.read_metadata(other).num_rows:
        return False
    return bool(pq.ParquetFile(one).read().equals(pq.ParquetFile(other).read()))


def staged_parts(jobs_dir: Path, site: str, table: type[Item]) -> list[Path]:
    """The finished parts of a table, of all jobs of the site: by job, then by spool number."""
    return [
        path
        for job in job_directories(jobs_dir, site)
        for path in sorted((job / "staged" / table.table()).glob("*.parquet"))
        if not path.name.startswith(_TEMPORARY)
    ]


def staged_rows(jobs_dir: Path, site: str) -> int:
    """How many rows of a site wait in finished parts for the next publication."""
    rows = 0
    for part in (part for table in tables(site) for part in staged_parts(jobs_dir, site, table)):
        with suppress(FileNotFoundError):  # published meanwhile
            rows += pq.read_metadata(part).num_rows
    return rows


def job_directories(jobs_dir: Path, site: str) -> list[Path]:
    """The job directories of a site, sorted; names that begin with ``_`` or ``.`` are not jobs."""
    folder = jobs_dir / site
    if not folder.is_dir():
        return []
    return sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith(("_", ".")))


def sweep_temporary(job: Path) -> int:
    """Delete what a killed seal left in a job directory; how many files. Call it while holding the job's lock."""
    stale = list((job / "staged").glob(f"*/{_TEMPORARY}*"))
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def _conformed(table: type[Item], batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    checked: pa.Schema | None = None
    for batch in batches:
        if checked is None or not batch.schema.equals(checked, check_metadata=True):
            checked = batch.schema
            check_schema(table, checked, f"a row in the spool of {table.dataset}", "drop the job and crawl again")
            if key_id_of(checked) != key_id_of(schema):
                raise DatasetError(
                    f"the spool of {table.dataset} has rows of two pseudonym keys; drop the job and crawl again"
                )
        yield conform(batch, schema)

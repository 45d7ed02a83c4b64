"""Moving rows from a job's store into staged parts, which publishing merges."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from crawlers.datasets import spool
from crawlers.datasets.seal import write_part
from crawlers.frontier.job import Job
from crawlers.items import tables


def seal(job: Job) -> None:
    """Write every committed row of the spool into one part per table, then drop it from the spool.

    A part is named after the spool range it holds: killed between the two steps, the next seal writes the same file.
    """
    for table in tables(job.identity.spider):
        bounds = job.store.spool_bounds(table.dataset)
        if bounds is not None:
            first, last = bounds
            folder = job.directory / "staged" / table.table()
            write_part(table, _batches(job, table.dataset), folder, first, last)
            job.store.forget_spooled(table.dataset, last)


def _batches(job: Job, dataset: str) -> Iterator[pa.RecordBatch]:
    for _, blob in job.store.spooled(dataset):
        yield from spool.decode(blob)

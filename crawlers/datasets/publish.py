"""Merge what crawls have staged into the published tables: latest row per key, sorted by key, one file each; and write
the card that tells of them.

Nobody reads a half-written table: the new file is made under `<output>/<site>/_tmp` and replaces the old one in one
step. Staged parts go only after that, and merging them twice changes nothing.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.datasets import spool
from crawlers.datasets.card import write_card
from crawlers.datasets.check import check_schema, check_table, key_id_of, table_file, with_key
from crawlers.datasets.files import PUBLISHED, put_in_place, storage_errors, write_parquet
from crawlers.datasets.merge import EFFORTS, Effort, is_out_of_memory, latest_rows
from crawlers.datasets.seal import job_directories, staged_parts, write_part
from crawlers.errors import ConfigurationError, CrawlerError, DatasetError
from crawlers.items import Item, arrow_schema, tables

__all__ = ["Published", "check_table", "publish", "run_publish_in_child"]

SCRATCH = "_publish-"


@dataclass(frozen=True, slots=True)
class Published:
    """A table after a merge: its rows, how many of their keys were not there before, and the size of its file."""

    rows: int
    new_rows: int
    bytes: int


def publish(site: str, output_dir: Path, jobs_dir: Path, key_id: str | None) -> dict[str, Published]:
    """Merge all that is staged or spooled for a site, and write its card; the tables that had something, by name.

    `key_id` names the pseudonym key of this crawl; None takes the one the rows and tables already carry. Only one
    process at a time publishes a site, others wait. Rows in a running crawl's spool are merged and stay there.

    Raises: ConfigurationError: no such site, or another pseudonym key; DatasetError: a table, a staged part or a folder
        is not as it must be. What is published is then unchanged or, for the tables already done, merged.
    """
    site_tables = tables(site)
    if not job_directories(jobs_dir, site):
        return {}
    writing = storage_errors(f"publishing {site}", output_dir / site)
    with writing, sole_writer(site, output_dir) as temporary, _scratch(jobs_dir / site) as scratch:
        for table in site_tables:
            check_table(table, output_dir, key_id)
        merges = [_Merge(table, output_dir, key_id, scratch) for table in site_tables]
        merged = {merge.table.dataset: found for merge in merges if (found := merge.run(jobs_dir)) is not None}
        with storage_errors(f"writing the dataset card of {site}", output_dir / site, "The tables are published"):
            write_card(site, output_dir, temporary)
        return merged


class _Merge:
    """The merge of one table."""

    def __init__(self, table: type[Item], output_dir: Path, key_id: str | None, scratch: Path) -> None:
        self.table = table
        self._target = table_file(table, output_dir)
        self._key_id = key_id
        self._scratch = scratch

    def run(self, jobs_dir: Path) -> Published | None:
        """Merge, replace, forget the merged parts; None if there was nothing to merge."""
        # Spools first: rows sealed meanwhile are then seen twice, which is harmless, and not missed.
        spooled = [part for job in job_directories(jobs_dir, self.table.site()) if (part := self._spooled(job))]
        staged = {part: _identity(part) for part in staged_parts(jobs_dir, self.table.site(), self.table)}
        if not (inputs := [*staged, *spooled]):
            return None
        before = pq.read_metadata(self._target).num_rows if self._target.exists() else 0
        published = [self._target] if self._target.exists() else []
        key_id = self._agreed_key(published, inputs)
        rows = self._write([*published, *inputs], key_id)
        for part, identity in staged.items():
            with suppress(FileNotFoundError):
                # A job begun anew meanwhile may have made another part of this name.
                if _identity(part) == identity:
                    part.unlink()
        return Published(rows=rows, new_rows=rows - before, bytes=self._target.stat().st_size)

    def _write(self, files: list[Path], key_id: str | None) -> int:
        temporary = self._target.parent.parent / "_tmp" / f"publish-{self.table.table()}.parquet"
        try:
            for effort in EFFORTS:
                try:
                    rows = self._merge(files, key_id, temporary, effort)
                    break
                except (duckdb.Error, OSError) as error:
                    if effort is EFFORTS[-1] or not is_out_of_memory(error):
                        raise
            self._target.parent.mkdir(exist_ok=True)
            put_in_place(temporary, self._target, rows)
        finally:
            temporary.unlink(missing_ok=True)
        return rows

    def _merge(self, files: list[Path], key_id: str | None, path: Path, effort: Effort) -> int:
        schema = with_key(arrow_schema(self.table), key_id)
        rows = latest_rows(self.table, files, self._scratch, effort)
        batches = (batch.replace_schema_metadata(schema.metadata) for batch in rows)
        return write_parquet(path, schema, batches, **PUBLISHED)

    def _agreed_key(self, published: list[Path], inputs: list[Path]) -> str | None:
        """The one pseudonym key of all files.

        Raises: ConfigurationError: there are two; DatasetError: a staged part has columns of another type.
        """
        key_id = self._key_id or next((key_id_of(pq.read_schema(path)) for path in published), None)
        for path in inputs:
            schema = pq.read_schema(path)
            check_schema(self.table, schema, f"{path}", "drop the job that staged it and crawl again")
            staged_with = key_id_of(schema)
            key_id = key_id or staged_with
            if staged_with is not None and staged_with != key_id:
                raise ConfigurationError(
                    f"{path} was staged with pseudonym key {staged_with}, and {self.table.dataset} has key {key_id}: "
                    "the same person would get two pseudonyms; drop the job that staged it, or publish it to another "
                    "OUTPUT_DIR"
                )
        return key_id

    def _spooled(self, job: Path) -> Path | None:
        """The rows in a job's spool as a file DuckDB can read; None if there are none."""
        batches = spool.read(job / "queue.sqlite", self.table.dataset)
        first = next(batches, None)
        if first is None:
            return None

        def rest() -> Iterator[pa.RecordBatch]:
            yield first
            yield from batches

        return write_part(self.table, rest(), self._scratch / self.table.table() / job.name, 0, 0)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


@contextmanager
def sole_writer(site: str, output_dir: Path) -> Iterator[Path]:
    """Wait for the only right to write a site's tables; the folder to make their files in, as `publish-*.parquet`.

    The system gives the right back however the process ends; what a killed one left in the folder is deleted.
    """
    temporary = output_dir / site / "_tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    with (temporary / "publish.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for stale in temporary.glob("publish-*.parquet"):
            stale.unlink()
        yield temporary


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A private directory for one publish; those of processes that were killed are removed."""
    for stale in folder.glob(f"{SCRATCH}*"):
        if not _alive(stale.name.removeprefix(SCRATCH)):
            shutil.rmtree(stale, ignore_errors=True)
    scratch = folder / f"{SCRATCH}{os.getpid()}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


async def run_publish_in_child(site: str, output_dir: Path, jobs_dir: Path, key_id: str | None) -> dict[str, Published]:
    """`publish` in a process of its own, so that neither the crawl's memory nor its event loop bears the merge.

    Raises: DatasetError: whatever went wrong, with the child's message.
    """
    request = {"site": site, "output_dir": str(output_dir), "jobs_dir": str(jobs_dir), "key_id": key_id}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "crawlers.datasets.publish",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # scrapyd puts the deployed egg on sys.path only, where a child would not find it.
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        start_new_session=True,  # Ctrl-C in the terminal means the crawl
    )  # fmt: skip
    try:
        answer, complaint = await child.communicate(json.dumps(request).encode())
    except asyncio.CancelledError:
        child.kill()
        await child.wait()
        raise
    try:
        reply = json.loads(answer)
    except ValueError:
        last_line = (complaint.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        raise DatasetError(
            f"publishing {site}: the process that merges ended with code {child.returncode} ({last_line}); "
            f"staged rows are kept, run: scrapy publish {site}"
        ) from None
    if "error" in reply:
        raise DatasetError(reply["error"])
    return {dataset: Published(**values) for dataset, values in reply.items()}


def _main() -> None:
    request = json.load(sys.stdin)
    # The answer alone goes to standard output; whatever a library has to say goes where complaints go.
    answers = os.dup(1)
    os.dup2(2, 1)
    try:
        published = publish(request["site"], Path(request["output_dir"]), Path(request["jobs_dir"]), request["key_id"])
    except CrawlerError as error:
        reply: dict[str, object] = {"error": str(error)}
    else:
        reply = {dataset: asdict(values) for dataset, values in published.items()}
    with os.fdopen(answers, "w") as answer:
        json.dump(reply, answer)


if __name__ == "__main__":
    _main()

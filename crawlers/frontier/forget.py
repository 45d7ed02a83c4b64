"""Erase one person from all that is kept of a site, and keep later crawls from bringing them back."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq

from crawlers.datasets import spool
from crawlers.datasets.card import write_card
from crawlers.datasets.check import check_table, key_id_of, table_file
from crawlers.datasets.erase import Erased, erase_part, erase_table, erase_text_files, holds
from crawlers.datasets.files import storage_errors
from crawlers.datasets.publish import SCRATCH, sole_writer
from crawlers.datasets.seal import job_directories, staged_parts, sweep_temporary
from crawlers.errors import ConfigurationError, DamagedRecord
from crawlers.folders import make_folder
from crawlers.frontier import tombstones
from crawlers.frontier.erase import ErasedFromJobs, Person, erase_job
from crawlers.frontier.jobs import locked
from crawlers.frontier.store import Store
from crawlers.items import Pseudonymize, tables


@dataclass(slots=True)
class Receipt:
    """What was erased: rows and texts of published tables and of staged parts, each by table (`<site>/<table>`); what
    went out of jobs; and how many manifests were changed."""

    published: dict[str, Erased] = field(default_factory=partial(defaultdict, Erased))
    staged: dict[str, Erased] = field(default_factory=partial(defaultdict, Erased))
    jobs: ErasedFromJobs = field(default_factory=ErasedFromJobs)
    manifests: int = 0

    def found_nobody(self) -> bool:
        """Whether nothing was erased or changed but for saved pages, which go whoever stands on them."""
        jobs = self.jobs
        rows = any(sum(place.values(), Erased()) for place in (self.published, self.staged, jobs.spooled))
        return not (rows or self.manifests or jobs.waiting or jobs.failed or jobs.thinned or jobs.facts or jobs.named)


def forget(site: str, person: Person, key_id: str, output_dir: Path, jobs_dir: Path) -> Receipt:
    """Write a tombstone, then erase the person from the jobs, published tables and manifests of a site.

    `key_id` names the key that made the pseudonym. Killed half-way and called again, it completes; the second receipt
    then lacks what was erased before.
    Raises: ConfigurationError: a job of the site is running, or rows were pseudonymised with another key; DatasetError:
        a table or job is not as it must be, or the disk.
    """
    receipt = Receipt()
    for folder in (jobs_dir, jobs_dir / site):
        make_folder(folder, "JOBS_DIR", private=True)
    left = "What was erased so far stays erased, and the same command goes on"
    with storage_errors(f"erasing a person of {site}", jobs_dir / site, left), ExitStack() as stack:
        held: list[Path] = []
        _hold_jobs(jobs_dir, site, held, stack)
        temporary = stack.enter_context(sole_writer(site, output_dir))
        for table in tables(site):
            check_table(table, output_dir, None)
        _check_keys(site, key_id, output_dir, held)
        tombstones.add(jobs_dir / site, key_id, person.pseudonym)
        # A crawl that begins from here on finds the tombstone; one that began since the first look may have missed it.
        _hold_jobs(jobs_dir, site, held, stack)
        _sweep(jobs_dir / site, held, temporary, person.pseudonym)
        for job in held:
            with _of_job(job):
                erase_job(job, person, receipt.jobs)
        for part in _staged(held):
            receipt.staged[_dataset(site, part)] += erase_part(part, person.pseudonym)
        for path in _published(output_dir / site):
            erased = erase_table(path, temporary / f"publish-{path.name}", person.pseudonym)
            receipt.published[_dataset(site, path)] += erased
        texts = [*(output_dir / site).glob("_runs/*.json"), *(output_dir / site).glob("*.md")]
        receipt.manifests = erase_text_files(texts, temporary, person.pseudonym)
        write_card(site, output_dir, temporary)  # its figures are those of the tables
    return receipt


def refuse_pseudonym(site: str, raw: str, output_dir: Path, jobs_dir: Path) -> None:
    """Make sure that an id was not copied out of a table: its pseudonym stands for nobody.

    Raises: ConfigurationError: it was; DatasetError: a table cannot be read.
    """
    with storage_errors(f"looking for a pseudonym in the tables of {site}", output_dir / site):
        for table in tables(site):
            published = table_file(table, output_dir)
            files = [*([published] if published.exists() else []), *staged_parts(jobs_dir, site, table)]
            if any(holds(path, table.marked(Pseudonymize), raw) for path in files):
                raise ConfigurationError(
                    f"reading the id: it is a pseudonym, which stands in {table.dataset}, and no way leads from "
                    "there to the id; give the id that the site itself has for the person"
                )


def _hold_jobs(jobs_dir: Path, site: str, held: list[Path], stack: ExitStack) -> None:
    """Lock the jobs of the site that are not `held` yet. Raises: ConfigurationError: one is running."""
    for job in job_directories(jobs_dir, site):
        if job not in held:
            stack.enter_context(locked(job))
            held.append(job)


def _check_keys(site: str, key_id: str, output_dir: Path, jobs: list[Path]) -> None:
    """Raises: ConfigurationError: there are rows in which another key's pseudonym would have to be looked for."""
    for where, found in _keys(site, output_dir, jobs):
        if found not in {None, key_id}:
            raise ConfigurationError(
                f"erasing a person of {site}: the pseudonyms in {where} were made with the key {found}, and this key "
                f"is {key_id}, which finds nobody there; give the key {found} (PSEUDONYM_KEY_FILE), name the folders "
                "that belong to this key (OUTPUT_DIR, JOBS_DIR), or move away or drop what has the other"
            )


def _keys(site: str, output_dir: Path, jobs: list[Path]) -> Iterator[tuple[str, str | None]]:
    """Where rows are, and the id of the key that made their pseudonyms."""
    for path in (*_published(output_dir / site), *_staged(jobs)):
        yield str(path), key_id_of(pq.read_schema(path))
    for job in jobs:
        if (database := job / "queue.sqlite").exists():
            with closing(Store(database)) as store:
                for table in tables(site):
                    for _, blob in islice(store.spooled(table.dataset), 1):
                        with _of_job(job):
                            found = key_id_of(next(spool.decode(blob)).schema)
                        yield f"the job {job.name}", found


@contextmanager
def _of_job(job: Path) -> Iterator[None]:
    """Say which job is damaged, and what to do about it. Raises: DamagedRecord."""
    try:
        yield
    except DamagedRecord as error:
        name = f"{job.parent.name}/{job.name}"
        raise DamagedRecord(
            f"erasing a person from the job {job.name}: {error}; restore its file, or run `scrapy jobs --drop {name}`, "
            "which publishes the rows that can be read, and then this command again"
        ) from None


def _sweep(site_jobs: Path, jobs: list[Path], temporary: Path, pseudonym: str) -> None:
    """Delete what killed crawls and publications left half-written."""
    for job in jobs:
        sweep_temporary(job)
    # Nobody publishes to this output directory now; to another one, it fails and can be repeated.
    for scratch in site_jobs.glob(f"{SCRATCH}*"):
        shutil.rmtree(scratch)
    for manifest in temporary.glob("*.json"):  # those of a crawl that began since, and ends now, do not name the person
        if pseudonym.encode() in manifest.read_bytes():
            manifest.unlink()


def _staged(jobs: list[Path]) -> list[Path]:
    return [part for job in jobs for part in sorted(job.glob("staged/*/[!.]*.parquet"))]


def _published(site_dir: Path) -> list[Path]:
    return sorted(site_dir.glob("[!_]*/*.parquet"))


def _dataset(site: str, path: Path) -> str:
    """The table of a published file or a staged part: both lie in a folder of its name."""
    return f"{site}/{path.parent.name}"

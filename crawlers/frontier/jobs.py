"""Looking at jobs from outside, and the two things that may be done to one: drop it, or try its failures again."""

from __future__ import annotations

import fcntl
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawlers.errors import ConfigurationError
from crawlers.frontier.account_states import Standing, standings
from crawlers.frontier.damage import check_whole


@dataclass(frozen=True, slots=True)
class JobSummary:
    """A job as its files have it. `state` is running, unfinished, finished or damaged, and then nothing else is
    known; `failures` counts reasons."""

    site: str
    name: str
    state: str
    crawl_id: str
    arguments: dict[str, Any]
    enqueued: int
    done: int
    failed: int
    failures: dict[str, int]
    accounts: tuple[Standing, ...] = ()

    @property
    def pending(self) -> int:
        return self.enqueued - self.done - self.failed


def list_jobs(jobs_dir: Path, site: str | None = None) -> list[JobSummary]:
    """The jobs of a site, or of all, sorted by site and name."""
    pattern = f"{site or '*'}/*/queue.sqlite"
    return [found for path in sorted(jobs_dir.glob(pattern)) if (found := _summary(path.parent)) is not None]


def _summary(directory: Path) -> JobSummary | None:
    """None for a job that was killed before it was anything."""
    try:
        with closing(sqlite3.connect(f"{(directory / 'queue.sqlite').as_uri()}?mode=ro", uri=True)) as db:
            state = {name: json.loads(value) for name, value in db.execute("SELECT name, value FROM state")}
            failures = dict(db.execute("SELECT reason, count(*) FROM failed GROUP BY reason ORDER BY 2 DESC, 1"))
    except sqlite3.OperationalError:
        return None
    except (sqlite3.DatabaseError, ValueError):
        return JobSummary(directory.parent.name, directory.name, "damaged", "", {}, 0, 0, 0, {})
    if "job" not in state:
        return None
    counts = state.get("counts", {"enqueued": 0, "done": 0, "failed": 0})
    return JobSummary(
        site=directory.parent.name,
        name=directory.name,
        state="running" if _is_running(directory) else "finished" if state.get("finished") else "unfinished",
        crawl_id=state["crawl_id"],
        arguments=state["job"]["arguments"],
        failures=failures,
        accounts=tuple(standings(state)),
        **counts,
    )


def job_directory(jobs_dir: Path, name: str) -> Path:
    """The directory of a job, given as `<job>` or `<site>/<job>`.

    Raises: ConfigurationError: there is none of that name, or more than one.
    """
    found = [job for job in list_jobs(jobs_dir) if name in {job.name, f"{job.site}/{job.name}"}]
    if len(found) != 1:
        names = ", ".join(f"{job.site}/{job.name}" for job in found or list_jobs(jobs_dir)) or "none"
        what = "more than one job is" if found else "no job is"
        raise ConfigurationError(f"looking for the job: {what} called {name!r}; there are: {names}")
    return jobs_dir / found[0].site / found[0].name


def drop(directory: Path, publish: Callable[[], object]) -> bool:
    """Publish the rows of a job, then delete it: its queue, its dead letters and its saved pages; whether it had rows
    that waited.

    Raises: ConfigurationError: it is running. What `publish` raises leaves the job as it is.
    """
    with locked(directory):
        waiting = any(directory.glob("staged/*/*.parquet")) or _has_spooled(directory)
        publish()
        shutil.rmtree(directory)
    return waiting


def _has_spooled(directory: Path) -> bool:
    """Whether rows wait in the job's file; one that cannot be read may have some."""
    try:
        with closing(sqlite3.connect(f"{(directory / 'queue.sqlite').as_uri()}?mode=ro", uri=True)) as db:
            return db.execute("SELECT 1 FROM spool").fetchone() is not None
    except sqlite3.DatabaseError:
        return True


def retry_failed(directory: Path) -> int:
    """Put the requests that failed back into the queue; how many. The same command then goes on with them.

    Raises: ConfigurationError: the job is running; DamagedRecord: its file is not what was written.
    """
    check_whole(directory / "queue.sqlite")
    with locked(directory), closing(sqlite3.connect(directory / "queue.sqlite", isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        moved = db.execute("INSERT INTO queue SELECT lease, slot, rank, request FROM failed").rowcount
        db.execute("DELETE FROM failed")
        (stored,) = db.execute("SELECT value FROM state WHERE name = 'counts'").fetchone() or ("{}",)
        counts = {**json.loads(stored), "failed": 0}
        if moved:
            db.execute("UPDATE state SET value = ? WHERE name = 'counts'", (json.dumps(counts),))
            db.execute("DELETE FROM state WHERE name = 'finished'")
        db.execute("COMMIT")
    return moved


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep a job from being run or changed. Raises: ConfigurationError: it is running."""
    with (directory / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigurationError(
                f"changing the job {directory.name}: it is running; stop it first (Ctrl-C, or kill its process)"
            ) from None
        yield


def _is_running(directory: Path) -> bool:
    try:
        with locked(directory):
            return False
    except ConfigurationError:
        return True

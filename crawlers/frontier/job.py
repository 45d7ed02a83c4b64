"""One crawl on disk: which directory it has, whether it resumes or starts afresh, and that nobody else runs it."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import logging
import secrets
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from crawlers.datasets.records import brief
from crawlers.datasets.seal import sweep_temporary
from crawlers.errors import ConfigurationError, DamagedRecord
from crawlers.folders import make_folder
from crawlers.frontier import tombstones
from crawlers.frontier.damage import check_whole, lost_commits
from crawlers.frontier.file_tables import SCHEMA_VERSION
from crawlers.frontier.store import Store
from crawlers.frontier.turns import Turns

logger = logging.getLogger(__name__)

ACCOUNTS = ".accounts"  # beside the jobs of a site: a file for each account that crawls, or did
FINISHED_BEFORE = "finished"  # in a job's directory, while it runs: the crawl that it had finished before


@dataclass(frozen=True, slots=True)
class JobIdentity:
    """What must be the same for a job to be resumed."""

    spider: str
    arguments: dict[str, Any]
    """Spider arguments as they may be shown: those naming a person are pseudonyms."""
    key_id: str
    world: str | None
    """The sandbox's world; None on the real site."""
    schema_version: int = SCHEMA_VERSION


class Job:
    """A job directory, locked for this process while it is open.

    The same command finds the same directory. What it left unfinished is resumed under the same crawl id; once
    finished, it starts afresh under a new one. The finished one is set aside until the new one closes, in case that
    comes to nothing (`withdraw`). `forgotten` are the pseudonyms that it may not store.
    """

    def __init__(self, directory: Path, identity: JobIdentity) -> None:
        make_folder(directory, "JOBS_DIR", private=True)
        self.directory = directory
        self.identity = identity
        self._finished_before = directory / FINISHED_BEFORE
        self._lock = _lock(directory)
        self._taken: list[TextIO] = []
        sweep_temporary(directory)
        try:
            # Under the lock: `forget` writes the tombstone first and then looks which jobs are locked, so that one of
            # the two always sees the other.
            self.forgotten = tombstones.load(directory.parent, identity.key_id)
            self._refuse_forgotten()
            self.store = self._open()
        except BaseException:
            self._lock.close()
            raise
        try:
            self.resumed = self._begin_or_resume()
        except BaseException:
            self.close()
            raise
        self.crawl_id: str = self.store.get_state("crawl_id")
        self.turns = Turns()

    def _refuse_forgotten(self) -> None:
        for name, value in self.identity.arguments.items():
            if not self.forgotten.isdisjoint(map(str, value if isinstance(value, list) else [value])):
                # It may be a default, which nobody has given and nobody can leave out.
                instead = "leave them out" if isinstance(value, list) else f"give another: -a {name}=<another>"
                raise ConfigurationError(
                    f"opening the job {self.directory.name}: its argument {name!r} names a person whom `scrapy forget` "
                    f"erased, if only by its default; {instead}"
                )

    def _open(self) -> Store:
        path = self.directory / "queue.sqlite"
        try:
            if lost := lost_commits(path):
                logger.warning(
                    "the job %s: its log is damaged, and %s commits are lost in it; their pages are fetched again",
                    self.directory.name, f"{lost:,}",
                )  # fmt: skip
            if _finished(path):
                self._set_aside(path)
            elif path.exists():
                check_whole(path)
            return Store(path, self.identity.key_id)
        except (sqlite3.DatabaseError, DamagedRecord) as error:
            job = f"{self.directory.parent.name}/{self.directory.name}"
            raise ConfigurationError(
                f"opening the job {self.directory.name}: its queue is damaged ({error}) and is left as it is; restore "
                f"the file, or run `scrapy jobs --drop {job}`, which publishes the rows that can be read, and crawl "
                "again; or name another job: -s JOB=<name>"
            ) from None

    def _begin_or_resume(self) -> bool:
        stored, identity = self.store.get_state("job"), asdict(self.identity)
        if stored is None:
            self.store.set_state("job", identity)
            self.store.set_state("crawl_id", new_crawl_id())
            self.store.commit()
        elif stored != identity:
            raise ConfigurationError(_difference(self.directory, stored, identity))
        else:
            self.store.set_state("resumes", self.resumes + 1)
        return stored is not None

    @property
    def resumes(self) -> int:
        """How often the crawl was resumed."""
        return int(self.store.get_state("resumes", 0))

    def take_account(self, name: str) -> bool:
        """Have an account, called by a pseudonym, for this job alone until it closes; False: another job has it."""
        folder = self.directory.parent / ACCOUNTS
        make_folder(folder, "JOBS_DIR", private=True)
        if (lock := _locked(folder / name)) is not None:
            self._taken.append(lock)
        return lock is not None

    def _set_aside(self, path: Path) -> None:
        """Make room after a finished crawl. Its rows are published, or wait in staged parts, which stay."""
        shutil.rmtree(self._finished_before, ignore_errors=True)
        self._finished_before.mkdir(mode=0o700)
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the file alone moves
        _move_crawl(self.directory, self._finished_before)
        _remove_crawl(self.directory)

    def finish(self) -> None:
        """Nothing is left to do: the same command starts a new crawl from now on."""
        self.store.set_state("finished", value=True)
        self.store.commit()

    def withdraw(self) -> None:
        """A crawl that has just begun was refused: the job is again what it was, maybe nothing, and is to be closed."""
        self.store.close()
        _remove_crawl(self.directory)
        if self._finished_before.exists():
            _move_crawl(self._finished_before, self.directory)

    def close(self) -> None:
        self.store.close()
        shutil.rmtree(self._finished_before, ignore_errors=True)
        for lock in (*self._taken, self._lock):
            lock.close()


def _move_crawl(source: Path, target: Path) -> None:
    """Move what a closed job has of its crawl: its file, and the pages it saved."""
    for name in ("queue.sqlite", "pages"):
        if (source / name).exists():
            (source / name).rename(target / name)


def _remove_crawl(directory: Path) -> None:
    for path in directory.glob("queue.sqlite*"):
        path.unlink()
    shutil.rmtree(directory / "pages", ignore_errors=True)


def new_crawl_id() -> str:
    """A crawl's name: its start (UTC) and a random part, so that names sort by time."""
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def _lock(directory: Path) -> TextIO:
    if (lock := _locked(directory / "lock")) is None:
        raise ConfigurationError(
            f"opening the job {directory.name}: another process runs it; "
            "wait for it to end, or name another job: -s JOB=<name>"
        )
    return lock


def _locked(path: Path) -> TextIO | None:
    """A file that nobody else can lock while it is open; None if somebody has."""
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def _finished(path: Path) -> bool:
    if not path.exists():
        return False
    with closing(sqlite3.connect(path)) as db:
        if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'state'").fetchone() is None:
            return False
        finished = db.execute("SELECT 1 FROM state WHERE name = 'finished'").fetchone() is not None
        return finished and db.execute("SELECT 1 FROM spool").fetchone() is None


def _difference(directory: Path, stored: dict[str, Any], identity: dict[str, Any]) -> str:
    names = [name for name in identity if stored.get(name) != identity[name]]
    pairs = ", ".join(f"{name} was {_brief(stored.get(name))}, is {_brief(identity[name])}" for name in names)
    return f"resuming the job {directory.name}: {pairs}; run it as it was begun, or name another job: -s JOB=<name>"


def _brief(part: Any) -> str:
    """A part of a job's identity: the arguments, or a plain value."""
    return json.dumps({name: brief(value) for name, value in part.items()} if isinstance(part, dict) else part)

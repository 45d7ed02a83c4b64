"""Whether a job's file still is what was written into it: looked at before a crawl builds on it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from os import SEEK_CUR
from pathlib import Path

from crawlers.datasets import spool
from crawlers.datasets.checksum import without_checksum
from crawlers.errors import DamagedRecord

_LOG_HEAD, _FRAME_HEAD = 32, 24  # bytes
_PAGE_SIZES = frozenset(1 << power for power in range(9, 17))


def check_whole(path: Path) -> None:
    """Read all of a job's file: its structure, its requests and rows, and whether they are as many as were counted.

    What pages remembered, and which requests were seen, may be wrong and pass.

    Raises: DamagedRecord: something in it is not what was written; sqlite3.DatabaseError: it cannot be read.
    """
    with closing(sqlite3.connect(path)) as db:
        found = _structure(db) or _records(db) or _counts(db)
    if found is not None:
        raise DamagedRecord(found)


def lost_commits(path: Path) -> int:
    """How many commits the log of a job's file holds that SQLite leaves out, because something before them is damaged.

    To be called before anybody else opens the file: whoever closes it deletes the log. A commit that was under way when
    the machine stopped may count as one.
    Raises: sqlite3.DatabaseError: the file cannot be read.
    """
    commits = _commits(path.with_name(f"{path.name}-wal"))
    if not commits:
        return 0
    with closing(sqlite3.connect(path)) as db:
        _, valid, _ = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return sum(number > valid for number in commits)


def _commits(log: Path) -> list[int]:
    """The numbers of the frames of a log, from 1 on, that end a commit (https://sqlite.org/fileformat2.html#walformat).

    Frames of before the log was last begun anew have other salts. If all have, its head is damaged, and one is lost.
    """
    if not log.exists() or log.stat().st_size <= _LOG_HEAD:
        return []
    with log.open("rb") as file:
        head = file.read(_LOG_HEAD)
        page_size, salts = int.from_bytes(head[8:12], "big"), head[16:24]
        if page_size not in _PAGE_SIZES:
            return [1]
        frames = []
        while len(frame := file.read(_FRAME_HEAD)) == _FRAME_HEAD:
            frames.append(frame)
            file.seek(page_size, SEEK_CUR)
    ours = [(number, frame) for number, frame in enumerate(frames, 1) if frame[8:16] == salts]
    return [number for number, frame in ours if any(frame[4:8])] if ours else [1]


def _structure(db: sqlite3.Connection) -> str | None:
    (verdict,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    return None if verdict == "ok" else str(verdict).splitlines()[-1]


def _records(db: sqlite3.Connection) -> str | None:
    for table, column in {"queue": "request, NULL", "failed": "request, NULL", "spool": "arrow, dataset"}.items():
        if not _has(db, table):
            continue
        wrong = sum(not _is_whole(*record) for record in db.execute(f"SELECT {column} FROM {table}"))  # noqa: S608
        if wrong:
            return f"{wrong:,} records of the table {table} are not what was written"
    return None


def _is_whole(record: bytes, dataset: str | None) -> bool:
    """Whether a request is what was written, or rows, which are those of `dataset`."""
    try:
        if dataset is not None:
            return spool.dataset_of(record) == dataset
        without_checksum(record)
    except DamagedRecord:
        return False
    return True


def _counts(db: sqlite3.Connection) -> str | None:
    """The requests that were ever queued are done, failed or waiting, each of them."""
    if not _has(db, "state"):
        return None
    try:
        state = {name: json.loads(value) for name, value in db.execute("SELECT name, value FROM state")}
    except ValueError:
        return "what it remembers is no JSON"
    if (counts := state.get("counts")) is None:
        return None
    (waiting,) = db.execute("SELECT count(*) FROM queue").fetchone()
    (failed,) = db.execute("SELECT count(*) FROM failed").fetchone()
    if (counts["enqueued"] - counts["done"] - counts["failed"], counts["failed"]) == (waiting, failed):
        return None
    return f"{waiting:,} requests wait and {failed:,} failed, which is not what was counted"


def _has(db: sqlite3.Connection, table: str) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone() is not None

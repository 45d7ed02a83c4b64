"""The one file of a job: its queue, what was seen, its rows, its memory and its failures.

A page's rows, its requests and the end of its own request become durable in one SQLite transaction. So whatever kills
the process, every page is either wholly stored or still in the queue.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from crawlers.datasets import spool
from crawlers.datasets.checksum import with_checksum
from crawlers.frontier.file_tables import TABLES
from crawlers.frontier.keys import mark_key
from crawlers.frontier.row_counts import RowCounts, no_rows, with_what_arrow_says
from crawlers.frontier.seen import SeenKeys
from crawlers.frontier.waiting import HOT, Waiting, WaitingRequests
from crawlers.items import Batch, Invalid, Item, Row


def _record(lease: int, waiting: Waiting) -> tuple[int, str, int, bytes]:
    """A request as the file has it."""
    return (lease, waiting.slot, waiting.rank, with_checksum(waiting.request))


FACT = "fact "  # what pages remember and what the job keeps for itself must not meet
_TALLY = f"{FACT}tally "


class Store:
    """Queue, rows and memory of one job behind five verbs: put, take, ack, fail, commit.

    `take` writes nothing: a request stays in the file until its page is acked, so what was in flight when the process
    died is simply still there. Nothing is durable before `commit`, which makes all pages acked since the last one
    durable together.
    """

    def __init__(self, path: Path, key_id: str | None = None, hot: int = HOT) -> None:
        """`key_id` names the pseudonym key of the rows, and every blob of rows carries it; `hot` requests of a slot
        stay in memory."""
        self._key_id = key_id
        path.touch(mode=0o600)  # SQLite gives its log the same
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(TABLES)
        self._waiting = WaitingRequests(self._db, hot)
        self._load()
        self._new_requests: set[int] = set()  # in memory, not yet in the file
        self._changed_requests: set[int] = set()
        self._ended: set[int] = set()  # still in the file
        self._seen = SeenKeys(self._db)
        self._new_failed: list[tuple[int, str, Waiting]] = []
        self._new_rows: dict[type[Item], list[Row]] = defaultdict(list)
        self._new_invalid: list[tuple[str, str, str]] = []
        self._new_state: dict[str, str] = {}  # JSON, so that a value recalled is always a copy

    def _load(self) -> None:
        self._state: dict[str, str] = dict(self._db.execute("SELECT name, value FROM state"))
        counts = self.get_state("counts", {})
        self.enqueued: int = counts.get("enqueued", 0)
        self.done: int = counts.get("done", 0)
        self.failed: int = counts.get("failed", 0)
        self._committed_counts = self._counts()
        self.row_counts: dict[str, RowCounts] = {
            dataset: no_rows() | kept for dataset, kept in self.get_state("row_counts", {}).items()
        }

    # -- the five verbs ----------------------------------------------------------------------------------------------

    def put(
        self,
        request: bytes,
        *,
        priority: int = 0,
        slot: str = "",
        key: bytes | None = None,
        lease: int | None = None,
    ) -> bool:
        """Queue a request; False if its `key` was seen before. With `lease` it replaces that request (a retry, say).

        `slot` is what the site's limits count for: a host or an account.
        """
        if lease is not None and lease in self._waiting.out:
            if lease not in self._new_requests:
                self._changed_requests.add(lease)
        else:
            if key is not None and not self.see(key):
                return False
            self.enqueued += 1
            lease = self.enqueued
            self._new_requests.add(lease)
        self._waiting.add(lease, Waiting(slot, -priority, request))
        return True

    def take(self, room: Callable[[str], int] = lambda _: sys.maxsize) -> tuple[int, bytes] | None:
        """The next request and its lease, or None. It stays in the file until acked or failed.

        `room` says how many requests of a slot may be out at once.
        """
        return self._waiting.take(self._ended, room)

    def ack(self, batch: Batch) -> None:
        """A page is complete: keep its rows, invalid rows and facts, and end its request."""
        for table, seen in batch.seen.items():
            left_out = {"duplicate": batch.duplicates[table], "forgotten": batch.forgotten[table]}
            self._count(table.dataset, pages=1, seen=seen, invalid=len(batch.invalid[table]), **left_out)
        for table, rows in batch.rows.items():
            self._new_rows[table] += rows
            self._count(table.dataset, stored=len(rows))
        for table, quarantined in batch.invalid.items():
            self._new_invalid += [(table.dataset, row.field, row.error) for row in quarantined]
        for ended in batch.lists:
            self._count(ended.table.dataset, lists=1, stated=ended.stated, missing=ended.missing)
        if batch.gaps:
            self.set_state("gaps", [*self.gaps, *((gap.table.dataset, gap.what) for gap in batch.gaps)])
        for fact in batch.facts:
            if fact.value is None:
                self.see(mark_key(fact.name))
            else:
                self.set_state(FACT + fact.name, fact.value)
        for name in batch.tallied:
            key = _TALLY + name
            self._state[key] = self._new_state[key] = str(int(self._state.get(key, 0)) + 1)
        if batch.lease is not None and self._end(batch.lease) is not None:
            self.done += 1

    def fail(self, lease: int, reason: str) -> None:
        """A request will not be tried again: keep it with the reason, which names no person, as a dead letter."""
        if (ended := self._end(lease)) is not None:
            self.failed += 1
            self._new_failed.append((lease, reason, ended))

    def commit(self) -> None:
        """Make all that happened since the last commit durable, in one transaction.

        Raises: sqlite3.Error: nothing was written and nothing is lost; a later commit writes it.
        """
        if not self.dirty:
            return
        blobs = {
            table.dataset: spool.encode(table, rows, self._key_id) for table, rows in self._new_rows.items() if rows
        }
        row_counts = with_what_arrow_says(self.row_counts, blobs)
        counts = self._counts()
        state = {**self._new_state, "counts": json.dumps(counts), "row_counts": json.dumps(row_counts)}
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            db.executemany(
                "INSERT OR REPLACE INTO queue VALUES (?, ?, ?, ?)",
                (_record(lease, self._waiting.held[lease]) for lease in self._new_requests | self._changed_requests),
            )
            db.executemany("DELETE FROM queue WHERE lease = ?", ((lease,) for lease in self._ended))
            db.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((key,) for key in self._seen.new))
            db.executemany(
                "INSERT OR REPLACE INTO failed(reason, lease, slot, rank, request) VALUES (?, ?, ?, ?, ?)",
                ((reason, *_record(lease, ended)) for lease, reason, ended in self._new_failed),
            )
            db.executemany(
                "INSERT INTO spool(dataset, rows, arrow) VALUES (?, ?, ?)",
                ((dataset, blob.rows, blob.stream) for dataset, blob in blobs.items()),
            )
            db.executemany(
                "INSERT INTO quarantine(dataset, field, error) VALUES (?, ?, ?)",
                self._new_invalid
                + [(dataset, "(row)", "arrow") for dataset, blob in blobs.items() for _ in range(blob.refused)],
            )
            db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", state.items())
            db.execute("COMMIT")
        except BaseException:  # whatever it is, an open transaction would make every later commit fail
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        for buffer in (self._new_requests, self._changed_requests, self._ended, self._new_failed):
            buffer.clear()
        self._seen.written()
        self._new_rows.clear()
        self._new_invalid.clear()
        self._new_state.clear()
        self._committed_counts = counts
        self.row_counts = row_counts
        self._waiting.trim()

    # -- the queue ---------------------------------------------------------------------------------------------------

    @property
    def pending(self) -> int:
        """Requests neither done nor failed, leased ones included."""
        return self.enqueued - self.done - self.failed

    def queued(self) -> int:
        """The requests that the file holds; all that are pending, once everything is committed."""
        (count,) = self._db.execute("SELECT count(*) FROM queue").fetchone()
        return int(count)

    @property
    def waiting(self) -> bool:
        """Whether `take` may give a request."""
        return bool(self._waiting)

    @property
    def leases(self) -> frozenset[int]:
        """Requests taken and not yet acked, failed or put back."""
        return frozenset(self._waiting.out)

    def _end(self, lease: int) -> Waiting | None:
        """Take a request that is out on lease out of the queue; None if it is not (it was put back, say)."""
        ended = self._waiting.end(lease)
        if ended is None:
            return None
        if lease in self._new_requests:
            self._new_requests.discard(lease)  # it came and went between two commits: the file never knows it
        else:
            self._changed_requests.discard(lease)
            self._ended.add(lease)
        return ended

    def _count(self, dataset: str, **counts: int) -> None:
        kept = self.row_counts.setdefault(dataset, no_rows())
        for kind, count in counts.items():
            kept[kind] += count

    @property
    def dirty(self) -> bool:
        """Whether something is not yet durable."""
        return bool(
            self._new_requests or self._changed_requests or self._ended or self._seen.new or self._new_failed
            or self._new_rows or self._new_invalid or self._new_state or self._counts() != self._committed_counts
        )  # fmt: skip

    def _counts(self) -> dict[str, int]:
        return {"enqueued": self.enqueued, "done": self.done, "failed": self.failed}

    # -- memory ------------------------------------------------------------------------------------------------------

    def see(self, key: bytes) -> bool:
        """Note that `key` was seen; False if it had been seen before."""
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def recall(self, name: str, default: Any = None) -> Any:
        """The value a page had remembered under `name`; the same after a resume as before."""
        return self.get_state(FACT + name, default)

    def set_state(self, name: str, value: Any) -> None:
        """Keep a JSON value of the job's own with the next commit."""
        self._state[name] = self._new_state[name] = json.dumps(value)

    def get_state(self, name: str, default: Any = None) -> Any:
        """A value of the job's own."""
        return json.loads(self._state[name]) if name in self._state else default

    def knows(self, name: str) -> bool:
        """Whether `name` was remembered without a value."""
        return mark_key(name) in self._seen

    def tallied(self, prefix: str) -> Iterator[tuple[str, int]]:
        """The names beginning with `prefix` that pages have tallied, without it, and how often."""
        start = _TALLY + prefix
        for name, count in self._state.items():
            if name.startswith(start):
                yield name.removeprefix(start), int(count)

    # -- rows and reports --------------------------------------------------------------------------------------------

    def spooled(self, dataset: str) -> Iterator[tuple[int, bytes]]:
        """The committed rows of a table that are not yet in a staged part: sequence number and Arrow stream."""
        yield from self._db.execute("SELECT seq, arrow FROM spool WHERE dataset = ? ORDER BY seq", (dataset,))

    def spool_bounds(self, dataset: str) -> tuple[int, int] | None:
        """The first and last sequence number of a table's rows in the spool; None without any."""
        first, last = self._db.execute("SELECT min(seq), max(seq) FROM spool WHERE dataset = ?", (dataset,)).fetchone()
        return None if first is None else (first, last)

    def spool_size(self) -> Mapping[str, tuple[int, int]]:
        """Rows and bytes waiting in the spool, per table."""
        sizes: dict[str, tuple[int, int]] = {}
        # Not GROUP BY: to sort by table, SQLite would copy every blob.
        for dataset, rows, size in self._db.execute("SELECT dataset, rows, length(arrow) FROM spool"):
            rows_before, size_before = sizes.get(dataset, (0, 0))
            sizes[dataset] = (rows_before + rows, size_before + size)
        return sizes

    def forget_spooled(self, dataset: str, last: int) -> None:
        """Drop the rows of a table up to sequence number `last`: a staged part holds them now."""
        self._db.execute("DELETE FROM spool WHERE dataset = ? AND seq <= ?", (dataset, last))

    def quarantined(self) -> list[tuple[str, Invalid, int]]:
        """Rows that could not be kept: table, field and error, and how many."""
        query = "SELECT dataset, field, error, count(*) FROM quarantine GROUP BY dataset, field, error ORDER BY 1, 2, 3"
        return [(dataset, Invalid(field, error), count) for dataset, field, error, count in self._db.execute(query)]

    @property
    def gaps(self) -> list[list[str]]:
        """What no list of the site shows: table, and which rows in words."""
        found: list[list[str]] = self.get_state("gaps", [])
        return found

    def failures(self) -> list[tuple[str, int]]:
        """Why requests failed: the reason, and how many."""
        return self._db.execute("SELECT reason, count(*) FROM failed GROUP BY reason ORDER BY 2 DESC, 1").fetchall()

    def close(self) -> None:
        self._db.close()

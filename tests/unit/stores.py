"""A job's store in tests: a small table, pages that end, and what a killed process leaves behind."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, ClassVar

from crawlers.datasets import spool
from crawlers.frontier.store import Store
from crawlers.frontier.waiting import HOT
from crawlers.items import Batch, Item, Key, Remember


class Word(Item):
    """A word."""

    dataset: ClassVar[str] = "test/words"

    word: Annotated[str, Key()]
    """The word."""


class TestStore(Store):
    """A store that says at once when its file is locked, and whose disk can be full."""

    __test__ = False

    def __init__(self, path: Path, hot: int = HOT) -> None:
        super().__init__(path, hot=hot)
        self.path = path
        self.hot = hot
        self._db.execute("PRAGMA busy_timeout = 0")

    def fill_disk(self) -> None:
        (pages,) = self._db.execute("PRAGMA page_count").fetchone()
        self._db.execute(f"PRAGMA max_page_count = {pages}")

    def free_disk(self) -> None:
        self._db.execute("PRAGMA max_page_count = 1000000")


@contextmanager
def locked(store: TestStore) -> Iterator[None]:
    """Another process writes to the store's file."""
    with sqlite3.connect(store.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    other.close()


def after_kill(store: TestStore) -> TestStore:
    """The store as the next process finds it when this one is killed now: its files as they are, nothing closed."""
    folder = Path(tempfile.mkdtemp(prefix="killed-", dir=store.path.parent.parent))
    for path in store.path.parent.glob(f"{store.path.name}*"):
        if not path.name.endswith("-shm"):  # shared memory ends with the process
            shutil.copy(path, folder / path.name)
    return TestStore(folder / store.path.name, store.hot)


def page(lease: int | None, *words: str, facts: Sequence[Remember] = ()) -> Batch:
    """A finished page with a row for each word."""
    time = dt.datetime(2026, 9, 21, tzinfo=dt.UTC)
    rows: list[dict[str, Any]] = [{"word": word, "fetched_at": time, "crawl_id": "c"} for word in words]
    return Batch(lease, rows={Word: rows} if rows else {}, facts=list(facts), fetched_at=time)


def words(store: Store) -> list[str]:
    """The rows that would survive a kill, in order."""
    blobs = [blob for _, blob in store.spooled(Word.dataset)]
    return [row["word"] for blob in blobs for batch in spool.decode(blob) for row in batch.to_pylist()]


def drain(store: Store) -> list[bytes]:
    """All requests that wait, in the order in which they are given out."""
    taken = []
    while (found := store.take()) is not None:
        taken.append(found[1])
    return taken


def taken(store: Store) -> int:
    """The lease of the next request."""
    found = store.take()
    assert found is not None
    return found[0]


def stored(store: TestStore, query: str) -> list[Any]:
    """What the file holds, seen by another connection."""
    connection = sqlite3.connect(store.path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()

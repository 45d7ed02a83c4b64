"""What a job has seen, by key: in memory while that is little, and always in the job's file."""

from __future__ import annotations

import sqlite3

# Keys kept in memory, 93 bytes each. A look into the file takes 15 us, for two locks of it; a page has two or three.
MOST_IN_MEMORY = 200_000


class SeenKeys:
    """The keys of one job. With more than `most_in_memory` of them the file alone is asked, and memory stays as it is.

    `new` are those that the file has not yet; whoever has written them there says so with `written`.
    """

    def __init__(self, db: sqlite3.Connection, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self._db = db
        self._most_in_memory = most_in_memory
        self.new: set[bytes] = set()
        keys = {key for (key,) in db.execute("SELECT key FROM seen LIMIT ?", (most_in_memory + 1,))}
        self._all: set[bytes] | None = keys if len(keys) <= most_in_memory else None

    def __contains__(self, key: bytes) -> bool:
        if self._all is not None:
            return key in self._all
        return key in self.new or self._db.execute("SELECT 1 FROM seen WHERE key = ?", (key,)).fetchone() is not None

    def add(self, key: bytes) -> None:
        self.new.add(key)
        if self._all is not None:
            self._all.add(key)
            if len(self._all) > self._most_in_memory:
                self._all = None

    def written(self) -> None:
        """All keys are in the file now."""
        self.new.clear()

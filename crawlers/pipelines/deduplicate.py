"""Drops rows that were already stored, so that later steps do not work on them again."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import msgspec

from crawlers.items import Batch, Item, Row

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

# Rows remembered per table, about 200 bytes each. Forgetting costs only work: publishing is exact about keys.
MEMORY_ROWS = 100_000

_Memory = dict[Any, int]  # value of the key, a tuple if it has several columns -> hash of the content

_encode = msgspec.msgpack.Encoder().encode


class DeduplicatePipeline:
    """Drops a row that says of its key what was last said of it, in the same page or in pages already acked.

    A row with a known key and other content stays: which of the two is the latest is for publishing to decide. Keys
    enter the memory when their page is acked, never before: a page that fails is read again, and must not find its
    own rows there.
    """

    def __init__(self, stats: StatsCollector, memory_rows: int = MEMORY_ROWS) -> None:
        self._stats = stats
        self._memory_rows = memory_rows
        self._acked: dict[type[Item], _Memory] = defaultdict(dict)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.stats)

    async def process_item(self, item: Batch) -> Batch:
        for table, rows in item.rows.items():
            if not rows:
                continue
            fresh, kept = self._fresh(table, rows)
            if len(kept) < len(rows):
                self._stats.inc_value(f"rows/duplicate/{table.dataset}", len(rows) - len(kept))
                item.duplicates[table] += len(rows) - len(kept)
                rows[:] = kept
            item.on_ack.append(partial(self._remember, table, fresh))
        return item

    def _fresh(self, table: type[Item], rows: list[Row]) -> tuple[_Memory, list[Row]]:
        fresh: _Memory = {}
        kept = []
        identity_of, acked = itemgetter(*table.key()), self._acked[table]
        for row in rows:
            identity = identity_of(row)
            content = _content(row)
            if fresh.get(identity, acked.get(identity)) != content:
                fresh[identity] = content
                kept.append(row)
        return fresh, kept

    def _remember(self, table: type[Item], fresh: _Memory) -> None:
        acked = self._acked[table]
        if len(acked) + len(fresh) > self._memory_rows:
            acked.clear()
        acked.update(fresh)


def _content(row: Row) -> int:
    # Not the hash of the values: those of -1 and -2 are equal, and a list has none.
    try:
        return hash(_encode([*row.values()]))
    except (TypeError, ValueError, OverflowError):  # what no column could hold either: the store will refuse it
        return hash(repr(row))

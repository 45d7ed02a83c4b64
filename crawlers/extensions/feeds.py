"""Scrapy's feeds (`-O rows.jsonl`, FEEDS), with rows in them instead of Batches."""

from __future__ import annotations

from typing import Any

from scrapy import Spider
from scrapy.extensions.feedexport import FeedExporter, ItemFilter

from crawlers.items import Batch


class FeedRow(dict[str, Any]):
    """One row on its way into a feed; it names its dataset first, since a feed may hold rows of several."""

    __slots__ = ("dataset",)

    def __init__(self, row: dict[str, Any], dataset: str) -> None:
        super().__init__(dataset=dataset, **row)
        self.dataset = dataset


class RowFeedExporter(FeedExporter):
    """Exports the rows of every Batch, one by one, so that filters, counts and CSV headers see rows."""

    def item_scraped(self, item: Batch, spider: Spider) -> None:
        for table, rows in item.rows.items():
            for row in rows:
                super().item_scraped(FeedRow(row, table.dataset), spider)


class TableFilter(ItemFilter):
    """Keeps one feed to some tables: ``{"item_filter": TableFilter, "tables": ["sketchfab/likes"]}``."""

    def accepts(self, item: FeedRow) -> bool:
        wanted = (self.feed_options or {}).get("tables")
        return wanted is None or item.dataset in wanted

"""The crawl of `stock_scrapy` with what our pipelines do, written as one writes Scrapy pipelines: row by row.

    python -m benchmarks.peers.naive_scrapy --sandbox URL --feed likes.parquet

Every like is an item that passes four pipelines: validated by a pydantic model, its person hashed, dropped if it was
seen, and written to Parquet a thousand rows at a time. Models go the same way but are not written. Nothing is durable.
"""

from __future__ import annotations

import hashlib
import hmac
import sys
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq
from itemadapter import ItemAdapter
from pydantic import BaseModel
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from benchmarks.peers import stock_scrapy
from sandbox.worlds import World

BUFFERED = 1000
SCHEMA = pa.schema([("user_id", pa.string()), ("model_id", pa.string()), ("position", pa.int64())])
PIPELINES = ("Validate", "Anonymize", "DropDuplicates", "WriteParquet")


class LikeRow(BaseModel):
    table: str
    user_id: str
    model_id: str
    position: int


class Validate:
    def process_item(self, item: Any) -> Any:
        if item["table"] == "likes":
            LikeRow.model_validate(item)
        return item


class Anonymize:
    def __init__(self) -> None:
        self.key = bytes.fromhex(str(World().pseudonym_key))

    def process_item(self, item: Any) -> Any:
        adapter = ItemAdapter(item)
        message = b"sketchfab.user\0" + adapter["user_id"].encode()
        adapter["user_id"] = hmac.new(self.key, message, hashlib.sha256).hexdigest()[:32]
        return item


class DropDuplicates:
    def __init__(self) -> None:
        self.seen: set[tuple[str, ...]] = set()

    def process_item(self, item: Any) -> Any:
        adapter = ItemAdapter(item)
        key = (adapter["table"], adapter["user_id"], adapter["model_id"])
        if key in self.seen:
            raise DropItem("seen before")
        self.seen.add(key)
        return item


class WriteParquet:
    def __init__(self, path: str) -> None:
        self.path = path
        self.rows: list[dict[str, Any]] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings["PARQUET_FILE"])

    def open_spider(self) -> None:
        self.writer = pq.ParquetWriter(self.path, SCHEMA, compression="zstd")

    def process_item(self, item: Any) -> Any:
        row = ItemAdapter(item).asdict()
        if row.pop("table") == "likes":
            self.rows.append(row)
        if len(self.rows) >= BUFFERED:
            self.write()
        return item

    def close_spider(self) -> None:
        self.write()
        self.writer.close()

    def write(self) -> None:
        self.writer.write_table(pa.Table.from_pylist(self.rows, schema=SCHEMA))
        self.rows.clear()


def main() -> int:
    """Crawl; the exit code."""
    options = stock_scrapy.parsed_options(__doc__, "benchmarks.peers.naive_scrapy")
    settings = stock_scrapy.settings_for(options) | {
        "FEEDS": {},
        "PARQUET_FILE": str(options.feed),
        "ITEM_PIPELINES": {f"benchmarks.peers.naive_scrapy.{name}": 100 * n for n, name in enumerate(PIPELINES, 1)},
    }
    return stock_scrapy.crawl(settings, only=options.only)


if __name__ == "__main__":
    sys.exit(main())

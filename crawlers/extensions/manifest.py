"""The record of one crawl: what was asked, how it ended, and how many of everything there are."""

from __future__ import annotations

import datetime as dt
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from crawlers import __version__
from crawlers.frontier.row_counts import no_rows
from crawlers.items import Item, table_of
from crawlers.site_spider import SiteSpider

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawlers.addon import CrawlersAddon

ROBOTS_IGNORED = "robots_ignored"  # in the store: whether any run of the crawl did without robots.txt
_VERSIONS = ("scrapy", "pydantic", "pyarrow", "duckdb", "rjieba", "stopwordsiso")


def manifest(crawler: Crawler, addon: CrawlersAddon, reason: str) -> dict[str, Any]:
    """What is known of a crawl at its end, before its rows are published. Holds pseudonyms and counts only.

    `sandbox`: what was served instead of the site, and whether its people are invented; null on the real site.
    `contact`: whom the site, and people in the tables, may write to. `requests`: enqueued = done + failed + pending.
    `pages`: states of the pages since the crawl was last resumed. `tables`: per dataset the rows the crawl saw =
    dropped as duplicate + quarantined as invalid + dropped as forgotten + stored; lists read to their end, the rows
    stated of them and those missing; and rows, new rows and bytes of the published table, once it is. `gaps`: rows
    that the site may have and no list of it shows.
    """
    store = addon.job.store
    stat = crawler.stats.get_value
    return {
        "crawl_id": addon.job.crawl_id,
        "spider": crawler.spidercls.name,
        "arguments": addon.job.identity.arguments,
        "resumes": addon.job.resumes,
        "sandbox": _world(addon),
        "contact": crawler.settings.get("CONTACT_URL") or None,
        "key_id": addon.key.key_id,
        "versions": {"crawlers": __version__, "python": platform.python_version()} | {n: version(n) for n in _VERSIONS},
        "started_at": _text(stat("start_time")),
        "finished_at": _text(dt.datetime.now(dt.UTC)),
        "finish_reason": reason,
        "robots_obeyed": not store.get_state(ROBOTS_IGNORED, default=False),
        "requests": {
            "enqueued": store.enqueued, "done": store.done, "failed": store.failed, "pending": store.pending,
            "failures": dict(store.failures()),
        },
        "pages": {
            name.removeprefix("pages/"): count
            for name, count in sorted(crawler.stats.get_stats().items())
            if name.startswith("pages/")
        },
        "tables": {
            t.dataset: store.row_counts.get(t.dataset, no_rows()) | {"published": None}
            for t in _collected(crawler)
        },
        "gaps": [{"dataset": dataset, "what": what} for dataset, what in store.gaps],
        "quarantine": [
            {"dataset": dataset, "field": _public_field(dataset, row.field), "error": row.error, "rows": count}
            for dataset, row, count in store.quarantined()
        ],
    }  # fmt: skip


def _collected(crawler: Crawler) -> list[type[Item]]:
    assert isinstance(crawler.spider, SiteSpider)  # noqa: S101  (others are not prepared)
    return crawler.spider.collected()


def _world(addon: CrawlersAddon) -> dict[str, Any] | None:
    """A world that brings its own key is invented; any other may hold people who exist."""
    if addon.sandbox is None:
        return None
    return asdict(addon.sandbox.world) | {"invented": addon.sandbox.pseudonym_key is not None}


def _public_field(dataset: str, field: str) -> str:
    """A column of the table, or nothing: what a page lacked may be named after what stood on it."""
    return field if field in table_of(dataset).model_fields else "(row)"


def _text(time: dt.datetime | None) -> str | None:
    return None if time is None else time.astimezone(dt.UTC).isoformat(timespec="seconds")


def write_manifest(record: dict[str, Any], site_dir: Path) -> Path:
    """Write the record to `_runs/<crawl id>.json`, whole or not at all.

    Raises: OSError: it cannot be written.
    """
    target = site_dir / "_runs" / f"{record['crawl_id']}.json"
    temporary = site_dir / "_tmp" / target.name
    for folder in (target.parent, temporary.parent):
        folder.mkdir(parents=True, exist_ok=True)
    temporary.write_bytes(orjson.dumps(record, option=orjson.OPT_INDENT_2))
    temporary.replace(target)
    return target

"""The ways to crawl that are compared: ours, and those of the peers."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.turns import Served, Way
from tests.crawls.running import Crawls


def ours(served: Served, directory: Path) -> list[str]:
    """A whole crawl: durable, judged, pseudonymised, deduplicated, tokenized, published as Parquet."""
    return Crawls(directory).command("crawl", *_site(served), "-s", f"SANDBOX={served.url}")


def download_only(served: Served, directory: Path) -> list[str]:  # noqa: ARG001  (a Way; it keeps nothing)
    return [*_peer("download_only"), "--sandbox", served.url, *_site(served)]


def stock(served: Served, directory: Path) -> list[str]:
    """Bare Scrapy, out of the box, with a feed of JSON lines."""
    return [*_peer("stock_scrapy"), "--sandbox", served.url, "--feed", str(feed(directory))]


def stock_with_our_settings(served: Served, directory: Path) -> list[str]:
    return [*stock(served, directory), "--our-settings"]


def stock_on_disk(served: Served, directory: Path) -> list[str]:
    """Bare Scrapy whose requests wait in its SQLite queues."""
    return [*stock(served, directory), "--jobdir", str(directory / "job"), "--queue", "sqlite"]


def naive(served: Served, directory: Path) -> list[str]:
    return [*_peer("naive_scrapy"), "--sandbox", served.url, "--feed", str(feed(directory))]


def crawlee(served: Served, directory: Path) -> list[str]:  # noqa: ARG001  (a Way; its rows stay in memory)
    return [*_peer("crawlee_crawl"), "--sandbox", served.url]


def crawlee_with_feed(served: Served, directory: Path) -> list[str]:
    return [*crawlee(served, directory), "--feed", str(feed(directory))]


def requests_loop(served: Served, directory: Path) -> list[str]:
    return [*_peer("requests_loop"), "--sandbox", served.url, "--feed", str(feed(directory))]


def aiohttp_soup(served: Served, directory: Path) -> list[str]:
    members = ["--members", str(served.members)]
    return [*_peer("aiohttp_soup"), "--sandbox", served.url, *members, "--feed", str(feed(directory))]


def youtube_pages(served: Served, directory: Path, queries: str) -> list[str]:
    feed_of = ["--feed", str(feed(directory))]
    return [*_peer("youtube_pages"), "--sandbox", served.url, *feed_of, "--queries", queries]


def ours_without_rows(served: Served, directory: Path) -> list[str]:
    pages = ["--pages", str(served.pages)]
    return [*_peer("rowless"), "--sandbox", served.url, "--directory", str(directory), *pages]


def stock_without_rows(served: Served, directory: Path) -> list[str]:
    return [*ours_without_rows(served, directory), "--stock"]


def feed(directory: Path) -> Path:
    """Where the rows of a peer are."""
    return directory / "rows"


def _site(served: Served) -> list[str]:
    """Which spider, and its arguments."""
    if served.members is None:
        return ["sketchfab", "-a", "likes_source=model"]
    return ["letterboxd", "-a", f"members_file={served.members}"]


def _peer(name: str) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.peers.{name}"]


NAMES: dict[str, Way] = {
    "ours": ours,
    "download only": download_only,
    "bare Scrapy": stock,
    "bare Scrapy with our settings": stock_with_our_settings,
    "bare Scrapy, SQLite queues": stock_on_disk,
    "naive pipelines": naive,
    "crawlee": crawlee,
    "requests loop": requests_loop,
    "aiohttp + BeautifulSoup": aiohttp_soup,
}

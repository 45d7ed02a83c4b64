"""CPU per page of a crawl on our stack against the same crawl in bare Scrapy, side by side."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks import full_pages
from benchmarks.figures import Figure
from benchmarks.peers.comparing import feed_rows, published_rows
from benchmarks.usage import usage_of
from crawlers import settings
from sandbox.worlds import World
from tests.crawls.running import BY_MODEL, ROOT, Crawls, environment

ROUNDS = 3
GOAL, GOAL_WITH_OUR_SETTINGS, GOAL_WITHOUT_ROWS = 0.35, 0.50, 1.10
PAGE = full_pages.PAGE
# What of our settings makes any Scrapy faster. Not the pace: it is the sandbox's for both.
SCALARS = ("CONCURRENT_ITEMS", "COOKIES_ENABLED", "REFERER_ENABLED", "URLLENGTH_LIMIT", "STATS_CLASS", "STATS_DUMP")
OUR_SETTINGS = [
    *(f"{name}={getattr(settings, name)}" for name in SCALARS),
    'SPIDER_MIDDLEWARES={"scrapy.spidermiddlewares.depth.DepthMiddleware": null}',
    'EXTENSIONS={"scrapy.extensions.logstats.LogStats": null, "crawlers.extensions.garbage.RarerCollections": 0}',
]


class Crawl(NamedTuple):
    """What to crawl: a sandbox of full pages with so many models, or so many pages without rows from there."""

    url: str
    models: int
    pages_without_rows: int

    @property
    def pages(self) -> int:
        """Pages with rows: of the list, and of likes."""
        return self.models // PAGE + self.models * full_pages.LIKES // PAGE


def measure(directory: Path) -> list[Figure]:
    """Crawl the same pages in turn, ROUNDS times each way, and compare the best times.

    CPU is user and system time of the crawl and of the process that publishes its tables. All ways crawl a few pages,
    too: what that takes is subtracted, and those pages with it, so that starting Python counts on neither side.
    """
    with full_pages.serving(60 * PAGE) as many, full_pages.serving(PAGE) as few:
        large, small = Crawl(many, 60 * PAGE, 3000), Crawl(few, PAGE, 30)
        rows = _compare_rows(large, directory)
        cpu_s: dict[tuple[Way, Crawl], list[float]] = defaultdict(list)
        for _ in range(ROUNDS):
            for way in (ours, stock, stock_with_our_settings, ours_without_rows, stock_without_rows):
                for crawl in (large, small):
                    cpu_s[way, crawl].append(_cpu_s(way, crawl, directory))

    def per_page(way: Way) -> PerPage:
        without_rows = way in {ours_without_rows, stock_without_rows}
        pages = large.pages_without_rows - small.pages_without_rows if without_rows else large.pages - small.pages
        start = min(cpu_s[way, small])
        return PerPage(*((extreme(cpu_s[way, large]) - start) / pages * 1e3 for extreme in (min, max)))

    bare, tuned = per_page(stock), per_page(stock_with_our_settings)
    rowless = per_page(ours_without_rows), per_page(stock_without_rows)
    return [
        Figure("rows of both", f"{rows:,} equal, {rows / large.pages:.1f} a page"),
        _ratio("CPU per page of 24 rows: ours / bare Scrapy", per_page(ours), bare, GOAL),
        _ratio("same, bare Scrapy with our settings", per_page(ours), tuned, GOAL_WITH_OUR_SETTINGS),
        _ratio("CPU per page without rows: ours / bare Scrapy", *rowless, GOAL_WITHOUT_ROWS),
        Figure("the first, starts included", f"{min(cpu_s[ours, large]) / min(cpu_s[stock, large]):.2f}x"),
    ]


class PerPage(NamedTuple):
    """Milliseconds of CPU per page: the best round and the worst."""

    best: float
    worst: float

    def __str__(self) -> str:
        return f"{self.best:.2f}-{self.worst:.2f} ms"


def _ratio(what: str, ours: PerPage, theirs: PerPage, goal: float) -> Figure:
    ratio = ours.best / theirs.best
    return Figure(what, f"{ratio:.2f}x ({ours} / {theirs})", f"<= {goal:.2f}x", ratio <= goal)


Way = Callable[[Crawl, Path], list[str]]
"""The command of a crawl whose files go into a directory."""


def ours(crawl: Crawl, directory: Path) -> list[str]:
    return Crawls(directory, BY_MODEL).command("crawl", "sketchfab", "-s", f"SANDBOX={crawl.url}")


def stock(crawl: Crawl, directory: Path) -> list[str]:
    program = [sys.executable, "-m", "benchmarks.peers.stock_scrapy"]
    return [*program, "--sandbox", crawl.url, "--feed", str(directory / "rows.jsonl")]


def stock_with_our_settings(crawl: Crawl, directory: Path) -> list[str]:
    return [*stock(crawl, directory), "--settings", *OUR_SETTINGS]


def ours_without_rows(crawl: Crawl, directory: Path) -> list[str]:
    program = [sys.executable, "-m", "benchmarks.rowless"]
    return [
        *program, "--sandbox", crawl.url, "--directory", str(directory), "--pages", str(crawl.pages_without_rows),
    ]  # fmt: skip


def stock_without_rows(crawl: Crawl, directory: Path) -> list[str]:
    return [*ours_without_rows(crawl, directory), "--stock"]


def _cpu_s(way: Way, crawl: Crawl, directory: Path) -> float:
    empty = directory / "crawl"
    shutil.rmtree(empty, ignore_errors=True)
    empty.mkdir()
    process = subprocess.Popen(
        way(crawl, empty), cwd=ROOT, env=environment(None), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    return usage_of(process).cpu_s


def _compare_rows(crawl: Crawl, directory: Path) -> int:
    """How many rows both have. Raises: SystemExit: they differ."""
    _cpu_s(ours, crawl, directory)
    found = published_rows(directory / "crawl" / "output")
    _cpu_s(stock, crawl, directory)
    key = World().pseudonym_key
    assert key is not None  # noqa: S101  (an invented world has one)
    theirs = feed_rows(directory / "crawl" / "rows.jsonl", key)
    if found != theirs:
        sys.exit(f"rows differ: {len(found - theirs):,} only ours has, {len(theirs - found):,} only bare Scrapy has")
    return found.total()

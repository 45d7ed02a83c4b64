"""CPU of a crawl of like pages beside the same crawl by others: G1, G2 and G10."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks import full_pages, ways
from benchmarks.figures import Figure, at_most
from benchmarks.peers import comparing
from benchmarks.turns import PerPage, Served, cpu_per_page, run

# Merging and the card take a tenth of a second more for some rows than for few, and a long queue is what a crawl has:
# the real list takes 46,000 requests.
ROUNDS, MODELS = 2, 120 * full_pages.PAGE
OTHERS_ROUNDS, OTHERS_MODELS = 2, 30 * full_pages.PAGE
QUICK_ROUNDS, QUICK_MODELS = 1, 24 * full_pages.PAGE
WITHOUT_ROWS = 3000  # pages
GOAL, GOAL_WITH_OUR_SETTINGS, GOAL_OF_CHAIN, GOAL_OF_CRAWLEE, GOAL_WITHOUT_ROWS = 0.35, 0.50, 1.45, 1.0, 1.10
NEEDED = ("ours", "bare Scrapy", "bare Scrapy with our settings", "download only")
OTHERS = ("ours", "crawlee", "requests loop", "bare Scrapy, SQLite queues", "naive pipelines")


def quick(directory: Path) -> list[Figure]:
    """G1 and G2."""
    equal = _compare(NEEDED, full_pages.PAGE, directory)
    return [*_goals(*_costs(NEEDED, QUICK_MODELS, directory, rounds=QUICK_ROUNDS)), equal]


def measure(directory: Path) -> list[Figure]:
    """G1, G2, G10, and what the other peers need for the same rows."""
    equal = _compare(dict.fromkeys((*NEEDED, *OTHERS)), OTHERS_MODELS, directory)
    figures = [*_goals(*_costs(NEEDED, MODELS, directory, rounds=ROUNDS)), equal]
    costs, _ = _costs(OTHERS, OTHERS_MODELS, directory, rounds=OTHERS_ROUNDS)
    return figures + _others(costs) + _without_rows(directory)


def _costs(names: Iterable[str], models: int, directory: Path, *, rounds: int) -> tuple[dict[str, PerPage], int]:
    """What a page costs each way, and how many pages there were."""
    with full_pages.serving("likes", models) as many, full_pages.serving("likes", full_pages.PAGE) as few:
        costs = cpu_per_page({name: ways.NAMES[name] for name in names}, many, few, directory, rounds=rounds)
    return costs, many.pages


def _beside(costs: dict[str, PerPage], row: str, name: str, what: str, goal: float) -> Figure:
    ours, theirs = costs["ours"], costs[name]
    return at_most(row, what, ours.best / theirs.best, goal, f"{ours} / {theirs}")


def _goals(costs: dict[str, PerPage], pages: int) -> list[Figure]:
    what = "CPU per page of 24 rows, whole crawl / bare Scrapy + FEEDS"
    with_starts = costs["ours"].in_all / costs["bare Scrapy"].in_all
    return [
        _beside(costs, "G1", "bare Scrapy", what, GOAL),
        _beside(
            costs, "G1", "bare Scrapy with our settings", "same, with our settings on both sides",
            GOAL_WITH_OUR_SETTINGS,
        ),
        Figure("G1", "same as the first, starts counted", f"{with_starts:.2f}x ({pages:,} pages)"),
        _beside(
            costs, "G2", "download only", "whole crawl / same spider, downloads and reads only: likes", GOAL_OF_CHAIN
        ),
    ]  # fmt: skip


def _others(costs: dict[str, PerPage]) -> list[Figure]:
    what = "CPU per request, whole crawl / crawlee, rows in memory"
    beside = [
        Figure("peers", f"CPU per page, whole crawl / {name}", f"{costs['ours'].best / theirs.best:.2f}x ({theirs})")
        for name, theirs in costs.items()
        if name not in {"ours", "crawlee"}
    ]
    return [_beside(costs, "G10", "crawlee", what, GOAL_OF_CRAWLEE), *beside]


def _compare(names: Iterable[str], models: int, directory: Path) -> Figure:
    """Compare the rows of peers with ours, on fewer pages than are timed. Raises: SystemExit: they differ."""
    with full_pages.serving("likes", models) as served:
        rows = _compare_at(served, names, directory)
        return Figure("peers", "rows of these peers against ours", f"{rows:,} equal, on {served.pages:,} pages")


def _compare_at(served: Served, names: Iterable[str], directory: Path) -> int:
    """How many rows are equal."""
    key, place = comparing.invented_key(), directory / "crawl"
    run(ways.ours, served, directory)
    ours = comparing.published_rows(place / "output")
    likes = comparing.likes_only(ours)
    for name in names:
        way = ways.crawlee_with_feed if name == "crawlee" else ways.NAMES[name]
        if name in {"ours", "download only"}:
            continue
        run(way, served, directory)
        if name == "requests loop":
            comparing.check_equal(name, likes, comparing.psv_likes(ways.feed(place)))
        elif name == "naive pipelines":
            theirs = comparing.parquet_rows(ways.feed(place), "likes")
            comparing.check_equal(
                name, comparing.Rows({row: n for row, n in ours.items() if row[0] == "likes"}), theirs
            )
        else:
            comparing.check_equal(name, ours, comparing.feed_rows(ways.feed(place), key))
    return ours.total()


def _without_rows(directory: Path) -> list[Figure]:
    """What a page costs that brings nothing: the queue and the judgement alone."""
    both = {"ours": ways.ours_without_rows, "theirs": ways.stock_without_rows}
    with full_pages.serving("likes", full_pages.PAGE) as served:
        many, few = served._replace(pages=WITHOUT_ROWS), served._replace(pages=30)
        costs = cpu_per_page(both, many, few, directory, rounds=ROUNDS)
    ours, theirs = costs["ours"], costs["theirs"]
    what = "CPU per page without rows, ours / bare Scrapy"
    return [at_most("peers", what, ours.best / theirs.best, GOAL_WITHOUT_ROWS, f"{ours} / {theirs}")]

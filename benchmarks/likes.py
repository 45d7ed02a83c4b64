"""CPU of a crawl of like pages beside the same crawl by others: G1, G2 and G10."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks import full_pages, ways
from benchmarks.figures import Figure, at_most
from benchmarks.peers import comparing
from benchmarks.turns import Served, cpu_per_page, run

ROUNDS, MODELS = 2, 120 * full_pages.PAGE
QUICK_ROUNDS, QUICK_MODELS = 2, 24 * full_pages.PAGE
WITHOUT_ROWS = 3000  # pages
GOAL, GOAL_WITH_OUR_SETTINGS, GOAL_OF_CHAIN, GOAL_OF_CRAWLEE, GOAL_WITHOUT_ROWS = 0.35, 0.50, 1.45, 1.0, 1.10
NEEDED = ("ours", "bare Scrapy", "bare Scrapy with our settings", "download only")
OTHERS = ("crawlee", "requests loop", "bare Scrapy, SQLite queues", "naive pipelines")


def quick(directory: Path) -> list[Figure]:
    """G1 and G2."""
    return _measure(directory, NEEDED, QUICK_MODELS, QUICK_ROUNDS)


def measure(directory: Path) -> list[Figure]:
    """G1, G2, G10, and what the other peers need for the same rows."""
    return _measure(directory, (*NEEDED, *OTHERS), MODELS, ROUNDS) + _without_rows(directory)


def _measure(directory: Path, names: Iterable[str], models: int, rounds: int) -> list[Figure]:
    with full_pages.serving("likes", models) as many, full_pages.serving("likes", full_pages.PAGE) as few:
        # In the full run all pages: what a peer cannot read may stand far down the list.
        rows = _compare(many if rounds == ROUNDS else few, directory, names)
        costs = cpu_per_page({name: ways.NAMES[name] for name in names}, many, few, directory, rounds=rounds)
    ours = costs["ours"]

    def beside(row: str, name: str, what: str, goal: float) -> Figure:
        theirs = costs[name]
        return at_most(row, what, ours.best / theirs.best, goal, f"{ours} / {theirs}")

    with_starts = ours.in_all / costs["bare Scrapy"].in_all
    figures = [
        beside("G1", "bare Scrapy", "CPU per page of 24 rows, whole crawl / bare Scrapy + FEEDS", GOAL),
        beside("G1", "bare Scrapy with our settings", "same, with our settings on both sides", GOAL_WITH_OUR_SETTINGS),
        Figure("G1", "same as the first, starts counted", f"{with_starts:.2f}x ({many.pages:,} pages)"),
        Figure("G1", "rows of all peers against ours", f"{rows:,} equal"),
        beside("G2", "download only", "whole crawl / same spider, downloads and reads only: likes", GOAL_OF_CHAIN),
    ]
    if "crawlee" in costs:
        figures.append(
            beside("G10", "crawlee", "CPU per request, whole crawl / crawlee, rows in memory", GOAL_OF_CRAWLEE)
        )
    figures += [
        Figure("peers", f"CPU per page, whole crawl / {name}", f"{ours.best / costs[name].best:.2f}x ({costs[name]})")
        for name in OTHERS[1:]
        if name in costs
    ]
    return figures


def _compare(served: Served, directory: Path, names: Iterable[str]) -> int:
    """Compare the rows of all peers with ours; how many there are. Raises: SystemExit: they differ."""
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

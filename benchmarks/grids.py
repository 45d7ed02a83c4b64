"""CPU of pages of 72 films: a crawl of them beside others, and one page from bytes to rows. G2 and G4."""

from __future__ import annotations

import time
import timeit
from functools import partial
from pathlib import Path
from typing import Any

from scrapy.http import HtmlResponse

from benchmarks import full_pages, ways
from benchmarks.figures import Figure, at_most
from benchmarks.peers import comparing
from benchmarks.peers.aiohttp_soup import rated_films
from benchmarks.turns import Served, cpu_per_page, run
from crawlers.pages import PageState, letterboxd
from sandbox.sites import SiteRequest
from sandbox.sites.letterboxd import Letterboxd
from sandbox.worlds import World

ROUNDS, MEMBERS, PARSED = 3, 80, 60
QUICK_ROUNDS, QUICK_MEMBERS, QUICK_PARSED = 1, 30, 25
FEW = 2  # members
GOAL_OF_CHAIN, GOAL_OF_PAGE, GOAL_OF_CRAWL = 1.20, 0.12, 0.20
NAMES = ("ours", "download only", "aiohttp + BeautifulSoup")


def quick(directory: Path) -> list[Figure]:
    return _measure(directory, QUICK_MEMBERS, QUICK_ROUNDS) + one_page(QUICK_PARSED)


def measure(directory: Path) -> list[Figure]:
    return _measure(directory, MEMBERS, ROUNDS) + one_page(PARSED)


def _measure(directory: Path, members: int, rounds: int) -> list[Figure]:
    with full_pages.serving("grids", members) as long, full_pages.serving("grids", FEW) as short:
        many = long._replace(members=full_pages.members(members, directory / "many"))
        few = short._replace(members=full_pages.members(FEW, directory / "few"))
        rows = _compare(few, directory)
        costs = cpu_per_page({name: ways.NAMES[name] for name in NAMES}, many, few, directory, rounds=rounds)
    ours, bare, soup = (costs[name] for name in NAMES)
    return [
        at_most(
            "G2", "whole crawl / same spider, downloads and reads only: grids", ours.best / bare.best, GOAL_OF_CHAIN,
            f"{ours} / {bare}",
        ),
        at_most(
            "G4", "film grids, whole crawl / aiohttp + BeautifulSoup, CPU per page", ours.best / soup.best,
            GOAL_OF_CRAWL, f"{ours} / {soup}",
        ),
        Figure("G4", "its rows against ours", f"{rows:,} equal"),
    ]  # fmt: skip


def _compare(served: Served, directory: Path) -> int:
    """Compare the rows; how many there are. Raises: SystemExit: they differ."""
    run(ways.ours, served, directory)
    ours = comparing.published_ratings(directory / "crawl" / "output")
    run(ways.aiohttp_soup, served, directory)
    theirs = comparing.feed_ratings(ways.feed(directory / "crawl"), comparing.invented_key())
    comparing.check_equal("aiohttp + BeautifulSoup", ours, theirs)
    return ours.total()


def one_page(rounds: int) -> list[Figure]:
    """One page from its bytes to rows, best of `rounds` in turn: ours recognised and validated, theirs as dicts."""
    world = World()
    site = full_pages.FullGrids(world.seed, FEW)
    member = site.members[0].slug
    url = letterboxd.grid_url(member, rated=letterboxd.RATED)
    path = url.removeprefix("https://letterboxd.com")
    body = Letterboxd(site).respond(SiteRequest("letterboxd.com", path)).body
    ours, theirs = partial(_read, body, url), partial(rated_films, body, member)
    assert len(ours()) == len(theirs()) == full_pages.TILES  # noqa: S101  (their values are compared in `_compare`)
    best = {ours: float("inf"), theirs: float("inf")}
    for _ in range(rounds):
        for way, fastest in best.items():
            # Several in a row: the first one also pays for the memory that the other way has given back.
            best[way] = min(fastest, *timeit.repeat(way, number=1, repeat=3, timer=time.process_time))
    what = f"a grid of {full_pages.TILES} films, {len(body) / 1e3:.0f} kB, bytes to validated rows / BeautifulSoup"
    return [
        at_most(
            "G4", what, best[ours] / best[theirs], GOAL_OF_PAGE, f"{best[ours] * 1e3:.2f} / {best[theirs] * 1e3:.1f} ms"
        )
    ]


def _read(body: bytes, url: str) -> list[Any]:
    response = HtmlResponse(url, body=body, headers={"Content-Type": "text/html; charset=utf-8"})
    assert letterboxd.recognise(response) is PageState.OK  # noqa: S101  (part of the work)
    return letterboxd.ratings(response).items

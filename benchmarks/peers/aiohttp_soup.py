"""The films of members of Letterboxd with aiohttp and BeautifulSoup, as the system that inspired this table reads them.

    python -m benchmarks.peers.aiohttp_soup --sandbox URL --members FILE --feed ratings.jsonl [--by-date]

Members one after the other: a first request for the number of pages, then all pages at once, the first once more, over
at most CONNECTIONS. Films without a rating are passed over. The rows are kept and written as JSON lines in the end.
`--by-date`: the newest first, as the original asks for them, which robots.txt rules out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import aiohttp
from bs4 import BeautifulSoup

from benchmarks.peers.at_sandbox import at_sandbox

CONNECTIONS = 16  # as the others have there; the original has 6
Row = dict[str, Any]


def pages_of(body: bytes) -> int:
    """How many pages a member's list has."""
    numbers = BeautifulSoup(body, "lxml").select("li.paginate-page")
    return int(numbers[-1].get_text(strip=True).replace(",", "")) if numbers else 1


def rated_films(body: bytes, member: str) -> list[Row]:
    """The rated films of one page; what `crawlers.pages.letterboxd.ratings` reads of them, but for the position."""
    rows = []
    tile: Any  # the soup may hold anything, and this reader looks no closer than the original
    for tile in BeautifulSoup(body, "lxml").find_all("li", class_="griditem"):
        poster = tile.find("div", class_="react-component")
        viewing = tile.find("p", class_="poster-viewingdata")
        rating = viewing.find("span", class_="rating") if viewing else None
        if rating is None:
            continue
        stars = next(name for name in rating["class"] if name.startswith("rated-"))
        rows.append(
            {
                "user_id": member,
                "film_id": json.loads(poster["data-postered-identifier"])["uid"].removeprefix("film:"),
                "rating": int(stars.removeprefix("rated-")) / 2,
                "liked": viewing.find("span", class_="icon-liked") is not None,
                "film_slug": poster["data-item-slug"],
                "film_title": " ".join(poster.find("img")["alt"].split()),  # some have no-break spaces
            }
        )
    return rows


class Site:
    """The site, by way of a sandbox."""

    def __init__(self, session: aiohttp.ClientSession, sandbox: str, order: str) -> None:
        self._session = session
        self._sandbox = sandbox
        self._order = order

    async def page(self, member: str, number: int) -> bytes:
        where, headers = at_sandbox(self._sandbox, f"https://letterboxd.com/{member}/films/{self._order}page/{number}/")
        async with self._session.get(where, headers=headers) as response:
            response.raise_for_status()
            return await response.read()

    async def page_rows(self, member: str, number: int) -> list[Row]:
        return rated_films(await self.page(member, number), member)

    async def films(self, member: str) -> list[Row]:
        last = pages_of(await self.page(member, 1))
        pages = await asyncio.gather(*(self.page_rows(member, number) for number in range(1, last + 1)))
        return [row for page in pages for row in page]


async def crawl(options: argparse.Namespace) -> None:
    """Read all members and write their rows."""
    order = "by/date/" if options.by_date else ""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
        site = Site(session, options.sandbox.rstrip("/"), order)
        rows = [row for member in options.members.read_text().split() for row in await site.films(member)]
    options.feed.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def main() -> int:
    """Crawl; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.aiohttp_soup", description=__doc__)
    parser.add_argument("--sandbox", required=True, metavar="URL", help="a running sandbox")
    parser.add_argument("--members", required=True, type=Path, metavar="FILE", help="a member's name a line")
    parser.add_argument("--feed", required=True, type=Path, metavar="FILE", help="where the rows go, as JSON lines")
    parser.add_argument("--by-date", action="store_true", help="the newest first")
    asyncio.run(crawl(parser.parse_args()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The films of a member: 72 tiles a page, in the markup of 2023, of spring 2025, of autumn 2025 and of July 2026."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from scrapy.http import Response

from crawlers.items import Rows
from crawlers.items.letterboxd import Rating, Slug
from crawlers.pages.letterboxd.addresses import Address, address_of
from crawlers.pages.letterboxd.lists import Pagination, is_further, pagination
from crawlers.pages.letterboxd.selecting import changed, compiled, root_of, text_of, with_class
from crawlers.pages.letterboxd.tiles import read_tile, viewing_line

PAGE_SIZE = 72
MOST_PAGES = 128
"""No list of the site has more pages; what is behind them is reached by no link."""

# Since autumn 2025, and before. Other parts of a page have posters in lists, too: those have no `-grid`.
_GRIDS = [
    compiled(f"/descendant::ul[{with_class('grid')}][parent::div[{with_class('poster-grid')}]]"),
    compiled(f"/descendant::ul[({with_class('poster-list')}) and ({with_class('-grid')})]"),
]
_TILES = compiled(f"./li[{with_class('griditem', 'poster-container', 'posteritem')}]")
_OWNER = compiled("/html/body/@data-owner")
# Above the list; and, in 2023, beside the same for the diary.
_TOTALS = [
    compiled(f"/descendant::h1[{with_class('section-heading')}]//span[@title]/@title"),
    compiled(f"/descendant::ul[{with_class('sub-nav')}]/li[{with_class('selected')}]/a/@title"),
]
# Two public clients read it above lists of one rating or of all: "Somebody has rated 120 films".
_FILTERED = "replace-if-you"
_TOTAL_OF_FILTERED = compiled(f"//span[{with_class(_FILTERED)}]/..")
_FILMS = re.compile(r"([0-9][0-9,]*)\s+films?\b")


@dataclass(frozen=True, slots=True)
class Extent:
    """How long a list of films is: films, if the page states it, and pages."""

    films: int | None
    pages: int

    @property
    def is_cut(self) -> bool:
        """Whether the list ends where the site shows no more, and not where its films end."""
        return self.pages >= MOST_PAGES and not (self.films is not None and self.films <= MOST_PAGES * PAGE_SIZE)

    @property
    def least(self) -> int:
        """The fewest films that it can have."""
        return self.films if self.films is not None else (self.pages - 1) * PAGE_SIZE + 1


class _Total(NamedTuple):
    """The number of films that a page states, and whether it is surely that of the list itself."""

    films: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """A page of films taken apart: `grid` is the list of films, `tiles` are what is in it, `owner` is lower-case."""

    address: Address
    owner: str | None
    total: _Total | None
    grid: Any
    tiles: list[Any]
    end: Pagination

    @property
    def shows_viewing(self) -> bool:
        """Whether any tile says what the member made of its film."""
        return any(viewing_line(tile) is not None for tile in self.tiles)

    @property
    def is_owned(self) -> bool:
        """Whether the page says that it is of the member whom its address names."""
        return self.owner == self.address.member

    @property
    def is_empty(self) -> bool:
        """Whether the page says itself that it has no films: by their number, all of them on pages before it."""
        if self.total is None or self.tiles:
            return False
        return not self.total.films or (
            self.grid is not None and self.total.films <= (self.address.page - 1) * PAGE_SIZE
        )

    @property
    def is_whole(self) -> bool:
        """Whether the page has all that its address and its own heading say it must have.

        A heading with a number of films; tiles, and in all lists but those of one rating viewing data in some of them;
        the number of this page and a link to the next, unless there is but one page.
        """
        total, end = self.total, self.end
        if total is None or not self.tiles or end.page != self.address.page:
            return False
        if self.address.stars is None and not self.shows_viewing:
            return False
        if end.page < end.last:
            return is_further(end.following, self.address)
        # Where the number may be that of a longer list, only a full page without any link to another gives it away.
        is_full = end.last == 1 and len(self.tiles) >= PAGE_SIZE
        return _pages(total.films) <= end.last or not (total.is_exact or is_full)


# `recognise` and the page functions all read the page; only the first of them takes it apart.
_parts: WeakKeyDictionary[Response, Parts] = WeakKeyDictionary()


def parts_of(response: Response) -> Parts:
    """The parts of a page of films; those that are missing are None. Raises: LayoutChanged: it is no HTML at all."""
    if response not in _parts:
        address, root = address_of(response.url), root_of(response)
        if root is None:
            raise changed(response, "no page")
        grid = next((found[0] for find in _GRIDS if (found := find(root))), None)
        tiles = [] if grid is None else _TILES(grid)
        total, end = _total(response, root, address), pagination(response)
        _parts[response] = Parts(address, _owner(root), total, grid, tiles, end)
    return _parts[response]


def ratings(response: Response, *, first_position: int = 0) -> Rows[Rating]:
    """The films on one page of a member's list, at most 72; the first stands at `first_position`.

    Without any viewing data on the page nobody knows whether a film is liked: `liked` is None. In a list of one rating
    that rating is known all the same; in any other list of rated films a tile without one cannot be read.

    Source: https://letterboxd.com/<member>/films/…page/<n>/ (HTML).
    Raises: LayoutChanged: the page has no grid, does not say whose it is, or has stars and no rating.
    """
    parts = parts_of(response)
    if parts.grid is None and not parts.is_empty:
        raise changed(response, "no grid of films")
    if parts.owner is None:
        raise changed(response, "no owner of the grid")
    read = partial(
        read_tile,
        owner=parts.owner,
        shows_viewing=parts.shows_viewing,
        stars=parts.address.stars,
        rated=parts.address.is_rated,
    )
    rows = Rows(Rating, enumerate(parts.tiles, first_position), read)
    unread = any(found.field == "rating" for found in rows.invalid)
    if unread and not any(row.rating for row in rows.items):
        raise changed(response, "stars, and no rating that can be read")
    return rows


def film_slugs(rows: Rows[Rating]) -> Rows[Slug]:
    """The names under which the films of some rows stand in addresses."""
    return Rows(Slug, rows.items, lambda row: {"film_id": row.film_id, "slug": row.film_slug})


def extent(response: Response) -> Extent:
    """How long the list is that a page belongs to.

    Above a list of rated films the number may be that of all films the member has seen: where it does not fit the
    number of pages, it is left out.
    """
    parts = parts_of(response)
    total, last = parts.total, parts.end.last
    if total is None or (not total.is_exact and _pages(total.films) != last):
        return Extent(None, last)
    return Extent(total.films, last)


def _pages(films: int) -> int:
    return min(MOST_PAGES, max(1, -(-films // PAGE_SIZE)))


def _owner(root: Any) -> str | None:
    owners = _OWNER(root)
    return owners[0].lower() if owners and owners[0] else None


def _total(response: Response, root: Any, address: Address) -> _Total | None:
    """``925 films`` above the list."""
    if address.is_filtered and _FILTERED.encode() in response.body:  # few pages need the look at all their spans
        for heading in _TOTAL_OF_FILTERED(root):
            if found := _FILMS.search(text_of(heading)):
                return _Total(_count(found[1]), is_exact=True)
    for title in chain.from_iterable(find(root) for find in _TOTALS):
        if found := _FILMS.fullmatch(title.strip()):
            return _Total(_count(found[1]), is_exact=not address.is_filtered)
    return None


def _count(digits: str) -> int:
    return int(digits.replace(",", ""))

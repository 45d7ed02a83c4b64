"""The films of a member: 72 tiles a page, in the markup of 2023, of spring 2025, of autumn 2025 and of July 2026."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import orjson
from scrapy.http import Response

from crawlers.items import Rows
from crawlers.items.letterboxd import Rating, Slug
from crawlers.pages.letterboxd.addresses import Address, address_of
from crawlers.pages.letterboxd.lists import following, is_further, page_numbers
from crawlers.pages.letterboxd.selecting import changed, compiled, root_of, text_of, with_class

PAGE_SIZE = 72
MOST_PAGES = 128
"""No list of the site has more pages; what is behind them is reached by no link."""

# Since autumn 2025, and before. Other parts of a page have posters in lists, too: those have no `-grid`.
_GRIDS = [
    compiled(f"//div[{with_class('poster-grid')}]/ul[{with_class('grid')}]"),
    compiled(f"//ul[({with_class('poster-list')}) and ({with_class('-grid')})]"),
]
_TILES = compiled(f"./li[{with_class('griditem', 'poster-container', 'posteritem')}]")
_OWNER = compiled("//body/@data-owner")
# 2023: above the list, beside the same for the diary.
_TOTAL = compiled(
    f"//h1[{with_class('section-heading')}]//span[@title]/@title"
    f" | //ul[{with_class('sub-nav')}]/li[{with_class('selected')}]/a/@title"
)
# Two public clients read it above lists of one rating or of all: "Somebody has rated 120 films".
_TOTAL_OF_FILTERED = compiled(f"//span[{with_class('replace-if-you')}]/..")
_FILMS = re.compile(r"([0-9][0-9,]*)\s+films?\b")
_FILM_UID = re.compile(r"film:([0-9]+)")
_RATED = re.compile(r"(?<!\S)rated-([0-9]+)(?!\S)")
_LIKED = re.compile(r"(?<!\S)icon-liked(?!\S)")
_HEART = re.compile(r"(?<!\S)like(?!\S)")
_STARS = re.compile("[★½]")
_VIEWING = re.compile(r"(?<!\S)poster-viewingdata(?!\S)")
_YEAR = re.compile(r" \([0-9]{4}\)$")


@dataclass(frozen=True, slots=True)
class Extent:
    """How long a list of films is: films, if the page states it, and pages."""

    films: int | None
    pages: int

    @property
    def is_cut(self) -> bool:
        """Whether the list ends where the site shows no more, and not where its films end."""
        return self.pages >= MOST_PAGES and not (self.films is not None and self.films <= MOST_PAGES * PAGE_SIZE)


class _Total(NamedTuple):
    """The number of films that a page states, and whether it is surely that of the list itself."""

    films: int
    is_exact: bool


def ratings(response: Response, *, first_position: int = 0) -> Rows[Rating]:
    """The films on one page of a member's list, at most 72; the first stands at `first_position`.

    Without any viewing data on the page nobody knows whether a film is liked: `liked` is None. In a list of one rating
    that rating is known all the same; in any other list of rated films a tile without one cannot be read.

    Source: https://letterboxd.com/<member>/films/…page/<n>/ (HTML).
    Raises: LayoutChanged: the page has no grid, does not say whose it is, or has stars and no rating.
    """
    address, root = address_of(response.url), root_of(response)
    if root is None or (_grid(root) is None and not is_empty(root, address)):
        raise changed(response, "no grid of films")
    if (owner := _owner(root)) is None:
        raise changed(response, "no owner of the grid")
    tiles = _tiles(root)
    shows_viewing = any(_viewing(tile) is not None for tile in tiles)
    read = partial(_read_tile, owner=owner, shows_viewing=shows_viewing, stars=address.stars, rated=address.is_rated)
    rows = Rows(Rating, enumerate(tiles, first_position), read)
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
    root = root_of(response)
    _, last = page_numbers(root)
    total = _total(root, address_of(response.url))
    if total is None or (not total.is_exact and _pages(total.films) != last):
        return Extent(None, last)
    return Extent(total.films, last)


def is_owned(root: Any, address: Address) -> bool:
    """Whether a page says that it is of the member whom its address names."""
    return _owner(root) == address.member


def is_whole(root: Any, address: Address) -> bool:
    """Whether a grid has all that its address and its own heading say it must have.

    A heading with a number of films; tiles, and in all lists but those of one rating viewing data in some of them;
    the number of this page and a link to the next, unless there is but one page.
    """
    total, (page, last), tiles = _total(root, address), page_numbers(root), _tiles(root)
    if total is None or not tiles or page != address.page:
        return False
    if address.stars is None and all(_viewing(tile) is None for tile in tiles):
        return False
    if page < last:
        return is_further(following(root), address)
    # Where the number may be that of a longer list, only a full page without any link to another gives it away.
    is_full = last == 1 and len(tiles) >= PAGE_SIZE
    return _pages(total.films) <= last or not (total.is_exact or is_full)


def is_empty(root: Any, address: Address) -> bool:
    """Whether a page says itself that it has no films: by their number, all of them on pages before it."""
    total = _total(root, address)
    if total is None or _tiles(root):
        return False
    return not total.films or (total.films <= (address.page - 1) * PAGE_SIZE and _grid(root) is not None)


def _pages(films: int) -> int:
    return min(MOST_PAGES, max(1, -(-films // PAGE_SIZE)))


def _grid(root: Any) -> Any:
    """The list of films; None where there is none."""
    return next((found[0] for find in _GRIDS if (found := find(root))), None)


def _tiles(root: Any) -> list[Any]:
    grid = _grid(root)
    return [] if grid is None else _TILES(grid)


def _owner(root: Any) -> str | None:
    owners = _OWNER(root)
    return owners[0].lower() if owners and owners[0] else None


def _total(root: Any, address: Address) -> _Total | None:
    """``925 films`` above the list."""
    if address.is_filtered:
        for heading in _TOTAL_OF_FILTERED(root):
            if found := _FILMS.search(text_of(heading)):
                return _Total(_count(found[1]), is_exact=True)
    for title in _TOTAL(root):
        if found := _FILMS.fullmatch(title.strip()):
            return _Total(_count(found[1]), is_exact=not address.is_filtered)
    return None


def _count(digits: str) -> int:
    return int(digits.replace(",", ""))


def _viewing(tile: Any) -> Any:
    """The line below the poster with what the member made of the film. The poster may have the viewer's own heart."""
    return next((line for line in tile.iterchildren("p") if _VIEWING.search(line.get("class", ""))), None)


def _read_tile(
    entry: tuple[int, Any], *, owner: str, shows_viewing: bool, stars: float | None, rated: bool
) -> dict[str, Any]:
    position, tile = entry
    poster, viewing = tile.find("div"), _viewing(tile)
    liked, rating = None, stars
    if shows_viewing:
        if viewing is None:
            raise KeyError("rating")
        given, liked = viewing_of(viewing)
        rating = given or stars
    if rated and rating is None:
        raise KeyError("rating")
    facts = poster.attrib
    return {
        "user_id": owner,
        "film_id": film_id_of(facts, viewing),
        "rating": rating,
        "liked": liked,
        "position": position,
        "film_slug": _slug(facts),
        "film_title": film_title_of(poster),
    }


def viewing_of(viewing: Any) -> tuple[float | None, bool]:
    """Rating and heart. Raises: KeyError: stars, or a heart, of another class than they have had: not to be passed
    over, or everything that was rated would look unrated."""
    rating, liked = None, False
    for span in viewing.iter("span"):
        classes = span.get("class", "")
        if found := _RATED.search(classes):
            rating = int(found[1]) / 2
        elif _LIKED.search(classes):
            liked = True
        elif _HEART.search(classes):
            raise KeyError("liked")
    if rating is None and _STARS.search("".join(viewing.itertext())):
        raise KeyError("rating")
    return rating, liked


def film_id_of(facts: Mapping[str, str], viewing: Any = None) -> str:
    """The number of a film from the attributes of its poster, or of the line below it.

    Raises: LookupError: none of the places where it has stood has it.
    """
    identifier = facts.get("data-postered-identifier")
    uids = [
        "" if identifier is None else str(orjson.loads(identifier).get("uid")),
        "" if viewing is None else viewing.get("data-item-uid", ""),
        facts.get("data-item-id", ""),
    ]
    for uid in uids:
        if found := _FILM_UID.fullmatch(uid):
            return found[1]
    if (film_id := facts.get("data-film-id")) is None:
        raise KeyError("film_id")
    return film_id


def _slug(facts: Mapping[str, str]) -> str:
    """``vertigo``; in 2023 ``/film/vertigo/``."""
    slug = facts.get("data-item-slug") or facts.get("data-film-slug")
    if slug is None:
        raise KeyError("film_slug")
    return slug.removeprefix("/film/").strip("/")


def film_title_of(poster: Any) -> str:
    """The title without its year, which only the newer attribute has: ``Past Lives (2023)``.

    The picture's text has no year, unless a browser has replaced it; so it tells a year from a title that ends in one.
    Raises: LookupError: the poster has no title.
    """
    name = poster.get("data-item-name")
    picture = next(poster.iter("img"), None)
    alt = picture.get("alt") if picture is not None else None
    if name is None:
        name = poster.get("data-film-name") or alt
    elif alt and name.startswith(alt):
        name = alt
    else:
        name = _YEAR.sub("", name)
    if not name:
        raise KeyError("film_title")
    return " ".join(name.split())

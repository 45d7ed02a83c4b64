"""A film as a tile of a grid, in every generation of markup: which film, and what the member made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

_FILM_UID = re.compile(r"film:([0-9]+)")
_RATED = re.compile(r"(?<!\S)rated-([0-9]+)(?!\S)")
_LIKED = re.compile(r"(?<!\S)icon-liked(?!\S)")
_HEART = re.compile(r"(?<!\S)like(?!\S)")
_STARS = re.compile("[★½]")
_YEAR = re.compile(r" \([0-9]{4}\)$")


def viewing_line(tile: Any) -> Any:
    """The line below the poster with what the member made of the film. The poster may have the viewer's own heart."""
    for line in tile.iterchildren("p"):
        if "poster-viewingdata" in line.get("class", "").split():
            return line
    return None


def read_tile(
    entry: tuple[int, Any], *, owner: str, shows_viewing: bool, stars: float | None, rated: bool
) -> dict[str, Any]:
    position, tile = entry
    poster: Any = next(tile.iterchildren("div"), None)
    viewing = viewing_line(tile)
    liked, rating = None, stars
    if shows_viewing:
        if viewing is None:
            raise KeyError("rating")
        given, liked = viewing_of(viewing)
        rating = given or stars
    if rated and rating is None:
        raise KeyError("rating")
    return {
        "user_id": owner,
        "film_id": film_id_of(poster, viewing),
        "rating": rating,
        "liked": liked,
        "position": position,
        "film_slug": _slug(poster),
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


def film_id_of(poster: Any, viewing: Any = None) -> str:
    """The number of a film from the line below its poster, or from the poster itself.

    Raises: LookupError: none of the places where it has stood has it.
    """
    for uid in _uids(poster, viewing):
        if found := _FILM_UID.fullmatch(uid):
            return found[1]
    film_id: str | None = poster.get("data-film-id")
    if film_id is None:
        raise KeyError("film_id")
    return film_id


def _uids(poster: Any, viewing: Any) -> Iterator[str]:
    if viewing is not None:
        yield viewing.get("data-item-uid", "")
    if (identifier := poster.get("data-postered-identifier")) is not None:
        yield str(orjson.loads(identifier).get("uid"))
    yield poster.get("data-item-id", "")


def _slug(poster: Any) -> str:
    """``vertigo``; in 2023 ``/film/vertigo/``."""
    slug: str | None = poster.get("data-item-slug") or poster.get("data-film-slug")
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

"""Films of Letterboxd: what their pages tell of them, and how the invented ones are made."""

from __future__ import annotations

import datetime as dt
import re
import string
import unicodedata
from dataclasses import dataclass
from random import Random
from typing import Literal

from sandbox.worlds import letterboxd_vocabulary as words

JsonLd = Literal["full", "unrated", "missing"]
LAST_DAY = dt.date(2026, 6, 30)
_LETTERS = string.digits + string.ascii_letters


@dataclass(slots=True)
class Film:
    """A film, or a series where `tmdb_type` is ``tv``. `index` is the place in `LetterboxdWorld.films`, newest first.

    None = not stated. `old_slugs`: names that redirect to `slug`. `quality`: stars times two that an average member
    would give. `json_ld`: whether its page has JSON-LD, and whether that has the rating.
    """

    index: int
    film_id: int
    slug: str
    old_slugs: tuple[str, ...]
    title: str
    original_title: str | None
    year: int | None
    released_on: dt.date | None
    genres: tuple[str, ...]
    directors: tuple[str, ...]
    actors: tuple[str, ...]
    studios: tuple[str, ...]
    country: tuple[str, str, str, str]
    runtime_min: int | None
    tagline: str | None
    description: str
    imdb_id: str | None
    tmdb_type: Literal["movie", "tv"]
    tmdb_id: int | None
    on_tmdb: bool
    group: int
    quality: float
    weight: float
    json_ld: JsonLd

    @property
    def name(self) -> str:
        """As tiles and headings have it: ``Title (2019)``, or the title alone where there is no year."""
        return self.title if self.year is None else f"{self.title} ({self.year})"

    @property
    def lid(self) -> str:
        """The short id, of letters and digits."""
        number, text = self.film_id * 47 + 11, ""
        while number:
            number, digit = divmod(number, 62)
            text += _LETTERS[digit]
        return text


def newest_first(films: list[Film]) -> list[Film]:
    """In the order of a member's films, the undated first, with `index` set; equal ones by film id."""
    films.sort(key=lambda film: (_day(film), film.film_id), reverse=True)
    for index, film in enumerate(films):
        film.index = index
    return films


def invented(seed: int, count: int) -> list[Film]:
    """`count` films, newest first. Popularity falls with the number in which they were made; every trap is in them."""
    rng = Random(f"{seed}/letterboxd/films")
    film_ids = rng.sample(range(1_000, 1_600_000), count)
    tmdb_ids = rng.sample(range(100, 1_500_000), count)
    odd = dict(zip(rng.sample(range(count), min(len(words.ODD_TITLES), count // 4)), words.ODD_TITLES, strict=False))
    slugs = Slugs()
    films = []
    for place, (film_id, tmdb_id) in enumerate(zip(film_ids, tmdb_ids, strict=True)):
        group = int(len(words.GROUPS) * rng.random())
        released_on = LAST_DAY - dt.timedelta(days=int(36_000 * rng.random() ** 2.5)) if place % 41 != 7 else None
        year = released_on.year if released_on else None
        title = odd.get(place) or _title(group, rng)
        film = made_up(
            rng, film_id=film_id, slug=slugs.take(title, year, film_id), title=title, year=year, group=group,
            tmdb_id=tmdb_id, tmdb_type="tv" if place % 31 == 4 else "movie",
        )  # fmt: skip
        film.released_on = released_on
        film.weight = 1 / (place + 12)
        film.json_ld = "missing" if place % 29 == 3 else "unrated" if place % 37 == 6 else "full"
        film.imdb_id = film.imdb_id if place % 33 != 9 else None
        film.tmdb_id = film.tmdb_id if place % 43 != 10 else None
        film.on_tmdb = place % 39 != 11
        if place % 23 == 5:
            film.old_slugs = (slugs.take(f"{title} {year or 'untitled'}", None, film_id + 1),)
        films.append(film)
    return newest_first(films)


class Slugs:
    """Names of films in URLs, each given once: the title, the title and the year, or with a number behind."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, title: str, year: int | None, film_id: int) -> str:
        """A slug that is still free; a title without a Latin letter or digit gives ``film-<id>``."""
        plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower().replace("'", "")
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or f"film-{film_id}"
        if slug in self._taken and year is not None:
            slug = f"{slug}-{year}"
        first, number = slug, 0
        while slug in self._taken:
            number += 1
            slug = f"{first}-{number}"
        self._taken.add(slug)
        return slug


def made_up(
    rng: Random,
    *,
    film_id: int,
    slug: str,
    title: str,
    year: int | None,
    group: int,
    tmdb_id: int,
    tmdb_type: Literal["movie", "tv"],
) -> Film:
    """A film of which no more is known than this."""
    draw = rng.random
    taste = words.GROUPS[group]
    country = words.COUNTRIES[int(len(words.COUNTRIES) * draw() ** 2)]
    plot = words.PLOTS[int(len(words.PLOTS) * draw())]
    return Film(
        index=-1,
        film_id=film_id,
        slug=slug,
        old_slugs=(),
        title=title,
        original_title=f"{title} ({country[2]})" if country[3] != "en" and draw() < 0.5 else None,
        year=year,
        released_on=None,
        genres=_genres(taste.genres, draw()),
        directors=tuple(_person(rng) for _ in range((0, 1, 1, 1, 1, 1, 1, 2)[int(8 * draw())])),
        actors=tuple(_person(rng) for _ in range(int(7 * draw()))),
        studios=(words.STUDIOS[int(len(words.STUDIOS) * draw())],),
        country=country,
        runtime_min=int(60 + 110 * draw()) if draw() > 0.06 else None,
        tagline=words.TAGLINES[int(len(words.TAGLINES) * draw())] if draw() < 0.7 else None,
        description=plot.format(thing=taste.things[0].lower(), place=taste.places[int(len(taste.places) * draw())]),
        imdb_id=f"tt{int(9_999_999 * draw()):07}",
        tmdb_type=tmdb_type,
        tmdb_id=tmdb_id,
        on_tmdb=True,
        group=group,
        quality=4.6 + 3.2 * (draw() + draw()) / 2,
        weight=1.0,
        json_ld="full",
    )


def _day(film: Film) -> str:
    """Sorts by release; what has a year only stands at its end, what has nothing after all others."""
    if film.released_on is not None:
        return film.released_on.isoformat()
    return "9999" if film.year is None else f"{film.year}-12-32"


def _title(group: int, rng: Random) -> str:
    taste = words.GROUPS[group]
    thing = taste.things[int(len(taste.things) * rng.random())]
    adjective = taste.adjectives[int(len(taste.adjectives) * rng.random())]
    place = taste.places[int(len(taste.places) * rng.random())]
    shapes = (f"The {adjective} {thing}", f"{adjective} {thing}", f"The {thing} of {place}", f"{thing} in {place}")
    return shapes[int(4 * rng.random())] + words.ENDINGS[int(len(words.ENDINGS) * rng.random())]


def _genres(own: tuple[str, ...], draw: float) -> tuple[str, ...]:
    """None for one film in 25, else one to three of the group's."""
    return own[: int(draw * 3) + 1] if draw > 0.04 else ()


def _person(rng: Random) -> str:
    first = words.FIRST_NAMES[int(len(words.FIRST_NAMES) * rng.random())]
    return f"{first} {words.LAST_NAMES[int(len(words.LAST_NAMES) * rng.random())]}"

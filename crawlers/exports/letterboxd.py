"""`users_export.csv`, `ratings_export.csv` and `movie_data.csv`, as the recommender of Letterboxd films published them.

They are dumps of its database, with a column `_id` of 24 hex digits; here these are the numbers of the rows. Members
are pseudonyms in the place of their names, and have no display name.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from crawlers.datasets.check import table_file
from crawlers.datasets.files import ONLY_READ, storage_errors
from crawlers.errors import ConfigurationError
from crawlers.exports.files import Exported, writing
from crawlers.items import Item
from crawlers.items.letterboxd import Film, Member, Rating, Slug

USERS = ("_id", "display_name", "num_ratings_pages", "num_reviews", "username")
RATINGS = ("_id", "movie_id", "rating_val", "user_id")
MOVIES = (
    "_id", "genres", "image_url", "imdb_id", "imdb_link", "movie_id", "movie_title", "original_language", "overview",
    "popularity", "production_countries", "release_date", "runtime", "spoken_languages", "tmdb_id", "tmdb_link",
    "vote_average", "vote_count", "year_released",
)  # fmt: skip

PAGE_SIZE, MOST_PAGES = 72, 128  # of the films of a member
IMAGES = "https://a.ltrbxd.com/resized/"


@dataclass(slots=True)
class _Seen:
    """What the ratings say of members and films: films of each member, and the newest name and title of each film.

    A name is newest by the time it was read; of names read at once, the one of the later table counts.
    """

    films_of: Counter[str] = field(default_factory=Counter)
    names: dict[str, tuple[Any, int, str]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    def name(self, film_id: str, fetched_at: Any, place: int, slug: str) -> None:
        found = (fetched_at, place, slug)
        if film_id not in self.names or found[:2] >= self.names[film_id][:2]:
            self.names[film_id] = found

    def slug(self, film_id: str) -> str:
        return self.names[film_id][2]


def export(output_dir: Path, directory: Path) -> Iterator[Exported]:
    """Write the three files. Ratings are those that were given, 1 to 10; a film has its newest name in addresses.

    Raises: ConfigurationError: there is no table of ratings; DatasetError: a table cannot be read, a file not written.
    """
    if not table_file(Rating, output_dir).exists():
        raise ConfigurationError(f"there is no table {Rating.dataset}, which the export is made of; crawl source=web")
    with storage_errors("exporting the tables of letterboxd", output_dir / Rating.site(), ONLY_READ):
        films = {film["film_id"]: film for film in _rows(Film, output_dir)}
        seen = _seen(output_dir, films)
        yield _users(output_dir, directory, seen)
        yield _ratings(output_dir, directory, seen)
        yield _movies(directory, seen, films)


def _seen(output_dir: Path, films: Mapping[str, Mapping[str, Any]]) -> _Seen:
    seen = _Seen()
    for row in _rows(Slug, output_dir):
        seen.name(row["film_id"], row["fetched_at"], 0, row["slug"])
    for row in _rows(Rating, output_dir, "user_id", "film_id", "film_slug", "film_title", "fetched_at"):
        seen.films_of[row["user_id"]] += 1
        seen.name(row["film_id"], row["fetched_at"], 1, row["film_slug"])
        seen.titles[row["film_id"]] = row["film_title"]
    for film in films.values():
        seen.name(film["film_id"], film["fetched_at"], 2, film["slug"])
        seen.titles[film["film_id"]] = film["title"]
    return seen


def _users(output_dir: Path, directory: Path, seen: _Seen) -> Exported:
    """Members with their number of pages of films; of those no list of members was read for, of what was read."""
    members = {member["user_id"]: member for member in _rows(Member, output_dir)}

    def rows() -> Iterator[list[Any]]:
        for user_id in sorted({*members, *seen.films_of}):
            member = members.get(user_id, {})
            films = member.get("films_watched_count") or seen.films_of[user_id]
            pages = min(MOST_PAGES, max(1, -(-films // PAGE_SIZE)))
            yield [None, pages, member.get("review_count"), user_id]

    others = len(seen.films_of.keys() - members)
    note = f"{others:,} of them known by their ratings only, not in {Member.dataset}" if others else ""
    return _write(directory / "users_export.csv", USERS, rows(), note)


def _ratings(output_dir: Path, directory: Path, seen: _Seen) -> Exported:
    rows = _rows(Rating, output_dir, "user_id", "film_id", "rating")
    given = ([seen.slug(row["film_id"]), int(2 * row["rating"]), row["user_id"]] for row in rows if row["rating"])
    unrated = pq.read_table(table_file(Rating, output_dir), columns=["rating"]).column("rating").null_count
    note = f"without {unrated:,} films that were seen and not rated" if unrated else ""
    return _write(directory / "ratings_export.csv", RATINGS, given, note)


def _movies(directory: Path, seen: _Seen, films: Mapping[str, Mapping[str, Any]]) -> Exported:
    """A row for every film; those whose page was not read have a name and a title only."""
    found = sorted({*seen.titles, *films}, key=seen.slug)
    rows = (_movie(films.get(film_id, {}), seen.slug(film_id), seen.titles[film_id]) for film_id in found)
    unread = len(found) - len(films)
    note = f"{unread:,} of them with a name and a title only, not in {Film.dataset}" if unread else ""
    return _write(directory / "movie_data.csv", MOVIES, rows, note)


def _movie(film: Mapping[str, Any], slug: str, title: str) -> list[Any]:
    """In the order of MOVIES without its first; facts of The Movie Database where there are any."""
    value = film.get
    genres = value("genres") if value("tmdb_genres") is None else value("tmdb_genres")
    poster = value("poster_url") or ""
    image = poster.removeprefix(IMAGES).partition("?")[0].removesuffix(".jpg") if poster.startswith(IMAGES) else ""
    tmdb_link = f"https://www.themoviedb.org/{value('tmdb_type')}/{value('tmdb_id')}/" if value("tmdb_id") else None
    return [
        _list(genres),
        image,
        value("imdb_id"),
        f"http://www.imdb.com/title/{value('imdb_id')}/maindetails" if value("imdb_id") else None,
        slug,
        title,
        value("tmdb_original_language"),
        value("tmdb_overview"),
        value("tmdb_popularity"),
        _list(value("tmdb_countries")),
        value("tmdb_release_date"),
        value("tmdb_runtime_min") or value("runtime_min"),
        _list(value("tmdb_languages")),
        value("tmdb_id"),
        tmdb_link,
        value("tmdb_vote_average"),
        value("tmdb_vote_count"),
        value("year"),
    ]


def _list(names: list[str] | None) -> str | None:
    """``["Drama","War"]``"""
    return None if names is None else json.dumps(names, ensure_ascii=False, separators=(",", ":"))


def _rows(table: type[Item], output_dir: Path, *columns: str) -> Iterator[dict[str, Any]]:
    """The rows of a table, with these columns or all, in the order of its key; none if it was never published."""
    if (path := table_file(table, output_dir)).exists():
        for batch in pq.ParquetFile(path).iter_batches(columns=list(columns) or None):
            yield from batch.to_pylist()


def _write(path: Path, header: tuple[str, ...], rows: Iterator[list[Any]], note: str) -> Exported:
    count = 0
    with writing(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for count, row in enumerate(rows, 1):
            writer.writerow([f"{count:024x}", *row])
    return Exported(path, count, note)

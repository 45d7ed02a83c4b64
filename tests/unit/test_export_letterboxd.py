"""The files of the recommender of films, made of tables."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawlers.datasets.check import table_file
from crawlers.errors import ConfigurationError
from crawlers.exports import exporter
from crawlers.items import Item, arrow_schema
from crawlers.items.letterboxd import Film, Member, Rating, Slug

ANNA, BEN = "a" * 32, "b" * 32


def at(day: int) -> dt.datetime:
    return dt.datetime(2026, 7, day, tzinfo=dt.UTC)


def publish(output: Path, table: type[Item], *rows: dict[str, Any]) -> None:
    path = table_file(table, output)
    path.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([*rows], schema=arrow_schema(table)), path)


def rating(user: str, film: str, stars: float | None, slug: str, day: int, title: str = "A Film") -> dict[str, Any]:
    return {
        "user_id": user, "film_id": film, "rating": stars, "liked": None, "film_slug": slug, "film_title": title,
        "fetched_at": at(day),
    }  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> dict[str, list[dict[str, str]]]:
    output, directory = tmp_path / "output", tmp_path / "files"
    directory.mkdir()
    publish(
        output, Rating,
        rating(ANNA, "1", 0.5, "old-name", 1), rating(ANNA, "2", None, "unrated", 1),
        rating(BEN, "1", 5.0, "new-name", 2),
        rating(BEN, "3", 3.5, "film:3", 1, 'Tom & "Jerry", 七'),
    )  # fmt: skip
    publish(
        output, Slug, {"film_id": "1", "slug": "new-name", "fetched_at": at(2)},
        {"film_id": "1", "slug": "old-name", "fetched_at": at(1)},
    )  # fmt: skip
    publish(output, Member, {"user_id": BEN, "films_watched_count": 145, "review_count": 7, "rank": 1})
    publish(
        output, Film,
        {
            "film_id": "3", "slug": "film:3", "title": 'Tom & "Jerry", 七', "year": 1999, "genres": ["Drama"],
            "tmdb_id": "77", "tmdb_type": "tv", "imdb_id": "tt0000077", "runtime_min": 50, "fetched_at": at(1),
            "poster_url": "https://a.ltrbxd.com/resized/film-poster/3/3-tom-0-230-0-345-crop.jpg?v=abc",
            "tmdb_genres": ["War", "Comedy"], "tmdb_countries": ["France"], "tmdb_vote_average": 7.25,
        },
    )  # fmt: skip
    written = list(exporter("letterboxd").export(output, directory))
    assert [(found.path.name, found.rows) for found in written] == [
        ("users_export.csv", 2), ("ratings_export.csv", 3), ("movie_data.csv", 3),
    ]  # fmt: skip
    assert [found.note for found in written] == [
        "1 of them known by their ratings only, not in letterboxd/members",
        "without 1 films that were seen and not rated",
        "2 of them with a name and a title only, not in letterboxd/films",
    ]
    read = {}
    for found in written:
        with found.path.open(encoding="utf-8", newline="") as file:
            read[found.path.stem] = [*csv.DictReader(file)]
    return read


def test_users_have_pages_of_films_and_no_names(files: dict[str, list[dict[str, str]]]) -> None:
    columns = ["_id", "display_name", "num_ratings_pages", "num_reviews", "username"]
    assert [[*row] for row in files["users_export"]] == [columns] * 2
    assert [[*row.values()][1:] for row in files["users_export"]] == [["", "1", "", ANNA], ["", "3", "7", BEN]]


def test_ratings_are_one_to_ten_and_only_those_that_were_given(files: dict[str, list[dict[str, str]]]) -> None:
    assert [[*row] for row in files["ratings_export"]] == [["_id", "movie_id", "rating_val", "user_id"]] * 3
    assert [[*row.values()][1:] for row in files["ratings_export"]] == [
        ["new-name", "1", ANNA], ["new-name", "10", BEN], ["film:3", "7", BEN],
    ]  # fmt: skip
    ids = [row["_id"] for row in files["ratings_export"]]
    assert len({*ids}) == 3
    assert {len(found) for found in ids} == {24}


def test_films_have_what_is_known_of_them(files: dict[str, list[dict[str, str]]]) -> None:
    known = {row["movie_id"]: row for row in files["movie_data"]}
    assert known.keys() == {"new-name", "unrated", "film:3"}
    film = known["film:3"]
    assert (film["movie_title"], film["year_released"], film["genres"]) == (
        'Tom & "Jerry", 七',
        "1999",
        '["War","Comedy"]',
    )
    assert film["image_url"] == "film-poster/3/3-tom-0-230-0-345-crop"
    assert film["imdb_link"] == "http://www.imdb.com/title/tt0000077/maindetails"
    assert (film["tmdb_id"], film["tmdb_link"]) == ("77", "https://www.themoviedb.org/tv/77/")
    assert (film["runtime"], film["vote_average"], film["production_countries"]) == ("50", "7.25", '["France"]')
    skeleton = {name for name, value in known["unrated"].items() if value}
    assert skeleton == {"_id", "movie_id", "movie_title"}


def test_without_ratings_there_is_nothing_to_write(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no table letterboxd/ratings"):
        list(exporter("letterboxd").export(tmp_path, tmp_path))
    assert not list(tmp_path.glob("*.csv"))

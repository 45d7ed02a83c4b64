"""A film or series as the API of The Movie Database describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrapy.http import Response

from crawlers.items import Rows
from crawlers.items.letterboxd import Film
from crawlers.pages.letterboxd.selecting import changed
from crawlers.parsing.json_body import json_of


def film_with_tmdb(response: Response, *, film: Mapping[str, Any]) -> Rows[Film]:
    """The row of a film, as its own page gave it, with what The Movie Database adds.

    Source: https://api.themoviedb.org/3/movie/<id> and https://api.themoviedb.org/3/tv/<id> (JSON).
    Raises: LayoutChanged: there is no object with a number.
    """
    facts = json_of(response)
    if not is_described(facts):
        raise changed(response, "no film or series")
    return Rows(Film, [facts], lambda found: {**film, **_read(found)})


def is_described(facts: Any) -> bool:
    """Whether a decoded answer is a film or a series."""
    return isinstance(facts, dict) and isinstance(facts.get("id"), int) and isinstance(facts.get("genres"), list)


def _read(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A series has the day it was first on air and the length of an episode instead."""
    episodes = facts.get("episode_run_time") or [None]
    return {
        "tmdb_genres": _names(facts, "genres"),
        "tmdb_original_language": facts.get("original_language") or None,
        "tmdb_countries": _names(facts, "production_countries"),
        "tmdb_languages": [entry.get("english_name") or entry["name"] for entry in facts.get("spoken_languages") or []],
        "tmdb_overview": facts.get("overview") or None,
        "tmdb_popularity": facts.get("popularity"),
        "tmdb_release_date": facts.get("release_date") or facts.get("first_air_date") or None,
        "tmdb_runtime_min": facts.get("runtime") or episodes[0],
        "tmdb_vote_average": facts.get("vote_average"),
        "tmdb_vote_count": facts.get("vote_count"),
    }


def _names(facts: Mapping[str, Any], key: str) -> list[str]:
    return [entry["name"] for entry in facts.get(key) or []]

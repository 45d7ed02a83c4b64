"""The Movie Database's API: films and series by number, for those who have a key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from sandbox.sites import Reply, SiteRequest, method_not_allowed
from sandbox.worlds.letterboxd_vocabulary import GROUPS

if TYPE_CHECKING:
    from sandbox.worlds.letterboxd import LetterboxdWorld
    from sandbox.worlds.letterboxd_films import Film

_GENRES = sorted({genre for group in GROUPS for genre in group.genres})


class Tmdb:
    """The replica, of the films of Letterboxd's world. `key` is taken as ``api_key=`` or as a Bearer token."""

    hosts: tuple[str, ...] = ("api.themoviedb.org",)

    def __init__(self, world: LetterboxdWorld, key: str) -> None:
        self._key = key
        self._films: dict[tuple[str, int], Film] = {
            (film.tmdb_type, film.tmdb_id): film for film in world.films if film.tmdb_id and film.on_tmdb
        }

    def respond(self, request: SiteRequest) -> Reply:
        """Answer a GET. Without the right key 401, for an unknown number 404, both as JSON with a `status_code`."""
        if request.method != "GET":
            return method_not_allowed()
        found = re.fullmatch(r"/3/(movie|tv)/([0-9]{1,9})", request.path)
        if not found:
            return _failed("(unknown)", 404, 34, "The resource you requested could not be found.")
        template = f"/3/{found[1]}/{{id}}"
        query = parse_qs(request.query)
        authorization = request.headers.get("Authorization", "")
        if self._key not in {query.get("api_key", [""])[0], authorization.removeprefix("Bearer ")}:
            return _failed(template, 401, 7, "Invalid API key: You must be granted a valid key.")
        film = self._films.get((found[1], int(found[2])))
        if film is None:
            return _failed(template, 404, 34, "The resource you requested could not be found.")
        facts = _tv(film) if film.tmdb_type == "tv" else _movie(film)
        for part in query.get("append_to_response", [""])[0].split(","):
            if part == "credits":
                facts["credits"] = _credits(film)
            elif part == "external_ids":
                facts["external_ids"] = {"imdb_id": film.imdb_id, "wikidata_id": None}
        return Reply(template, orjson.dumps(facts), content_type="application/json;charset=utf-8")


def _movie(film: Film) -> dict[str, Any]:
    return {
        **_shared(film),
        "budget": 0,
        "imdb_id": film.imdb_id,
        "original_title": film.original_title or film.title,
        "release_date": _day(film),
        "revenue": 0,
        "runtime": film.runtime_min or 0,
        "title": film.title,
        "video": False,
    }


def _tv(film: Film) -> dict[str, Any]:
    """A series has a name, a first day on air and the length of an episode instead."""
    return {
        **_shared(film),
        "episode_run_time": [film.runtime_min] if film.runtime_min else [],
        "first_air_date": _day(film),
        "name": film.title,
        "number_of_episodes": 8,
        "number_of_seasons": 1,
        "original_name": film.original_title or film.title,
    }


def _shared(film: Film) -> dict[str, Any]:
    country, code, language, short = film.country
    return {
        "adult": False,
        "backdrop_path": None,
        "genres": [{"id": 10 + _GENRES.index(name), "name": name} for name in film.genres if name in _GENRES],
        "homepage": "",
        "id": film.tmdb_id,
        "original_language": short,
        "overview": film.description,
        "popularity": round(film.weight * 100, 4),
        "production_companies": [
            {"id": 1, "logo_path": None, "name": name, "origin_country": code} for name in film.studios
        ],
        "production_countries": [{"iso_3166_1": code, "name": country}],
        "spoken_languages": [{"english_name": language, "iso_639_1": short, "name": language}],
        "status": "Released",
        "tagline": film.tagline or "",
        "vote_average": round(film.quality, 3),
        "vote_count": int(film.weight * 10_000),
    }


def _credits(film: Film) -> dict[str, Any]:
    cast = [{"name": name, "character": f"Role {number}", "order": number} for number, name in enumerate(film.actors)]
    return {"cast": cast, "crew": [{"name": name, "job": "Director"} for name in film.directors]}


def _day(film: Film) -> str:
    return film.released_on.isoformat() if film.released_on else ""


def _failed(template: str, status: int, code: int, message: str) -> Reply:
    body = {"success": False, "status_code": code, "status_message": message}
    return Reply(template, orjson.dumps(body), status, "application/json;charset=utf-8")

"""Reading the dataset of Letterboxd that a world can be loaded from: the ratings of July 2026, or of November 2025."""

from __future__ import annotations

import csv
import datetime as dt
import re
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from sandbox.worlds import letterboxd_films
from sandbox.worlds.dataset import Dataset, WorldError
from sandbox.worlds.letterboxd_tastes import Entries, generator, viewing
from sandbox.worlds.letterboxd_vocabulary import GROUPS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from sandbox.worlds.letterboxd_films import Film

COLUMNS = ("username", "film_slug", "rating10")
FILM_COLUMNS = (
    "film_slug",
    "title",
    "year_released",
    "content_type",
    "poster_stub",
    "genres",
    "release_date",
    "runtime",
)
FILMS, RENAMES = "films.parquet", "slug_renames_2025-11_to_2026-07.csv"
WITHOUT_ID = 5_000_000  # ids above this are made up, of the place in films.parquet
POSTER = re.compile(r"film-poster/(?:\d/)+(\d+)-")  # film-poster/4/9/0/4/7/49047-10-things-i-hate-about-you-0-230


class Ratings:
    """Real ratings: `slugs` of the members, `films` newest first, and what each member has rated as columns."""

    def __init__(self, slugs: list[str], films: list[Film], ends: NDArray[np.int64], columns: Entries) -> None:
        self.slugs = slugs
        self.films = films
        self._ends = ends
        self._columns = columns

    def count(self, member: int) -> int:
        """Number of films that a member has rated."""
        return int(self._ends[member + 1] - self._ends[member])

    def entries(self, member: int) -> Entries:
        """What a member has rated."""
        rows = slice(self._ends[member], self._ends[member + 1])
        whole = self._columns
        return whole.at(rows)


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the two samples. `renamed`: whether films have the names they were given between the two."""

    NAME: str
    FILE: str
    renamed: bool

    @property
    def SHAPE(self) -> str:  # noqa: N802 - the loaders' name for it
        return f"{self.NAME} ({self.FILE}: {', '.join(COLUMNS)})"

    def load(self, file: Path, size: int | None) -> Dataset[Ratings]:
        """The ratings in `file`, with the films and the renamed slugs that lie beside it.

        `size` takes that many members, evenly spread over the file; None takes all. A member who rated one film under
        both of its slugs has rated it once: the newer name's rating counts.
        """
        try:
            content = self._read(file, size)
        except (OSError, KeyError, ValueError) as error:  # pyarrow's errors are of these
            if isinstance(error, WorldError):
                raise
            raise WorldError(f"{file} cannot be read as {self.SHAPE}: {error}".splitlines()[0]) from error
        generated = "likes, reviews, dates, counters of members, people and numbers of films"
        return Dataset("letterboxd", self.NAME, len(content.slugs), content, generated)

    def _read(self, file: Path, size: int | None) -> Ratings:
        table = _table(file, COLUMNS, dictionaries=("username", "film_slug"))
        if not table.num_rows:
            raise WorldError(f"{file} holds no ratings")
        names, member = _codes(table["username"])
        slugs, slug = _codes(table["film_slug"])
        rating = table["rating10"].to_numpy()
        if size is not None and size > len(names):
            raise WorldError(f"size {size} is more than the {len(names)} members in {file}")
        taken = list(range(len(names))) if size is None else [i * len(names) // size for i in range(size)]
        Random(f"{self.NAME}/popular").shuffle(taken)  # the list of popular members is not in the order of names
        place = np.full(len(names), -1, dtype=np.int32)
        place[taken] = np.arange(len(taken))
        rows = np.flatnonzero(place[member] >= 0)
        renames = _renames(file.parent / RENAMES)
        films, film_of_slug = _films(file.parent / FILMS, slugs, np.unique(slug[rows]), renames, renamed=self.renamed)
        newer_name = np.array([name not in renames for name in slugs])[slug[rows]]
        film = film_of_slug[slug[rows]]
        # Of two ratings of one film the one under the newer name stands first, and is the one that is kept.
        order = np.lexsort((~newer_name, film, place[member[rows]]))
        rows, film = rows[order], film[order]
        who = place[member[rows]]
        first = np.ones(len(rows), dtype=bool)
        first[1:] = (film[1:] != film[:-1]) | (who[1:] != who[:-1])
        film, who, stars = film[first], who[first], rating[rows[first]].astype(np.int8)
        entries = Entries(film.astype(np.int32), stars, *viewing(generator(0, self.NAME), stars, 0.1))
        return Ratings([names[i] for i in taken], films, np.searchsorted(who, np.arange(len(taken) + 1)), entries)


LATEST = Sample("letterboxd-2026-07", "ratings_2026-07.parquet", renamed=True)
EARLIER = Sample("letterboxd-2025-11", "ratings_2025-11.parquet", renamed=False)


def _table(file: Path, columns: Sequence[str], dictionaries: Sequence[str] = ()) -> pa.Table:
    """Some columns of a file. Without threads, which gain no time here and keep 60 MB."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - a synthetic world reads no file

    with pq.ParquetFile(file, read_dictionary=list(dictionaries)) as parquet:
        return parquet.read(columns=list(columns), use_threads=False)


def _codes(column: Any) -> tuple[list[str], NDArray[np.int32]]:
    """The different values of a column, and for each row which of them it has."""
    encoded = column.unify_dictionaries().combine_chunks()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy()


def _renames(file: Path) -> dict[str, str]:
    with file.open(newline="", encoding="utf-8") as rows:
        return {row["old_slug"]: row["new_slug"] for row in csv.DictReader(rows)}


def _films(
    file: Path, slugs: list[str], used: NDArray[np.int32], renames: dict[str, str], *, renamed: bool
) -> tuple[list[Film], NDArray[np.int32]]:
    """The films that were rated, newest first, and for each place in `slugs` the film's place (-1: not rated).

    A film has the same id in both samples. Where it had two names, its slug is the newer one if it was `renamed`, and
    then the older one redirects.
    """
    known = _table(file, FILM_COLUMNS).to_pylist()
    ids: dict[str, int] = {}
    given: set[int] = set()
    for place, facts in enumerate(known):
        found = POSTER.match(facts["poster_stub"] or "")
        film_id = int(found[1]) if found and int(found[1]) not in given else WITHOUT_ID + place
        given.add(film_id)
        ids[facts["film_slug"]] = film_id
    unknown = {renames.get(slug, slug) for slug in slugs} - ids.keys()
    ids |= {slug: WITHOUT_ID + len(known) + number for number, slug in enumerate(sorted(unknown))}
    facts_of = {facts["film_slug"]: facts for facts in known}
    older = {new: old for old, new in renames.items()}
    rated = {renames.get(slugs[place], slugs[place]) for place in used.tolist()}
    films = []
    for slug in sorted(rated):
        film = _film(slug, ids[slug], facts_of.get(slug, {}))
        if slug in older:
            film.slug, film.old_slugs = (slug, (older[slug],)) if renamed else (older[slug], ())
        films.append(film)
    place_of = {film.film_id: film.index for film in letterboxd_films.newest_first(films)}
    by_slug = {name: place_of[film.film_id] for film in films for name in (film.slug, *film.old_slugs)}
    by_slug |= {new: by_slug[old] for old, new in renames.items() if old in by_slug and not renamed}
    return films, np.array([by_slug.get(slug, -1) for slug in slugs], dtype=np.int32)


def _film(slug: str, film_id: int, facts: dict[str, Any]) -> Film:
    """A real film; what the dataset does not tell is invented, the same in both samples."""
    rng = Random(f"letterboxd/{film_id}")
    year = facts.get("year_released") or None
    film = letterboxd_films.made_up(
        rng,
        film_id=film_id,
        slug=slug,
        title=facts.get("title") or slug.replace("-", " ").title(),
        year=year,
        group=int(len(GROUPS) * rng.random()),
        tmdb_id=film_id + 7,
        tmdb_type="tv" if facts.get("content_type") == "tv" else "movie",
    )
    film.genres = tuple(facts.get("genres") or ())
    film.original_title = None
    film.runtime_min = facts.get("runtime") or None
    if (released := facts.get("release_date")) and year and released.startswith(str(year)):
        film.released_on = dt.date.fromisoformat(released)
    return film

"""The world of Letterboxd: members, films, and who has seen, rated and liked what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sandbox.worlds import letterboxd_films
from sandbox.worlds.letterboxd_diary import DiaryEntry, diary
from sandbox.worlds.letterboxd_tastes import NOW_MINUTES, UNRATED, Entries, Tastes
from sandbox.worlds.letterboxd_vocabulary import GROUPS
from sandbox.worlds.people import Names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sandbox.worlds.letterboxd_films import Film
    from sandbox.worlds.letterboxd_load import Ratings

LONGEST = 128 * 72  # films that can be reached by one list of a member
# Members of whom a crawl must think, by place in the list of popular members: what is special, and how many films.
SPECIAL = {
    2: ("empty", 0),
    4: ("private", 20),
    5: ("unrated", 40),
    7: ("one film", 1),
    9: ("one page", 72),
    11: ("deleted", 15),
    13: ("two pages", 144),
    15: ("a page and a film", 73),
}
ALL_RATED = {"one film", "one page", "two pages", "a page and a film"}
KEEN = 17  # the member in whose list page numbers are left out between the first and the last


@dataclass(frozen=True, slots=True)
class Member:
    """A member. `index` is the place in `LetterboxdWorld.members`, the most popular first; `slug` is lower-case.

    `watched_count`: today. `special`: ``private`` and ``deleted`` members stand in lists of members only;
    ``everything`` has seen more than one list can show; the others are named in SPECIAL.
    """

    index: int
    slug: str
    display_name: str
    group: int
    watched_count: int
    review_count: int
    list_count: int
    like_count: int
    special: str = ""

    @property
    def is_public(self) -> bool:
        return self.special not in {"private", "deleted"}


class Seen(NamedTuple):
    """A film in a member's list. `rating`: stars, None = none given; `position` counts from 0 through all pages."""

    member: str
    film_id: int
    rating: float | None
    liked: bool
    position: int


@dataclass(frozen=True, slots=True)
class Columns:
    """All entries of all public members, in the order of members and of each one's films."""

    member: NDArray[np.int32]
    film: NDArray[np.int32]
    rating: NDArray[np.int8]
    liked: NDArray[np.bool_]
    reviewed: NDArray[np.bool_]


class LetterboxdWorld:
    """All of Letterboxd there is.

    `members`: the most popular first. `films`: in the order of a member's films, the newest release first. An invented
    world has a member for every six of `size` and a film for every two; what a member has seen is drawn when it is
    asked for. `loaded`: real ratings, and then `size` counts their members. `days_ago`: the world as it was then,
    before its members added what came later.
    """

    def __init__(
        self, seed: int, size: int, *, canary: bool = False, loaded: Ratings | None = None, days_ago: int = 0
    ) -> None:
        self.seed = seed
        self._until = NOW_MINUTES - days_ago * 1440
        self._loaded = loaded
        self._kept: dict[int, Entries] = {}
        if loaded is None:
            self.films = letterboxd_films.invented(seed, max(12, size // 2))
            self.members = _invented(seed, max(8, size // 6), len(self.films), canary=canary)
            self._tastes = Tastes(seed, self.films)
        else:
            self.films = loaded.films
            self.members = _listed(seed, loaded, canary=canary)
        self.member_by_slug = {member.slug: member for member in self.members}
        self.film_by_slug = {film.slug: film for film in self.films}
        self.film_by_old_slug = {slug: film for film in self.films for slug in film.old_slugs}
        self.film_by_id = {film.film_id: film for film in self.films}

    def entries(self, member: Member) -> Entries:
        """What a member has seen, as columns."""
        if member.index not in self._kept:
            entries = self._all_entries(member)
            self._kept[member.index] = entries.at(entries.added <= self._until)
        return self._kept[member.index]

    def _all_entries(self, member: Member) -> Entries:
        if self._loaded is not None:
            return self._loaded.entries(member.index)
        unrated = UNRATED if member.special not in ALL_RATED else 0.0
        if member.special == "unrated":
            unrated = 1.0
        return self._tastes.entries(member.index, member.group, member.watched_count, unrated=unrated)

    def seen(self, slug: str, *, rated_only: bool = False) -> list[Seen]:
        """A member's list in its own order; `position` is that in the whole list, or in that of the rated films."""
        entries = self.entries(self.member_by_slug[slug])
        rows = zip(entries.film.tolist(), entries.rating.tolist(), entries.liked.tolist(), strict=True)
        kept = [row for row in rows if row[1] or not rated_only]
        return [
            Seen(slug, self.films[film].film_id, rating / 2 if rating else None, liked, position)
            for position, (film, rating, liked) in enumerate(kept)
        ]

    def ratings(self, *, rated_only: bool = True) -> Iterator[Seen]:
        """The lists of all public members, in the order of the list of members."""
        for member in self.members:
            if member.is_public:
                yield from self.seen(member.slug, rated_only=rated_only)

    @cached_property
    def columns(self) -> Columns:
        """What all public members have seen."""
        public = [member for member in self.members if member.is_public]
        lists = [self.entries(member) for member in public]
        lengths = [len(entries) for entries in lists]
        return Columns(
            np.repeat(np.array([member.index for member in public], dtype=np.int32), lengths),
            np.concatenate([entries.film for entries in lists]),
            np.concatenate([entries.rating for entries in lists]),
            np.concatenate([entries.liked for entries in lists]),
            np.concatenate([entries.reviewed for entries in lists]),
        )

    def raters(self, film: Film) -> NDArray[np.int64]:
        """Rows of `columns` of those who rated a film, the highest rating first, then the most popular member."""
        order, ends = self._by_film
        return order[ends[film.index] : ends[film.index + 1]]

    @cached_property
    def _by_film(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        columns = self.columns
        rated = np.flatnonzero(columns.rating)
        order = rated[np.lexsort((-columns.rating[rated], columns.film[rated]))]
        return order, np.searchsorted(columns.film[order], np.arange(len(self.films) + 1))

    @cached_property
    def rating_counts(self) -> NDArray[np.int64]:
        """Ratings of each film, by all public members."""
        columns = self.columns
        return np.bincount(columns.film[columns.rating > 0], minlength=len(self.films))

    @cached_property
    def averages(self) -> NDArray[np.float64]:
        """Mean stars of each film, to two decimals; 0 where nobody rated it."""
        columns = self.columns
        sums = np.bincount(columns.film, weights=columns.rating, minlength=len(self.films))
        return np.round(sums / np.maximum(self.rating_counts, 1) / 2, 2)

    @cached_property
    def review_counts(self) -> NDArray[np.int64]:
        """Reviews of each film, by all public members."""
        columns = self.columns
        return np.bincount(columns.film[columns.reviewed], minlength=len(self.films))

    def diary(self, member: Member) -> list[DiaryEntry]:
        """What a member has logged with a day, the newest first."""
        whole = diary(member.index, self._all_entries(member), self.films)
        return [entry for entry in whole if entry.logged_at.timestamp() <= self._until * 60]

    def canaries(self) -> list[str]:
        """Everything that names a person: slugs and display names."""
        return [name for member in self.members for name in (member.slug, member.display_name)]

    @cached_property
    def numbers(self) -> list[str]:
        """The ids of all diary entries, each a person's."""
        return [entry.entry_id for member in self.members if member.is_public for entry in self.diary(member)]


def _invented(seed: int, count: int, films: int, *, canary: bool) -> list[Member]:
    """Few have seen much, many little: from 3 films to two thirds of all there are."""
    rng = Random(f"{seed}/letterboxd/members")
    names = Names(seed, canary=canary)
    shares = [0.02 + 0.6 * ((place + 0.5) / count) ** 3 for place in range(count)]
    rng.shuffle(shares)
    special = {place: what for place, what in SPECIAL.items() if what[1] <= films}
    special[KEEN] = ("nearly all", films * 97 // 100)
    if films > LONGEST * 1.05:
        special[0] = ("everything", LONGEST * 105 // 104)
    members = []
    for index, share in enumerate(shares):
        what, watched = special.get(index, ("", max(min(3, films), round(share * films))))
        members.append(
            _member(rng, index, names.handle(index), names.display_name(index), watched_count=watched, special=what)
        )
    return members


def _listed(seed: int, loaded: Ratings, *, canary: bool) -> list[Member]:
    """The members of a dataset under the names they have there; other names than those are invented."""
    rng = Random(f"{seed}/letterboxd/members")
    names = Names(seed, canary=canary)
    return [
        _member(
            rng, index, names.handle(index) if canary else slug, names.display_name(index),
            watched_count=loaded.count(index), special="",
        )
        for index, slug in enumerate(loaded.slugs)
    ]  # fmt: skip


def _member(rng: Random, index: int, slug: str, display_name: str, *, watched_count: int, special: str) -> Member:
    draw = rng.random
    return Member(
        index=index,
        slug=slug,
        display_name=display_name,
        group=int(len(GROUPS) * draw()),
        watched_count=watched_count,
        review_count=int(watched_count * draw() ** 2) if draw() > 0.1 else 0,
        list_count=int(90 * draw() ** 3),
        like_count=int(40_000 * draw() ** 4),
        special=special,
    )

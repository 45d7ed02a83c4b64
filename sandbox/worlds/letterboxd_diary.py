"""What members have logged with a day: their diaries, which a feed shows the newest entries of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.worlds.letterboxd_films import Film
    from sandbox.worlds.letterboxd_tastes import Entries

FIRST_ID = 1_000_000_000
MOST = 25_000  # entries that one diary may have
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """One viewing. `entry_id`: ten digits, unique in the world; `rating`: stars, None = none given; times are UTC."""

    entry_id: str
    film: Film
    watched_on: dt.date
    logged_at: dt.datetime
    rating: float | None
    liked: bool
    rewatch: bool
    reviewed: bool


def diary(member: int, entries: Entries, films: Sequence[Film]) -> list[DiaryEntry]:
    """The diary of member number `member`, newest first.

    Seven in ten films were logged when they were added. One in nine of them had been logged once before, more than a
    year earlier: then the newer entry is a rewatch, and a rating may have changed by half a star.
    """
    logged = np.flatnonzero(entries.added % 10 < 7)
    again = logged[entries.added[logged] % 9 == 0]
    places = np.concatenate([logged, again])
    first = np.concatenate([np.zeros(len(logged), dtype=bool), np.ones(len(again), dtype=bool)])
    minutes = entries.added[places] - first * (400 * 1440)
    order = np.lexsort((places, minutes))[::-1]
    rewatched = set(again.tolist())
    found = []
    for number, row in enumerate(order.tolist()):
        place, earlier = int(places[row]), bool(first[row])
        rating = int(entries.rating[place])
        if earlier and rating > 1:
            rating -= int(entries.added[place]) % 2
        logged_at = EPOCH + dt.timedelta(minutes=int(minutes[row]))
        found.append(
            DiaryEntry(
                entry_id=str(FIRST_ID + member * MOST + len(order) - 1 - number),
                film=films[entries.film[place]],
                watched_on=(logged_at - dt.timedelta(days=int(minutes[row]) % 3)).date(),
                logged_at=logged_at,
                rating=rating / 2 if rating else None,
                liked=bool(entries.liked[place]),
                rewatch=place in rewatched and not earlier,
                reviewed=bool(entries.reviewed[place]),
            )
        )
    return found

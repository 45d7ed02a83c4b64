"""Who has seen what, and what they made of it: columns, drawn per member from planted tastes.

Only sums, products and comparisons of uniform numbers: the same on every machine, to the last bit.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sandbox.worlds.letterboxd_films import Film

NOW_MINUTES = 29_706_720  # minutes since 1970; 2026-06-25 12:00 UTC
MINUTES_A_YEAR = 525_600
DRAWN_TO = 4.0  # how much likelier a member sees a film of the own group than another as popular
# By how much a member rates films of a group above or below their quality, the own group first, then round the circle.
AFFINITY = (1.7, 0.5, -0.9, -2.2, -0.9, 0.5)
# Chance of a heart, by rating 0 (none) to 10.
LIKED = np.array([0.12, 0, 0, 0, 0.01, 0.02, 0.05, 0.15, 0.45, 0.8, 0.92])
UNRATED = 0.12


@dataclass(frozen=True, slots=True)
class Entries:
    """What one member has seen, in the order of the member's films (newest release first); equally long columns.

    `film`: places in `LetterboxdWorld.films`, ascending. `rating`: 1 to 10, half stars; 0 = none. `added`: minutes
    since 1970, UTC.
    """

    film: NDArray[np.int32]
    rating: NDArray[np.int8]
    liked: NDArray[np.bool_]
    reviewed: NDArray[np.bool_]
    added: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.film)

    def at(self, rows: slice | NDArray[np.bool_]) -> Entries:
        """Some of the rows."""
        return Entries(self.film[rows], self.rating[rows], self.liked[rows], self.reviewed[rows], self.added[rows])


class Tastes:
    """Draws the entries of members of an invented world, each on its own."""

    def __init__(self, seed: int, films: Sequence[Film]) -> None:
        self._seed = seed
        self._quality = np.array([film.quality for film in films])
        self._group = np.array([film.group for film in films], dtype=np.int8)
        self._weight = np.array([film.weight for film in films])

    def entries(self, member: int, group: int, watched: int, *, unrated: float = UNRATED) -> Entries:
        """`watched` films of member number `member`; the popular and those of the own taste `group` are likelier."""
        rng = generator(self._seed, f"member/{member}")
        films = self._chosen(rng, group, watched)
        groups = len(AFFINITY)
        bias, strictness, reviewing = 1.6 * rng.random() - 0.8, rng.random(), 0.3 * rng.random()
        noise = (rng.random(watched) + rng.random(watched) + rng.random(watched) - 1.5) * 1.6
        affinity = np.array(AFFINITY)[(self._group[films] - group) % groups]
        rating = np.clip(np.floor(self._quality[films] + affinity + bias + noise + 0.5), 1, 10).astype(np.int8)
        if strictness < 0.2:  # some people give whole stars only
            rating = ((rating + 1) // 2 * 2).astype(np.int8)
        rating[rng.random(watched) < unrated] = 0
        return Entries(films, rating, *viewing(rng, rating, reviewing))

    def _chosen(self, rng: np.random.Generator, group: int, watched: int) -> NDArray[np.int32]:
        if watched == 0:
            return np.zeros(0, dtype=np.int32)
        keys = rng.random(len(self._weight)) / (self._weight * np.where(self._group == group, DRAWN_TO, 1.0))
        return np.sort(np.argpartition(keys, watched - 1)[:watched]).astype(np.int32)


def viewing(
    rng: np.random.Generator, rating: NDArray[np.int8], reviewing: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int32]]:
    """What goes with ratings: hearts, reviews, and when each was added, within the last five years."""
    count = len(rating)
    liked = rng.random(count) < LIKED[rating]
    reviewed = rng.random(count) < reviewing
    added = NOW_MINUTES - (rng.random(count) * 5 * MINUTES_A_YEAR).astype(np.int32)
    return liked, reviewed, added.astype(np.int32)


def generator(seed: int, name: str) -> np.random.Generator:
    """A source of numbers that belongs to `name`; only its `random` is used, whose stream does not change."""
    digest = hashlib.sha256(f"{seed}/letterboxd/{name}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8])))

from __future__ import annotations

import csv
import itertools
import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from sandbox.worlds import World, WorldError
from sandbox.worlds.letterboxd_tastes import NOW_MINUTES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sandbox.worlds.letterboxd import LetterboxdWorld

SLUG = re.compile(r"[a-z0-9_]{2,15}")


@pytest.fixture(scope="module")
def world() -> LetterboxdWorld:
    return World().letterboxd


@pytest.fixture(scope="session")
def real_ratings(datasets_dir: Path) -> Path:
    directory = datasets_dir / "letterboxd"
    if not directory.is_dir():
        pytest.skip(f"no dataset at {directory}; DATASETS_DIR names another folder of datasets")
    return directory


def _rating_by_pair(world: LetterboxdWorld) -> dict[tuple[str, int], int]:
    columns, slugs = world.columns, [member.slug for member in world.members]
    ids = [film.film_id for film in world.films]
    rows = zip(columns.member.tolist(), columns.film.tolist(), columns.rating.tolist(), strict=True)
    return {(slugs[member], ids[film]): rating for member, film, rating in rows}


def test_the_same_arguments_give_the_same_members_films_and_ratings() -> None:
    one, other = World(3, 240).letterboxd, World(3, 240).letterboxd
    assert (one.members, one.films) == (other.members, other.films)
    assert list(one.ratings()) == list(other.ratings())
    assert list(one.ratings()) != list(World(4, 240).letterboxd.ratings())


@pytest.mark.parametrize("size", [1, 2, 13, 60, 119, 300])
def test_a_letterboxd_of_any_size_can_be_made(size: int) -> None:
    world = World(1, size).letterboxd
    assert len(world.members) == max(8, size // 6)
    assert len(world.films) == max(12, size // 2)
    for member in world.members:
        entries = world.entries(member)
        assert len(entries) == len(set(entries.film.tolist())) == member.watched_count
    assert sum(1 for _ in world.ratings())


def test_everybody_and_every_film_has_names_of_its_own(world: LetterboxdWorld) -> None:
    assert len(world.member_by_slug) == len(world.members) == 100
    assert all(SLUG.fullmatch(slug) for slug in world.member_by_slug)
    names = [name for film in world.films for name in (film.slug, *film.old_slugs)]
    assert len(names) == len(set(names)) > len(world.films) == len(world.film_by_id)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)


def test_an_invented_world_has_what_a_crawl_can_stumble_over(world: LetterboxdWorld) -> None:
    lists = {member.special: world.entries(member) for member in world.members if member.special}
    assert len(lists["empty"]) == 0
    assert not lists["unrated"].rating.any()
    assert len(lists["unrated"]) == 40
    assert np.count_nonzero(lists["one page"].rating) == 72
    assert np.count_nonzero(lists["two pages"].rating) == 144
    assert {"private", "deleted", "one film", "a page and a film", "nearly all"} <= set(lists)
    assert any(member.review_count == 0 for member in world.members)
    films = world.films
    assert any(film.tmdb_type == "tv" for film in films)
    assert {film.json_ld for film in films} == {"full", "unrated", "missing"}
    for field in ("year", "released_on", "original_title", "runtime_min", "tagline", "imdb_id", "tmdb_id"):
        assert any(getattr(film, field) is None for film in films), field
        assert any(getattr(film, field) is not None for film in films), field
    assert any(not film.genres for film in films)
    assert {len(film.directors) for film in films} == {0, 1, 2}
    titles = "".join(film.title for film in films)
    assert all(sign in titles for sign in ("'", '"', "<", "&", "½", "千", "\u00a0", "(1984)", "🦊"))
    columns = world.columns
    assert set(columns.rating.tolist()) == set(range(11))
    assert np.any(columns.liked & (columns.rating == 0))


def test_a_list_stands_newest_release_first_and_its_places_are_counted(world: LetterboxdWorld) -> None:
    for member, rated_only in itertools.product(world.members[:20], (False, True)):
        seen = world.seen(member.slug, rated_only=rated_only)
        assert [row.position for row in seen] == list(range(len(seen)))
        dates = [film.released_on for row in seen if (film := world.film_by_id[row.film_id]).released_on]
        assert dates == sorted(dates, reverse=True)
        assert all(row.rating for row in seen) or not rated_only


def test_the_ratings_of_those_who_show_nothing_are_not_in_the_world_as_seen(world: LetterboxdWorld) -> None:
    hidden = {member.slug for member in world.members if member.special in {"private", "deleted"}}
    assert len(hidden) == 2
    shown = {row.member for row in world.ratings(rated_only=False)}
    assert not hidden & shown
    assert world.rating_counts.sum() == sum(1 for _ in world.ratings())


def test_diaries_have_ids_of_their_own_and_rewatches_come_after_what_they_repeat(world: LetterboxdWorld) -> None:
    assert len(world.numbers) == len(set(world.numbers)) > 2000
    member = max(world.members, key=lambda member: member.watched_count)
    diary = world.diary(member)
    assert [entry.logged_at for entry in diary] == sorted((entry.logged_at for entry in diary), reverse=True)
    assert [entry.entry_id for entry in diary] == sorted((entry.entry_id for entry in diary), reverse=True)
    again = [entry for entry in diary if entry.rewatch]
    assert again
    for entry in again:
        assert [other.rewatch for other in diary if other.film is entry.film] == [True, False]


def test_the_world_of_some_days_ago_lacks_what_came_later_and_no_more(world: LetterboxdWorld) -> None:
    earlier = World(days_ago=90).letterboxd
    assert (earlier.films, [m.slug for m in earlier.members]) == (world.films, [m.slug for m in world.members])
    grown = 0
    for member in world.members:
        now, then = world.entries(member), earlier.entries(member)
        old = now.added <= NOW_MINUTES - 90 * 1440
        assert then.film.tolist() == now.film[old].tolist()
        assert then.rating.tolist() == now.rating[old].tolist()
        grown += len(now) > len(then) > 0
        entries = [entry.entry_id for entry in earlier.diary(member)]
        assert [entry.entry_id for entry in world.diary(member)][-len(entries) :] == entries or not entries
    assert grown > 50


def test_everybody_of_a_canary_world_is_a_token() -> None:
    world = World(0, 120, canary=True).letterboxd
    canaries = world.canaries()
    assert len(canaries) == len(set(canaries)) == 2 * len(world.members)
    assert all(re.fullmatch("cnry[a-z2-7]{11,20}", token) for token in canaries)
    assert all(SLUG.fullmatch(slug) for slug in world.member_by_slug)


def test_a_member_of_a_large_world_has_seen_more_than_a_list_can_show() -> None:
    member = World(0, 20_000).letterboxd.members[0]
    assert member.special == "everything"
    assert 128 * 72 < member.watched_count < 130 * 72


@pytest.mark.parametrize("seed", range(2))
def test_what_members_like_can_be_learned_from_what_they_rated(seed: int) -> None:
    """A singular value decomposition predicts ratings it has not seen better than the mean of each film."""
    columns = World(seed).letterboxd.columns
    rated = columns.rating > 0
    users, films, stars = columns.member[rated], columns.film[rated], columns.rating[rated] / 2
    held_back = np.random.default_rng(0).random(len(stars)) < 0.2
    seen = ~held_back
    means = _means(films, stars, seen)
    offsets = _means(users, stars - means[films], seen)
    known = np.zeros((users.max() + 1, films.max() + 1), dtype=bool)
    known[users[seen], films[seen]] = True
    filled = np.zeros(known.shape)
    filled[users[seen], films[seen]] = (stars - means[films] - offsets[users])[seen]
    guess = np.zeros(known.shape)
    for _ in range(8):
        left, values, right = np.linalg.svd(np.where(known, filled, guess), full_matrices=False)
        guess = (left[:, :6] * np.maximum(values[:6] - 4, 0)) @ right[:6]
    by_film = _error(means[films], stars, held_back)
    assert _error(means[films] + offsets[users] + guess[users, films], stars, held_back) < 0.8 * by_film


def _means(of: NDArray[np.int32], values: NDArray[np.float64], seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The mean of each, drawn to the mean of all where there are few."""
    size, mean = of.max() + 1, values[seen].mean()
    counts = np.bincount(of[seen], minlength=size)
    drawn: NDArray[np.float64] = (np.bincount(of[seen], values[seen], minlength=size) + 2 * mean) / (counts + 2)
    return drawn


def _error(guessed: NDArray[np.float64], stars: NDArray[np.float64], rows: NDArray[np.bool_]) -> float:
    return float(np.sqrt(np.mean((guessed - stars)[rows] ** 2)))


@pytest.mark.real_world
def test_the_real_world_has_exactly_its_ratings(real_ratings: Path) -> None:
    world = World.load(real_ratings)
    assert (world.name, world.size, world.pseudonym_key) == ("letterboxd-2026-07", 4_375, None)
    letterboxd = world.letterboxd
    assert len(letterboxd.film_by_slug) == len(letterboxd.film_by_id) == 7_472
    slugs = np.array([member.slug for member in letterboxd.members])
    films = np.array([film.slug for film in letterboxd.films])
    columns = letterboxd.columns
    table = pq.read_table(real_ratings / "ratings_2026-07.parquet")
    real = zip(*(table[name].to_pylist() for name in ("username", "film_slug", "rating10")), strict=True)
    served = zip(
        slugs[columns.member].tolist(), films[columns.film].tolist(), columns.rating.tolist(), strict=True
    )  # fmt: skip
    assert len(columns.film) == 1_039_665
    assert set(served) == set(real)
    assert sum(member.watched_count for member in letterboxd.members) == 1_039_665


@pytest.mark.real_world
def test_a_film_has_one_id_in_both_real_samples_whatever_it_is_called(real_ratings: Path) -> None:
    later = World.load(real_ratings / "ratings_2026-07.parquet").letterboxd
    earlier = World.load(real_ratings / "ratings_2025-11.parquet").letterboxd
    with (real_ratings / "slug_renames_2025-11_to_2026-07.csv").open(newline="") as rows:
        renames = {row["old_slug"]: row["new_slug"] for row in csv.DictReader(rows)}
    assert {old: film.slug for old, film in later.film_by_old_slug.items()} == renames
    for old, new in renames.items():
        assert earlier.film_by_slug[old].film_id == later.film_by_slug[new].film_id
        assert new not in earlier.film_by_slug
    assert earlier.film_by_slug["parasite-2019"].film_id == later.film_by_slug["parasite-2019"].film_id == 426406
    first, second = _rating_by_pair(earlier), _rating_by_pair(later)
    # 148 of the 509,463 stand there twice, under the old and the new name of a film.
    assert (len(first), len(second)) == (509_463 - 148, 1_039_665)
    assert sum(first[pair] != second[pair] for pair in first.keys() & second.keys()) == 88


@pytest.mark.real_world
def test_a_cut_of_the_real_world_takes_members_and_all_they_rated(real_ratings: Path) -> None:
    whole, cut = World.load(real_ratings).letterboxd, World.load(real_ratings, size=131).letterboxd
    ratings = _rating_by_pair(whole)
    assert len(cut.members) == 131
    kept = _rating_by_pair(cut)
    assert len(kept) == sum(whole.member_by_slug[slug].watched_count for slug in cut.member_by_slug)
    assert kept.items() <= ratings.items()
    places = sorted(sorted(whole.member_by_slug).index(slug) for slug in cut.member_by_slug)
    assert {later - before for before, later in itertools.pairwise(places)} == {33, 34}
    with pytest.raises(WorldError, match="more than the 4375 members"):
        World.load(real_ratings, size=5_000)


def test_a_dataset_that_is_none_is_refused_with_its_shape(tmp_path: Path) -> None:
    (tmp_path / "ratings_2025-11.parquet").write_text("no parquet")
    with pytest.raises(WorldError, match=r"cannot be read as letterboxd-2025-11 \(.*username, film_slug, rating10"):
        World.load(tmp_path)

"""Crawls of Letterboxd's replica, as a user starts them: what they publish is what its world holds."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sandbox.worlds import World
from sandbox.worlds.letterboxd import LetterboxdWorld
from tests.crawls.letterboxd import asked_for, crawl, key_of, pseudonym_of, published, rating_differences, ratings_of
from tests.crawls.running import KEY, Crawls, RunningSandbox, running_sandbox

SIZE = 300  # 50 members, among them all that are special but one, and 150 films
PROVENANCE = {"first_seen_at", "fetched_at", "crawl_id"}


@pytest.fixture(scope="module")
def world() -> World:
    return World(size=SIZE)


@pytest.fixture(scope="module")
def site() -> Iterator[RunningSandbox]:
    """One sandbox for the tests that order nothing of it."""
    with running_sandbox(size=SIZE) as running:
        yield running


def rows(crawls: Crawls, table: str) -> list[dict[str, Any]]:
    """The rows of a table without what the framework adds."""
    read = crawls.table(table, site="letterboxd")
    found: list[dict[str, Any]] = read.select(
        [name for name in read.column_names if name not in PROVENANCE]
    ).to_pylist()
    return found


def tables_in(markup: str, directory: Path) -> dict[str, list[dict[str, Any]]]:
    """What a crawl publishes of the world when its pages are of one generation."""
    crawls = Crawls(directory / markup)
    crawls.directory.mkdir()
    with running_sandbox(size=SIZE, markup=markup) as sandbox:
        printed = crawl(crawls, sandbox, "rated_only=false", "films=rated_at_least=4")
    assert "automated extraction" not in printed, "on the sandbox there is nobody to ask"
    return {table: rows(crawls, table) for table in ("members", "ratings", "film_slugs", "films")}


def test_every_generation_of_markup_gives_the_world_in_the_same_rows(tmp_path: Path, world: World) -> None:
    newest = tables_in("2026", tmp_path)
    assert_are_of(newest["ratings"], world)
    assert_are_members_of(newest["members"], world)
    assert_are_films_rated_by_four(newest["films"], world)
    for markup in ("2025", "middle", "old"):
        assert tables_in(markup, tmp_path) == newest, markup


def assert_are_of(ratings: list[dict[str, Any]], world: World) -> None:
    names = ("user_id", "film_id", "rating", "liked", "position", "film_slug")
    wanted = ratings_of(world, key_of(world), rated_only=False)
    assert [tuple(row[name] for name in names) for row in ratings] == wanted
    films = {str(film.film_id): film for film in world.letterboxd.films}
    assert all(row["film_title"] == " ".join(films[row["film_id"]].title.split()) for row in ratings)


def assert_are_members_of(found: list[dict[str, Any]], world: World) -> None:
    members = {pseudonym_of("user", member.slug, key_of(world)): member for member in world.letterboxd.members}
    assert {row["user_id"] for row in found} == members.keys()
    for row in found:
        member = members[row["user_id"]]
        assert (row["review_count"], row["list_count"], row["like_count"], row["rank"]) == (
            member.review_count, member.list_count, member.like_count, member.index + 1,
        )  # fmt: skip


def assert_are_films_rated_by_four(films: list[dict[str, Any]], world: World) -> None:
    counts = Counter(str(seen.film_id) for seen in world.letterboxd.ratings())
    found = {row["film_id"]: row for row in films}
    assert found.keys() == {film_id for film_id, count in counts.items() if count >= 4}
    assert 20 < len(found) < len(world.letterboxd.films)
    for film in world.letterboxd.films:
        if (row := found.get(str(film.film_id))) is None:
            continue
        assert (row["slug"], row["title"]) == (film.slug, " ".join(film.title.split()))
        assert (row["genres"], row["directors"], row["actors"]) == ([*film.genres], [*film.directors], [*film.actors])
        assert (row["year"], row["runtime_min"], row["imdb_id"]) == (film.year, film.runtime_min, film.imdb_id)
        assert row["tmdb_id"] == (str(film.tmdb_id) if film.tmdb_id else None)
        assert row["tmdb_type"] == (film.tmdb_type if film.tmdb_id else None)
        assert (row["rating_count"] is None) == (film.json_ld != "full" or counts[row["film_id"]] < 3)
        assert row["tmdb_genres"] is None


def test_films_of_tmdb_and_seeds_under_an_old_name(crawls: Crawls, site: RunningSandbox, world: World) -> None:
    """Members are found by films; films are asked about twice, of which TMDB does not know all."""
    lb = world.letterboxd
    seed = max((film for film in lb.films if film.old_slugs), key=lambda film: len(lb.raters(film)))
    taken = len(lb.raters(seed)) - 1
    assert taken > 5
    printed = crawl(
        crawls, site, f"seed_films=no-such-film,{seed.old_slugs[0]}", f"max_members={taken}", "films=rated_at_least=1",
        "tmdb=true",
    )  # fmt: skip
    assert "there is no film no-such-film" in printed
    raters = [lb.members[index].slug for index in lb.columns.member[lb.raters(seed)[:taken]].tolist()]
    assert rating_differences(crawls.output, world, key_of(world), members=raters) == []
    names = {(row["film_id"], row["slug"]) for row in rows(crawls, "film_slugs")}
    assert {(str(seed.film_id), seed.slug), (str(seed.film_id), seed.old_slugs[0])} <= names
    found = {row["film_id"]: row for row in rows(crawls, "films")}
    for film in lb.films:
        if (row := found.get(str(film.film_id))) is None:
            continue
        if film.tmdb_id is None or not film.on_tmdb:
            assert (row["tmdb_overview"], row["tmdb_genres"]) == (None, None)
        else:
            assert row["tmdb_overview"] == film.description
            assert row["tmdb_release_date"] == (film.released_on.isoformat() if film.released_on else None)
            assert row["tmdb_runtime_min"] in {film.runtime_min, 0 if film.tmdb_type == "movie" else None}
    assert len({row["tmdb_genres"] is None for row in found.values()}) == 2
    log = site.ask("requests")
    assert "api_key" not in json.dumps(log)


def test_feeds_give_the_newest_entries(crawls: Crawls, site: RunningSandbox, world: World) -> None:
    key, lb = key_of(world), world.letterboxd
    newest = [(member, entry) for member in lb.members if member.is_public for entry in lb.diary(member)[:50]]
    entries = Counter(entry.film.film_id for _, entry in newest if entry.rating is not None)
    people = Counter(film for _, film in {(m.slug, e.film.film_id) for m, e in newest if e.rating is not None})
    twice = [count for film, count in entries.items() if count > people[film]]  # by somebody who saw it again
    most = max(count for count in twice if count <= max(people.values()))
    crawl(crawls, site, "source=rss", f"films=rated_at_least={most}")
    assert {row["film_id"] for row in rows(crawls, "films")} == {str(f) for f, n in people.items() if n >= most}
    wanted = sorted(
        (
            pseudonym_of("entry", entry.entry_id, key), pseudonym_of("user", member.slug, key), entry.film.slug,
            entry.film.year, entry.watched_on, entry.rating, entry.liked, entry.rewatch,
        )
        for member, entry in newest
    )  # fmt: skip
    columns = ("entry_id", "user_id", "film_slug", "year", "watched_on", "rating", "liked", "rewatch")
    found = [(*row[:4], row[4].date(), *row[5:]) for row in published(crawls.output, "diary", *columns)]
    assert found == wanted
    assert len(found) > 500


def test_a_killed_crawl_goes_on_where_it_was(crawls: Crawls, site: RunningSandbox, world: World) -> None:
    """Killed among the lists; what the tables hold then is what they hold without a kill."""
    options = ("-s", f"SANDBOX={site.url}", "-s", "DOWNLOAD_DELAY=0.02", "-a", "films=rated_at_least=4")
    running = crawls.start("crawl", "letterboxd", *options)
    job = crawls.jobs / "letterboxd"
    while not any((path.stat().st_size > 200_000) for path in job.glob("*/queue.sqlite*")):
        assert running.poll() is None, running.communicate()
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    assert crawls.manifests("letterboxd") == []
    printed = crawl(crawls, site, "films=rated_at_least=4")
    assert "film_slugs: some rows were met and stored more than once; the table has each key once" in printed
    (manifest,) = crawls.manifests("letterboxd")
    assert manifest["resumes"] == 1
    assert rating_differences(crawls.output, world, key_of(world)) == []
    counts = Counter(str(seen.film_id) for seen in world.letterboxd.ratings())
    assert {row["film_id"] for row in rows(crawls, "films")} == {film for film, count in counts.items() if count >= 4}


def test_a_list_that_is_cut_is_read_rating_by_rating_and_pages_are_few(crawls: Crawls) -> None:
    """At the volumes of the original: 14.4 requests for 1,000 ratings, where it made about 26."""
    size = 26_600
    big = World(size=size)
    taken = [member for member in big.letterboxd.members[:36] if member.is_public]
    with running_sandbox(size=size) as sandbox:
        printed = crawl(crawls, sandbox, "max_members=36")
        asked = asked_for(sandbox)
    assert "a member has more films than the 128 pages of a list show; reading them rating by rating" in printed
    wanted = ratings_of(big, key_of(big), rated_only=True, members={member.slug for member in taken})
    names = ("user_id", "film_id", "rating", "liked")
    assert published(crawls.output, "ratings", *names) == [row[:4] for row in wanted]
    (cut,) = (member for member in taken if len(big.letterboxd.seen(member.slug, rated_only=True)) > 128 * 72)
    assert len(big.letterboxd.seen(cut.slug, rated_only=True)) > 11_000
    (manifest,) = crawls.manifests("letterboxd")
    counts = manifest["tables"]["letterboxd/ratings"]
    assert counts["missing"] == 0
    requests = sum(asked.values()) - asked["/robots.txt"]
    assert requests == manifest["requests"]["done"]
    assert 1000 * requests / counts["stored"] <= 14.5


def real(datasets_dir: Path) -> Path:
    folder = datasets_dir / "letterboxd"
    if not folder.is_dir():
        pytest.skip(f"no real ratings at {folder}")
    return folder


@pytest.mark.real_world
def test_a_part_of_the_real_ratings_comes_back_as_it_is(crawls: Crawls, datasets_dir: Path) -> None:
    folder, size = real(datasets_dir), 60
    served = World.load(folder, size=size)
    listed = crawls.directory / "names.txt"
    listed.write_text("".join(f"{member.slug}\n" for member in served.letterboxd.members))
    with running_sandbox(world=folder, size=size) as sandbox:
        crawl(crawls, sandbox, f"members_file={listed}", "max_members=0", key=KEY)
    assert rating_differences(crawls.output, served, KEY) == []
    slugs = [member.slug for member in served.letterboxd.members]
    real_rows = pq.read_table(folder / "ratings_2026-07.parquet", filters=[("username", "in", slugs)]).to_pylist()
    wanted = sorted(
        (pseudonym_of("user", row["username"], KEY), row["film_slug"], row["rating10"] / 2) for row in real_rows
    )
    assert sorted(published(crawls.output, "ratings", "user_id", "film_slug", "rating")) == wanted
    assert len(wanted) > 10_000


def somebody(lb: LetterboxdWorld, film_id: int) -> str:
    """A member who rated a film."""
    film = lb.film_by_id[film_id]
    return lb.members[int(lb.columns.member[lb.raters(film)[0]])].slug


@pytest.mark.real_world
def test_of_two_crawls_the_later_rating_counts_and_renamed_films_stay_one(crawls: Crawls, datasets_dir: Path) -> None:
    """November 2025, then July 2026 over it: for all members of whom a rating changed, or a film was renamed."""
    folder = real(datasets_dir)
    samples = ("ratings_2025-11.parquet", "ratings_2026-07.parquet")
    worlds = [World.load(folder / sample) for sample in samples]
    then, today = (served.letterboxd for served in worlds)
    both = sorted(then.member_by_slug.keys() & today.member_by_slug.keys())
    changed = {
        (slug, seen.film_id)
        for slug in both
        for before in [{earlier.film_id: earlier.rating for earlier in then.seen(slug)}]
        for seen in today.seen(slug)
        if before.get(seen.film_id, seen.rating) != seen.rating
    }
    assert len(changed) == 88
    renames = {film.film_id: (film.old_slugs[0], film.slug) for film in today.films if film.old_slugs}
    assert len(renames) == 18
    people = [
        {member for member, _ in changed} | {somebody(lb, film_id) for film_id in renames} for lb in (then, today)
    ]
    for sample, members in zip(samples, people, strict=True):
        listed = crawls.directory / f"{sample}.txt"
        listed.write_text("\n".join(sorted(members)))
        with running_sandbox(world=folder / sample) as sandbox:
            crawl(crawls, sandbox, f"members_file={listed}", "max_members=0", key=KEY)
    rated = [
        {
            (pseudonym_of("user", slug, KEY), str(seen.film_id)): seen.rating
            for slug in members
            for seen in lb.seen(slug)
        }
        for lb, members in zip((then, today), people, strict=True)
    ]
    rows_found = published(crawls.output, "ratings", "user_id", "film_id", "rating")
    found = {(user, film): rating for user, film, rating in rows_found}
    assert found == {**rated[0], **rated[1]}
    pairs = [(pseudonym_of("user", member, KEY), str(film)) for member, film in changed]
    assert all(found[pair] == rated[1][pair] != rated[0][pair] for pair in pairs)
    names: dict[str, set[str]] = {}
    for film_id, slug in published(crawls.output, "film_slugs", "film_id", "slug"):
        names.setdefault(film_id, set()).add(slug)
    assert {film: slugs for film, slugs in names.items() if len(slugs) > 1} == {
        str(film): set(slugs) for film, slugs in renames.items()
    }

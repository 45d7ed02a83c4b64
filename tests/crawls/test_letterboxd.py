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
from tests.crawls.comparing_letterboxd import pseudonym_of, published, rating_differences, ratings_of
from tests.crawls.running import KEY, Crawls, RunningSandbox, running_sandbox
from tests.crawls.test_canary import leaks

SIZE = 300  # 50 members, among them all that are special but one, and 150 films
SITE = {"host": "letterboxd.com"}
PROVENANCE = {"first_seen_at", "fetched_at", "crawl_id"}


@pytest.fixture(scope="module")
def world() -> World:
    return World(size=SIZE)


@pytest.fixture(scope="module")
def site() -> Iterator[RunningSandbox]:
    """One sandbox for the tests that order nothing of it."""
    with running_sandbox(size=SIZE) as running:
        yield running


def key_of(world: World) -> str:
    assert world.pseudonym_key is not None
    return world.pseudonym_key


def rows(crawls: Crawls, table: str) -> list[dict[str, Any]]:
    """The rows of a table without what the framework adds."""
    read = crawls.table(table, site="letterboxd")
    found: list[dict[str, Any]] = read.select(
        [name for name in read.column_names if name not in PROVENANCE]
    ).to_pylist()
    return found


def asked_for(sandbox: RunningSandbox) -> dict[str, int]:
    """How often each kind of page of the site was asked for."""
    counts: dict[str, int] = sandbox.ask("requests")["by_path"]
    return {path.removeprefix("letterboxd.com"): count for path, count in counts.items() if "letterboxd.com" in path}


def crawl(crawls: Crawls, sandbox: RunningSandbox, *arguments: str, key: str | None = None, code: int = 0) -> str:
    """Crawl with `-a` arguments, and settings that begin with a capital letter; what was printed."""
    options = [part for text in arguments for part in ("-s" if text[0].isupper() else "-a", text)]
    ended = crawls.crawl(sandbox, *options, site="letterboxd", key=key)
    assert ended.returncode == code, ended.stderr
    return ended.stderr


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """What crawls of the same world publish, by the generation of its markup."""
    found = {}
    for markup in ("2026", "2025", "middle", "old"):
        crawls = Crawls(tmp_path_factory.mktemp(markup))
        with running_sandbox(size=SIZE, markup=markup) as sandbox:
            printed = crawl(crawls, sandbox, "rated_only=false", "films=rated_at_least=4")
        assert "permits" not in printed, "on the sandbox there is nobody to ask"
        found[markup] = {table: rows(crawls, table) for table in ("members", "ratings", "film_slugs", "films")}
    return found


def test_every_generation_of_markup_gives_the_world(tables: dict[str, Any], world: World) -> None:
    names = ("user_id", "film_id", "rating", "liked", "position", "film_slug")
    wanted = ratings_of(world, key_of(world), rated_only=False)
    for markup, found in tables.items():
        assert [tuple(row[name] for name in names) for row in found["ratings"]] == wanted, markup
    newest = tables["2026"]
    films = {str(film.film_id): film for film in world.letterboxd.films}
    assert all(row["film_title"] == " ".join(films[row["film_id"]].title.split()) for row in newest["ratings"])
    members = {pseudonym_of("user", member.slug, key_of(world)): member for member in world.letterboxd.members}
    assert {row["user_id"] for row in newest["members"]} == members.keys()
    for row in newest["members"]:
        member = members[row["user_id"]]
        assert (row["review_count"], row["list_count"], row["like_count"], row["rank"]) == (
            member.review_count, member.list_count, member.like_count, member.index + 1,
        )  # fmt: skip


def test_all_generations_of_markup_give_the_same_rows(tables: dict[str, Any]) -> None:
    for markup in ("2025", "middle", "old"):
        assert tables[markup] == tables["2026"], markup


def test_films_are_those_that_were_rated_often_enough(tables: dict[str, Any], world: World) -> None:
    counts = Counter(str(seen.film_id) for seen in world.letterboxd.ratings())
    found = {row["film_id"]: row for row in tables["2026"]["films"]}
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
    crawl(crawls, site, "source=rss")
    key, lb = key_of(world), world.letterboxd
    wanted = sorted(
        (
            pseudonym_of("entry", entry.entry_id, key), pseudonym_of("user", member.slug, key), entry.film.slug,
            entry.film.year, entry.watched_on, entry.rating, entry.liked, entry.rewatch,
        )
        for member in lb.members
        if member.is_public
        for entry in lb.diary(member)[:50]
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
    crawl(crawls, site, "films=rated_at_least=4")
    (manifest,) = crawls.manifests("letterboxd")
    assert manifest["resumed"] is True
    assert rating_differences(crawls.output, world, key_of(world)) == []
    counts = Counter(str(seen.film_id) for seen in world.letterboxd.ratings())
    assert {row["film_id"] for row in rows(crawls, "films")} == {film for film, count in counts.items() if count >= 4}


def test_newest_first_reads_until_a_page_has_nothing_new(crawls: Crawls, world: World) -> None:
    """A week later most members have added nothing: one page each says so."""
    slugs = [member.slug for member in world.letterboxd.members if member.is_public and member.watched_count > 100]
    who = f"members={','.join(slugs)}"
    with running_sandbox(size=SIZE, days_ago=20) as then:
        crawl(crawls, then, who)
    before = crawls.table("ratings", site="letterboxd").num_rows
    with running_sandbox(size=SIZE) as today:
        printed = crawl(crawls, today, who, "since=last", code=2)
        assert "robots_disallowed: robots.txt rules out pages this crawl rests on; -s ROBOTSTXT_OBEY=False" in printed
        assert asked_for(today).keys() == {"/robots.txt"}
        crawl(crawls, today, who, "since=last", "ROBOTSTXT_OBEY=False")
    later = crawls.manifests("letterboxd")[-1]
    assert later["robots_obeyed"] is False
    found = {row[:3] for row in published(crawls.output, "ratings", "user_id", "film_id", "rating")}
    wanted = {row[:3] for row in ratings_of(world, key_of(world), rated_only=True, members=slugs)}
    assert found == wanted
    assert len(found) > before
    whole = sum(-(-len(world.letterboxd.seen(slug, rated_only=True)) // 72) for slug in slugs)
    assert len(slugs) <= later["requests"]["done"] < whole


def test_lists_that_robots_txt_rules_out_are_not_read(crawls: Crawls, sandbox: RunningSandbox) -> None:
    printed = crawl(crawls, sandbox, "popular=week", code=2)
    assert "robots_disallowed" in printed
    assert "ROBOTSTXT_OBEY=False" in printed
    assert not list(crawls.output.rglob("*.parquet"))
    crawl(crawls, sandbox, "popular=week", "max_members=3", "ROBOTSTXT_OBEY=False")
    assert crawls.table("members", site="letterboxd").num_rows == 3


def test_where_robots_txt_rules_out_rated_lists_the_plain_ones_are_read(crawls: Crawls, world: World) -> None:
    """All films are read then, and those without a rating are left out."""
    rules = "User-agent: *\nDisallow: /*/films/rated/*\n"
    slugs = [member.slug for member in world.letterboxd.members[5:9]]
    with running_sandbox(size=SIZE) as sandbox:
        plain = {"Content-Type": "text/plain"}
        sandbox.script(**SITE, path_prefix="/robots.txt", status=200, headers=plain, body=rules, times=9)
        crawl(crawls, sandbox, f"members={','.join(slugs)}")
        asked = asked_for(sandbox)
    assert asked.keys() == {"(scripted)", "/{member}/films/"}
    wanted = {row[:4] for row in ratings_of(world, key_of(world), rated_only=True, members=slugs)}
    assert {row[:4] for row in published(crawls.output, "ratings", "user_id", "film_id", "rating", "liked")} == wanted


def test_a_challenge_ends_the_crawl_as_blocked_whatever_its_status(crawls: Crawls, sandbox: RunningSandbox) -> None:
    for number, state in enumerate(("cloudflare_challenge", "cloudflare_challenge_200"), 1):
        sandbox.script(state=state, **SITE, path_prefix="/", after=3, times=1000)
        printed = crawl(crawls, sandbox, "BACKOFF_FIRST_S=0.01", code=3)
        assert "letterboxd: blocked: the site blocks us" in printed
        manifest = crawls.manifests("letterboxd")[-1]
        assert (manifest["finish_reason"], manifest["resumed"]) == ("blocked", number > 1)
        assert manifest["requests"]["pending"] > 0
        sandbox.forget_scripts()
    world = World(size=60)
    assert "finished" in crawl(crawls, sandbox)
    assert rating_differences(crawls.output, world, key_of(world)) == []


def test_a_list_that_is_cut_is_read_rating_by_rating_and_pages_are_few(crawls: Crawls) -> None:
    """At the original's volumes, 1,100 ratings a member: 14.3 requests for 1,000 of them; the original made 26."""
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


@pytest.fixture
def canary_sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(size=120, canary=True) as sandbox:
        yield sandbox


def test_no_name_leaves_the_jobs_directory(crawls: Crawls, canary_sandbox: RunningSandbox) -> None:
    """Names are given in a file and as an argument, stand in every address, and in pages that go wrong."""
    asked = canary_sandbox.ask("canaries/letterboxd")
    canaries, entries = asked["canaries"], asked["numbers"]
    handles = [name for name in canaries if name.isalnum() and name.islower()]
    listed = crawls.directory / "private" / "names.txt"
    listed.parent.mkdir()
    listed.write_text("\n".join(handles) + "\n")
    html = {"Content-Type": "text/html"}
    sabotage: dict[int, dict[str, Any]] = {
        4: {
            "status": 200,
            "headers": html,
            "body": f"<html><body data-owner='{handles[0]}'>{canaries[1]}</body></html>",
        },
        7: {"status": 404, "headers": html, "body": canaries[0]},
        9: {"status": 302, "headers": {"Location": f"https://letterboxd.com/{handles[0]}/gone/"}},
        11: {"status": 302, "headers": {"Location": f"https://{handles[0]}.example/{handles[0]}"}},
        13: {"status": 500, "body": canaries[0], "times": 4},
    }
    for after, answer in sabotage.items():
        canary_sandbox.script(**SITE, path_prefix="/cnry", after=after, **answer)
    jobs = Crawls(crawls.directory / "public")
    feed = jobs.directory / "rows.jsonl"
    jobs.directory.mkdir()
    printed = ""
    for arguments in ([f"members_file={listed}"], [f"members={','.join(handles)}", "source=rss"]):
        options = [part for text in arguments for part in ("-a", text)]
        ended = jobs.crawl(canary_sandbox, "-L", "DEBUG", "-O", str(feed), *options, site="letterboxd")
        assert ended.returncode in {0, 1, 4}, ended.stderr
        printed += ended.stdout + ended.stderr
    printed += jobs.scrapy("jobs").stdout
    assert jobs.table("ratings", site="letterboxd").num_rows > 100
    assert leaks(jobs, [*canaries, *entries], printed) == []
    assert not any(entry in printed for entry in entries)
    manifest = next(found for found in jobs.manifests("letterboxd") if found["arguments"]["members_file"])
    assert len(manifest["arguments"]["members_file"]) == len(set(handles)) > 10
    assert all(len(pseudonym) == 32 for pseudonym in manifest["arguments"]["members_file"])


def test_a_person_of_a_list_of_arguments_can_be_forgotten(crawls: Crawls, site: RunningSandbox, world: World) -> None:
    slugs = [member.slug for member in world.letterboxd.members[5:10]]
    crawl(crawls, site, f"members={','.join(slugs)}")
    gone = pseudonym_of("user", slugs[2], key_of(world))
    (before,) = crawls.manifests("letterboxd")
    assert gone in before["arguments"]["members"]
    forgotten = crawls.scrapy("forget", "letterboxd", "user", slugs[2].upper(), "-s", f"SANDBOX={site.url}")
    assert forgotten.returncode == 0, forgotten.stderr
    (after,) = crawls.manifests("letterboxd")
    assert gone not in json.dumps(after)
    assert len(after["arguments"]["members"]) == 5
    assert gone not in crawls.table("ratings", site="letterboxd")["user_id"].to_pylist()
    printed = crawl(crawls, site, f"members={','.join(slugs)}", code=2)
    assert "its argument 'members' names a person whom `scrapy forget` erased" in printed
    del slugs[2]
    crawl(crawls, site, f"members={','.join(slugs)}")
    assert rating_differences(crawls.output, world, key_of(world), members=slugs) == []


def real(datasets_dir: Path) -> Path:
    folder = datasets_dir / "letterboxd"
    if not folder.is_dir():
        pytest.skip(f"no real ratings at {folder}")
    return folder


@pytest.mark.real_world
def test_three_percent_of_the_real_ratings_come_back_as_they_are(crawls: Crawls, datasets_dir: Path) -> None:
    folder, size = real(datasets_dir), 131
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
    assert len(wanted) > 30_000


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

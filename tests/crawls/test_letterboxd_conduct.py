"""What a crawl of Letterboxd may not do: pass a wall or a rule, go on for ever, or let a name out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from crawlers.errors import ConfigurationError
from crawlers.spiders.letterboxd import LetterboxdSpider
from sandbox.worlds import World
from tests.crawls.letterboxd import (
    SITE,
    asked_for,
    crawl,
    key_of,
    pseudonym_of,
    published,
    rating_differences,
    ratings_of,
)  # fmt: skip
from tests.crawls.running import KEY, Crawls, RunningSandbox, running_sandbox
from tests.crawls.test_canary import leaks

SIZE = 300  # 50 members, 150 films


def test_newest_first_reads_until_a_page_has_nothing_new(crawls: Crawls) -> None:
    """Twenty days later a page or two of each member have all that is new; a rule of robots.txt stands before it."""
    world = World(size=SIZE)
    slugs = [member.slug for member in world.letterboxd.members if member.is_public and member.watched_count > 100]
    who = f"members={','.join(slugs)}"
    with running_sandbox(size=SIZE, days_ago=20) as then:
        crawl(crawls, then, who)
    before = crawls.table("ratings", site="letterboxd").num_rows
    newest = (who, "since=last", "ROBOTSTXT_OBEY=False")
    with running_sandbox(size=SIZE) as today:
        printed = crawl(crawls, today, who, "since=last", code=2)
        assert "robots_disallowed: robots.txt rules out pages this crawl rests on; -s ROBOTSTXT_OBEY=False" in printed
        assert asked_for(today).keys() == {"/robots.txt"}
        crawl(crawls, today, *newest)
        later = crawls.manifests("letterboxd")[-1]
        assert later["robots_obeyed"] is False
        columns = ("user_id", "film_id", "rating")
        found = set(published(crawls.output, "ratings", *columns))
        assert found == {row[:3] for row in ratings_of(world, key_of(world), rated_only=True, members=slugs)}
        assert len(found) > before
        whole = sum(-(-len(world.letterboxd.seen(slug, rated_only=True)) // 72) for slug in slugs)
        assert len(slugs) <= later["requests"]["done"] < whole

        # As if a list had been left before its end: fewer of it are published than it says it has.
        ratings = crawls.table("ratings", site="letterboxd")
        of_one = pc.equal(ratings["user_id"], ratings["user_id"][0])
        kept = ratings.filter(pc.invert(pc.and_(of_one, pc.greater_equal(ratings["position"], 72))))
        assert kept.num_rows < ratings.num_rows
        pq.write_table(kept, crawls.output / "letterboxd" / "ratings" / "ratings.parquet")
        crawl(crawls, today, *newest)
        assert set(published(crawls.output, "ratings", *columns)) == found
        assert crawls.manifests("letterboxd")[-1]["requests"]["done"] == len(slugs) + 1


def test_a_member_counts_once_for_a_film_whose_list_led_to_them(crawls: Crawls, sandbox: RunningSandbox) -> None:
    lb = World(size=60).letterboxd
    seed = max(lb.films, key=lambda film: len(lb.raters(film)))
    assert len(lb.raters(seed)) > 2
    unrated = next(film.slug for film in lb.films if not len(lb.raters(film)))
    seeds = f"seed_films={unrated},{unrated},{seed.slug}"  # named twice, and what comes after is read all the same
    none = crawl(crawls, sandbox, seeds, "max_members=2", "films=rated_at_least=3", code=4)
    assert str(seed.film_id) in crawls.table("ratings", site="letterboxd")["film_id"].to_pylist()
    assert "not as expected: letterboxd/films: 0 rows" in none
    assert not {path for path in asked_for(sandbox) if path.startswith("/film/") and path.endswith("film}/")}


def test_members_popular_in_a_week_are_read_where_robots_txt_is_set_aside(
    crawls: Crawls, sandbox: RunningSandbox
) -> None:
    assert LetterboxdSpider(popular="week").rests_on() == ["https://letterboxd.com/members/popular/this/week/page/1/"]
    crawl(crawls, sandbox, "popular=week", "max_members=3", "ROBOTSTXT_OBEY=False")
    assert crawls.table("members", site="letterboxd").num_rows == 3


def test_where_robots_txt_rules_out_rated_lists_the_plain_ones_are_read(
    crawls: Crawls, sandbox: RunningSandbox
) -> None:
    """All films are read then, and those without a rating are left out."""
    world = World(size=60)
    rules = "User-agent: *\nDisallow: /*/films/rated/*\n"
    slugs = [member.slug for member in world.letterboxd.members[5:9]]
    plain = {"Content-Type": "text/plain"}
    sandbox.script(**SITE, path_prefix="/robots.txt", status=200, headers=plain, body=rules, times=9)
    crawl(crawls, sandbox, f"members={','.join(slugs)}")
    asked = asked_for(sandbox)
    assert asked.keys() == {"(scripted)", "/{member}/films/"}
    wanted = {row[:4] for row in ratings_of(world, key_of(world), rated_only=True, members=slugs)}
    assert {row[:4] for row in published(crawls.output, "ratings", "user_id", "film_id", "rating", "liked")} == wanted


def test_a_challenge_ends_the_crawl_as_blocked_whatever_its_status(crawls: Crawls, sandbox: RunningSandbox) -> None:
    """Three pauses end a crawl, and each is of another challenge."""
    challenges: list[dict[str, Any]] = [
        {"state": "cloudflare_challenge", "after": 3},
        {"state": "cloudflare_challenge_200"},
        {"state": "cloudflare_challenge", "status": 503, "times": 1000},
    ]
    for challenge in challenges:
        sandbox.script(**challenge, **SITE, path_prefix="/")
    printed = crawl(crawls, sandbox, "BACKOFF_FIRST_S=0.01", "CONCURRENT_REQUESTS_PER_DOMAIN=1", code=3)
    assert "letterboxd: blocked: the site blocks us" in printed
    assert re.findall(r"letterboxd.com: waiting .* because it answered (\d+)", printed) == ["403", "200", "503"]
    (manifest,) = crawls.manifests("letterboxd")
    assert (manifest["finish_reason"], manifest["requests"]["failed"]) == ("blocked", 0)
    assert manifest["requests"]["pending"] > 0
    sandbox.forget_scripts()
    world = World(size=60)
    assert "finished" in crawl(crawls, sandbox)
    assert rating_differences(crawls.output, world, key_of(world)) == []


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


def test_a_person_of_a_list_of_arguments_can_be_forgotten(crawls: Crawls, sandbox: RunningSandbox) -> None:
    world = World(size=60)
    slugs = [member.slug for member in world.letterboxd.members[5:10]]
    crawl(crawls, sandbox, f"members={','.join(slugs)}")
    gone = pseudonym_of("user", slugs[2], key_of(world))
    (before,) = crawls.manifests("letterboxd")
    assert gone in before["arguments"]["members"]
    forgotten = crawls.scrapy("forget", "letterboxd", "user", slugs[2].upper(), "-s", f"SANDBOX={sandbox.url}")
    assert forgotten.returncode == 0, forgotten.stderr
    (after,) = crawls.manifests("letterboxd")
    assert gone not in json.dumps(after)
    assert len(after["arguments"]["members"]) == 5
    assert gone not in crawls.table("ratings", site="letterboxd")["user_id"].to_pylist()
    printed = crawl(crawls, sandbox, f"members={','.join(slugs)}", code=2)
    assert "its argument 'members' names a person whom `scrapy forget` erased" in printed


def test_the_real_site_is_asked_nothing_before_its_terms_are_told(crawls: Crawls, monkeypatch: Any) -> None:
    """Behind a proxy that refuses everything, so that no request leaves this machine."""
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    ended = crawls.scrapy(
        "crawl", "letterboxd", "-a", "members=nobody_at_all", "-s", "RETRY_ENABLED=False", "-s", "DOWNLOAD_DELAY=0",
        key=KEY,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    lines = ended.stderr.splitlines()
    (told,) = (number for number, line in enumerate(lines) if "forbid automated extraction unless the site" in line)
    assert "WARNING" in lines[told]
    assert "'blocked'" in lines[told]
    began = next(number for number, line in enumerate(lines) if "starting crawl" in line)
    assert told < began
    assert "unreachable" in lines[-1]


def test_without_its_key_the_movie_database_is_not_asked_for() -> None:
    (needed,) = LetterboxdSpider(films="rated_at_least=5", tmdb="true").needed_tokens().items()
    assert (needed[0].variable, needed[1].split()[:5]) == ("TMDB_API_KEY", ["give", "the", "read", "access", "token"])
    assert LetterboxdSpider(films="rated_at_least=5").needed_tokens() == {}


def test_the_movie_database_is_asked_ten_times_a_second_at_most() -> None:
    slot = LetterboxdSpider.custom_settings["DOWNLOAD_SLOTS"]["api.themoviedb.org"]
    assert (slot["concurrency"], slot["delay"], slot["jitter"]) == (1, 0.1, 0.0)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["members=anna", "popular=week"], "members and popular each say whose films to read; give one of them"),
        (["members_file=/nowhere/anna", "seed_films=vertigo"], "members_file: the file cannot be read"),
        (["tmdb=true"], "tmdb adds to the rows of films"),
        (["films=all"], "films: it is not written as it must be ('rated_at_least=N'"),
        (["members=anna,not a name"], "members: entry 2: it is not written as it must be"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_before_anything_is_asked(arguments: list[str], found: str) -> None:
    given = dict(argument.split("=", 1) for argument in arguments)
    with pytest.raises(ConfigurationError) as error:
        LetterboxdSpider(**given)
    assert found in str(error.value)
    assert "anna" not in str(error.value)

"""Real responses, read from CAPTURES_DIR and never copied here, parse to what is known of them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from protego import Protego
from pydantic import TypeAdapter
from scrapy.http import HtmlResponse, Response

from crawlers.items import Rows
from crawlers.items.letterboxd import Rating, Stars
from crawlers.pages import letterboxd
from crawlers.pages.letterboxd.json_ld import json_ld, minutes_of, names, year_of
from crawlers.pages.letterboxd.tiles import film_id_of, film_title_of, viewing_of
from crawlers.pages.state import PageState
from crawlers.parsing.counts import abbreviated

Respond = Callable[..., Response]
Read = Callable[[str], bytes]

HTML = {"Content-Type": "text/html;charset=UTF-8"}
RSS = {"Content-Type": "application/rss+xml;charset=UTF-8"}
SITE = "https://letterboxd.com"
ALLOWED_AGENT = "crawlers/0.1"

# Lists of films, as the addresses they answer and the body that a fragment has lost.
GRIDS = {
    "films_grid_p1of48_2026-07.html.gz": "/{owner}/films/",
    "films_grid_p1of13_2025-12.html.gz": "/{owner}/films/",
    "films_grid_p1of10_2023-03.html.gz": "/{owner}/films/page/1/?html.parser",
}
OTHER_LISTS = {
    "watchlist_p1_2025-11.dom.html.gz": "{body}",
    "list_top250_p1of3_2025-12.html.gz": "{body}",
    "watchlist_fragment_2025-03_hydrated.html.gz": '<html><body data-owner="somebody">{body}</body></html>',
    "watchlist_grid_fragment_2026-04.html": '<body data-owner="somebody"><div class="poster-grid">{body}</div></body>',
}
FILMS = ("film_mulholland-drive_2026-01.html.gz", "film_the-zone-of-interest_2025-11.dom.html.gz")
MEMBERS = "members_popular_this_week_p1_2025-11.dom.html.gz"
FILM_MEMBERS = "film_members_rated_parasite_p1_2026-07.html.gz"
JSON_LD = "film_jsonld_come-and-see_2026-09.excerpt.html"
FEED = "rss_trimmed_2025-12.xml"
DIARY_ROW = "diary_row_2025-10.dom.html"
SUMMARY = "csi_ratings-summary_mulholland-drive_2026-01.html"
STATS = "csi_stats_the-amateur-2025.html"
ROBOTS = "robots_2025-07-25.txt"
MANAGED_CHALLENGE = "cloudflare_managed_challenge_2025-02_other-site.html"
CHALLENGES = ("shapes/cloudflare_challenge_shape.html", MANAGED_CHALLENGE)
OTHER_SHAPES = {
    "shapes/cloudflare_rate_limited_shape.html": PageState.RATE_LIMITED,
    "shapes/not_found_shape.html": PageState.GONE,
}
WALLS = "wall_states.json"
EXPORTS = (
    "export_2025-12/diary.csv",
    "export_2025-12/deleted__diary.csv",
    "export_2025-12/ratings.csv",
    "export_2025-12/watched.csv",
    "export_2025-12/watchlist.csv",
    "export_2025-12/likes/films.csv",
)
EXPORTED_LISTS = (
    "export_2025-12/lists/2022-best-picture-nominees.csv",
    "export_2025-12/lists/fosse-rankings.csv",
)
COVERED = {
    *GRIDS, *OTHER_LISTS, *FILMS, MEMBERS, FILM_MEMBERS, JSON_LD, FEED, DIARY_ROW, SUMMARY, STATS, ROBOTS, *CHALLENGES,
    *OTHER_SHAPES, *EXPORTS, *EXPORTED_LISTS,
}  # fmt: skip

pytestmark = pytest.mark.recording


@pytest.fixture(scope="module")
def folder(captures_dir: Path) -> Path:
    found = captures_dir / "letterboxd"
    if not found.is_dir():
        pytest.skip(f"no recordings of letterboxd at {found}")
    return found


@pytest.fixture(scope="module")
def read(folder: Path) -> Read:
    def unpacked(name: str) -> bytes:
        body = (folder / name).read_bytes()
        return gzip.decompress(body) if name.endswith(".gz") else body

    return unpacked


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, Any]:
    known: dict[str, Any] = json.loads((folder / "expected.json").read_bytes())
    return known


def test_every_recording_has_a_test(folder: Path, expected: dict[str, Any]) -> None:
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files - {"SOURCES.md", "expected.json", WALLS} == expected.keys() == COVERED


def facts(row: Rating) -> dict[str, Any]:
    return {
        "slug": row.film_slug, "film_id": int(row.film_id), "name": row.film_title,
        "rating10": row.rating and int(2 * row.rating), "liked": bool(row.liked),
    }  # fmt: skip


def as_expected(rows: Rows[Rating], known: dict[str, Any]) -> None:
    assert rows.invalid == []
    assert len(rows) == known["n_items"]
    assert sum(row.rating is not None for row in rows) == known["n_rated"]
    assert sum(bool(row.liked) for row in rows) == known["n_liked"]
    assert sum(2 * (row.rating or 0) for row in rows) == known["sum_rating10"]
    for place, name in enumerate(("first", "second")):
        assert facts(rows[place]) == {**known[name], "name": re.sub(r" \([0-9]{4}\)$", "", known[name]["name"])}
    assert facts(rows[-1]) == {**known["last"], "name": re.sub(r" \([0-9]{4}\)$", "", known["last"]["name"])}
    unrated = [row.film_slug for row in rows if row.rating is None]
    assert [slug for slug in unrated if slug in known["unrated_examples"]] == known["unrated_examples"]
    liked = [row.film_slug for row in rows if row.rating is None and row.liked]
    assert liked == known["liked_but_unrated"]


@pytest.mark.parametrize("name", GRIDS)
def test_a_grid_of_every_generation(name: str, read: Read, expected: dict[str, Any], respond: Respond) -> None:
    known = expected[name]
    url = SITE + GRIDS[name].format(owner=known["body_owner"])
    response = respond(url, read(name), headers=HTML)
    assert letterboxd.recognise(response) is PageState.OK
    rows = letterboxd.ratings(response)
    as_expected(rows, known)
    assert {row.user_id for row in rows} == {known["body_owner"]}
    assert [row.position for row in rows] == [*range(72)]
    assert letterboxd.next_page(response) == SITE + known["next_href"]
    extent = letterboxd.extent(response)
    assert (extent.films, extent.pages) == (known["total_films_watched"], known["last_page"])
    assert "data-film-id" not in read(name).decode() or known.get("n_with_data_film_id") != 0


@pytest.mark.parametrize("name", OTHER_LISTS)
def test_a_list_without_viewing_data_does_not_say_what_is_liked(
    name: str, read: Read, expected: dict[str, Any], respond: Respond
) -> None:
    body = OTHER_LISTS[name].replace("{body}", read(name).decode())
    response = respond(f"{SITE}/somebody/watchlist/", body.encode(), headers=HTML)
    rows = letterboxd.ratings(response)
    as_expected(rows, {"liked_but_unrated": [], **expected[name]})
    assert {row.liked for row in rows} == {None}
    assert letterboxd.recognise(response) is PageState.CHANGED  # nothing that a crawl asks for


def test_popular_members(read: Read, expected: dict[str, Any], respond: Respond) -> None:
    known = expected[MEMBERS]
    response = respond(f"{SITE}/members/popular/this/week/", read(MEMBERS), headers=HTML)
    assert letterboxd.recognise(response) is PageState.OK
    rows = letterboxd.members(response)
    assert (len(rows), rows.invalid) == (known["n"], [])
    for place, name in ((0, "first"), (1, "second"), (-1, "last")):
        row = rows[place]
        counts = (row.user_id, row.review_count, row.films_watched_count, row.list_count, row.like_count)
        assert counts == tuple(known[name][what] for what in ("username", "reviews", "watched", "lists", "likes"))
    assert [row.rank for row in rows] == [*range(1, 31)]
    assert sum(row.films_watched_count or 0 for row in rows) == known["sum_watched"]
    assert [row.user_id for row in rows if not row.review_count] == known["missing_reviews"]
    assert letterboxd.next_page(response) == SITE + known["next_href"]


def test_members_who_rated_a_film(read: Read, expected: dict[str, Any], respond: Respond) -> None:
    known = expected[FILM_MEMBERS]
    response = respond(known["og_url"], read(FILM_MEMBERS), headers=HTML)
    assert letterboxd.recognise(response) is PageState.OK
    rows = letterboxd.film_ratings(response)
    assert (len(rows), rows.invalid) == (known["n_rows"], [])
    assert sum(row.rating is not None for row in rows) == known["n_rated"]
    assert sum(bool(row.liked) for row in rows) == known["n_liked"]
    for place, name in ((0, "first"), (-1, "last")):
        row = rows[place]
        shown = {"username": row.user_id, "rating10": int(2 * (row.rating or 0)), "liked": row.liked}
        assert shown == known[name]
    assert {(row.film_id, row.film_slug, row.film_title, row.position) for row in rows} == {
        ("426406", "parasite-2019", "Parasite", None)
    }
    assert letterboxd.next_page(response) == SITE + known["next_href"]


@pytest.mark.parametrize("name", FILMS)
def test_a_film(name: str, read: Read, expected: dict[str, Any], respond: Respond) -> None:
    known = expected[name]
    response = respond(f"{SITE}/film/{known['slug']}/", read(name), headers=HTML)
    assert letterboxd.recognise(response) is PageState.OK
    rows = letterboxd.film(response)
    assert rows.invalid == []
    (film,) = rows
    assert {
        "slug": film.slug, "film_id": int(film.film_id), "title": film.title, "year": film.year,
        "imdb_id": film.imdb_id, "tmdb_type": film.tmdb_type, "tmdb_id": int(film.tmdb_id or 0),
        "runtime_min": film.runtime_min, "directors": film.directors, "genres_ld": film.genres,
        "avg_rating": film.average_rating, "rating_count": film.rating_count, "review_count": film.review_count,
        "countries": film.countries, "n_actors_ld": len(film.actors), "poster": film.poster_url,
        "languages_tab": film.languages, "original_title": film.original_title, "tagline": film.tagline,
        "genres_tab": known["genres_ld"], "body_tmdb_type": film.tmdb_type, "body_tmdb_id": film.tmdb_id,
    } == known  # fmt: skip


@pytest.mark.parametrize("name", FILMS)
def test_a_film_whose_json_ld_is_gone_says_the_same(name: str, read: Read, respond: Respond, expected: Any) -> None:
    known = expected[name]
    body = re.sub(rb'<script type="application/ld\+json">.*?</script>', b"", read(name), flags=re.DOTALL)
    (film,) = letterboxd.film(respond(f"{SITE}/film/{known['slug']}/", body, headers=HTML))
    assert (film.genres, film.directors, film.countries) == (
        known["genres_tab"],
        known["directors"],
        known["countries"],
    )
    assert (film.year, film.average_rating, film.poster_url) == (known["year"], None, None)
    assert len(film.actors) >= known["n_actors_ld"]


def test_the_json_ld_of_september_2026(read: Read, expected: dict[str, Any]) -> None:
    known = expected[JSON_LD]
    block = json_ld(html.fromstring(read(JSON_LD).decode()))
    assert sorted(block) == known["keys"]
    assert (block["name"], block["genre"], block["inLanguage"]) == (known["name"], known["genre"], known["inLanguage"])
    rating = block["aggregateRating"]
    assert (rating["ratingValue"], rating["ratingCount"], rating["reviewCount"]) == (
        known["rating"], known["rating_count"], known["review_count"],
    )  # fmt: skip
    assert year_of(block) == int(known["dateCreated"][:4])
    assert known["duration"] == "PT2H22M"
    assert minutes_of(block) == 142
    assert len(names(block, "actor", "actors")) == len(block[known["actor_key"]]) == 3


def test_a_feed(read: Read, expected: dict[str, Any], respond: Respond) -> None:
    known = expected[FEED]
    response = respond(f"{SITE}/sample_user/rss/", read(FEED), headers=RSS)
    assert letterboxd.recognise(response) is PageState.OK
    rows = letterboxd.diary(response)
    assert (len(rows), rows.invalid) == (known["n_items"], [])
    assert [row.rating for row in rows] == known["ratings"]
    first = rows[0]
    assert first.watched_on is not None
    assert {
        "guid": f"letterboxd-review-{first.entry_id}", "film_title": first.film_title, "member_rating": first.rating,
        "watched_date": first.watched_on.date().isoformat(), "tmdb_movie_id": int(first.tmdb_id or 0),
    } == known["first"]  # fmt: skip
    # The publisher of this copy has left out what was not needed there.
    assert {(row.liked, row.rewatch, row.year) for row in rows} == {(None, None, None)}


def test_a_row_of_a_diary_has_the_film_and_the_rating_where_a_tile_has_them(
    read: Read, expected: dict[str, Any]
) -> None:
    known = expected[DIARY_ROW]
    row = html.fromstring(read(DIARY_ROW).decode()).xpath("//tr")[0]
    (poster,) = row.xpath(".//*[@data-item-slug]")
    (cell,) = row.xpath(".//td[contains(@class, 'col-rating')]")
    rating, _ = viewing_of(cell)
    (like,) = row.xpath(".//td[contains(@class, 'col-like')]")
    assert rating is not None
    assert (film_id_of(poster), film_title_of(poster)) == (str(known["film_id"]), known["name"])
    assert (poster.get("data-item-slug"), 2 * rating) == (known["film_slug"], known["rating10"])
    assert viewing_of(like) == (None, known["liked"])


def test_counts_of_fragments_are_read_to_the_last_digit(read: Read, expected: dict[str, Any]) -> None:
    known = expected[SUMMARY]
    bars = html.fromstring(read(SUMMARY).decode()).xpath("//li/a/@title")
    counts = [abbreviated(re.split(r"[\s\xa0]", title)[0])[0] for title in bars]
    assert counts == known["counts_half_star_to_5"]
    assert sum(counts) == known["sum"] == known["rating_count"]
    told = html.fromstring(read(STATS).decode()).xpath("//div[contains(@class, 'production-statistic ')]/@aria-label")
    numbers = [abbreviated(found[0])[0] for text in told if (found := re.search(r"[0-9][0-9,]*", text))]
    assert dict(zip(("watched", "lists", "likes"), numbers, strict=True)) == expected[STATS]


def test_what_robots_txt_allows(read: Read, expected: dict[str, Any]) -> None:
    known = expected[ROBOTS]
    robots = Protego.parse(read(ROBOTS).decode())
    for path, allowed in known["for_user_agent_x"].items():
        assert robots.can_fetch(SITE + path, ALLOWED_AGENT) is allowed, path
    assert (robots.crawl_delay(ALLOWED_AGENT), [*robots.sitemaps] or None) == (known["crawl_delay"], known["sitemap"])

    def may(url: str) -> bool:
        return robots.can_fetch(url, ALLOWED_AGENT)

    by_default = [letterboxd.popular_url(), letterboxd.film_members_url("a-film"), letterboxd.film_url("a-film")]
    by_default += [letterboxd.feed_url("anna"), letterboxd.grid_url("anna")]
    by_default += [
        letterboxd.grid_url("anna", rated=rated) for rated in (".5-5", *letterboxd.one_by_one(rated_only=False))
    ]
    assert all(may(url) and may(f"{url}page/2/") for url in by_default)
    asked_for = [letterboxd.popular_url(time) for time in ("week", "month", "year")]
    asked_for += [letterboxd.grid_url("anna", rated=rated, newest_first=True) for rated in (None, ".5-5")]
    assert not any(may(url) for url in asked_for)


@pytest.mark.parametrize("name", CHALLENGES)
@pytest.mark.parametrize("status", [403, 503, 200])
def test_a_challenge_is_a_wall_whatever_its_status(name: str, status: int, read: Read, respond: Respond) -> None:
    for url in (letterboxd.grid_url("anna"), letterboxd.popular_url(), letterboxd.feed_url("anna")):
        response = respond(url, read(name), status=status, headers=HTML)
        assert letterboxd.recognise(response) is PageState.BLOCKED


def test_the_challenge_is_what_we_know_it_by(read: Read, expected: dict[str, Any]) -> None:
    known, body = expected[MANAGED_CHALLENGE], read(MANAGED_CHALLENGE)
    page = HtmlResponse(SITE, body=body)
    assert known["title"] == page.css("title::text").get() == "Just a moment..."
    assert known["has_cf_chl_opt"] is (b"_cf_chl_opt" in body) is known["is_challenge"] is True
    assert known["challenge_platform"] is (b"challenge-platform" in body)


@pytest.mark.parametrize(("name", "state"), OTHER_SHAPES.items())
def test_other_refusals(name: str, state: PageState, read: Read, respond: Respond) -> None:
    status = {PageState.RATE_LIMITED: 429, PageState.GONE: 404}[state]
    assert letterboxd.recognise(respond(letterboxd.grid_url("anna"), read(name), status=status, headers=HTML)) is state


# Transcriptions: what is not said of an answer may be anything, so it is left out.
WALL_STATES = {
    "challenge_headers": PageState.BLOCKED,
    "challenge_on_tmdb_redirect": PageState.BLOCKED,
    "rate_limited_html": PageState.RATE_LIMITED,
    "rate_limited_plain": PageState.RATE_LIMITED,
    "private_watchlist": PageState.BLOCKED,  # its words are not known; beside good pages the request alone is given up
    "search_and_browse_403": PageState.BLOCKED,
    "api_robots_403": PageState.BLOCKED,
}


def test_every_refusal_that_was_seen_is_recognised(folder: Path, respond: Respond) -> None:
    states = {state["id"]: state for state in json.loads((folder / WALLS).read_bytes())["states"]}
    assert states.keys() - WALL_STATES.keys() == {"stats_fragment_challenged"}  # no status, no body, not asked for
    for name, wanted in WALL_STATES.items():
        state = states[name]
        headers = {key: value for key, value in state.get("headers", {}).items() if key != "retry-after"}
        kind = {"Content-Type": state.get("content_type", HTML["Content-Type"])}
        body = state.get("body") or state.get("body_prefix") or "".join(state.get("body_contains", []))
        response = respond(
            letterboxd.grid_url("anna"), body.encode(), status=state["http_status"], headers=kind | headers
        )
        assert letterboxd.recognise(response) is wanted, name


@pytest.mark.parametrize("name", EXPORTS)
def test_stars_of_a_members_own_export_are_those_of_our_tables(name: str, read: Read, expected: dict[str, Any]) -> None:
    known, body = expected[name], read(name)
    header, *rows = csv.reader(io.StringIO(body.decode(), newline=""))
    assert (header, len(rows), rows[0], rows[-1]) == (known["header"], known["rows"], known["first"], known["last"])
    assert (b"\r\n" in body, body.startswith(b"\xef\xbb\xbf")) == (known["crlf"], known["bom"])
    if "rated" in known:
        given = [float(row[header.index("Rating")]) for row in rows if row[header.index("Rating")]]
        TypeAdapter(list[Stars]).validate_python(given)
        assert (len(given), sum(given)) == (known["rated"], known["sum_rating"])


@pytest.mark.parametrize("name", EXPORTED_LISTS)
def test_an_exported_list_has_its_films_below_a_second_header(name: str, read: Read, expected: dict[str, Any]) -> None:
    known = expected[name]
    rows = [*csv.reader(io.StringIO(read(name).decode(), newline=""))]
    assert (rows[0], rows[1]) == (known["line1"], known["meta_header"])
    assert [place for place, row in enumerate(rows) if not any(row)][:1] == known["blank_line_index"]
    below = rows[known["blank_line_index"][0] + 1 :]
    assert (below[0], len(below) - 1) == (known["items_header"], known["items"])


def test_no_person_of_a_recording_stands_in_the_repository(read: Read, respond: Respond, pytestconfig: Any) -> None:
    table = letterboxd.members(respond(letterboxd.popular_url("week"), read(MEMBERS), headers=HTML))
    raters = letterboxd.film_ratings(
        respond(letterboxd.film_members_url("parasite-2019"), read(FILM_MEMBERS), headers=HTML)
    )
    people = {row.user_id for row in table} | {row.user_id for row in raters}
    assert len(people) > 50
    word = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(people))) + r")(?!\w)")
    root = pytestconfig.rootpath
    written = [
        file.relative_to(root).as_posix()
        for part in ("crawlers", "sandbox", "tests", "docs", "README.md", "CONTRIBUTING.md", "CHANGELOG.md")
        for file in [root / part, *(root / part).rglob("*")]
        if file.is_file() and file.suffix != ".pyc" and word.search(file.read_text("utf-8", "replace"))
    ]
    assert written == []  # the names of the files, not of the people

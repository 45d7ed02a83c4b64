"""Films, feeds, robots.txt and TMDB; and what the replica has in common with what was recorded."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from parsel import Selector
from protego import Protego

from sandbox.sites import Reply, SiteRequest
from sandbox.sites.letterboxd import MARKUPS, Letterboxd, Markup, shown_rating
from sandbox.sites.tmdb import Tmdb
from sandbox.worlds import World
from tests.sandbox.test_sandbox_letterboxd import ask, document, keen, page
from tests.sandbox.test_sandbox_server import running

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.worlds.letterboxd import LetterboxdWorld
    from sandbox.worlds.letterboxd_films import Film

RSS = {"letterboxd": "https://letterboxd.com", "tmdb": "https://themoviedb.org"}


@pytest.fixture(scope="module")
def world() -> LetterboxdWorld:
    return World().letterboxd


def json_ld(page: Any) -> dict[str, Any] | None:
    scripts = page.xpath("//script[@type='application/ld+json']/text()")
    if not scripts:
        return None
    begin, text, end = scripts[0].strip().split("\n")
    assert (begin, end) == ("/* <![CDATA[ */", "/* ]]> */")
    facts: dict[str, Any] = json.loads(text)
    return facts


@pytest.mark.parametrize("markup", MARKUPS)
def test_the_page_of_a_film_tells_what_the_world_knows(world: LetterboxdWorld, markup: Markup) -> None:
    site = Letterboxd(world, markup=markup)
    tab = "tab-panel" if markup == "2026" else "tab"
    for film in world.films:
        read = page(site, f"/film/{film.slug}/")
        assert read.xpath("//*[@data-report-url]/@data-report-url") == [f"/ajax/film:{film.film_id}/report-form"]
        assert read.xpath("//meta[@property='og:title']/@content") == [film.name]
        assert read.xpath("//meta[@property='og:url']/@content") == [f"https://letterboxd.com/film/{film.slug}/"]
        title = read.xpath("//h1/span[contains(@class,'name')]")[0].text_content()
        assert title.replace("\xa0", " ") == film.title.replace("\xa0", " ")
        assert read.xpath("//span[@class='releasedate']/a/text()") == ([str(film.year)] if film.year else [])
        genres = read.xpath(f"//div[@id='{tab}-genres']//a[starts-with(@href,'/films/genre/')]/text()")
        assert tuple(genres) == film.genres
        assert (
            tuple(read.xpath(f"//div[@id='{tab}-crew']//a[starts-with(@href,'/director/')]/text()")) == film.directors
        )
        links = {
            link.get("data-track-action").upper(): link.get("href") for link in read.xpath("//a[@data-track-action]")
        }
        assert links.get("IMDB") == (film.imdb_id and f"http://www.imdb.com/title/{film.imdb_id}/maindetails")
        tmdb = f"https://www.themoviedb.org/{film.tmdb_type}/{film.tmdb_id}/"
        assert links.get("TMDB") == (tmdb if film.tmdb_id else None)
        # Of a series the body says that it is a film without a number.
        number = str(film.tmdb_id) if film.tmdb_type == "movie" and film.tmdb_id else ""
        assert (read.xpath("//body/@data-tmdb-type"), read.xpath("//body/@data-tmdb-id")) == (["movie"], [number])
        _assert_json_ld(world, film, json_ld(read), is_new=markup == "2026")


def _assert_json_ld(world: LetterboxdWorld, film: Film, facts: dict[str, Any] | None, *, is_new: bool) -> None:
    if film.json_ld == "missing":
        assert facts is None
        return
    assert facts is not None
    assert facts["name"] == film.title
    assert facts.get("genre", []) == list(film.genres)
    assert tuple(person["name"] for person in facts["director"]) == film.directors
    assert tuple(person["name"] for person in facts["actor" if is_new else "actors"]) == film.actors
    rating = facts.get("aggregateRating")
    told = rating and (rating["ratingValue"], rating["ratingCount"], rating["reviewCount"])
    assert told == shown_rating(world, film)
    if is_new:
        assert facts.get("dateCreated", "")[:4] == str(film.year or "")
        assert ("duration" in facts) == bool(film.runtime_min)
    else:
        years = [event["startDate"] for event in facts.get("releasedEvent", [])]
        assert years == ([str(film.year)] if film.year else [])


def test_averages_are_stated_for_most_films_and_are_those_of_the_ratings(world: LetterboxdWorld) -> None:
    shown = {film.film_id: rating for film in world.films if (rating := shown_rating(world, film))}
    assert 200 < len(shown) < 300
    film_id, (average, count, _) = max(shown.items(), key=lambda item: item[1][1])
    stars = [row.rating for row in world.ratings() if row.film_id == film_id]
    assert count == len(stars)
    assert average == pytest.approx(sum(filter(None, stars)) / len(stars), abs=0.0051)


def test_a_feed_has_the_fifty_newest_entries_and_a_list_among_them(world: LetterboxdWorld) -> None:
    site = Letterboxd(world)
    members = [member for member in world.members if member.is_public]
    lists = 0
    for member in members:
        reply = ask(site, f"/{member.slug}/rss/")
        assert reply.content_type.startswith("application/rss+xml")
        items = Selector(body=reply.body, type="xml").root.findall("channel/item")
        films = [item for item in items if item.find("letterboxd:filmTitle", RSS) is not None]
        lists += len(items) - len(films)
        diary = world.diary(member)
        assert len(films) == min(50, len(diary))
        for item, entry in zip(films, diary, strict=False):
            told = {child.tag.rpartition("}")[2]: child.text for child in item}
            kind = "tvId" if entry.film.tmdb_type == "tv" else "movieId"
            assert told["guid"] == f"letterboxd-{'review' if entry.reviewed else 'watch'}-{entry.entry_id}"
            assert told["watchedDate"] == entry.watched_on.isoformat()
            assert (told["rewatch"], told["memberLike"]) == tuple(
                "Yes" if yes else "No" for yes in (entry.rewatch, entry.liked)
            )
            assert told.get("memberRating") == (f"{entry.rating:.1f}" if entry.rating else None)
            assert (told["filmTitle"], told.get("filmYear")) == (
                entry.film.title,
                entry.film.year and str(entry.film.year),
            )
            assert told.get(kind) == (entry.film.tmdb_id and str(entry.film.tmdb_id))
            assert f"/{member.slug}/film/{entry.film.slug}/" in str(told["link"])
    assert lists > 20
    assert max(len(world.diary(member)) for member in members) > 50


def test_robots_rules_out_what_the_site_rules_out(world: LetterboxdWorld) -> None:
    reply = ask(Letterboxd(world), "/robots.txt")
    rules = Protego.parse(reply.body.decode())
    for path, allowed in {
        "/members/popular/page/2/": True, "/members/popular/this/week/": False, "/someone/films/page/2/": True,
        "/someone/films/by/date/": False, "/someone/films/rated/.5-5/": True, "/someone/rss/": True,
        "/someone/films/rated/.5-5/by/rated-date/": False, "/film/parasite-2019/members/rated/.5-5/": True,
    }.items():  # fmt: skip
        assert rules.can_fetch(f"https://letterboxd.com{path}", "crawlers") == allowed, path
    assert not rules.can_fetch("https://letterboxd.com/someone/films/", "GPTBot")


@pytest.mark.recording
def test_robots_has_the_recorded_rules(world: LetterboxdWorld, captures_dir: Path) -> None:
    def lines(text: str) -> list[str]:
        found = [line.partition("#")[0].strip() for line in text.splitlines()]
        return [line for line in found if line]

    recorded = (captures_dir / "letterboxd" / "robots_2025-07-25.txt").read_text()
    assert lines(ask(Letterboxd(world), "/robots.txt").body.decode()) == lines(recorded)


# What was recorded, in which markup, which page of ours says the like, and what of both is compared.
RECORDED: list[tuple[str, Markup, str, str]] = [
    ("films_grid_p1of48_2026-07.html.gz", "2026", "/{member}/films/", "//li[@class='griditem']"),
    ("films_grid_p1of13_2025-12.html.gz", "2025", "/{member}/films/", "//li[@class='griditem']"),
    ("films_grid_p1of10_2023-03.html.gz", "old", "/{member}/films/", "//li[@class='poster-container']"),
    ("films_grid_p1of48_2026-07.html.gz", "2026", "/{member}/films/", "//div[@class='pagination']"),
    ("films_grid_p1of48_2026-07.html.gz", "2026", "/{member}/films/", "//h1[@class='section-heading']"),
    ("films_grid_p1of10_2023-03.html.gz", "old", "/{member}/films/", "//ul[@class='sub-nav']"),
    (
        "members_popular_this_week_p1_2025-11.dom.html.gz", "2025", "/members/popular/this/week/",
        "//table[contains(@class,'member-table')]/tbody//td | //div[@class='pagination']",
    ),
    (
        "film_members_rated_parasite_p1_2026-07.html.gz", "2026", "/film/{film}/members/rated/.5-5/",
        "//table/tbody//td[not(contains(@class,'col-follow'))] | //div[@class='pagination']",
    ),
    (
        "film_mulholland-drive_2026-01.html.gz", "2025", "/film/{film}/",
        "//section[contains(@class,'production-masthead')] | //*[@id='tab-crew' or @id='tab-genres']",
    ),
    (
        "film_mulholland-drive_2026-01.html.gz", "2025", "/film/{film}/", "//p[contains(@class,'text-footer')]",
    ),
]  # fmt: skip
# Not on every page that was recorded: elements (a link to a review, the dots between pages) and attributes (a poster
# that may be exchanged, what a script left of a tooltip).
SOME_ELEMENTS, SOME_ATTRIBUTES = (
    {"review-micro", "unseen-pages"},
    {"data-poster-freely-customisable", "data-original-title"},
)


@pytest.mark.recording
@pytest.mark.parametrize(("file", "markup", "path", "xpath"), RECORDED)
def test_a_page_is_built_as_the_recorded_one(
    world: LetterboxdWorld, captures_dir: Path, file: str, markup: Markup, path: str, xpath: str
) -> None:
    recorded = document(gzip.decompress((captures_dir / "letterboxd" / file).read_bytes()))
    film = max((film for film in world.films if film.imdb_id), key=lambda film: world.rating_counts[film.index])
    ours = page(Letterboxd(world, markup=markup), path.format(member=keen(world).slug, film=film.slug))
    assert ours.xpath(xpath)
    assert _parts(ours.xpath(xpath)) == _parts(recorded.xpath(xpath))


@pytest.mark.recording
def test_a_tile_of_spring_2025_has_nothing_that_the_recorded_one_lacks(
    world: LetterboxdWorld, captures_dir: Path
) -> None:
    # Of that time only a watchlist is recorded, as a script had left it; it has no viewing data.
    file = captures_dir / "letterboxd" / "watchlist_fragment_2025-03_hydrated.html.gz"
    recorded = document(gzip.decompress(file.read_bytes()))
    ours = page(Letterboxd(world, markup="middle"), f"/{keen(world).slug}/films/")
    xpath = "//ul/li[@class='poster-container']/div"
    assert len(_parts(ours.xpath(xpath))) > 10
    assert _parts(ours.xpath(xpath)) <= _parts(recorded.xpath(xpath))


def _parts(nodes: list[Any]) -> set[str]:
    """Every tag with its classes, and with its attributes, numbers in them left out."""
    found = set()
    for element in (element for node in nodes for element in node.iter() if isinstance(element.tag, str)):
        classes = re.sub(r"\d+", "N", element.get("class") or "").split()
        if not SOME_ELEMENTS & set(classes):
            found |= {f"{element.tag}.{name}" for name in classes}
            found |= {f"{element.tag}[{name}]" for name in element.attrib if name not in SOME_ATTRIBUTES}
    return found


def _tmdb(site: Tmdb, path: str, query: str = "", **headers: str) -> tuple[int, Any]:
    reply: Reply = site.respond(SiteRequest("api.themoviedb.org", path, query, headers=headers))
    return reply.status, json.loads(reply.body)


def test_tmdb_answers_those_who_have_the_key(world: LetterboxdWorld) -> None:
    key = World().api_keys["TMDB_API_KEY"]
    site = Tmdb(world, key)
    movie = next(film for film in world.films if film.tmdb_type == "movie" and film.tmdb_id and film.released_on)
    series = next(film for film in world.films if film.tmdb_type == "tv" and film.tmdb_id)
    lost = next(film for film in world.films if film.tmdb_type == "movie" and film.tmdb_id and not film.on_tmdb)
    for query, headers in ((f"api_key={key}", {}), ("", {"Authorization": f"Bearer {key}"})):
        status, told = _tmdb(site, f"/3/movie/{movie.tmdb_id}", query, **headers)
        assert (status, told["title"], told["release_date"]) == (200, movie.title, str(movie.released_on))
        assert [genre["name"] for genre in told["genres"]] == list(movie.genres)
    status, told = _tmdb(site, f"/3/tv/{series.tmdb_id}", f"api_key={key}&append_to_response=credits,external_ids")
    assert (status, told["name"], told["external_ids"]["imdb_id"]) == (200, series.title, series.imdb_id)
    assert tuple(person["name"] for person in told["credits"]["crew"]) == series.directors
    assert not {"title", "runtime", "release_date"} & told.keys()
    for path in (f"/3/movie/{series.tmdb_id}", f"/3/movie/{lost.tmdb_id}", "/3/person/1"):
        status, told = _tmdb(site, path, f"api_key={key}")
        assert (status, told["status_code"]) == (404, 34)
    for query, headers in (("", {}), ("api_key=wrong", {}), ("", {"Authorization": "Bearer "})):
        status, told = _tmdb(site, f"/3/movie/{movie.tmdb_id}", query, **headers)
        assert (status, told["status_code"]) == (401, 7)


def test_the_walls_of_cloudflare_stand_where_they_are_ordered() -> None:
    with running("--size", "60", "--canary", "--markup", "old") as sandbox:
        listed = sandbox.get("any", "/_sandbox/canaries/letterboxd").json()
        slug, path = listed["canaries"][0], f"/{listed['canaries'][0]}/films/"
        assert listed["numbers"]
        states = {
            "cloudflare_challenge": 403, "cloudflare_challenge_200": 200, "cloudflare_blocked": 403,
            "cloudflare_1015": 429, "cloudflare_1015_plain": 429,
        }  # fmt: skip
        answers = {}
        for state, status in states.items():
            sandbox.order(state=state, host="letterboxd.com", path_prefix=f"/{slug}/")
            answers[state] = sandbox.get("letterboxd.com", path)
            assert answers[state].status == status
        challenged, disguised = answers["cloudflare_challenge"], answers["cloudflare_challenge_200"]
        assert challenged.headers["cf-mitigated"] == "challenge"
        assert b"<title>Just a moment...</title>" in disguised.body
        assert b"_cf_chl_opt" in disguised.body
        assert "cf-mitigated" not in answers["cloudflare_blocked"].headers
        assert b"used Cloudflare to restrict access</title>" in answers["cloudflare_1015"].body
        plain = answers["cloudflare_1015_plain"]
        assert (plain.body, plain.headers["content-type"]) == (b"error code: 1015", "text/plain")
        usual = sandbox.get("letterboxd.com", path)
        assert (usual.status, usual.headers["server"], "cf-ray" in usual.headers) == (200, "cloudflare", True)
        assert b'class="poster-list -p70' in usual.body
        assert sandbox.get("api.themoviedb.org", "/3/movie/1").status == 401

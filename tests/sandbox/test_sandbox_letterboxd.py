from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from parsel import Selector

from sandbox.sites import Reply, SiteRequest
from sandbox.sites.letterboxd import MARKUPS, Letterboxd, Markup
from sandbox.sites.letterboxd.layout import MOST_PAGES
from sandbox.worlds import World

if TYPE_CHECKING:
    from sandbox.worlds.letterboxd import LetterboxdWorld, Member

RATINGS = (".5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5", "5")
TILES = {
    "2026": "//div[@class='poster-grid']/ul/li[@class='griditem']",
    "2025": "//div[@class='poster-grid']/ul/li[@class='griditem']",
    "middle": "//ul[starts-with(@class,'poster-list')]/li[@class='poster-container'][.//@data-item-id]",
    "old": "//ul[starts-with(@class,'poster-list')]/li[@class='poster-container'][.//@data-cache-busting-key]",
}
Row = tuple[str, int, str, float | None, bool]


@pytest.fixture(scope="module")
def world() -> LetterboxdWorld:
    return World().letterboxd


@pytest.fixture(scope="module")
def site(world: LetterboxdWorld) -> Letterboxd:
    return Letterboxd(world)


def ask(site: Letterboxd, path: str) -> Reply:
    return site.respond(SiteRequest("letterboxd.com", path))


def document(body: bytes) -> Any:
    """The root of a page, as lxml has it."""
    return Selector(text=body.decode()).root


def page(site: Letterboxd, path: str) -> Any:
    reply = ask(site, path)
    assert (reply.status, reply.content_type) == (200, "text/html;charset=UTF-8"), path
    return document(reply.body)


def pages(site: Letterboxd, path: str) -> list[Any]:
    """All pages of a list, by its Next links."""
    found = [page(site, path)]
    while following := found[-1].xpath("//div[@class='paginate-nextprev']/a[@class='next']/@href"):
        found.append(page(site, following[0]))
    return found


def tiles(page: Any, markup: Markup) -> list[Row]:
    """The slug, id, name, rating and like of each tile, read as a reader of that time would."""
    rows: list[Row] = []
    for tile in page.xpath(TILES[markup]):
        film = tile[0]
        if markup == "2026":
            assert "data-film-id" not in film.attrib
            film_id = json.loads(film.get("data-postered-identifier"))["uid"].removeprefix("film:")
        else:
            film_id = film.get("data-film-id")
        slug = film.get("data-item-slug") or film.get("data-film-slug").removeprefix("/film/").removesuffix("/")
        name = film.get("data-item-name") or film.get("data-film-name") or film.xpath(".//img/@alt")[0]
        viewing = tile.xpath("./p[starts-with(@class,'poster-viewingdata')]")[0]
        rated = re.search(r"\brated-(\d+)", " ".join(viewing.xpath("./span/@class")))
        liked = bool(viewing.xpath("./span[contains(@class,'icon-liked')]"))
        rows.append((slug, int(film_id), name, int(rated[1]) / 2 if rated else None, liked))
    return rows


def truth(world: LetterboxdWorld, member: Member, markup: Markup, *, rated_only: bool = False) -> list[Row]:
    rows = []
    for seen in world.seen(member.slug, rated_only=rated_only):
        film = world.film_by_id[seen.film_id]
        name = film.name if markup in {"2026", "2025"} else film.title
        rows.append((film.slug, film.film_id, name, seen.rating, seen.liked))
    return rows


def keen(world: LetterboxdWorld) -> Member:
    return max(world.members, key=lambda member: member.watched_count)


@pytest.mark.parametrize("markup", MARKUPS)
def test_every_generation_of_markup_says_the_same(world: LetterboxdWorld, markup: Markup) -> None:
    site = Letterboxd(world, markup=markup)
    for member in (keen(world), *(member for member in world.members[:24] if member.is_public)):
        read = pages(site, f"/{member.slug}/films/")
        assert [row for one in read for row in tiles(one, markup)] == truth(world, member, markup)
        heading = "//ul[@class='sub-nav']/li[contains(@class,'selected')]/a/@title"
        if markup != "old":
            heading = "//h1[@class='section-heading']/span[@class='tooltip']/@title"
        noun = "film" if member.watched_count == 1 else "films"
        assert {one.xpath(heading)[0] for one in read} == {f"{member.watched_count:,}\xa0{noun}"}
        assert {one.xpath("//body/@data-owner")[0] for one in read} == {member.slug}


def test_the_lists_of_each_rating_are_the_list_of_the_rated(world: LetterboxdWorld, site: Letterboxd) -> None:
    member = keen(world)
    lists = {
        rated: [row for one in pages(site, f"/{member.slug}/films/rated/{rated}/") for row in tiles(one, "2026")]
        for rated in (*RATINGS, ".5-5", "3.5-4", "none")
    }
    assert lists[".5-5"] == truth(world, member, "2026", rated_only=True)
    assert all({row[3] for row in lists[rated]} <= {float(rated)} for rated in RATINGS)
    assert sorted(itertools.chain(*(lists[rated] for rated in RATINGS))) == sorted(lists[".5-5"])
    assert sorted(lists["3.5-4"]) == sorted(lists["3.5"] + lists["4"])
    assert {row[3] for row in lists["none"]} == {None}
    assert len(lists["none"]) + len(lists[".5-5"]) == member.watched_count
    liked = [row for one in pages(site, f"/{member.slug}/likes/films/") for row in tiles(one, "2026")]
    assert liked == [row for row in truth(world, member, "2026") if row[4]]
    for wrong in ("rated/6", "rated/0", "rated/5-1", "rated/x", "by/taste"):
        assert ask(site, f"/{member.slug}/films/{wrong}/").status == 404


def test_by_date_what_was_added_last_comes_first(world: LetterboxdWorld, site: Letterboxd) -> None:
    member = keen(world)
    entries = world.entries(member)
    added = {world.films[film].slug: int(minute) for film, minute in zip(entries.film, entries.added, strict=True)}
    read = pages(site, f"/{member.slug}/films/by/date/")
    minutes = [added[row[0]] for one in read for row in tiles(one, "2026")]
    assert minutes == sorted(added.values(), reverse=True)
    again = pages(site, f"/{member.slug}/films/rated/.5-5/by/rated-date/")
    assert len(again) == -(-sum(1 for _ in world.seen(member.slug, rated_only=True)) // 72)


def test_pages_are_numbered_with_dots_between_or_not_at_all(world: LetterboxdWorld, site: Letterboxd) -> None:
    def numbers(path: str) -> list[str]:
        return [item.text_content() for item in page(site, path).xpath("//li[contains(@class,'paginate-page')]")]

    slug = keen(world).slug
    assert numbers(f"/{slug}/films/") == ["1", "2", "3", "…", "5"]
    assert numbers(f"/{slug}/films/page/5/") == ["1", "…", "3", "4", "5"]
    special = {member.special: member.slug for member in world.members}
    assert numbers(f"/{special['two pages']}/films/") == ["1", "2"]
    for what in ("empty", "one film", "one page"):
        assert not page(site, f"/{special[what]}/films/").xpath("//div[@class='pagination']")
    last = page(site, f"/{special['two pages']}/films/page/2/")
    assert last.xpath("//div[@class='paginate-nextprev paginate-disabled']/span/@class") == ["next"]
    beyond = page(site, f"/{slug}/films/page/6/")
    assert (tiles(beyond, "2026"), beyond.xpath("//a[@class='next']")) == ([], [])
    assert beyond.xpath("//ul[@class='grid -p70']")


def test_a_list_ends_at_page_128_whatever_it_holds() -> None:
    world = World(0, 20_000).letterboxd
    member = world.members[0]
    site = Letterboxd(world)
    last = page(site, f"/{member.slug}/films/page/{MOST_PAGES}/")
    assert len(tiles(last, "2026")) == 72
    assert not last.xpath("//a[@class='next']")
    assert f"{member.watched_count:,}" in last.xpath("//h1[@class='section-heading']/span/@title")[0]
    assert not tiles(page(site, f"/{member.slug}/films/page/{MOST_PAGES + 1}/"), "2026")
    assert last.xpath("//li[contains(@class,'paginate-page')][last()]")[0].text_content() == "128"


def _people(page: Any) -> list[str]:
    return [
        link.strip("/") for link in page.xpath("//table//td[contains(@class,'table-person')]//a[@class='name']/@href")
    ]


def test_members_are_listed_thirty_a_page_without_numbers(world: LetterboxdWorld, site: Letterboxd) -> None:
    read = pages(site, "/members/popular/")
    slugs = [member.slug for member in world.members]
    assert [len(_people(one)) for one in read] == [30, 30, 30, 10]
    assert [slug for one in read for slug in _people(one)] == slugs
    assert not [one for one in read if one.xpath("//li[contains(@class,'paginate-page')]")]
    assert not page(site, "/members/popular/page/5/").xpath("//table")
    week = [slug for one in pages(site, "/members/popular/this/week/") for slug in _people(one)]
    assert week != slugs
    assert sorted(week) == sorted(slugs)
    for row, member in zip(
        read[0].xpath("//table[contains(@class,'member-table')]/tbody/tr"), world.members, strict=False
    ):
        cells = [cell.text_content().strip() for cell in row.xpath("./td")[1:]]
        assert cells == [f"{n:,}" for n in (member.watched_count, member.list_count, member.like_count)]
        reviews = row.xpath(".//small/a[contains(@href,'/reviews/')]")
        assert [link.text for link in reviews] == [
            f"{member.review_count:,}\xa0review{'s' * (member.review_count != 1)}"
        ] * bool(member.review_count)
        assert " ".join(row.xpath(".//a[@class='name']/text()")[0].split()) == member.display_name


def test_those_who_rated_a_film_are_listed_with_rating_and_like(world: LetterboxdWorld, site: Letterboxd) -> None:
    film = max(world.films, key=lambda film: world.rating_counts[film.index])
    read = pages(site, f"/film/{film.slug}/members/rated/.5-5/")
    rows = []
    for row in (row for one in read for row in one.xpath("//table[contains(@class,'reactions-table')]/tbody/tr")):
        rating = re.search(r"\brated-(\d+)", row.xpath(".//td[contains(@class,'col-rating')]/span/@class")[0])
        liked = bool(row.xpath(".//td[contains(@class,'col-like')]/span[contains(@class,'icon-liked')]"))
        assert rating
        rows.append((row.xpath(".//a[@class='name']/@href")[0].strip("/"), int(rating[1]) / 2, liked))
    assert len(read) > 1
    assert [len(_people(one)) for one in read[:-1]] == [25] * (len(read) - 1)
    assert sorted(rows) == sorted(
        (row.member, row.rating, row.liked) for row in world.ratings() if row.film_id == film.film_id
    )
    assert [row[1] for row in rows] == sorted((row[1] for row in rows), reverse=True)


def test_renamed_films_redirect_and_paths_are_forgiving(world: LetterboxdWorld, site: Letterboxd) -> None:
    old, film = next(iter(world.film_by_old_slug.items()))
    for rest in ("", "members/rated/.5-5/page/2/"):
        reply = ask(site, f"/film/{old}/{rest}")
        assert (reply.status, reply.headers["Location"]) == (301, f"/film/{film.slug}/{rest}")
    assert ask(site, f"/film/{film.slug}").headers["Location"] == f"/film/{film.slug}/"
    slug = keen(world).slug
    assert ask(site, f"/{slug.upper()}/films/").body == ask(site, f"/{slug}/films/").body


def test_what_cannot_be_shown_says_so(world: LetterboxdWorld, site: Letterboxd) -> None:
    special = {member.special: member.slug for member in world.members}
    for path in ("films/", "films/rated/.5-5/", "rss/"):
        reply = ask(site, f"/{special['private']}/{path}")
        assert reply.status == 403
        assert "cf-mitigated" not in reply.headers
        assert document(reply.body).xpath("//title/text()") == ["Private"]
    assert ask(site, f"/{special['private']}/").status == 200
    for path in (f"/{special['deleted']}/films/", "/nobody/films/", "/film/no-such-film/", "/members/", "/film/"):
        reply = ask(site, path)
        assert reply.status == 404
        body = document(reply.body)
        assert body.xpath("//body/@class") == ["error message-dark"]
        assert body.xpath("//section[@class='message']/strong/text()")
    assert site.respond(SiteRequest("letterboxd.com", "/members/popular/", method="POST")).status == 405

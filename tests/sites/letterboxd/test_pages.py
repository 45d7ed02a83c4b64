"""What Letterboxd's addresses and pages mean; the pages are fixtures, which tests/sites/test_fixtures.py runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scrapy.http import HtmlResponse, Response

from crawlers.errors import LayoutChanged
from crawlers.items.identifiers import identifier
from crawlers.pages import letterboxd
from crawlers.pages.letterboxd.addresses import Kind
from crawlers.pages.state import PageState
from tests.sites.test_fixtures import FIXTURES

Respond = Callable[..., Response]

SITE = "https://letterboxd.com"
ROWS_OF_A_GRID = FIXTURES / "letterboxd" / "ratings" / "markup_of_july_2026" / "response.html"


# Addresses


@pytest.mark.parametrize(
    ("url", "kind", "page"),
    [
        (f"{SITE}/members/popular/", Kind.POPULAR, 1),
        (f"{SITE}/members/popular/page/12/", Kind.POPULAR, 12),
        (f"{SITE}/members/popular/this/week/page/128/", Kind.POPULAR, 128),
        (f"{SITE}/film/a-film/", Kind.FILM, 1),
        (f"{SITE}/film/a-film/members/rated/.5-5/page/2/", Kind.FILM_MEMBERS, 2),
        (f"{SITE}/Anna_1/films/", Kind.GRID, 1),
        (f"{SITE}/anna/films/page/3/", Kind.GRID, 3),
        (f"{SITE}/anna/films/rated/4.5/page/3/", Kind.GRID, 3),
        (f"{SITE}/anna/films/rated/.5-5/by/date/page/3/", Kind.GRID, 3),
        (f"{SITE}/anna/films/page/1/?html.parser", Kind.GRID, 1),
        (f"{SITE}/anna/rss/", Kind.FEED, 1),
        ("https://api.themoviedb.org/3/tv/7", Kind.TMDB, 1),
        ("https://api.themoviedb.org/robots.txt", Kind.OTHER, 1),
        (f"{SITE}/anna/", Kind.OTHER, 1),
        (f"{SITE}/anna/likes/films/", Kind.OTHER, 1),
        ("https://example.org/anna/films/", Kind.OTHER, 1),
    ],
)
def test_an_address_says_what_kind_of_page_it_leads_to(url: str, kind: Kind, page: int) -> None:
    address = letterboxd.address_of(url)
    assert (address.kind, address.page) == (kind, page)


@pytest.mark.parametrize(
    ("rated", "stars"),
    [(".5", 0.5), ("1", 1.0), ("4.5", 4.5), ("5", 5.0), (".5-5", None), ("none", None), ("3.5-4", None), (".", None)],
)
def test_a_list_of_one_rating_is_told_from_a_list_of_several(rated: str, stars: float | None) -> None:
    assert letterboxd.address_of(letterboxd.grid_url("anna", rated=rated)).stars == stars


def test_the_lists_that_replace_a_cut_one_are_one_a_rating_and_share_no_film() -> None:
    assert letterboxd.one_by_one(rated_only=True) == ["5", "4.5", "4", "3.5", "3", "2.5", "2", "1.5", "1", ".5"]
    assert letterboxd.one_by_one(rated_only=False)[-1] == "none"
    stars = [
        letterboxd.address_of(letterboxd.grid_url("anna", rated=rated)).stars
        for rated in letterboxd.one_by_one(rated_only=True)
    ]
    assert stars == [half / 2 for half in range(10, 0, -1)]


def test_a_member_and_a_film_have_one_name_in_either_case() -> None:
    assert letterboxd.address_of(f"{SITE}/AnNa/films/").member == "anna"
    assert letterboxd.address_of(f"{SITE}/film/A-Film/").slug == "a-film"
    assert identifier("letterboxd", "user", "AnNa") == "anna"


# Lists


def grid(body: str, url: str = f"{SITE}/paper_moth/films/") -> HtmlResponse:
    return HtmlResponse(url, body=body.encode(), headers={"Content-Type": "text/html;charset=UTF-8"})


def test_a_page_whose_owner_is_written_in_capitals_is_the_same_members() -> None:
    page = ROWS_OF_A_GRID.read_text()
    head, _, rest = page.partition('data-owner="paper_moth"')
    body = f'{head}data-owner="Paper_Moth"{rest}'
    response = grid(body, f"{SITE}/PAPER_MOTH/films/")
    assert letterboxd.recognise(response) is PageState.OK
    assert {row.user_id for row in letterboxd.ratings(response)} == {"paper_moth"}


@pytest.mark.parametrize(
    "href", ["/paper_moth/films/page/3/", "/other/films/page/2/", "https://example.org/", "page/2/"]
)
def test_a_next_that_is_no_next_page_of_the_list_is_not_followed(href: str) -> None:
    link = f'<div class="paginate-nextprev"><a class="next" href="{href}">Older</a></div>'
    response = grid(f'<div class="pagination">{link}</div>')
    with pytest.raises(LayoutChanged) as error:
        letterboxd.next_page(response)
    assert "paper_moth" not in str(error.value)


@pytest.mark.parametrize(
    "body", ["", "<html><body></body></html>", '<body data-owner="paper_moth"><h1>Films</h1></body>']
)
def test_an_error_about_a_page_names_neither_the_member_nor_the_film(body: str) -> None:
    for read, url in (
        (letterboxd.ratings, f"{SITE}/paper_moth/films/"),
        (letterboxd.members, f"{SITE}/members/popular/"),
        (letterboxd.film_ratings, f"{SITE}/film/a-secret/members/rated/.5-5/"),
        (letterboxd.film, f"{SITE}/film/a-secret/"),
        (letterboxd.diary, f"{SITE}/paper_moth/rss/"),
    ):
        with pytest.raises(LayoutChanged) as error:
            read(grid(body, url))
        assert "paper_moth" not in str(error.value)
        assert "secret" not in str(error.value)


def test_a_row_does_not_show_itself() -> None:
    row = letterboxd.ratings(grid(ROWS_OF_A_GRID.read_text()))[0]
    assert repr(row) == str(row) == "<Rating>"


def test_names_of_films_are_those_of_the_rows() -> None:
    rows = letterboxd.ratings(grid(ROWS_OF_A_GRID.read_text()))
    slugs = letterboxd.film_slugs(rows)
    assert [(slug.film_id, slug.slug) for slug in slugs] == [(row.film_id, row.film_slug) for row in rows]


# Walls


@pytest.mark.parametrize("title", ["Just a moment...", "_cf_chl_opt", "You are being rate limited"])
def test_a_film_that_is_called_like_a_wall_is_none(title: str) -> None:
    """Only a page without the landmarks of its kind is searched for the words of a wall."""
    body = ROWS_OF_A_GRID.read_text().replace("Orwell Street (1984)", title)
    assert letterboxd.recognise(grid(body)) is PageState.OK
    assert title in [row.film_title for row in letterboxd.ratings(grid(body))]
    assert letterboxd.recognise(grid(body.replace("films-watched", "x").replace("griditem", "x"))) is not PageState.OK


def test_the_widget_that_every_page_has_is_no_challenge() -> None:
    body = ROWS_OF_A_GRID.read_text()
    assert "challenges.cloudflare.com" in body
    assert letterboxd.recognise(grid(body)) is PageState.OK
    assert letterboxd.recognise(grid(body.replace("poster-grid", "x"))) is PageState.CHANGED

"""Where a list goes on: only to a further page of itself, whatever the page says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Response

from crawlers.errors import LayoutChanged
from crawlers.items.sketchfab import Model
from crawlers.pages import sketchfab
from crawlers.pages.state import PageState

Respond = Callable[..., Response]

LIST = "https://api.sketchfab.com/v3/search?count=24&sort_by=-likeCount&type=models"
LIKES = "https://sketchfab.com/i/likes?count=24&model=m1&offset=24"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def page(respond: Respond) -> Callable[..., Response]:
    def make(content: Any, url: str = LIST) -> Response:
        return respond(url, json.dumps(content).encode(), headers=JSON)

    return make


Page = Callable[..., Response]


@pytest.mark.parametrize(
    ("url", "following"),
    [
        (LIST, f"{LIST}&cursor=bz0yNCZwPTE%3D"),
        (LIST, "https://api.sketchfab.com/v3/search?cursor=x"),
        (LIKES, "https://sketchfab.com/i/likes?count=24&model=m1&offset=48"),
    ],
)
def test_a_further_page_of_the_same_list_is_followed_verbatim(page: Page, url: str, following: str) -> None:
    assert sketchfab.next_page(page({"next": following, "results": []}, url)) == following


def test_the_end_is_where_the_page_says_so(page: Page) -> None:
    assert sketchfab.next_page(page({"next": None, "results": []})) is None


REFUSED = {
    "itself": LIST,
    "a file": "file:///etc/passwd",
    "a file under the same path": "file://api.sketchfab.com/v3/search?cursor=x",
    "what it made up": 'data:application/json,{"results": []}',
    "another host": "https://sketchfab.example/v3/search?cursor=x",
    "another host of the site": "https://sketchfab.com/v3/search?cursor=x",
    "a host that begins alike": "https://api.sketchfab.com.dave.example/v3/search?cursor=x",
    "a host behind a user": "https://api.sketchfab.com@dave.example/v3/search?cursor=x",
    "a user at the host": "https://dave@api.sketchfab.com/v3/search?cursor=x",
    "another port": "https://api.sketchfab.com:8443/v3/search?cursor=x",
    "another scheme": "http://api.sketchfab.com/v3/search?cursor=x",
    "another path": "https://api.sketchfab.com/v3/users?cursor=x",
    "a path below": "https://api.sketchfab.com/v3/search/x?cursor=x",
    "no scheme": "//api.sketchfab.com/v3/search?cursor=x",
    "a path alone": "/v3/search?cursor=x",
    "a query alone": "?cursor=x",
    "no address": "https://[",
    "empty": "",
    "a number": 2,
    "a truth": True,
    "none of it": False,
    "a list": [LIST],
    "an object": {"href": LIST},
}


@pytest.mark.parametrize("following", REFUSED.values(), ids=REFUSED)
def test_a_page_cannot_choose_what_is_fetched(page: Page, following: Any) -> None:
    with pytest.raises(LayoutChanged, match="a list whose 'next' is no further page of it") as caught:
        sketchfab.next_page(page({"next": following, "results": []}))
    assert caught.value.template == "api.sketchfab.com/v3/search"
    assert "dave" not in str(caught.value)
    assert "passwd" not in str(caught.value)


def test_a_page_that_does_not_say_whether_it_is_the_last_is_a_changed_layout(page: Page) -> None:
    with pytest.raises(LayoutChanged):
        sketchfab.next_page(page({"results": []}))


def test_a_page_that_leads_to_itself_under_another_fragment_leads_to_itself(page: Page) -> None:
    with pytest.raises(LayoutChanged):
        sketchfab.next_page(page({"next": f"{LIST}#top", "results": []}))


# What people write does not stop a crawl


def test_a_title_that_is_the_word_of_the_challenge_is_a_title(page: Page) -> None:
    assert sketchfab.recognise(page({"results": [{"name": "gokuProps"}], "next": None})) is PageState.OK
    assert sketchfab.recognise(page({"uid": "m1", "name": "gokuProps"})) is PageState.OK
    assert sketchfab.recognise(page([{"name": "gokuProps"}])) is PageState.CHANGED


def test_the_challenge_itself_is_a_wall_whatever_stands_before_it(respond: Respond) -> None:
    for body in (b"<html><script>window.gokuProps = {}", b"\n  <script>window.gokuProps = {", b"gokuProps"):
        assert sketchfab.recognise(respond(LIST, body, headers={"Content-Type": "text/html"})) is PageState.BLOCKED


@pytest.mark.parametrize("form", ["JSON with a byte order mark", "HTML"])
def test_such_a_title_stops_no_crawl_in_other_forms_either(respond: Respond, form: str) -> None:
    if form == "HTML":
        block = '<div id="js-dom-data-prefetched-data"><!--{"/i/categories": {}}--></div>'
        body = f"<html><title>gokuProps</title>{block}".encode()
        response: Response = HtmlResponse("https://sketchfab.com/search?q=gokuProps", body=body)
    else:
        response = respond(LIST, b'\xef\xbb\xbf{"results": [{"name": "gokuProps"}], "next": null}', headers=JSON)
    assert sketchfab.recognise(response) is PageState.OK


# Words of the site's own


def read(page: Page, **fields: Any) -> Model:
    node = {"uid": "m1", "name": "A fox", "user": {"uid": "u1", "account": "pro"}, "likeCount": 7, **fields}
    return sketchfab.models(page({"results": [node], "next": None}))[0]


NO_WORD = ["Dave's own", "by dave@site.example", "名", "", "a" * 65, 7, ["by"], "BY", "by\n"]


@pytest.mark.parametrize("value", NO_WORD)
def test_what_is_no_word_of_the_sites_own_is_not_kept(page: Page, value: Any) -> None:
    model = read(
        page, license={"slug": value, "uid": "x y"}, pbrType=value, user={"uid": "u1", "account": value},
        categories=[{"slug": "art-abstract"}, {"slug": value, "name": "Dave's"}],
    )  # fmt: skip
    assert (model.license, model.pbr_type, model.user_plan, model.categories) == (None, None, None, ["art-abstract"])


def test_words_of_the_sites_own_are_kept(page: Page) -> None:
    model = read(page, license={"slug": "by-nc-sa"}, pbrType="metalness", categories=[{"name": "cars-vehicles"}])
    assert (model.license, model.pbr_type, model.user_plan) == ("by-nc-sa", "metalness", "pro")
    assert model.categories == ["cars-vehicles"]


@pytest.mark.parametrize(("price", "kept"), [(3, 3.0), (3.99, 3.99), (0, 0.0), (None, None)])
def test_a_price_may_have_cents(page: Page, price: float | None, kept: float | None) -> None:
    assert read(page, price=price).price == kept

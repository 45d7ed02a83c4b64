"""Whom the pages of people lead to: each person once, up to the limit, and no list without end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import TextResponse

from crawlers.items import Remember, Rows
from crawlers.pages.sketchfab import comments_url, followers_url, liked_url, user_url
from crawlers.spiders.sketchfab import SketchfabSpider
from crawlers.spiders.sketchfab.reading import STALE_PAGES

COMMENTS = comments_url("m1")


class Memory:
    """What was remembered, page by page."""

    def __init__(self, **facts: Any) -> None:
        self.facts: dict[str, Any] = {**facts}

    def knows(self, name: str) -> bool:
        return name in self.facts

    def recall(self, name: str, default: Any = None) -> Any:
        return self.facts.get(name, default)


def a_spider(**arguments: Any) -> SketchfabSpider:
    spider = SketchfabSpider(**arguments)
    spider.memory = Memory()
    return spider


def account(name: str) -> dict[str, Any]:
    return {"uid": f"uid-{name}", "username": name}


def read(
    spider: SketchfabSpider, names: Iterable[str], following: str | None = None, url: str = COMMENTS, **state: Any
) -> list[Request]:
    """The requests that a page of comments by these people leads to, once it is stored."""
    rows = [{"user": account(name)} for name in names]
    page = TextResponse(url, body=json.dumps({"results": rows, "next": following}).encode())
    return stored(spider, spider.parse_comments(page, **state))


def stored(spider: SketchfabSpider, output: Iterable[Any]) -> list[Request]:
    """The requests among what a page yielded; what it remembers is known from then on."""
    memory, found = spider.memory, []
    assert isinstance(memory, Memory)
    for one in output:
        if isinstance(one, Remember):
            memory.facts[one.name] = one.value
        elif isinstance(one, Request):
            found.append(one)
    return found


def urls(requests: Iterable[Request]) -> list[str]:
    return [request.url for request in requests]


def test_each_person_is_asked_about_once_with_their_id_along() -> None:
    spider = a_spider()
    first = read(spider, ["ana", "ben", "ana"])
    assert urls(first) == [liked_url("ana"), liked_url("ben")]
    assert [request.cb_kwargs["user_id"] for request in first] == ["uid-ana", "uid-ben"]
    assert urls(read(spider, ["ben", "cleo"])) == [liked_url("cleo")]


def test_no_more_people_than_asked_for_and_no_further_page_once_they_are_met() -> None:
    spider = a_spider(max_users=3)
    assert urls(read(spider, ["ana", "ben"], f"{COMMENTS}&cursor=2"))[-1] == f"{COMMENTS}&cursor=2"
    assert urls(read(spider, ["ben", "cleo", "dan"])) == [liked_url("cleo")]
    assert urls(read(spider, ["eve"], f"{COMMENTS}&cursor=3")) == []


def test_followers_of_those_who_comment_are_met_and_not_their_followers() -> None:
    spider = a_spider(followers=True)
    assert urls(read(spider, ["ana"])) == [liked_url("ana"), followers_url("uid-ana")]
    body = json.dumps({"results": [account("ben"), account("ana")], "next": None}).encode()
    met = stored(spider, spider.parse_followers(TextResponse(followers_url("uid-ana"), body=body)))
    assert urls(met) == [liked_url("ben")]
    assert urls(read(spider, ["ben"])) == [followers_url("uid-ben")]  # met as a follower, and then as a commenter


@pytest.mark.parametrize(("said", "known"), [("ana", None), (None, "ana"), ("ana", "called-so-before")])
def test_an_account_leads_to_what_the_person_likes_by_the_name_it_has_now(said: str | None, known: str | None) -> None:
    spider = a_spider()
    node = {"uid": "uid-ana", "username": said, "modelCount": 1, "followerCount": 2, "likeCount": 7}
    page = TextResponse(user_url("uid-ana"), body=json.dumps(node).encode())
    (likes,) = stored(spider, spider.parse_user(page, username=known))
    assert likes.url == liked_url("ana")
    assert (likes.cb_kwargs["user_id"], likes.cb_kwargs["stated"]) == ("uid-ana", 7)


def test_an_account_that_cannot_be_read_is_not_passed_over_in_silence() -> None:
    page = TextResponse(user_url("uid-ana"), body=b'{"uid": "uid-ana", "username": "ana"}')
    (rows,) = a_spider().parse_user(page, username=None)
    assert isinstance(rows, Rows)
    assert rows.unreadable


@pytest.mark.parametrize(("stated", "pages"), [(None, 1 + STALE_PAGES), (200, 9)])
def test_a_list_that_gives_the_same_people_for_ever_is_left(stated: int | None, pages: int) -> None:
    spider = a_spider()
    state: dict[str, Any] = {"stated": stated}
    following: str | None = f"{COMMENTS}&page=2"
    read_pages = 0
    while following is not None:
        read_pages += 1
        requests = read(spider, ["ana", "ben"], f"{COMMENTS}&page={read_pages + 1}", **state)
        further = [request for request in requests if "page=" in request.url]
        following, state = (further[0].url, further[0].cb_kwargs) if further else (None, {})
    assert read_pages == pages


def test_many_comments_by_the_same_people_are_read_to_their_stated_end() -> None:
    spider = a_spider()
    state: dict[str, Any] = {"stated": 24 * 6}
    for page in range(1, 6):
        requests = read(spider, ["ana"], f"{COMMENTS}&page={page + 1}", **state)
        state = requests[-1].cb_kwargs
    assert urls(read(spider, ["zoe"], None, **state)) == [liked_url("zoe")]

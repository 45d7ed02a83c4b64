"""How lists of likes are read: to their end, and not beyond; and what is missing is told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import TextResponse

from crawlers.errors import LayoutChanged
from crawlers.items import Coverage, Remember, Rows
from crawlers.items.sketchfab import Like
from crawlers.pages.sketchfab import PAGE_SIZE, liked_url, likes_url
from crawlers.spiders.sketchfab import SketchfabSpider
from crawlers.spiders.sketchfab.reading import LONGEST, NEW_LIKES, STALE_PAGES

FIRST = likes_url("m1")
SECOND = FIRST.replace("offset=0", "offset=24")
PEOPLE = [f"u{number}" for number in range(24)]


class Knows:
    """A memory of these facts."""

    def __init__(self, *names: str) -> None:
        self._names = set(names)

    def knows(self, name: str) -> bool:
        return name in self._names

    def recall(self, name: str, default: object = None) -> object:
        return default


class Read:
    """What the spider makes of one page: the likes it keeps, the page it asks for next, and how the list ended."""

    def __init__(
        self, people: Iterable[Any], following: str | None, *, stated: int, url: str = FIRST,
        memory: Knows | None = None, **state: Any,
    ) -> None:  # fmt: skip
        spider = SketchfabSpider()
        spider.memory = memory or Knows()
        rows = [{"uid": person} for person in people]
        page = TextResponse(url, body=json.dumps({"results": rows, "next": following}).encode())
        output = list(spider.parse_likes(page, model_id="m1", stated=stated, **state))
        (likes,) = (one for one in output if isinstance(one, Rows))
        self.kept = [(like.user_id, like.position) for like in likes.items if isinstance(like, Like)]
        self.facts = [one.name for one in output if isinstance(one, Remember)]
        self.next: Request | None = next((one for one in output if isinstance(one, Request)), None)
        self.ended: Coverage | None = next((one for one in output if isinstance(one, Coverage)), None)

    @property
    def state(self) -> dict[str, Any]:
        assert self.next is not None
        return {name: value for name, value in self.next.cb_kwargs.items() if name not in {"model_id", "stated"}}


def test_a_list_is_read_page_by_page_and_its_end_says_that_nothing_is_missing() -> None:
    first = Read(PEOPLE, SECOND, stated=26)
    assert (first.next and first.next.url, first.ended) == (SECOND, None)
    second = Read(["a", "b"], None, url=SECOND, stated=26, **first.state)
    assert second.kept == [("a", 24), ("b", 25)]
    assert (second.next, second.ended) == (None, Coverage(Like, stated=26, received=26))


def test_a_list_that_is_begun_is_read_before_the_others() -> None:
    following = Read(PEOPLE, SECOND, stated=26).next
    assert following is not None
    assert following.priority > Request(FIRST).priority


def test_likes_that_are_stated_and_not_listed_are_missing() -> None:
    ended = Read(PEOPLE[:20], None, stated=24).ended
    assert ended is not None
    assert ended.missing == 4


def test_likes_that_came_since_the_model_was_read_make_up_for_nothing_elsewhere() -> None:
    ended = Read(PEOPLE, None, stated=20).ended
    assert ended is not None
    assert ended.missing == 0


def test_a_row_that_cannot_be_read_has_come_all_the_same() -> None:
    assert Read([*PEOPLE[:5], 7], None, stated=6).ended == Coverage(Like, stated=6, received=6)


def test_people_of_the_page_before_are_kept_once_where_they_stood_first() -> None:
    first = Read(PEOPLE, SECOND, stated=26)
    second = Read([*PEOPLE[-3:], "a", "b"], None, url=SECOND, stated=26, **first.state)
    assert second.kept == [("a", 27), ("b", 28)]
    assert second.ended == Coverage(Like, stated=26, received=26)


def test_a_list_in_which_rows_came_twice_and_others_not_at_all_is_read_once_more_and_then_counted() -> None:
    first = Read([*PEOPLE[:-3], "a", "b", "c"], SECOND, stated=27)
    second = Read(["a", "b", "c"], None, url=SECOND, stated=27, **first.state)
    assert second.ended is None
    assert second.next is not None
    assert (second.next.url, second.next.dont_filter, second.state) == (FIRST, True, {"again": True})
    once_more = Read([*PEOPLE[:-3], "a", "b", "c"], SECOND, stated=27, **second.state)
    ended = Read(["a", "b", "c"], None, url=SECOND, stated=27, **once_more.state)
    assert (ended.next, ended.ended) == (None, Coverage(Like, stated=27, received=24))


def test_a_list_that_is_only_short_is_not_read_again() -> None:
    assert Read(PEOPLE[:20], None, stated=24).next is None


@pytest.mark.parametrize(("stated", "goes_on"), [(48, False), (49, True)])
def test_a_page_without_anybody_new_is_passed_over_as_long_as_more_pages_are_stated(stated: int, goes_on: bool) -> None:
    first = Read(PEOPLE, SECOND, stated=stated)
    assert first.state["page"] * PAGE_SIZE == 48
    second = Read(PEOPLE, f"{SECOND}&page=3", url=SECOND, stated=stated, **first.state)
    assert second.kept == []
    assert bool(second.next and not second.next.cb_kwargs.get("again")) is goes_on


@pytest.mark.parametrize("people", [PEOPLE, []])
def test_a_list_that_gives_the_same_page_for_ever_is_left_where_its_end_would_be(people: list[str]) -> None:
    read = Read(people, f"{FIRST}&page=2", stated=200)
    pages = 1
    while read.next is not None and not read.next.cb_kwargs.get("again"):
        pages += 1
        read = Read(people, f"{FIRST}&page={pages + 1}", stated=200, **read.state)
    assert pages == -(-200 // PAGE_SIZE)


def test_a_list_that_always_has_somebody_new_ends_far_beyond_what_is_stated() -> None:
    limit = 2 * 5 + NEW_LIKES
    assert Read(PEOPLE, SECOND, stated=5, received=limit - 24).next is not None
    with pytest.raises(LayoutChanged, match="far longer than it can be"):
        Read(PEOPLE, SECOND, stated=5, received=limit - 23)


def test_a_list_that_leads_back_into_itself_is_noticed() -> None:
    first = Read(PEOPLE, SECOND, stated=26)
    with pytest.raises(LayoutChanged, match="leads back into the list"):
        Read(["a"], FIRST, url=SECOND, stated=26, memory=Knows(*first.facts), **first.state)


def test_a_list_that_is_read_again_does_not_lead_back() -> None:
    first = Read(PEOPLE, SECOND, stated=26)
    assert Read(PEOPLE, SECOND, stated=26, memory=Knows(*first.facts), again=True).next is not None


OF_PERSON: dict[str, Any] = {"user_id": "u1", "username": "somebody"}
MODELS = [f"m{number}" for number in range(24)]


def of_person(
    models: Iterable[Any],
    following: str | None,
    *,
    url: str = liked_url("somebody"),
    min_likes: int = 5,
    categories: str = "",
    **state: Any,
) -> tuple[list[tuple[str, int]], Request | None, Coverage | None]:
    """What the spider makes of a page of what a person likes: the likes it keeps, the next page, how the list ended."""
    spider = SketchfabSpider(min_likes=min_likes, categories=categories)
    spider.memory = Knows()
    rows = [{"uid": model, "likeCount": 9, "categories": []} if isinstance(model, str) else model for model in models]
    page = TextResponse(url, body=json.dumps({"results": rows, "next": following}).encode())
    output = list(spider.parse_likes(page, **OF_PERSON | state))
    (likes,) = (one for one in output if isinstance(one, Rows))
    assert all(like.user_id == "u1" and like.likes_source == "user" for like in likes.items if isinstance(like, Like))
    kept = [(like.model_id, like.position) for like in likes.items if isinstance(like, Like)]
    following_request = next((one for one in output if isinstance(one, Request)), None)
    return kept, following_request, next((one for one in output if isinstance(one, Coverage)), None)


def test_what_a_person_likes_is_kept_where_the_model_is_wanted_with_its_place_in_the_whole_list() -> None:
    rows = [
        {"uid": "m1", "likeCount": 4, "categories": [{"slug": "music"}]},
        {"uid": "m2", "likeCount": 5, "categories": [{"slug": "music"}, {"slug": "people"}]},
        {"uid": "m3", "likeCount": 6, "categories": []},
    ]
    assert of_person(rows, None)[0] == [("m2", 1), ("m3", 2)]
    assert of_person(rows, None, categories="people,animals-pets")[0] == [("m2", 1)]
    assert of_person(rows, None, min_likes=0, categories="music")[0] == [("m1", 0), ("m2", 1)]


def test_the_requests_for_what_a_person_likes_carry_the_persons_id() -> None:
    _, following, _ = of_person(MODELS, f"{liked_url('somebody')}&cursor=bz0yNA%3D%3D")
    assert following is not None
    assert following.cb_kwargs["user_id"] == "u1"


def test_a_model_that_slid_onto_the_next_page_is_kept_once_where_it_stood_first() -> None:
    url = f"{liked_url('somebody')}&cursor=bz0yNA%3D%3D"
    _, following, _ = of_person(MODELS, url)
    assert following is not None
    kept, following, _ = of_person(["m23", "m24"], None, **{**following.cb_kwargs, "url": following.url})
    assert (kept, following) == ([("m24", 25)], None)


def test_without_a_stated_length_nothing_is_said_to_be_missing_and_with_one_it_is() -> None:
    assert of_person(MODELS, None)[2] is None
    assert of_person(MODELS, None, stated=30)[2] == Coverage(Like, stated=30, received=24)


def test_a_list_of_unknown_length_that_repeats_a_page_is_left_after_some_pages() -> None:
    pages = 1
    _, following, _ = of_person(MODELS, f"{liked_url('somebody')}&page=2")
    while following is not None:
        pages += 1
        further = f"{liked_url('somebody')}&page={pages + 1}"
        _, following, _ = of_person(MODELS, further, **{**following.cb_kwargs, "url": following.url})
    assert pages == 1 + STALE_PAGES


def test_a_list_of_unknown_length_without_end_is_no_list_of_likes() -> None:
    with pytest.raises(LayoutChanged, match="far longer than it can be"):
        of_person(MODELS, None, received=LONGEST)


def test_a_row_that_does_not_say_how_liked_its_model_is_has_come_all_the_same() -> None:
    kept, _, ended = of_person([*MODELS[:5], {"uid": "m9"}, 7], None, stated=7)
    assert len(kept) == 5
    assert ended == Coverage(Like, stated=7, received=7)

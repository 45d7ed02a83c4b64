"""When the list of models is read again: as long as a jump may have hidden a model."""

from __future__ import annotations

import json

import pytest
from scrapy import Request
from scrapy.http import TextResponse

from crawlers.errors import LayoutChanged
from crawlers.pages.sketchfab import list_url
from crawlers.spiders.sketchfab import SketchfabSpider


class KnowsAll:
    """A memory in which every model is known already."""

    def knows(self, name: str) -> bool:
        return name.startswith("model ")

    def recall(self, name: str, default: object = None) -> object:
        return default


@pytest.mark.parametrize(
    ("jumped", "news", "quiet", "again"),
    [(False, True, 0, False), (True, True, 2, True), (True, False, 0, True), (True, False, 1, True),
     (True, False, 2, False)],
)  # fmt: skip
def test_a_reading_that_jumped_is_followed_by_another_until_three_brought_nothing_new(
    jumped: bool, news: bool, quiet: int, again: bool
) -> None:
    spider = SketchfabSpider()
    spider.memory = KnowsAll()
    last = TextResponse(list_url(), body=json.dumps({"results": [], "next": None}).encode())
    output = list(spider.parse_models(last, reading=2, found=9, jumped=jumped, news=news, quiet=quiet))
    requests = [one for one in output if isinstance(one, Request)]
    assert [request.cb_kwargs["reading"] for request in requests] == ([3] if again else [])
    assert [request.cb_kwargs.get("quiet", 0) for request in requests] == ([0 if news else quiet + 1] if again else [])


def test_a_page_with_the_very_models_of_the_page_before_it_is_not_the_list() -> None:
    spider = SketchfabSpider()
    spider.memory = KnowsAll()
    page = TextResponse(list_url(), body=json.dumps({"results": [node("a", 9), node("b", 2)], "next": None}).encode())
    list(spider.parse_models(page, reading=1, found=0, previous=["b", "a"]))
    with pytest.raises(LayoutChanged, match="the very models of the page before it"):
        list(spider.parse_models(page, reading=1, found=0, previous=["a", "b"]))


def node(model_id: str, like_count: int) -> dict[str, object]:
    return {"uid": model_id, "name": "A fox", "user": {"uid": "u1"}, "likeCount": like_count}


def test_a_list_that_never_rests_is_told(caplog: pytest.LogCaptureFixture) -> None:
    spider = SketchfabSpider()
    spider.memory = KnowsAll()
    last = TextResponse(list_url(), body=json.dumps({"results": [], "next": None}).encode())
    list(spider.parse_models(last, reading=2, found=9, jumped=False))
    assert not caplog.messages
    list(spider.parse_models(last, reading=4, found=9, jumped=True, quiet=2))
    assert caplog.messages == ["the list of models of all categories moved in each of 4 readings; some may be missing"]

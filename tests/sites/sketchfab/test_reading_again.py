"""When the list of models is read again: as long as a jump may have hidden a model."""

from __future__ import annotations

import json

import pytest
from scrapy import Request
from scrapy.http import TextResponse

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
    assert [request.cb_kwargs["quiet"] for request in requests] == ([0 if news else quiet + 1] if again else [])

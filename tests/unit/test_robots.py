"""robots.txt reaches every request that waits for it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawlers.middlewares.robots import RobotsTxtMiddleware


class Engine:
    """Answers with a robots.txt after a while, and counts how often it was asked for."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.asked = 0

    async def download_async(self, request: Request) -> Response:
        self.asked += 1
        await asyncio.sleep(0.01)
        return Response(request.url, body=self.body)


def middleware(body: bytes) -> tuple[RobotsTxtMiddleware, Engine]:
    crawler: Any = get_crawler(settings_dict={"ROBOTSTXT_OBEY": True})
    crawler.engine = engine = Engine(body)
    return RobotsTxtMiddleware(crawler), engine


def test_all_requests_that_wait_for_one_robots_txt_obey_it() -> None:
    robots, engine = middleware(b"User-agent: *\nDisallow: /private\n")
    urls = [f"https://site.example/{kind}/{number}" for number in range(5) for kind in ("private", "public")]

    async def all_at_once() -> list[Any]:
        return list(
            await asyncio.gather(*(robots.process_request(Request(url)) for url in urls), return_exceptions=True)
        )

    outcomes = asyncio.run(all_at_once())
    assert [isinstance(outcome, IgnoreRequest) for outcome in outcomes] == [True, False] * 5
    assert engine.asked == 1


def test_each_host_has_its_own() -> None:
    robots, engine = middleware(b"User-agent: *\nDisallow: /\n")

    async def two() -> None:
        for host in ("one.example", "two.example", "one.example"):
            with pytest.raises(IgnoreRequest):
                await robots.process_request(Request(f"https://{host}/"))

    asyncio.run(two())
    assert engine.asked == 2

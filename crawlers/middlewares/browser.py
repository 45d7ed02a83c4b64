"""Pages that only a browser shows whole: what is done on one before its content is taken.

A request asks for it with `rendered(request, Rendering(...))` (`crawlers.site_spider`). Only plain data is stored with
it; what scrapy-playwright wants, functions among it, is added here on the way out and taken away on the way back.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import HtmlResponse, Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from crawlers.downloads import SandboxDownloadHandler
from crawlers.middlewares.recognise import SCREENSHOT
from crawlers.pages import PageState, page_module
from crawlers.site_spider import RENDERING, Rendering

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from playwright.async_api import Page
    from scrapy.crawler import Crawler

POLL_S = 0.25
STILL_POLLS = 8  # polls in a row, 2 s, in which nothing came and the network was idle: the list has ended
LONGEST_CLICK_S = 20.0  # on a busy machine
_DOCUMENT = "performance.timeOrigin"  # another one for every document
LONGEST_S = 600.0  # for one page with all that its scrolling brings


class BrowserHandler(ScrapyPlaywrightDownloadHandler, HTTP11DownloadHandler):  # type: ignore[misc]
    """Requests that ask for a browser go through Chromium, all others as ever."""

    lazy = False


class BrowserOnSandboxHandler(ScrapyPlaywrightDownloadHandler, SandboxDownloadHandler):  # type: ignore[misc]
    """The same on a sandbox: Chromium is told that every host lies there (`--host-resolver-rules`)."""

    lazy = False


def unwanted(request: Any) -> bool:
    """Whether the browser should leave out a request of a page: nothing we read is in pictures, fonts and media."""
    return request.resource_type in {"image", "media", "font"}


class BrowserMiddleware:
    """Lets requests that ask for it go through the browser. Nearest to the downloader: no other sees what it adds."""

    def __init__(self, recognise: Callable[[Response], PageState]) -> None:
        self._recognise = recognise

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(page_module(crawler.spidercls.name).recognise)

    def process_request(self, request: Request) -> None:
        if (asked := request.meta.get(RENDERING)) is not None:
            rendering = Rendering(**asked)
            request.meta["playwright"] = True
            request.meta["playwright_page_methods"] = [PageMethod(self._render, request, rendering)]

    def process_response(self, request: Request, response: Response) -> Response:
        _take_away(request)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        _take_away(request)

    async def _render(self, page: Page, request: Request, rendering: Rendering) -> None:
        """Refuse consent, scroll to the end, and photograph a page that is none we know."""
        await refuse_consent(page, rendering)
        await scroll(page, rendering)
        content = HtmlResponse(page.url, body=await page.content(), encoding="utf-8")
        if self._recognise(content) is PageState.CHANGED:
            request.meta[SCREENSHOT] = await page.screenshot(full_page=False)


def _take_away(request: Request) -> None:
    for name in [name for name in request.meta if name.startswith("playwright")]:
        del request.meta[name]


async def refuse_consent(page: Page, rendering: Rendering) -> None:
    """Refuse what a banner asks for, where one is shown."""
    if not rendering.refuse:
        return
    button = page.locator(rendering.refuse).first
    if await button.is_visible():
        with suppress(PlaywrightError):  # it may have gone by itself
            await button.click(timeout=1000 * LONGEST_CLICK_S)


async def scroll(page: Page, rendering: Rendering) -> None:
    """Bring what there is onto the page: until STILL_POLLS polls in a row brought nothing, while nothing was asked for.

    A fixed number of steps stops short on a busy machine; so does either condition alone. Raises: TimeoutError: after
    LONGEST_S it still grows.
    """
    under_way: set[Any] = set()

    def began_one(request: Any) -> None:  # Playwright takes no method of a built-in type
        under_way.add(request)

    def ended_one(request: Any) -> None:
        under_way.discard(request)

    page.on("request", began_one)
    page.on("requestfinished", ended_one)
    page.on("requestfailed", ended_one)
    document = await page.evaluate(_DOCUMENT)
    items, began = page.locator(rendering.items), time.monotonic()
    count = still = 0
    while still < STILL_POLLS and (not rendering.enough or count < rendering.enough):
        if time.monotonic() - began > LONGEST_S:
            raise TimeoutError(f"a page still grows after {LONGEST_S:.0f} s")
        await page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        more = page.locator(rendering.more) if rendering.more else None
        # Where scrolling is answered, nothing is clicked: a link whose script is not there yet would leave the page.
        if more is not None and still and not under_way and await more.count() and await more.first.is_visible():
            await more.first.click(timeout=1000 * LONGEST_CLICK_S)
        await asyncio.sleep(POLL_S)
        if await page.evaluate(_DOCUMENT) != document:
            raise PlaywrightError("the page went elsewhere while it was scrolled")
        now = await items.count()
        still = still + 1 if now == count and not under_way else 0
        count = now

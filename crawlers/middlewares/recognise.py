"""Decides what every response is before a callback sees it: only pages of data pass."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from twisted.python.failure import Failure

from crawlers.errors import LayoutChanged, PageGone, ServerFailed
from crawlers.frontier.lease import lease_of
from crawlers.middlewares.backoff import BackoffMiddleware
from crawlers.pages import PageState, page_module
from crawlers.parsing.urls import path_template

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from crawlers.frontier.job import Job

logger = logging.getLogger(__name__)

# A wall that stands this many times in a row, each after a longer pause, will not fall by asking again.
WALLS_IN_A_ROW = {PageState.BLOCKED: 3, PageState.CONSENT: 3, PageState.RATE_LIMITED: 10}
CHANGED_SHARE = 0.05  # of all pages; with more the site has changed, with fewer a page is broken
CHANGED_PAGES = 3  # below this many, a share says nothing


class RecogniseMiddleware:
    """Asks `crawlers.pages.<site>.recognise` for the state of a response and acts on it.

    OK and EMPTY go on. RATE_LIMITED, BLOCKED and CONSENT pause the slot and repeat the request, which costs no retry;
    a wall that stays ends the crawl as `blocked`. LOGIN_REQUIRED ends it as `login_required`. GONE raises PageGone.
    CHANGED is asked for once more, then saved among the job's pages and raises LayoutChanged; too many end the crawl
    as `layout_changed`. A robots.txt that forbids a page before any row is stored ends it as `robots_disallowed`.
    Whatever ends the crawl keeps the queue.
    """

    def __init__(self, crawler: Crawler, job: Job) -> None:
        site = page_module(crawler.spidercls.name)
        self._crawler = crawler
        self._stats = crawler.stats
        self._recognise = site.recognise
        self._path_words = site.PATH_WORDS
        self._store = job.store
        self._pages = job.directory / "pages"
        self._walls = 0
        self._good = 0
        self._changed = 0
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        from crawlers.addon import running_job  # noqa: PLC0415  (the addon installs this middleware)

        middleware = cls(crawler, running_job(crawler))
        crawler.signals.connect(middleware._robots_parsed, signals.robots_parsed)
        crawler.signals.connect(middleware._spider_error, signals.spider_error)
        return middleware

    def process_response(self, request: Request, response: Response) -> Response | Request:
        if request.callback is NO_CALLBACK:  # robots.txt, asked for by Scrapy itself
            return response
        if response.status >= 500:
            raise ServerFailed(path_template(response.url, self._path_words), f"status {response.status}")
        state = self._recognise(response)
        self._stats.inc_value(f"pages/{state}")
        match state:
            case PageState.OK | PageState.EMPTY:
                self._good += 1
                self._walls = 0
                self._backoff.good_page(request)
                return response
            case PageState.GONE:
                raise PageGone(path_template(response.url, self._path_words), f"gone (status {response.status})")
            case PageState.LOGIN_REQUIRED:
                self._close("login_required")
                return self._again(request)
            case PageState.CHANGED:
                if (again := self._once_more(request)) is not None:
                    return again
                self._page_changed(response)
                raise LayoutChanged(
                    path_template(response.url, self._path_words),
                    f"none of the pages we know (status {response.status}, {len(response.body):,} bytes); "
                    "saved among the job's pages, compare it with tests/fixtures",
                )
        return self._wall(state, request, response)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """What robots.txt refuses while the crawl ends for that very reason stays in the queue."""
        return self._again(request) if self._closing is not None and isinstance(exception, IgnoreRequest) else None

    def _wall(self, state: PageState, request: Request, response: Response) -> Request:
        self._walls += 1
        if self._walls >= WALLS_IN_A_ROW[state]:
            self._close("blocked")
        else:
            self._backoff.pause(response, request)
        return self._again(request)

    def _again(self, request: Request) -> Request:
        """The same request once more, as the same row of the store; not a retry, so it uses up none."""
        return request.replace(dont_filter=True)

    def _once_more(self, request: Request) -> Request | None:
        """A page nobody knows may be one that was cut short or garbled on its way: the second time it counts."""
        spider = self._crawler.spider
        assert spider is not None  # noqa: S101  (Scrapy sets it before any response)
        return get_retry_request(request, spider=spider, reason="changed page", max_retry_times=1)

    def _page_changed(self, response: Response) -> None:
        self._changed += 1
        self._pages.mkdir(mode=0o700, exist_ok=True)
        (self._pages / f"{lease_of(response.request) or 0:012d}.body").write_bytes(response.body)
        pages = self._good + self._changed
        if self._changed >= CHANGED_PAGES and self._changed > CHANGED_SHARE * pages:
            self._close("layout_changed")

    def _spider_error(self, failure: Failure, response: Any) -> None:
        """A page function that missed a landmark has found a changed page too."""
        if isinstance(failure.value, LayoutChanged) and isinstance(response, Response):
            self._page_changed(response)

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        agent = self._crawler.settings["ROBOTSTXT_USER_AGENT"] or self._crawler.settings["USER_AGENT"]
        if not self._store.row_counts and not robotparser.allowed(request.url, agent):
            self._close("robots_disallowed")

    def _close(self, reason: str) -> None:
        if self._closing is None:
            self._backoff.stopping = True
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=reason))

    @property
    def _backoff(self) -> BackoffMiddleware:
        backoff = self._crawler.get_downloader_middleware(BackoffMiddleware)
        if backoff is None:
            raise RuntimeError("BackoffMiddleware is not enabled; RecogniseMiddleware needs it")
        return backoff

"""Decides what every response is before a callback sees it: only pages of data pass."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from crawlers.errors import Blocked, CrawlStopping, LayoutChanged, LoginRequired, PageGone, ServerFailed
from crawlers.frontier.lease import is_essential, is_replaceable, lease_of
from crawlers.frontier.scheduler import DurableScheduler
from crawlers.middlewares.accounts import AccountsMiddleware
from crawlers.middlewares.backoff import BackoffMiddleware, failed_at, retry_after_s, sent_at
from crawlers.middlewares.blame import Blame
from crawlers.pages import PageState, page_module
from crawlers.parsing.urls import path_template
from crawlers.site_spider import SiteSpider

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from crawlers.frontier.job import Job

# A wall that stands after this many pauses, each longer than the one before, will not fall by asking again.
WALLS = {PageState.BLOCKED: 3, PageState.CONSENT: 3, PageState.RATE_LIMITED: 10, PageState.LOGIN_REQUIRED: 2}
# Requests of a host that came to nothing after all retries, with no good page between: it is not the pages' fault.
TROUBLES_IN_A_ROW = 4
# Walls before one page, while accounts that were not asked for it are well: it is the page's fault, not theirs.
WALLS_OF_ACCOUNTS = 3
CHANCES = 2  # times such a request goes to the back of the queue before it is given up
LOST_SHARE = 0.05  # of all pages, walled off or unknown; with more it is the site, with fewer the page
LOST_PAGES = 3  # below this many, a share says nothing
SAVED_PAGES = 50  # enough to look at
SCREENSHOT = "screenshot"  # in Request.meta where the page came through a browser: a PNG of what nobody knows


class RecogniseMiddleware:
    """Asks `crawlers.pages.<site>.recognise` for the state of a response and acts on it.

    OK and EMPTY go on. GONE raises PageGone. RATE_LIMITED, BLOCKED, CONSENT and LOGIN_REQUIRED pause the slot and
    repeat the request, which costs no retry, behind the others of its slot: if they are good while it meets the wall
    again and again it raises Blocked or LoginRequired, and if nothing is good the crawl ends as `blocked` or
    `login_required`. CHANGED is asked for once more, then saved among the job's pages and raises LayoutChanged. What
    comes to nothing after all retries is tried again later; several in a row, the first page of all, or a robots.txt
    that cannot be had, end the crawl as `unreachable`. Too many pages that are lost alone end it likewise. A robots.txt
    that forbids what we begin with on a host ends it as `robots_disallowed`. QUOTA_EXCEEDED ends it as that, and so
    does a request that the spider `holds_back`, before it is sent. Whatever ends the crawl keeps the queue. Where
    accounts crawl, a wall pauses nothing: `AccountsMiddleware` says what becomes of the account, and the request goes
    to another.
    """

    def __init__(self, crawler: Crawler, job: Job) -> None:
        site = page_module(crawler.spidercls.name)
        self._crawler = crawler
        self._stats = crawler.stats
        self._recognise = site.recognise
        self._route_words = site.ROUTE_WORDS
        self._pages = job.directory / "pages"
        self._troubles: dict[str, int] = defaultdict(int)  # by slot, since its last good page
        self._blame = Blame()
        self._good = 0
        self._lost: Counter[str] = Counter()  # by the reason the crawl ends with if they are too many
        self._ends = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        from crawlers.addon import running_job  # noqa: PLC0415  (the addon installs this middleware)

        middleware = cls(crawler, running_job(crawler))
        crawler.signals.connect(middleware._robots_parsed, signals.robots_parsed)
        crawler.signals.connect(middleware._spider_error, signals.spider_error)
        return middleware

    def process_request(self, request: Request) -> None:
        # Whoever waited for robots.txt must not go on as if it had allowed the page.
        if request.callback is NO_CALLBACK:
            return
        if not self._ends and (reason := self._spider.holds_back(request)) is not None:
            self._close(reason)
        if self._ends:
            raise CrawlStopping("the crawl ends before the request was sent")

    def process_response(self, request: Request, response: Response) -> Response | Request:
        if request.callback is NO_CALLBACK:  # robots.txt, asked for by Scrapy itself
            if response.status >= 500:  # RFC 9309: what cannot be read may forbid everything
                self._close("unreachable")
            return response
        response.request = request  # as Scrapy does later: what a page is may depend on what was asked
        state = self._recognise(response)
        if response.status >= 500 and state is not PageState.BLOCKED:  # some walls call themselves an outage
            if (again := self._trouble(request)) is not None:
                return again
            raise ServerFailed(self._template(response), f"status {response.status}")
        self._stats.inc_value(f"pages/{state}")
        match state:
            case PageState.OK | PageState.EMPTY:
                self._good_page(request)
                return response
            case PageState.GONE:
                self._blame.ended(lease_of(request) or 0)
                if (accounts := self._accounts) is not None:
                    accounts.good_page(request)
                raise PageGone(self._template(response), f"gone (status {response.status})")
            case PageState.QUOTA_EXCEEDED:
                self._close("quota_exceeded")
                return self._again(request)
            case PageState.CHANGED:
                if (again := self._once_more(request)) is not None:
                    return again
                self.page_changed(request, response)
                raise LayoutChanged(
                    self._template(response),
                    f"none of the pages we know (status {response.status}, {len(response.body):,} bytes); "
                    "saved among the job's pages, compare it with tests/fixtures",
                )
        if self._accounts is not None:
            return self._wall_of_account(self._accounts, state, request, response)
        return self._wall(state, request, response)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """A download that failed, after all retries."""
        if request.callback is NO_CALLBACK:
            if not isinstance(exception, IgnoreRequest):
                self._close("unreachable")
            return None
        if self._ends:  # what robots.txt refuses while the crawl ends for that very reason stays in the queue, too
            return self._again(request)
        # Asking again does not make a refused request allowed, nor a body smaller.
        return None if isinstance(exception, IgnoreRequest | DownloadCancelledError) else self._trouble(request)

    def _good_page(self, request: Request) -> None:
        self._good += 1
        slot = self._slot(request)
        self._troubles.pop(slot, None)
        self._blame.good_page(slot, sent_at(request))
        self._blame.ended(lease_of(request) or 0)
        self._backoff.good_page(request)
        if (accounts := self._accounts) is not None:
            accounts.good_page(request)

    def _trouble(self, request: Request) -> Request | None:
        """The request once more, later; None if it had its chances, and others do better."""
        slot, lease = self._slot(request), lease_of(request) or 0
        failed = self._blame.failed(slot, lease, failed_at(request))
        if not failed.alone:
            self._troubles[slot] += 1
            first_of_all = not self._good and is_essential(request)
            if first_of_all or self._troubles[slot] >= TROUBLES_IN_A_ROW:
                self._close("unreachable")
                return self._again(request)
            if self._troubles[slot] > 1:
                self._backoff.pause(request, None, "it does not answer")
        if failed.times > CHANCES:
            self._blame.ended(lease)
            return None
        fresh = {name: value for name, value in request.meta.items() if name != "retry_times"}
        return self._later(request.replace(meta=fresh))

    def _wall(self, state: PageState, request: Request, response: Response) -> Request:
        """The request once more, after a pause. Raises: Blocked, LoginRequired: the wall is before this page alone."""
        pauses = self._backoff.pause(request, retry_after_s(response), f"it answered {response.status}")
        if not pauses:  # it was on its way when the last pause began, so this is the same wall
            return self._again(request)
        lease = lease_of(request) or 0
        failed = self._blame.failed(self._slot(request), lease, failed_at(request))
        wants_login = state is PageState.LOGIN_REQUIRED
        reason = "login_required" if wants_login else "blocked"
        is_of_the_page = wants_login or not self._spider.blocks_are_of_us
        if failed.alone and is_of_the_page and not is_essential(request):
            self._backoff.discount(request)
            if failed.times >= WALLS[state]:
                raise self._walled_off(state, request, response, failed.times)
        elif max(pauses, failed.times) >= WALLS[state]:
            self._close(reason)
        return self._later(request)

    def _wall_of_account(
        self, accounts: AccountsMiddleware, state: PageState, request: Request, response: Response
    ) -> Request:
        """The request once more, for another account. Raises: Blocked, LoginRequired: none gets this page."""
        failed = self._blame.failed(self._slot(request), lease_of(request) or 0, failed_at(request))
        if failed.alone and failed.times >= WALLS_OF_ACCOUNTS and not is_essential(request):
            raise self._walled_off(state, request, response, failed.times)
        if (reason := accounts.wall(state, request, retry_after_s(response))) is not None:
            self._close(reason)
        # It keeps its place at first: the account is to blame, and the queue has an order.
        return self._again(request) if failed.times < CHANCES else self._later(request)

    def _walled_off(self, state: PageState, request: Request, response: Response, times: int) -> Exception:
        """The error of a page that is lost alone behind a wall."""
        self._blame.ended(lease_of(request) or 0)
        wants_login = state is PageState.LOGIN_REQUIRED
        self._lose("login_required" if wants_login else "blocked")
        found = f"{state} {times} times (status {response.status}), while other pages are good"
        return (LoginRequired if wants_login else Blocked)(self._template(response), found)

    def _later(self, request: Request) -> Request:
        """The same request once more, behind the others of its slot: what they get tells whose fault it is.

        One that the rest hangs on keeps its place.
        """
        behind = 0 if is_essential(request) else 10
        return self._again(request.replace(priority=request.priority - behind))

    def _again(self, request: Request) -> Request:
        """The same request once more, as the same row of the store; not a retry, so it uses up none."""
        return request.replace(dont_filter=True)

    def _once_more(self, request: Request) -> Request | None:
        """A page nobody knows may be one that was cut short or garbled on its way: the second time it counts."""
        if not request.meta.get("retry_times", 0):
            request.meta.pop(SCREENSHOT, None)  # the second time there is another
        return get_retry_request(request, spider=self._spider, reason="changed page", max_retry_times=1)

    def page_changed(self, request: Request, response: Response) -> None:
        """Save a page that lacks a landmark, for somebody to look at, and count it as lost."""
        if self._lost["layout_changed"] < SAVED_PAGES:
            self._pages.mkdir(mode=0o700, exist_ok=True)
            page = self._pages / f"{lease_of(request) or 0:012d}.body"
            page.write_bytes(response.body)
            if (screenshot := request.meta.pop(SCREENSHOT, None)) is not None:
                page.with_suffix(".png").write_bytes(screenshot)
        self._lose("layout_changed")

    def _lose(self, reason: str) -> None:
        """Count a page that is lost alone. Too many of them, and it is not the pages' fault."""
        self._lost[reason] += 1
        lost, pages = self._lost[reason], self._good + self._lost.total()
        if lost >= LOST_PAGES and lost > LOST_SHARE * pages:
            self._close(reason)

    def _spider_error(self, failure: Failure, response: Any) -> None:
        """A page function that missed a landmark has found a changed page too."""
        if isinstance(failure.value, LayoutChanged) and isinstance(response, Response) and response.request is not None:
            self.page_changed(response.request, response)

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        agent = self._crawler.settings["ROBOTSTXT_USER_AGENT"] or self._crawler.settings["USER_AGENT"]
        host = urlparse_cached(request).hostname
        resting = [url for url in self._spider.rests_on() if urlsplit(url).hostname == host]
        first = () if is_replaceable(request) else (request.url,)
        if not all(robotparser.allowed(url, agent) for url in (*first, *resting)):
            self._close("robots_disallowed")

    def _close(self, reason: str) -> None:
        self._ends = True
        scheduler = self._crawler.engine.scheduler
        assert isinstance(scheduler, DurableScheduler)  # noqa: S101  (the settings put it there)
        scheduler.end(reason)

    def _template(self, response: Response) -> str:
        return path_template(response.url, self._route_words)

    def _slot(self, request: Request) -> str:
        return self._crawler.engine.downloader.get_slot_key(request)

    @property
    def _accounts(self) -> AccountsMiddleware | None:
        return self._crawler.get_downloader_middleware(AccountsMiddleware)

    @property
    def _spider(self) -> SiteSpider[Any]:
        spider = self._crawler.spider
        assert isinstance(spider, SiteSpider)  # noqa: S101  (Scrapy sets it first, and others are not prepared)
        return spider

    @property
    def _backoff(self) -> BackoffMiddleware:
        backoff = self._crawler.get_downloader_middleware(BackoffMiddleware)
        if backoff is None:
            raise RuntimeError("BackoffMiddleware is not enabled; RecogniseMiddleware needs it")
        return backoff

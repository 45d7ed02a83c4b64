"""Crawling with several accounts: each asks for one page at a time, at its own pace, with its own cookies alone."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from scrapy import Request, signals
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawlers.errors import CrawlStopping
from crawlers.frontier.account_states import AccountState, AccountStates
from crawlers.middlewares.backoff import STOP_CHECK_S, crawl_ends
from crawlers.pages import PageState
from crawlers.site_spider import AccountRules, SiteSpider

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from scrapy.crawler import Crawler

    from crawlers.accounts import Account

logger = logging.getLogger(__name__)

ACCOUNT = "account"  # in Request.meta: the name of the one that asked for the page, or did so last
_SLOT = "download_slot"
SLOWEST = 1.5  # times DOWNLOAD_DELAY: between this and the delay itself lies every interval of an account
CHECK_S = 0.05  # how soon a request notices that an account is free


class Worker:
    """An account at work: its cookies as they are now, whether it is out for a page, and when it may ask again."""

    def __init__(self, account: Account, slot: str) -> None:
        self.name = account.name
        self.slot = slot
        self.cookies = account.cookies()
        self.is_out = False
        self.ready_at = 0.0  # of time.monotonic()

    def note_cookies(self, response: Response, names: Sequence[str]) -> None:
        """Keep the cookies that the site hands out, as far as it is to get them back."""
        for header in response.headers.getlist("Set-Cookie"):
            try:
                handed_out = SimpleCookie(header.decode("latin-1"))
            except CookieError:
                continue
            for name, morsel in handed_out.items():
                if name in names and morsel.value and morsel.value != "deleted":
                    self.cookies[name] = morsel.value

    def header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


class AccountsMiddleware:
    """Gives every request to an account that is free, and takes away what the request must not be stored with.

    All requests of the site wait in one slot of the queue, which gives out as many as there are accounts; so work moves
    by itself to whoever can do it, and with one account every page is done before the next is begun. An interval begins
    when the answer is there, and again when the crawl starts, whatever ran before.
    """

    def __init__(
        self, crawler: Crawler, accounts: Sequence[Account], rules: AccountRules, states: AccountStates, way_on: str
    ) -> None:
        """`way_on`: what to do when no account is left."""
        self._crawler = crawler
        self._rules = rules
        self.states = states
        self._way_on = way_on
        self._delay_s = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._break_s = crawler.settings.getfloat("ACCOUNT_BREAK_S")
        self._most = crawler.settings.getint("CONCURRENT_REQUESTS") or len(accounts)
        site = crawler.spidercls.name
        self._shared_slot = f"{site} accounts"
        self._workers = {account.name: Worker(account, f"{site} account {account.name}") for account in accounts}
        for worker in self._workers.values():
            worker.ready_at = time.monotonic() + self._interval()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        from crawlers.addon import running_addon  # noqa: PLC0415  (the addon installs this middleware)

        rules = crawler.spidercls.accounts if issubclass(crawler.spidercls, SiteSpider) else None
        if rules is None:
            raise NotConfigured
        addon = running_addon(crawler)
        middleware = cls(crawler, addon.accounts, rules, addon.account_states, addon.way_on())
        crawler.signals.connect(middleware._opened, signals.spider_opened)
        crawler.signals.connect(middleware._scheduled, signals.request_scheduled)
        return middleware

    def _opened(self) -> None:
        for worker in self._workers.values():
            # This middleware keeps the pace: the downloader's own would be counted from the sending.
            pace = {"concurrency": 1, "delay": 0.0, "jitter": 0.0}
            self._crawler.engine.downloader.per_slot_settings[worker.slot] = pace
        self._set_room()

    def _scheduled(self, request: Request) -> None:
        """Whoever asked for it before: a request that waits belongs to no account."""
        if self._is_ours(request):
            request.meta[_SLOT] = self._shared_slot

    async def process_request(self, request: Request) -> None:
        if not self._is_ours(request):
            return
        worker = await self._free_worker(request.meta.get(ACCOUNT))
        worker.is_out = True
        request.meta[ACCOUNT] = worker.name
        request.meta[_SLOT] = worker.slot
        request.headers["Cookie"] = worker.header()
        if self.states.sent(worker.name) % self._rules.break_every == 0 and self._break_s:
            self.states.take_break(worker.name, self._break_s)

    def process_response(self, request: Request, response: Response) -> Response:
        if (worker := self._back(request)) is not None:
            worker.note_cookies(response, self._rules.names)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        self._back(request)

    def good_page(self, request: Request) -> None:
        """What an account brought is a page of data, or says that there is none."""
        if (name := request.meta.get(ACCOUNT)) in self._workers:
            self.states.good_page(name)

    def wall(self, state: PageState, request: Request, asked_s: float | None) -> str | None:
        """An account met a wall: it rests, or is retired. The reason to end the crawl with, if none is left."""
        name = request.meta[ACCOUNT]
        match state:
            case PageState.LOGIN_REQUIRED:
                self.states.retire(name, AccountState.EXPIRED, "the site asked it to log in")
            case PageState.RATE_LIMITED:
                self.states.rest(name, asked_s, "the site told it to slow down")
            case _:
                self.states.retire(name, AccountState.FROZEN, f"the site answered {state}")
        self._say(name)
        self._set_room()
        if self.states.left():
            return None
        logger.error("no account is left (%s): %s", self.states.told(), self._way_on)
        return "blocked" if self.states.only_frozen() else "login_required"

    def _say(self, name: str) -> None:
        state = self.states.state(name)
        self._crawler.stats.inc_value(f"accounts/{state}")
        match state:
            case AccountState.EXPIRED:
                logger.warning("account %s: the site wants it to log in again; it gets no further request", name)
            case AccountState.FROZEN:
                logger.warning("account %s: frozen; look at it in a browser; it gets no further request", name)
            case _:
                logger.info("account %s rests for %.3g s", name, self.states.rest_left_s(name))

    async def _free_worker(self, last: str | None) -> Worker:
        """An account that may ask for a page now; another than `last`, where there is one.

        Raises: CrawlStopping: the crawl ends, or nobody is left.
        """
        while True:
            if not self.states.left() or crawl_ends(self._crawler):
                raise CrawlStopping("the crawl ends while a request waits for an account")
            waits = {name: self.states.rest_left_s(name) for name in self.states.left()}
            well = [self._workers[name] for name, rest_s in waits.items() if not rest_s]
            others = [worker for worker in well if worker.name != last] or well
            now = time.monotonic()
            free = [worker for worker in others if not worker.is_out]
            first = min(free, key=lambda worker: worker.ready_at, default=None)
            if first is not None and first.ready_at <= now:
                self._set_room()
                return first
            wait = CHECK_S if others else min(waits.values())
            await asyncio.sleep(min(wait if first is None else first.ready_at - now, STOP_CHECK_S))

    def _back(self, request: Request) -> Worker | None:
        """The account that asked for a page has its answer, or none; its interval begins."""
        worker = self._workers.get(request.meta.get(ACCOUNT, ""))
        if worker is None or request.meta.get(_SLOT) != worker.slot:
            return None
        request.meta[_SLOT] = self._shared_slot
        worker.is_out = False
        worker.ready_at = time.monotonic() + self._interval()
        return worker

    def _interval(self) -> float:
        return self._delay_s * random.uniform(1.0, SLOWEST)

    def _is_ours(self, request: Request) -> bool:
        parts = urlparse_cached(request)
        return request.callback is not NO_CALLBACK and parts.scheme == "https" and parts.hostname in self._rules.hosts

    def _set_room(self) -> None:
        """Let the queue give out as many requests as there are accounts to send them."""
        well = sum(self.states.state(name) is AccountState.ACTIVE for name in self._workers)
        room = {"concurrency": max(1, min(well, self._most))}
        self._crawler.engine.downloader.per_slot_settings[self._shared_slot] = room

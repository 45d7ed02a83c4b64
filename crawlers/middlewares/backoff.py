"""Waiting when a site asks for it: per download slot, before any further request reaches the site."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
import secrets
import time
from collections import defaultdict
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

from scrapy import Request, signals
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from crawlers.errors import CrawlStopping

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

LONGEST_WAIT_S = 3600.0
STOP_CHECK_S = 0.5  # how soon a waiting request notices that the crawl ends
_SENT_AT = "sent_at"  # in Request.meta, as are the next
_RETRIED_AT = "retried_at"
_WAITED_IN = "waited_in"
_SENT_BY = "sent_by"
# A request that comes back from the file has moments of another process with it, of which nothing follows here.
_THIS_PROCESS = secrets.token_hex(4)


class Wait(NamedTuple):
    """A slot that is paused: for how many seconds yet, and why, as in "waiting because the site asked"."""

    slot: str
    left_s: float
    why: str


class BackoffMiddleware:
    """Holds back the requests of a slot while it is paused.

    Without a Retry-After the pauses of a slot double from `first_s` up to an hour, each varied by a fifth so that
    parallel crawls do not return together; a good page ends the series.
    """

    def __init__(self, crawler: Crawler, first_s: float) -> None:
        self._crawler = crawler
        self._first_s = first_s
        self._paused_at: dict[str, float] = {}  # slot -> time.monotonic() at which its last pause began
        self._until: dict[str, float] = {}  # slot -> and at which it ends
        self._why: dict[str, str] = {}  # slot -> the reason of its last pause
        self._series: dict[str, list[float]] = defaultdict(list)  # slot -> when those without a good page since began

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler, crawler.settings.getfloat("BACKOFF_FIRST_S"))
        crawler.signals.connect(middleware._robots_parsed, signals.robots_parsed)
        crawler.signals.connect(middleware._downloaded, signals.response_downloaded)
        return middleware

    async def process_request(self, request: Request) -> None:
        slot = request.meta[_WAITED_IN] = self._crawler.engine.downloader.get_slot_key(request)
        while (wait := self._until.get(slot, 0.0) - time.monotonic()) > 0:
            if crawl_ends(self._crawler):
                raise CrawlStopping("the crawl ends while the site asks to wait")
            await asyncio.sleep(min(wait, STOP_CHECK_S))
        request.meta[_SENT_AT] = time.monotonic()
        if request.meta.get(_SENT_BY) != _THIS_PROCESS:
            request.meta[_SENT_BY] = _THIS_PROCESS
            request.meta.pop(_RETRIED_AT, None)
        elif request.meta.get("retry_times"):
            request.meta.setdefault(_RETRIED_AT, request.meta[_SENT_AT])

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Keep the longer of our interval and the one robots.txt asks for."""
        agent = self._crawler.settings["ROBOTSTXT_USER_AGENT"] or self._crawler.settings["USER_AGENT"]
        delay = robotparser.crawl_delay(agent)
        downloader = self._crawler.engine.downloader
        host = urlparse_cached(request).hostname or ""
        ours = downloader.per_slot_settings.get(host, {}).get(
            "delay", self._crawler.settings.getfloat("DOWNLOAD_DELAY")
        )
        if delay is None:
            return
        interval = max(ours, delay)
        logger.info("%s: robots.txt asks for %.1f s between requests; keeping %.1f s", host, delay, interval)
        # Neither shorter by chance nor several at once: the interval is what was asked for.
        downloader.per_slot_settings[host] = {"delay": interval, "jitter": 0.0, "concurrency": 1}
        if (slot := downloader.slots.get(host)) is not None:
            slot.delay, slot.jitter, slot.concurrency = interval, 0.0, 1

    def _downloaded(self, response: Response, request: Request) -> None:
        """A 503 is retried at once, before any middleware of ours sees it; when the site says how long, it waits."""
        if response.status == 503 and (asked_s := retry_after_s(response)) is not None:
            self.pause(request, asked_s, "it answered 503")

    def pause(self, request: Request, asked_s: float | None, why: str) -> int:
        """Hold back the slot of `request` for `asked_s` seconds, or for the next step of its series.

        Returns the number of pauses since the slot's last good page; 0 if the request was sent before the last pause
        began, so that its answer says nothing new.
        """
        slot = self._slot(request)
        if sent_at(request) < self._paused_at.get(slot, 0.0):
            return 0
        series = self._series[slot]
        series.append(time.monotonic())
        wait = min(asked_s or self._step(len(series)), LONGEST_WAIT_S)  # "wait 0 seconds" answers nothing
        self._paused_at[slot] = series[-1]
        self._until[slot] = series[-1] + wait
        self._crawler.stats.inc_value("backoff/pauses")
        self._crawler.stats.inc_value("backoff/paused_s", round(wait))
        self._why[slot] = "the site asked" if asked_s else why
        logger.info("%s: waiting %.3g s because %s", slot, wait, self._why[slot])
        return len(series)

    def waits(self) -> list[Wait]:
        """The slots that are paused now."""
        now = time.monotonic()
        return [Wait(slot, until - now, self._why[slot]) for slot, until in self._until.items() if until > now]

    def good_page(self, request: Request) -> None:
        """A page of data came: pauses that had begun when it was asked for are over and done with.

        Answers come in any order: one that was on its way when a pause began does not say that the wall has fallen.
        """
        slot = self._slot(request)
        self._series[slot] = [began for began in self._series[slot] if began > sent_at(request)]

    def discount(self, request: Request) -> None:
        """The last pause was for the sake of one page, not of the site: it does not count in the series."""
        self._series[self._slot(request)].pop()

    def _step(self, number: int) -> float:
        """Seconds of the pause of this number in its series, without an upper limit."""
        step: float = self._first_s * 2.0 ** (number - 1)
        return step * random.uniform(0.8, 1.2)

    def _slot(self, request: Request) -> str:
        """Where it waited with others. An account that asks for it takes it into a slot of its own."""
        slot: str | None = request.meta.get(_WAITED_IN)
        return slot or self._crawler.engine.downloader.get_slot_key(request)


def crawl_ends(crawler: Crawler) -> bool:
    """Whether the spider closes. Scrapy has no public word for it: it is what `needs_backout` says besides being busy.

    The downloader is never busy in that sense unless CONCURRENT_REQUESTS is set; then the end is noticed later.
    """
    engine = crawler.engine
    scraping = engine.scraper.slot
    busy = engine.downloader.needs_backout() or (scraping is not None and scraping.needs_backout())
    return not engine.running or (engine.needs_backout() and not busy)


def sent_at(request: Request) -> float:
    """`time.monotonic()` at which a request was let through to its slot; 0 if it never was."""
    moment: float = request.meta.get(_SENT_AT, 0.0)
    return moment


def failed_at(request: Request) -> float:
    """`time.monotonic()` at which a request that has just failed had failed first: when it was retried, if it was."""
    moment: float = request.meta.get(_RETRIED_AT, time.monotonic())
    return moment


def retry_after_s(response: Response) -> float | None:
    """Seconds that the header Retry-After asks to wait, given as seconds or as a date; None without a usable one.

    A date is read by the site's own clock, the header Date, where it shows one: ours may be wrong.
    """
    value = (response.headers.get(b"Retry-After") or b"").decode("ascii", "replace").strip()
    if value.isdigit():
        return float(value)
    if (until := _http_date(response, b"Retry-After")) is None:
        return None
    now = _http_date(response, b"Date") or dt.datetime.now(dt.UTC)
    return max(0.0, (until - now).total_seconds())


def _http_date(response: Response, header: bytes) -> dt.datetime | None:
    try:
        date = parsedate_to_datetime((response.headers.get(header) or b"").decode("ascii", "replace"))
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=dt.UTC)

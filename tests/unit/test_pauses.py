"""How a slot is paused: longer each time, as long as the site asks, and never for what it answered before."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request, Spider, signals
from scrapy.core.downloader import Slot
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.test import get_crawler

from crawlers.errors import CrawlStopping
from crawlers.middlewares.backoff import LONGEST_WAIT_S, BackoffMiddleware, failed_at, sent_at

FIRST_S = 60.0
WHY = "it answered 429"


class Downloader:
    """As much of Scrapy's downloader as the middleware asks."""

    def __init__(self) -> None:
        self.slots: dict[str, Slot] = {}
        self.per_slot_settings: dict[str, dict[str, Any]] = {}

    def get_slot_key(self, request: Request) -> str:
        return urlparse_cached(request).hostname or ""

    def needs_backout(self) -> bool:
        return False


class Paused:
    """The middleware with a clock that stands still until it is moved."""

    def __init__(self, **settings: Any) -> None:
        self.now = 1000.0
        self.crawler = get_crawler(Spider, {"BACKOFF_FIRST_S": FIRST_S, "USER_AGENT": "crawlers/1", **settings})
        self.downloader = Downloader()
        self.ends = False
        engine = SimpleNamespace(
            downloader=self.downloader, scraper=SimpleNamespace(slot=None), running=True,
            needs_backout=lambda: self.ends,
        )  # fmt: skip
        self.crawler.engine = engine  # type: ignore[assignment]
        self.middleware = BackoffMiddleware.from_crawler(self.crawler)

    def sent(self, host: str = "site.example") -> Request:
        """A request that is sent now; nothing must hold it back."""
        request = Request(f"https://{host}/")
        asyncio.run(asyncio.wait_for(self.middleware.process_request(request), 1))
        return request

    def wait_of(self, asked_s: float | None = None) -> float:
        """Pause after what is sent now, wait as long as asked, and say how long that was."""
        self.middleware.pause(self.sent(), asked_s, WHY)
        begun = self.now
        self.now += LONGEST_WAIT_S + 1
        return self.middleware._until["site.example"] - begun

    def is_held_back(self, host: str = "site.example") -> bool:
        """Whether a request would have to wait now."""
        self.ends = True  # whoever waits is told so at once
        try:
            self.sent(host)
        except CrawlStopping:
            return True
        finally:
            self.ends = False
        return False


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> Paused:
    made = Paused()
    monkeypatch.setattr("crawlers.middlewares.backoff.time", SimpleNamespace(monotonic=lambda: made.now))
    return made


def test_pauses_double_each_within_a_fifth_until_an_hour(paused: Paused) -> None:
    for step in range(6):
        assert 0.8 * FIRST_S * 2**step <= paused.wait_of() <= 1.2 * FIRST_S * 2**step
    waits = [paused.wait_of() for _ in range(5)]
    assert max(waits) <= LONGEST_WAIT_S
    assert waits[1:] == [LONGEST_WAIT_S] * 4


def test_two_crawls_do_not_return_at_the_same_moment(paused: Paused) -> None:
    waits = set()
    for _ in range(20):
        waits.add(paused.wait_of())
        paused.middleware.good_page(paused.sent())
    assert len(waits) == 20
    assert all(0.8 * FIRST_S <= wait <= 1.2 * FIRST_S for wait in waits)


@pytest.mark.parametrize(("asked_s", "wait"), [(7.0, 7.0), (0.5, 0.5), (3600.0, 3600.0), (86_400.0, LONGEST_WAIT_S)])
def test_what_the_site_asks_for_wins_up_to_an_hour(paused: Paused, asked_s: float, wait: float) -> None:
    for _ in range(3):
        assert paused.wait_of(asked_s) == pytest.approx(wait)


def test_to_wait_no_time_at_all_is_no_answer(paused: Paused) -> None:
    assert paused.wait_of(0.0) >= 0.8 * FIRST_S


def test_what_the_site_asked_for_counts_in_the_series(paused: Paused) -> None:
    paused.wait_of(5.0)
    assert 1.6 * FIRST_S <= paused.wait_of() <= 2.4 * FIRST_S


def test_pauses_are_counted_until_a_good_page(paused: Paused) -> None:
    for expected in (1, 2, 3):
        assert paused.middleware.pause(paused.sent(), None, WHY) == expected
        paused.now += LONGEST_WAIT_S
    paused.middleware.good_page(paused.sent())
    assert paused.middleware.pause(paused.sent(), None, WHY) == 1
    paused.now += LONGEST_WAIT_S
    paused.middleware.good_page(paused.sent("other.example"))  # says nothing of this one
    assert paused.middleware.pause(paused.sent(), None, WHY) == 2


def test_an_answer_to_what_was_sent_before_the_last_pause_says_nothing_new(paused: Paused) -> None:
    early, late = paused.sent(), paused.sent()
    paused.now += 1
    assert paused.middleware.pause(early, 10.0, WHY) == 1
    paused.now += 1
    assert paused.middleware.pause(late, 3000.0, WHY) == 0
    paused.now += 9
    assert not paused.is_held_back()  # and does not make the pause longer
    assert paused.middleware.pause(paused.sent(), 10.0, WHY) == 2
    stats = paused.crawler.stats
    assert (stats.get_value("backoff/pauses"), stats.get_value("backoff/paused_s")) == (2, 20)


def test_a_good_page_that_was_on_its_way_when_the_pause_began_does_not_say_that_it_helped(paused: Paused) -> None:
    early, slow = paused.sent(), paused.sent()
    paused.now += 1
    assert paused.middleware.pause(early, 10.0, WHY) == 1
    paused.middleware.good_page(slow)
    paused.now += 10
    again, good = paused.sent(), paused.sent()
    paused.now += 1
    assert paused.middleware.pause(again, 10.0, WHY) == 2
    paused.middleware.good_page(good)  # the first pause helped, of the second it knows nothing
    paused.now += 10
    assert paused.middleware.pause(paused.sent(), 10.0, WHY) == 2


def test_a_pause_for_the_sake_of_one_page_makes_the_next_no_longer(paused: Paused) -> None:
    for _ in range(4):
        assert 0.8 * FIRST_S <= paused.wait_of() <= 1.2 * FIRST_S
        paused.middleware.discount(paused.sent())


def test_a_wall_that_was_on_its_way_when_the_pause_began_is_the_same_wall_also_after_a_good_page(
    paused: Paused,
) -> None:
    early, late = paused.sent(), paused.sent()
    paused.now += 1
    paused.middleware.pause(early, 10.0, WHY)
    paused.now += 10
    paused.middleware.good_page(paused.sent())
    assert paused.middleware.pause(late, 10.0, WHY) == 0


def test_a_request_that_was_retried_had_failed_before_it_was_sent_again(paused: Paused) -> None:
    request = paused.sent()
    assert failed_at(request) == sent_at(request)
    for retry in (1, 2):
        paused.now += 5
        request.meta["retry_times"] = retry
        asyncio.run(paused.middleware.process_request(request))
    assert (failed_at(request), sent_at(request)) == (1005.0, 1010.0)


def test_what_another_process_made_of_a_request_is_not_held_against_it(paused: Paused) -> None:
    """A request that had been retried, and was in the file when its process ended, has not failed in this one."""
    request = paused.sent()
    request.meta.update({"retry_times": 2, "retried_at": 3.0, "sent_by": "another"})
    paused.now += 5
    asyncio.run(paused.middleware.process_request(request))
    assert sent_at(request) == paused.now
    paused.now += 5
    assert failed_at(request) == paused.now  # only now
    asyncio.run(paused.middleware.process_request(request))
    paused.now += 5
    assert failed_at(request) == paused.now - 5  # when it was retried here


def test_a_503_that_says_how_long_is_waited_for_although_it_is_retried_at_once(paused: Paused) -> None:
    def downloaded(status: int, **headers: str) -> None:
        response = Response("https://site.example/", status, headers)
        paused.crawler.signals.send_catch_log(signals.response_downloaded, response=response, request=paused.sent())

    downloaded(503)
    downloaded(500, **{"Retry-After": "7"})
    assert not paused.is_held_back()
    downloaded(503, **{"Retry-After": "7"})
    assert paused.is_held_back()
    paused.now += 7
    assert not paused.is_held_back()


def test_a_slot_is_held_back_as_long_as_it_is_paused_and_the_others_are_not(paused: Paused) -> None:
    paused.middleware.pause(paused.sent(), 10.0, WHY)
    assert paused.is_held_back()
    assert not paused.is_held_back("other.example")
    paused.now += 9.9
    assert paused.is_held_back()
    paused.now += 0.1
    assert not paused.is_held_back()


def test_whoever_waited_is_sent_when_the_pause_is_over_and_counts_as_sent_then() -> None:
    paused = Paused()
    paused.middleware.pause(paused.sent(), 0.05, WHY)
    begun = time.monotonic()
    request = paused.sent()
    assert time.monotonic() - begun >= 0.05
    assert paused.middleware.pause(request, 0.05, WHY) == 2


# -- Crawl-delay ---------------------------------------------------------------------------------------------------


def parsed(paused: Paused, robots: str, host: str = "site.example") -> dict[str, Any]:
    """What becomes of the slot of `host` once its robots.txt is there."""
    paused.crawler.signals.send_catch_log(
        signals.robots_parsed,
        robotparser=ProtegoRobotParser(robots.encode(), None),
        request=Request(f"https://{host}/page"),
    )
    return paused.downloader.per_slot_settings.get(host, {})


@pytest.mark.parametrize(("asked", "kept"), [(10, 10.0), (1, 2.0), (0.5, 2.0)])
def test_the_longer_of_our_interval_and_the_one_robots_txt_asks_for_is_kept(asked: float, kept: float) -> None:
    paused = Paused(DOWNLOAD_DELAY=2.0)
    paused.downloader.slots["site.example"] = slot = Slot(concurrency=8, delay=2.0, jitter=0.5)
    settings = parsed(paused, f"User-agent: *\nCrawl-delay: {asked}\n")
    assert settings == {"delay": kept, "jitter": 0.0, "concurrency": 1}
    assert (slot.delay, slot.jitter, slot.concurrency) == (kept, 0.0, 1)
    assert parsed(paused, "", "other.example") == {}


def test_our_interval_of_one_slot_is_kept_if_it_is_longer() -> None:
    paused = Paused(DOWNLOAD_DELAY=2.0)
    paused.downloader.per_slot_settings["site.example"] = {"delay": 20.0}
    assert parsed(paused, "User-agent: *\nCrawl-delay: 10\n")["delay"] == 20.0


@pytest.mark.parametrize(
    "robots", ["", "User-agent: *\nDisallow: /x\n", "User-agent: other\nCrawl-delay: 9\n", "Crawl-delay: soon"]
)
def test_robots_txt_that_asks_us_for_no_interval_changes_nothing(robots: str) -> None:
    paused = Paused(DOWNLOAD_DELAY=2.0)
    paused.downloader.slots["site.example"] = slot = Slot(concurrency=8, delay=2.0, jitter=0.5)
    assert parsed(paused, robots) == {}
    assert (slot.delay, slot.jitter, slot.concurrency) == (2.0, 0.5, 8)

"""`scrapy crawl sketchfab -a source=browser` in a real Chromium, and what is left when it ends in whatever way."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from crawlers.browser import launch_options
from crawlers.errors import ConfigurationError
from crawlers.middlewares.browser import refuse_consent, scroll
from crawlers.spiders.sketchfab import SketchfabSpider
from crawlers.spiders.sketchfab.listing import GRID, STRETCH
from sandbox.worlds import World
from tests.browser.processes import browser_of, descendants, left_of
from tests.crawls.running import ROOT, Crawls, RunningSandbox, running_sandbox

SIZE = 590  # no round number, at which a list is taken to be cut off and is read in parts
BY_BROWSER = ("-a", "source=browser")
SHOWN = {"model_id", "name", "name_tokens", "user_id", "like_count", "view_count", "comment_count"}
FLAGS = {"like_count_is_approximate", "view_count_is_approximate"}
PROVENANCE = {"first_seen_at", "fetched_at", "crawl_id"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(size=SIZE) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_ordered(sandbox: RunningSandbox) -> None:
    sandbox.forget_scripts()


def rows(crawls: Crawls) -> dict[str, dict[str, Any]]:
    return {row["model_id"]: row for row in crawls.table("models").to_pylist()}


def wanted() -> set[str]:
    return {model.model_id for model in World(size=SIZE).sketchfab.models if model.like_count >= 5}


def start(crawls: Crawls, sandbox: RunningSandbox) -> subprocess.Popen[str]:
    return crawls.start("crawl", "sketchfab", "-s", f"SANDBOX={sandbox.url}", *BY_BROWSER)


def wait_for_scrolling(crawl: subprocess.Popen[str], sandbox: RunningSandbox, loads: int = 5) -> None:
    """Until the browser of a crawl has asked for so many parts of the grid."""
    before, until = sandbox.ask("requests")["total"], time.monotonic() + 40
    while sandbox.ask("requests")["total"] < before + loads + 2:  # with robots.txt and the page itself
        assert crawl.poll() is None, crawl.communicate()[1]
        assert time.monotonic() < until
        time.sleep(0.02)


def started_until_layout_changed(crawl: subprocess.Popen[str]) -> set[Any]:
    """The processes of a crawl that ends because it does not know its page."""
    started: set[Any] = set()
    while crawl.poll() is None:
        started |= descendants(crawl.pid)
        time.sleep(0.1)
    assert crawl.returncode == 4, crawl.communicate()[1]
    return started


def test_the_grid_gives_the_models_of_the_api_and_asks_for_nothing_but_the_grid(
    tmp_path_factory: pytest.TempPathFactory, sandbox: RunningSandbox
) -> None:
    by_api, by_browser = (Crawls(tmp_path_factory.mktemp(name)) for name in ("api", "browser"))
    ended = by_api.crawl(sandbox, "-a", "max_users=1")
    assert ended.returncode == 0, ended.stderr
    before = sandbox.ask("requests/all")["total"]
    ended = by_browser.crawl(sandbox, *BY_BROWSER, "-s", "STATS_DUMP=True")
    assert ended.returncode == 0, ended.stderr
    log = sandbox.ask("requests/all")
    stats = {name: int(count) for name, count in re.findall(r"'playwright/(\S+)': (\d+)", ended.stderr)}
    assert stats["browser_count"] == stats["context_count"] == 1
    assert stats["page_count"] == stats["page_count/closed"] == -(-len(wanted()) // STRETCH)
    assert stats["page_count/max_concurrent"] == 1

    of_api, shown = rows(by_api), rows(by_browser)
    assert shown.keys() == of_api.keys() == wanted()
    named = World(size=SIZE).sketchfab.by_id
    for model_id, row in shown.items():
        api = of_api[model_id]
        # HTML has no way to say some characters of control, which a name may have in JSON.
        names = set() if named[model_id].name.isprintable() else {"name", "name_tokens"}
        for column in SHOWN - names - {"like_count", "view_count"}:
            assert row[column] == api[column], column
        for column in ("like_count", "view_count"):
            exact = api[column] < 1000
            assert row[f"{column}_is_approximate"] is not exact
            assert abs(row[column] - api[column]) <= (0 if exact else api[column] // 10), column
        assert {column for column in row.keys() - SHOWN - FLAGS - PROVENANCE if row[column] is not None} == set()
    assert any(row["view_count_is_approximate"] for row in shown.values())

    asked = log["last"][-(log["total"] - before) :]
    assert {one["host"] for one in asked} == {"sketchfab.com"}  # neither pictures nor fonts, nor anybody else
    assert {one["template"] for one in asked} == {"/robots.txt", "/search"}
    assert all(agent.startswith("crawlers/") for agent in log["user_agents"])
    cursors = [found[1] for one in asked if (found := re.search(r"cursor=(\d+)", one["url"]))]
    # Each load once, and the first of a stretch, which the page before has seen announced, perhaps once more.
    assert {int(cursor) for cursor in cursors} == set(range(24, SIZE, 24))
    assert len(cursors) <= SIZE // 24 + 2 * (SIZE // STRETCH)


def test_a_chromium_that_is_killed_costs_nothing_but_time(crawls: Crawls, sandbox: RunningSandbox) -> None:
    crawl = start(crawls, sandbox)
    wait_for_scrolling(crawl, sandbox)
    browser, started = browser_of(crawl.pid), descendants(crawl.pid)
    assert browser is not None
    os.kill(browser.pid, signal.SIGKILL)
    _, log = crawl.communicate(timeout=60)
    assert crawl.returncode == 0, log
    assert rows(crawls).keys() == wanted()
    assert left_of(started) == set()


def test_no_chromium_outlives_its_crawl_and_a_resume_loses_nothing(crawls: Crawls, sandbox: RunningSandbox) -> None:
    for number, expected in ((signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143)):
        crawl = start(crawls, sandbox)
        wait_for_scrolling(crawl, sandbox)
        started = descendants(crawl.pid)
        assert browser_of(crawl.pid) is not None
        crawl.send_signal(number)
        _, log = crawl.communicate(timeout=60)
        assert crawl.returncode == expected, log
        assert left_of(started) == set(), number
    crawl = start(crawls, sandbox)
    _, log = crawl.communicate(timeout=60)
    assert crawl.returncode == 0, log
    assert rows(crawls).keys() == wanted()
    assert len(crawls.manifests()) == 1


def test_a_page_nobody_knows_leaves_a_picture_beside_its_body(crawls: Crawls, sandbox: RunningSandbox) -> None:
    html = {"Content-Type": "text/html"}
    sandbox.script(status=200, headers=html, body="<p>A new design</p>", path_prefix="/search", times=100)
    started = started_until_layout_changed(start(crawls, sandbox))
    (body,) = crawls.jobs.glob("sketchfab/*/pages/*.body")
    assert b"A new design" in body.read_bytes()
    assert body.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert any("--headless" in one.command for one in started)
    assert left_of(started) == set()


def test_a_page_that_lacks_its_grid_ends_the_crawl_and_its_browser(crawls: Crawls, sandbox: RunningSandbox) -> None:
    block = '<div id="js-dom-data-prefetched-data"><!--{&#34;/i/categories&#34;:{}}--></div>'
    sandbox.script(status=200, headers={"Content-Type": "text/html"}, body=block, path_prefix="/search", times=100)
    started = started_until_layout_changed(start(crawls, sandbox))
    assert left_of(started) == set()


def test_a_crawl_that_needs_no_browser_does_not_load_what_drives_one(crawls: Crawls, sandbox: RunningSandbox) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "scrapy"]
    arguments = ["-s", f"SANDBOX={sandbox.url}", "-a", "max_models=1", "-a", "max_users=1"]
    ended = subprocess.run(
        [*command, *crawls.command("crawl", "sketchfab", *arguments)[1:]], cwd=ROOT, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "crawlers.spiders.sketchfab" in ended.stderr
    assert "playwright" not in ended.stderr


@pytest.mark.parametrize("argument", ["likes_source=user", "followers=true", "max_users=5", "profiles=true"])
def test_what_only_the_api_knows_is_refused_beside_the_browser(argument: str) -> None:
    name, value = argument.split("=")
    with pytest.raises(ConfigurationError, match=f"source=browser shows models only; leave out {name}"):
        SketchfabSpider(source="browser", **{name: value})


def test_twelve_pages_of_twelve_are_whole_on_a_slow_machine_and_none_has_consented() -> None:
    size = 60
    with running_sandbox(size=size) as sandbox:
        port = sandbox.ask("")["tls_port"]
        shown = asyncio.run(_shown(port))
    assert shown == [(size, 0, "refused")] * 12


async def _shown(port: int) -> list[tuple[int, int, str]]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options(port))
        at_once = asyncio.Semaphore(2)  # to throttle, Chromium keeps a core busy
        return await asyncio.gather(*(_cards_and_consent(browser, at_once) for _ in range(12)))


async def _cards_and_consent(browser: Browser, at_once: asyncio.Semaphore) -> tuple[int, int, str]:
    """How many cards a page shows in the end, how many banners, and what its cookie says of consent."""
    async with at_once:
        page = await (await browser.new_context()).new_page()
        session = await page.context.new_cdp_session(page)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        await page.goto("https://sketchfab.com/search?type=models&sort_by=-likeCount")
        await refuse_consent(page, GRID)
        await scroll(page, GRID)
        cookies = {cookie["name"]: cookie["value"] for cookie in await page.context.cookies()}
        counts = [await page.locator(one).count() for one in (GRID.items, "#onetrust-banner-sdk")]
        await page.context.close()
        return counts[0], counts[1], cookies.get("OptanonConsent", "")

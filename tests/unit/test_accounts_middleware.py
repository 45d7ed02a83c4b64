"""Cookies go to the hosts they are for, over https, each account with its own."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.test import get_crawler

from crawlers.accounts import Account, AccountRules
from crawlers.frontier.account_states import AccountState, AccountStates
from crawlers.middlewares import accounts as module
from crawlers.middlewares.accounts import ACCOUNT, AccountsMiddleware
from crawlers.pages import PageState
from crawlers.site_spider import SiteSpider, SpiderArgs
from tests.unit.test_account_states import Kept

RULES = AccountRules(hosts=("site.example", "m.site.example"), needed=("SUB",), further=("T",), break_every=3)


class AccountSpider(SiteSpider[SpiderArgs]):
    name = "site"
    accounts = RULES


def middleware(monkeypatch: pytest.MonkeyPatch, names: str = "ab", **settings: Any) -> AccountsMiddleware:
    monkeypatch.setattr(module, "crawl_ends", lambda _: False)
    crawler: Any = get_crawler(AccountSpider, settings)
    crawler.engine = SimpleNamespace(downloader=SimpleNamespace(per_slot_settings={}))
    accounts = [Account(name, {"SUB": f"sub-{name}"}) for name in names]
    states = AccountStates(Kept(), {name: name for name in names}, 0.01)
    made = AccountsMiddleware(crawler, accounts, RULES, states, "choose others")
    made._opened()
    return made


def request(url: str = "https://site.example/x", **values: Any) -> Request:
    return Request(url, callback=values.pop("callback", print), **values)


async def sent(accounts: AccountsMiddleware, made: Request) -> Request:
    accounts._scheduled(made)
    await accounts.process_request(made)
    return made


def back(accounts: AccountsMiddleware, made: Request, **headers: Any) -> None:
    accounts.process_response(made, Response(made.url, headers=headers))


@pytest.mark.parametrize(
    ("url", "callback"),
    [
        ("http://site.example/x", print),  # everybody on the way could read it
        ("https://www.site.example/x", print),
        ("https://site.example.evil.example/", print),
        ("https://site.example@evil.example/", print),
        ("https://site.example/robots.txt", NO_CALLBACK),
    ],
)
def test_nobody_else_gets_a_cookie(monkeypatch: pytest.MonkeyPatch, url: str, callback: Any) -> None:
    made = asyncio.run(sent(middleware(monkeypatch), request(url, callback=callback)))
    assert "Cookie" not in made.headers
    assert ACCOUNT not in made.meta


def test_each_account_has_one_page_at_a_time_and_its_own_cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    async def crawl() -> None:
        accounts = middleware(monkeypatch)
        first = await sent(accounts, request())
        second = await sent(accounts, request("https://m.site.example/y"))
        assert [made.headers["Cookie"] for made in (first, second)] == [b"SUB=sub-a", b"SUB=sub-b"]
        assert first.meta["download_slot"] != second.meta["download_slot"]
        waiting = asyncio.ensure_future(sent(accounts, request()))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        back(accounts, second, **{"Set-Cookie": ["T=of-b; path=/; domain=.site.example", "TRACK=1", "SUB=deleted"]})
        third = await waiting
        assert third.headers["Cookie"] == b"SUB=sub-b; T=of-b"
        assert second.meta["download_slot"] == "site accounts"  # whoever may take it, if it is stored

    asyncio.run(crawl())


def test_an_interval_lies_between_an_answer_and_the_next_request(monkeypatch: pytest.MonkeyPatch) -> None:
    async def crawl() -> None:
        accounts = middleware(monkeypatch, "a", DOWNLOAD_DELAY=0.1)
        loop = asyncio.get_running_loop()
        began = loop.time()
        first = await sent(accounts, request())
        assert loop.time() - began >= 0.1  # nobody knows what asked before this crawl began
        await asyncio.sleep(0.1)
        back(accounts, first)
        began = loop.time()
        await sent(accounts, request())
        assert 0.1 <= loop.time() - began < 0.3

    asyncio.run(crawl())


def test_a_page_goes_to_another_account_than_the_one_that_did_not_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def crawl() -> None:
        accounts = middleware(monkeypatch, "abc")
        asked = await sent(accounts, request())
        back(accounts, asked)
        assert accounts.wall(PageState.RATE_LIMITED, asked, 9.0) is None
        assert accounts.states.state("a") is AccountState.RESTING
        for _ in range(3):
            asked = await sent(accounts, asked)
            assert asked.meta[ACCOUNT] in "bc"
            back(accounts, asked)

    asyncio.run(crawl())


@pytest.mark.parametrize(
    ("state", "becomes", "ends"),
    [
        (PageState.LOGIN_REQUIRED, AccountState.EXPIRED, "login_required"),
        (PageState.BLOCKED, AccountState.FROZEN, "blocked"),
    ],
)
def test_the_last_account_that_is_retired_ends_the_crawl(
    monkeypatch: pytest.MonkeyPatch, state: PageState, becomes: AccountState, ends: str
) -> None:
    async def crawl() -> None:
        accounts = middleware(monkeypatch)
        for reason in (None, ends):
            asked = await sent(accounts, request())
            back(accounts, asked)
            assert accounts.wall(state, asked, None) == reason
            assert accounts.states.state(asked.meta[ACCOUNT]) is becomes

    asyncio.run(crawl())


def test_after_so_many_requests_an_account_takes_a_break(monkeypatch: pytest.MonkeyPatch) -> None:
    async def crawl() -> None:
        accounts = middleware(monkeypatch, "a", ACCOUNT_BREAK_S=60)
        for _ in range(3):
            back(accounts, await sent(accounts, request()))
        assert 50 < accounts.states.rest_left_s("a") <= 60

    asyncio.run(crawl())

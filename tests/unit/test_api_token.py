"""An API token goes to its site's own API over https, and nowhere else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from scrapy import Request, Spider
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.test import get_crawler

from crawlers import addon
from crawlers.errors import LeftSite
from crawlers.frontier.request_codec import encode
from crawlers.middlewares.api_token import ApiTokenMiddleware
from crawlers.site_spider import ApiToken, SiteSpider, SpiderArgs

VARIABLE = "TEST_SITE_API_TOKEN"
TOKEN = "s3cret"


class TokenSpider(SiteSpider[SpiderArgs]):
    name = "site"
    api_tokens = (
        ApiToken("api.site.example", VARIABLE, "Token"),
        ApiToken("other.example", "OTHER_KEY", "", header="X-Goog-Api-Key"),
    )


class OpenSpider(SiteSpider[SpiderArgs]):
    name = "open"


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, TOKEN)
    crawl_on(None, monkeypatch)


def crawl_on(sandbox: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addon, "running_addon", lambda _: SimpleNamespace(sandbox=sandbox))


def made(settings: dict[str, str] | None = None, spider: type[Spider] = TokenSpider) -> ApiTokenMiddleware:
    return ApiTokenMiddleware.from_crawler(get_crawler(spider, settings))


def sent(url: str) -> Request:
    request = Request(url, headers={"X-Kept": "kept"})
    made().process_request(request)
    return request


@pytest.mark.parametrize(
    "url", ["https://api.site.example/v3/search", "HTTPS://API.site.example", "https://api.site.example:443/"]
)
def test_the_api_gets_the_token(url: str) -> None:
    assert sent(url).headers["Authorization"] == b"Token s3cret"


@pytest.mark.parametrize(
    "url",
    [
        "http://api.site.example/v3/search",  # everybody on the way could read it
        "https://site.example/",
        "https://www.api.site.example/",
        "https://api.site.example.evil.example/",
        "https://api.site.example@evil.example/",
        "https://evil.example/api.site.example",
        "https://evil.example/?next=https://api.site.example",
        "ftp://api.site.example/",
        "data:text/plain,https://api.site.example",
    ],
)
def test_nobody_else_gets_it(url: str) -> None:
    assert sent(url).headers == Headers({"X-Kept": "kept"})


@pytest.mark.parametrize("url", ["https://www.other.example/", "http://other.example/", "https://api.site.example/"])
def test_a_request_that_is_made_anew_for_somebody_else_loses_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_KEY", "key of other")
    request = Request("https://other.example/")
    middleware = made()
    middleware.process_request(request)
    assert request.headers["X-Goog-Api-Key"] == b"key of other"
    for other in (
        request.replace(url=url),
        request.replace(url=url, headers={**request.headers, "Authorization": "x"}),
    ):
        middleware.process_request(other)
        assert "X-Goog-Api-Key" not in other.headers
        assert other.headers.get("Authorization") == (b"Token s3cret" if "api.site" in url else None)


@pytest.mark.parametrize("url", ["https://www.other.example/", "http://api.site.example/", "https://site.example/"])
def test_an_api_does_not_send_a_crawl_elsewhere(url: str) -> None:
    redirected = Request(url, meta={"redirect_urls": ["https://api.site.example/v3", "https://api.site.example/v4"]})
    with pytest.raises(LeftSite, match="an API redirects to another host"):
        made().process_request(redirected)
    within = redirected.replace(url="https://api.site.example/v5")
    made().process_request(within)
    assert within.headers["Authorization"] == b"Token s3cret"


@pytest.mark.parametrize("url", ["https://api.site.example/robots.txt", "https://site.example/robots.txt"])
def test_robots_txt_is_read_without_it_and_may_lie_elsewhere(url: str) -> None:
    """Who refuses a redirect of it has read none, and then every page is allowed."""
    robots = Request(url, callback=NO_CALLBACK, meta={"redirect_urls": ["https://api.site.example/robots.txt"]})
    made().process_request(robots)
    assert "Authorization" not in robots.headers


def test_the_sandbox_never_gets_somebodys_real_token(monkeypatch: pytest.MonkeyPatch) -> None:
    crawl_on(SimpleNamespace(api_keys={}), monkeypatch)
    with pytest.raises(NotConfigured):
        made()


def test_the_sandbox_gets_the_key_it_names_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    crawl_on(SimpleNamespace(api_keys={"OTHER_KEY": "of the world"}), monkeypatch)
    request = Request("https://other.example/")
    made().process_request(request)
    assert request.headers["X-Goog-Api-Key"] == b"of the world"
    assert b"of the world" not in encode(request, TokenSpider())
    assert b"Authorization" not in sent("https://api.site.example/").headers


def test_without_a_token_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("", None):
        monkeypatch.delenv(VARIABLE) if value is None else monkeypatch.setenv(VARIABLE, value)
        with pytest.raises(NotConfigured):
            made()


def test_a_site_without_an_api_of_its_own_needs_no_token() -> None:
    with pytest.raises(NotConfigured):
        made(spider=OpenSpider)


def test_the_token_comes_from_the_environment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(NotConfigured):
        made({VARIABLE: TOKEN})


def test_a_request_that_was_sent_with_the_token_is_stored_without() -> None:
    request = sent("https://api.site.example/v3/search")
    assert request.headers["Authorization"] == b"Token s3cret"
    assert TOKEN.encode() not in encode(request, TokenSpider())


def test_whatever_header_a_token_is_sent_in_it_is_not_stored() -> None:
    middleware = ApiTokenMiddleware({ApiToken("api.site.example", VARIABLE, "", header="x-invented-KEY"): TOKEN})
    request = Request("https://api.site.example/")
    middleware.process_request(request)
    assert request.headers["X-Invented-Key"] == TOKEN.encode()
    assert TOKEN.encode() not in encode(request, TokenSpider())

"""Requests as bytes: whatever a resumed crawl needs comes back equal; whatever could not is refused when stored."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial, wraps
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import FormRequest, Request, Spider
from scrapy.downloadermiddlewares.httpproxy import HttpProxyMiddleware
from scrapy.http import Headers, JsonRequest, Response
from twisted.python.failure import Failure

import crawlers.frontier
from crawlers.errors import CrawlerError
from crawlers.frontier.request_codec import UnstorableRequest, decode, encode

FRONTIER = Path(crawlers.frontier.__file__).parent


def renamed(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def wrapper(*args: Any) -> Any:
        return method(*args)

    return wrapper


class ListSpider(Spider):
    name = "list"

    def parse_list(self, response: Response) -> Iterator[Request]:
        yield from ()

    def parse_model(self, response: Response) -> Iterator[Request]:
        yield from ()

    def gone(self, failure: Failure) -> None: ...

    disguised = renamed(parse_list)  # its __name__ is that of another method


SPIDER = ListSpider()


def foreign(response: Response) -> None: ...


def through(request: Request) -> Request:
    return decode(encode(request, SPIDER), SPIDER)


text = st.text()  # hypothesis leaves lone surrogates out, as UTF-8 does
times = st.datetimes(timezones=st.just(dt.UTC))
numbers = st.one_of(st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False))
scalars = st.one_of(st.none(), numbers, text, st.binary(), times)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(text, inner), max_leaves=8)
arguments = st.dictionaries(text, values, max_size=4)
header_values = st.lists(st.binary(min_size=1, max_size=8), min_size=1, max_size=3)
headers = st.dictionaries(st.from_regex(r"X-[A-Z][a-z]{0,5}", fullmatch=True), header_values, max_size=3)
cookies = st.one_of(
    st.dictionaries(text, text, max_size=2),
    st.lists(st.fixed_dictionaries({"name": text, "value": text, "domain": text}), max_size=2),
)


@given(
    path=text, method=st.sampled_from(["GET", "POST", "PUT"]), body=st.binary(), headers=headers, cookies=cookies,
    meta=arguments, cb_kwargs=arguments, priority=st.integers(-(2**31), 2**31), flags=st.lists(text, max_size=2),
    dont_filter=st.booleans(),
)  # fmt: skip
def test_a_request_comes_back_as_it_was_stored(path: str, **attributes: Any) -> None:
    request = Request(
        f"https://site.example/{path}?q={path}", callback=SPIDER.parse_list, errback=SPIDER.gone, **attributes
    )
    restored = through(request)
    assert type(restored) is Request
    assert restored.to_dict(spider=SPIDER) == request.to_dict(spider=SPIDER)
    assert restored.headers == request.headers


@given(path=text, encoding=st.sampled_from(["utf-8", "gb18030", "latin-1"]))
def test_the_address_does_not_change_however_often_a_request_is_stored(path: str, encoding: str) -> None:
    request = Request(f"https://site.example/{path.encode(encoding, 'ignore').decode(encoding)}", encoding=encoding)
    once = through(request)
    assert once.url == request.url
    assert through(once).url == request.url


def test_callbacks_come_back_as_methods_of_the_spider() -> None:
    restored = through(Request("https://site.example", SPIDER.parse_model, errback=SPIDER.gone))
    assert restored.callback == SPIDER.parse_model
    assert restored.errback == SPIDER.gone


def test_a_request_without_callback_stays_without() -> None:
    restored = through(Request("https://site.example"))
    assert restored.callback is None
    assert restored.errback is None


def test_what_a_resumed_crawl_gets_shares_nothing_with_what_was_stored() -> None:
    shared = {"seen": ["a"]}
    request = Request("https://site.example", cb_kwargs={"state": shared})
    stored = encode(request, SPIDER)
    shared["seen"].append("b")
    assert decode(stored, SPIDER).cb_kwargs == {"state": {"seen": ["a"]}}


def test_a_form_or_json_request_comes_back_with_what_it_sends() -> None:
    for request in (
        FormRequest("https://site.example", formdata={"名": "值", "a": ["1", "2"]}),
        JsonRequest("https://site.example", data={"名": [1, None]}),
    ):
        restored = through(request)
        assert (restored.method, restored.body) == ("POST", request.body)
        assert restored.headers == request.headers


def test_a_plain_request_is_stored_in_few_bytes() -> None:
    url = "https://sketchfab.com/i/likes?count=24&model=0123456789abcdef0123456789abcdef&offset=0"
    stored = encode(Request(url, SPIDER.parse_model, cb_kwargs={"model_id": "0123456789abcdef"}), SPIDER)
    assert len(stored) < len(url) + 80


@pytest.mark.parametrize("name", ["Authorization", "authorization", "Proxy-Authorization", "COOKIE", b"Cookie"])
def test_a_secret_header_is_never_stored_and_the_others_are(name: str | bytes) -> None:
    request = Request("https://site.example", SPIDER.parse_list, headers=[(name, "Token s3cret"), ("X-Kept", "kept")])
    stored = encode(request, SPIDER)
    assert b"s3cret" not in stored
    assert decode(stored, SPIDER).headers == Headers({"X-Kept": "kept"})
    assert request.headers[name] == b"Token s3cret"  # what is being sent keeps it


def test_a_request_whose_only_header_is_a_secret_is_stored_without_headers() -> None:
    plain = Request("https://site.example", SPIDER.parse_list)
    secret = plain.replace(headers={"Authorization": "Token s3cret"})
    assert encode(secret, SPIDER) == encode(plain, SPIDER)


def test_a_retry_through_a_proxy_with_a_password_still_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://crawler:s3cret@proxy.example:3128")
    proxies = HttpProxyMiddleware()
    first = Request("http://site.example", SPIDER.parse_list)
    proxies.process_request(first)
    assert b"Proxy-Authorization" in first.headers
    again = through(first)
    proxies.process_request(again)
    assert again.headers == first.headers


UNSTORABLE = {
    "a lambda": lambda _: None,
    "a function": foreign,
    "a partial of a method": partial(SPIDER.parse_list),
    "a method of another spider": ListSpider().parse_list,
    "a method of something else": "text".upper,
    "a method that bears another's name": SPIDER.disguised,
}


@pytest.mark.parametrize("callback", UNSTORABLE.values(), ids=UNSTORABLE)
@pytest.mark.parametrize("role", ["callback", "errback"])
def test_what_no_resumed_crawl_could_call_is_refused(callback: Any, role: str) -> None:
    request = Request("https://site.example/dave", **{"callback": SPIDER.parse_list, role: callback})
    with pytest.raises(
        UnstorableRequest, match=f"a request of list: its {role} is not a method of the spider"
    ) as caught:
        encode(request, SPIDER)
    assert isinstance(caught.value, CrawlerError)
    assert "dave" not in str(caught.value)


@dataclass
class Person:
    name: str = "dave"


ring: list[Any] = []
ring.append(ring)
NOT_PLAIN = {
    "an object": object(),
    "a dataclass": Person(),
    "a set": {"dave"},
    "a number of any size": Decimal("1.5"),
    "a huge integer": 2**70,
    "a date": dt.date(2026, 9, 21),
    "a time without zone": dt.datetime(2026, 9, 21),  # noqa: DTZ001
    "a response": Response("https://site.example/dave"),
    "half a character": "\ud83d",
    "a list that holds itself": ring,
}


@pytest.mark.parametrize("value", NOT_PLAIN.values(), ids=NOT_PLAIN)
@pytest.mark.parametrize("place", ["meta", "cb_kwargs"])
def test_what_would_not_come_back_equal_is_refused(value: Any, place: str) -> None:
    held: Any = {place: {"a": {"b": [value]}}}
    request = Request("https://site.example/dave", **held)
    with pytest.raises(UnstorableRequest, match="its meta or cb_kwargs hold something that cannot be stored") as caught:
        encode(request, SPIDER)
    assert "dave" not in str(caught.value)


def test_a_tuple_comes_back_as_a_list() -> None:
    assert through(Request("https://site.example", meta={"a": (1, (2,))})).meta == {"a": [1, [2]]}


def test_nothing_in_the_frontier_knows_pickle() -> None:
    knows = re.compile(r"\b(c?pickle|marshal|shelve|dill|eval|exec)\b")
    said = {
        f"{path.name}: {line.strip()}"
        for path in FRONTIER.glob("*.py")
        for line in path.read_text().splitlines()
        if knows.search(line) and "never pickle" not in line
    }
    assert said == set()

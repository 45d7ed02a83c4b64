"""A response that was cut short is asked for again, wherever the cut is; a whole one is unpacked."""

from __future__ import annotations

import gzip
import random
import zlib
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest, ResponseDataLossError
from scrapy.http import Headers, Response
from scrapy.utils.test import get_crawler

from crawlers.middlewares.whole import WholeResponseMiddleware

URL = "https://site.example/list"
TEXT = b'{"results": [' + b",".join(b'{"uid": "%d"}' % number for number in range(200)) + b"]}"
WHOLE = gzip.compress(TEXT)
TRAILER = 8  # bytes of checksum and length, which some servers never send
CHUNK = 1 << 16  # the middleware unpacks so much at once


def middleware(**settings: Any) -> WholeResponseMiddleware:
    crawler = get_crawler(Spider, {"DOWNLOAD_MAXSIZE": 64 * 2**20, **settings})
    crawler.spider = crawler._create_spider("site")
    return WholeResponseMiddleware.from_crawler(crawler)


MIDDLEWARE = middleware()


def came(body: bytes, encoding: str = "gzip", flags: list[str] | None = None) -> Response:
    headers = {"Content-Encoding": encoding} if encoding else {}
    return Response(URL, body=body, headers=headers, flags=flags)


def outcome(body: bytes, encoding: str = "gzip", made: WholeResponseMiddleware = MIDDLEWARE) -> Response | Request:
    return made.process_response(Request(URL), came(body, encoding))


def unpacked(body: bytes, encoding: str = "gzip") -> bytes | None:
    """The content of a body; None: it is asked for again."""
    result = outcome(body, encoding)
    return result.body if isinstance(result, Response) else None


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP "])
def test_a_whole_gzip_is_unpacked(encoding: str) -> None:
    result = outcome(WHOLE, encoding)
    assert isinstance(result, Response)
    assert (result.body, result.headers.get("Content-Encoding")) == (TEXT, None)
    assert unpacked(WHOLE[: -TRAILER - 1], encoding) is None


@given(st.integers(1, len(WHOLE) - TRAILER - 1))
def test_gzip_cut_anywhere_in_its_content_is_asked_for_again(length: int) -> None:
    assert unpacked(WHOLE[:length]) is None


@given(st.binary(min_size=1, max_size=300), st.data())
def test_any_gzip_is_whole_up_to_the_end_of_its_content_and_not_without_it(text: bytes, data: st.DataObject) -> None:
    packed = gzip.compress(text)
    assert unpacked(packed) == text
    assert unpacked(packed[: data.draw(st.integers(1, len(packed) - TRAILER - 1))]) is None


@given(st.integers(1, TRAILER), st.sampled_from([b"", b"\x04", b"\x08", b"\x10", b"\x02", b"\x1e"]))
def test_gzip_that_lacks_only_its_trailer_is_whole_whatever_its_header_says(missing: int, flags: bytes) -> None:
    fields = {0x04: b"\x03\x00abc", 0x08: b"name\x00", 0x10: b"comment\x00"}
    flag = int.from_bytes(flags)
    header = bytes((*WHOLE[:3], flag, *WHOLE[4:10])) + b"".join(fields[bit] for bit in fields if flag & bit)
    if flag & 0x02:
        header += (zlib.crc32(header) & 0xFFFF).to_bytes(2, "little")
    packed = header + WHOLE[10:]
    assert unpacked(packed) == TEXT
    assert unpacked(packed[:-missing]) == TEXT
    assert unpacked(packed[: -TRAILER - 1]) is None


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 258, 2**20])
@pytest.mark.parametrize("level", [0, 1, 9])
@pytest.mark.parametrize("dense", [True, False])
def test_the_size_of_a_page_does_not_matter(size: int, level: int, dense: bool) -> None:
    content = random.Random(7).randbytes(size) if dense else bytes(size)
    packed = gzip.compress(content, compresslevel=level)
    assert unpacked(packed) == content
    assert unpacked(packed[:-TRAILER]) == (content or None)  # of nothing, nothing shows that it came
    for missing in (1, 2, 10):
        assert unpacked(packed[: -TRAILER - missing]) is None


@given(st.lists(st.binary(max_size=50), min_size=2, max_size=4), st.data())
def test_gzip_of_several_members_is_whole_if_its_last_is(texts: list[bytes], data: st.DataObject) -> None:
    *first, last = (gzip.compress(text) for text in texts)
    assert unpacked(b"".join([*first, last])) == b"".join(texts)
    cut = last[: data.draw(st.integers(1, len(last) - TRAILER - 1))]
    assert unpacked(b"".join([*first, cut])) is None


@given(st.integers(1, 600))
def test_zeros_after_the_end_are_padding(padding: int) -> None:
    assert unpacked(WHOLE + bytes(padding)) == TEXT
    assert unpacked(WHOLE + bytes(padding) + WHOLE) == TEXT * 2


@pytest.mark.parametrize("body", [TEXT, b"<html>", b"\x1f\x8c", WHOLE + b"more", WHOLE[1:]])
def test_what_only_says_that_it_is_gzip_is_asked_for_uncompressed(body: bytes) -> None:
    result = outcome(body)
    assert isinstance(result, Request)
    assert (result.url, result.headers[b"Accept-Encoding"]) == (URL, b"identity")


def test_uncompressed_replaces_what_was_accepted_before() -> None:
    request = Request(URL, headers={"Accept-Encoding": "gzip, deflate", "X-Kept": "kept"})
    result = MIDDLEWARE.process_response(request, came(TEXT))
    assert isinstance(result, Request)
    assert result.headers == Headers({"Accept-Encoding": "identity", "X-Kept": "kept"})


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("", TEXT), ("identity", TEXT), ("deflate", zlib.compress(TEXT)), ("br", brotli.compress(TEXT))],
)
def test_the_end_of_other_encodings_is_not_looked_for(encoding: str, packed: bytes) -> None:
    assert unpacked(packed, encoding) == TEXT
    assert TEXT.startswith(unpacked(packed[:-1], encoding) or b"asked for again")


def test_an_answer_without_a_body_is_whole() -> None:
    assert unpacked(b"") == b""


def test_a_body_whose_connection_broke_is_asked_for_again() -> None:
    assert isinstance(MIDDLEWARE.process_response(Request(URL), came(TEXT, "", ["partial"])), Request)


def test_a_bomb_is_left_to_scrapy_to_refuse() -> None:
    bomb = gzip.compress(bytes(10 * CHUNK))
    cut = bomb[: -TRAILER - 1]
    with pytest.raises(IgnoreRequest):
        outcome(cut, made=middleware(DOWNLOAD_MAXSIZE=CHUNK))
    assert isinstance(outcome(cut), Request)


def test_a_broken_connection_is_noticed_also_where_compression_is_switched_off() -> None:
    made = middleware(COMPRESSION_ENABLED=False)
    assert isinstance(made.process_response(Request(URL), came(TEXT, "", ["partial"])), Request)


def test_after_its_retries_a_page_that_is_never_whole_is_lost() -> None:
    made, request = middleware(RETRY_TIMES=2), Request(URL, meta={"lease": 7})
    for _ in range(2):
        again = made.process_response(request, came(WHOLE[: -TRAILER - 1]))
        assert isinstance(again, Request)
        assert (again.meta["lease"], again.dont_filter) == (7, True)
        request = again
    with pytest.raises(ResponseDataLossError, match="the response ends early, also after retries: gzip cut short"):
        made.process_response(request, came(WHOLE[: -TRAILER - 1]))

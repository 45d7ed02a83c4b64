"""Catches responses that were cut short without anybody saying so, while a retry can still help."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

_CHUNK = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS


class WholeResponseMiddleware:
    """Tries again what ended early: a body without a length whose connection broke, and gzip cut within its content.

    Scrapy hands both to the callback, the first flagged `partial`, the second without any sign. A body that is no gzip
    although it says so is asked for once more uncompressed. Bodies cut inside their JSON are for `recognise` to see.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        if "partial" in response.flags:
            return self._again(request, "partial body")
        encoding = (response.headers.get(b"Content-Encoding") or b"").strip().lower()
        if response.body and encoding in {b"gzip", b"x-gzip"}:
            try:
                if not _gzip_ends(response.body, self._crawler.settings.getint("DOWNLOAD_MAXSIZE")):
                    return self._again(request, "gzip cut short")
            except zlib.error:
                plain = request.copy()
                plain.headers["Accept-Encoding"] = "identity"
                return self._again(plain, "not gzip")
        return response

    def _again(self, request: Request, reason: str) -> Request:
        spider = self._crawler.spider
        assert spider is not None  # noqa: S101  (Scrapy sets it before any response)
        again = get_retry_request(request, spider=spider, reason=reason)
        if again is None:
            raise ResponseDataLossError(f"the response ends early, also after retries: {reason}")
        return again


def _gzip_ends(body: bytes, limit: int) -> bool:
    """Whether the content of a gzip body has its end. Bodies over `limit` bytes are for Scrapy to refuse.

    Raises: zlib.error: it is no gzip.
    """
    size = 0
    while body:
        first = body
        member = zlib.decompressobj(_GZIP)
        while body and not member.eof:
            size += len(member.decompress(body, _CHUNK))
            body = member.unconsumed_tail
            if size > limit:
                return True
        if not member.eof:
            return _lacks_only_its_trailer(first)
        body = member.unused_data.lstrip(b"\0")  # some servers pad
    return True


def _lacks_only_its_trailer(member: bytes) -> bool:
    """Whether the content of a cut member is all there: some servers never send checksum and length."""
    content = zlib.decompressobj(-zlib.MAX_WBITS)
    rest, came = member[_header_size(member) :], _CHUNK
    while (rest or came == _CHUNK) and not content.eof:  # a full chunk may leave more in it
        came = len(content.decompress(rest, _CHUNK))
        rest = content.unconsumed_tail
    return content.eof


def _header_size(member: bytes) -> int:
    """Bytes before the content of a gzip member (RFC 1952, 2.3); what is cut within them has none."""
    if len(member) < 10:
        return len(member)
    flags, size = member[3], 10
    if flags & 4:  # extra field, with its length
        size += 2 + int.from_bytes(member[size : size + 2], "little")
    for flag in (8, 16):  # name and comment, each ending with a zero
        if flags & flag:
            size = member.find(0, size) + 1 or len(member)
    return size + (2 if flags & 2 else 0)  # checksum of the header

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
    """Tries again what ended early: a body without a length whose connection broke, and gzip without its end.

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
    """Whether the last member of a gzip body has its trailer. Bodies over `limit` bytes are for Scrapy to refuse.

    Raises: zlib.error: it is no gzip.
    """
    size = 0
    while body:
        member = zlib.decompressobj(_GZIP)
        while body and not member.eof:
            size += len(member.decompress(body, _CHUNK))
            body = member.unconsumed_tail
            if size > limit:
                return True
        if not member.eof:
            return False
        body = member.unused_data.lstrip(b"\0")  # some servers pad
    return True

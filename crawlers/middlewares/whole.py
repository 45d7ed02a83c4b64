"""Unpacks responses, and catches those that were cut short without anybody saying so, while a retry can still help."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

_CHUNK = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS


class WholeResponseMiddleware(HttpCompressionMiddleware):
    """Scrapy's own unpacks bodies, and passes on what ended early: a body without a length whose connection broke is
    flagged `partial`, and gzip cut within its content has no sign. Here both are tried again.

    A body that is no gzip although it says so is asked for once more uncompressed. Bodies cut inside their JSON are for
    `recognise` to see.
    """

    def __init__(self, *, crawler: Crawler) -> None:
        super().__init__(crawler=crawler)
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler=crawler)  # whatever COMPRESSION_ENABLED says: connections break, too

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        if "partial" in response.flags:
            return self._again(request, "partial body")
        encoding = (response.headers.get(b"Content-Encoding") or b"").strip().lower()
        if not response.body or encoding not in {b"gzip", b"x-gzip"}:
            return super().process_response(request, response)
        try:
            unpacked = super().process_response(request, response)
            if not _has_end(response.body, unpacked.body):
                return self._again(request, "gzip cut short")
        except EOFError:  # before a byte of its content
            return self._again(request, "gzip cut short")
        except (zlib.error, gzip.BadGzipFile):
            plain = request.copy()
            plain.headers["Accept-Encoding"] = "identity"
            return self._again(plain, "not gzip")
        return unpacked

    def _again(self, request: Request, reason: str) -> Request:
        spider = self._crawler.spider
        assert spider is not None  # noqa: S101  (Scrapy sets it before any response)
        again = get_retry_request(request, spider=spider, reason=reason)
        if again is None:
            raise ResponseDataLossError(f"the response ends early, also after retries: {reason}")
        return again


def _has_end(body: bytes, content: bytes) -> bool:
    """Whether the content of a gzip body is all there: its last bytes say so, or unpacking it once more does."""
    checksum_and_length = zlib.crc32(content).to_bytes(4, "little") + (len(content) % 2**32).to_bytes(4, "little")
    return body.endswith(checksum_and_length) or _gzip_ends(body)


def _gzip_ends(body: bytes) -> bool:
    """Whether a gzip body has its end, if need be without checksum and length, in several members, or padded.

    Raises: zlib.error: it is no gzip.
    """
    while body:
        first = body
        member = zlib.decompressobj(_GZIP)
        while body and not member.eof:
            member.decompress(body, _CHUNK)
            body = member.unconsumed_tail
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

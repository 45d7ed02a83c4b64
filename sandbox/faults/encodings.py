"""Bodies whose compression or charset is not what their headers say. Those of gzip need a client that takes gzip."""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from sandbox.compression import gzipped
from sandbox.faults.fault import Asked, Fault

if TYPE_CHECKING:
    from sandbox.sites import Reply

KIND = "Encodings"
TRAILER_BYTES = 8  # checksum and length
BOMB_BYTES = 50 * 10**6


def gzip_cut(asked: Asked) -> Reply | None:
    """A gzip body that lacks its last third, with a Content-Length that fits: zlib alone does not complain."""
    reply = asked.normal()
    body = gzipped(reply.body)
    return _gzip(reply, body[: len(body) * 2 // 3]) if asked.gzip and reply.body else None


def gzip_without_trailer(asked: Asked) -> Reply | None:
    """A gzip body that lacks only its last 8 bytes, the checksum and the length: the content is whole."""
    reply = asked.normal()
    return _gzip(reply, gzipped(reply.body)[:-TRAILER_BYTES]) if asked.gzip and reply.body else None


def not_gzip(asked: Asked) -> Reply | None:
    """Content-Encoding says gzip, but the body is plain."""
    return _gzip(asked.normal(), asked.normal().body) if asked.gzip else None


def gzip_bomb(asked: Asked) -> Reply | None:
    """A gzip body of 49 kB that unpacks to 50 MB of spaces."""
    return _gzip(asked.normal(), _bomb()) if asked.gzip else None


def wrong_charset(asked: Asked) -> Reply | None:
    """A UTF-8 body that its header calls ISO-8859-1."""
    text = _text(asked.normal())
    return _in_charset(asked.normal(), text.encode(), "iso-8859-1") if text is not None else None


def gbk_as_gb2312(asked: Asked) -> Reply | None:
    """A GBK body that its header calls GB2312, as many Chinese sites do. What GBK lacks becomes an escape."""
    reply = asked.normal()
    if (text := _text(reply)) is None:
        return None
    if not _is_json(reply):
        return _in_charset(reply, text.encode("gbk", "xmlcharrefreplace"), "gb2312")
    body = b"".join(_gbk_or_json_escape(character) for character in text)
    return _in_charset(reply, body, "gb2312")


def _gzip(reply: Reply, body: bytes) -> Reply:
    return replace(reply, body=body, headers={**reply.headers, "Content-Encoding": "gzip"})


@cache
def _bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    million = b" " * 10**6
    return b"".join(packer.compress(million) for _ in range(BOMB_BYTES // len(million))) + packer.flush()


def _text(reply: Reply) -> str | None:
    """The body; None where it is no text, or the same in every charset."""
    try:
        return None if reply.body.isascii() else reply.body.decode()
    except UnicodeDecodeError:
        return None


def _is_json(reply: Reply) -> bool:
    return "json" in reply.content_type


def _gbk_or_json_escape(character: str) -> bytes:
    try:
        return character.encode("gbk")
    except UnicodeEncodeError:
        units = character.encode("utf-16-be").hex()
        return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4)).encode()


def _in_charset(reply: Reply, body: bytes, charset: str) -> Reply:
    return replace(reply, body=body, content_type=f"{reply.content_type.partition(';')[0]}; charset={charset}")


ENCODINGS = [
    Fault.of(gzip_cut, KIND),
    Fault.of(gzip_without_trailer, KIND),
    Fault.of(not_gzip, KIND),
    Fault.of(gzip_bomb, KIND, heals=False),
    Fault.of(wrong_charset, KIND),
    Fault.of(gbk_as_gb2312, KIND, heals=False),
]

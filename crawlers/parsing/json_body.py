"""JSON as sites really send it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from scrapy.http import Response
from w3lib.encoding import http_content_type_encoding

# A half of a surrogate pair, left where somebody cut a name in the middle of an emoji.
_LONE_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")

# `recognise` and the page function both read the body; the second one finds it decoded.
_decoded: WeakKeyDictionary[Response, Any] = WeakKeyDictionary()


def json_of(response: Response) -> Any:
    """The decoded body of a response, decoded once; treat it as read-only.

    Raises: ValueError: the body is not JSON, or was cut short.
    """
    if response not in _decoded:
        declared = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
        _decoded[response] = loads(response.body, http_content_type_encoding(declared))
    return _decoded[response]


def loads(body: bytes, charset: str | None = None) -> Any:
    """Decode JSON; lone surrogates, which no file could store, become U+FFFD.

    `charset` is what the body's header says. It counts only where the body is not UTF-8, as JSON has to be.
    Raises: ValueError: the body is not JSON, or was cut short.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # The strict decoder refuses a page for one broken name or a byte order mark; the lenient one reads
        # it, and we mend the name.
        try:
            return _mend(json.loads(_text(body, charset)))
        except RecursionError:
            raise ValueError("JSON nested too deep") from None


def _text(body: bytes, charset: str | None) -> str:
    for encoding in ("utf-8-sig", charset):
        if encoding is not None:
            with suppress(UnicodeError, LookupError):
                return body.decode(encoding)
    return body.decode("utf-8-sig", "replace")


def _mend(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.translate(_LONE_SURROGATES)
    if isinstance(value, list):
        return [_mend(entry) for entry in value]
    if isinstance(value, dict):
        return {_mend(name): _mend(entry) for name, entry in value.items()}
    return value

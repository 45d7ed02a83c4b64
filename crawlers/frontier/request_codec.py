"""Requests as bytes and back. MessagePack, never pickle: whoever can write a job's file must not run code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec
from scrapy import Request, Spider
from scrapy.http import Headers
from scrapy.http.request import NO_CALLBACK

from crawlers.errors import CrawlerError

# Every slot is left out where it holds its default, so that most requests are a URL, a callback and a few arguments.
_ATTRIBUTES = ("method", "body", "cookies", "encoding", "priority", "dont_filter", "flags")
_DEFAULTS = {name: getattr(Request("data:,"), name) for name in _ATTRIBUTES}
_STORABLE = (str, bytes, int, float, dt.datetime, type(None))
_SECRETS = {b"Authorization", b"Proxy-Authorization", b"Cookie"}  # middlewares set them anew on what is sent
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder()


class UnstorableRequest(CrawlerError):
    """A request that could not be resumed: its callback is no method of the spider, or it carries an object."""


def never_store(header: str) -> None:
    """From now on no stored request has this header; for the middleware that sets it anew on what is sent."""
    _SECRETS.add(Headers().normkey(header))


def encode(request: Request, spider: Spider) -> bytes:
    """The request as MessagePack.

    Raises: UnstorableRequest: callback or errback is not a method of the spider, or meta or cb_kwargs hold something
        other than str, bytes, numbers, bool, None, aware datetime, and lists (tuples become lists) and dicts of these.
    """
    stored: dict[str, Any] = {"url": request.url}
    for name in ("callback", "errback"):
        if (method := getattr(request, name)) is not None and method is not NO_CALLBACK:
            stored[name] = _method_name(method, spider, name)
    stored |= {name: value for name in _ATTRIBUTES if (value := getattr(request, name)) != _DEFAULTS[name]}
    if headers := {name: values for name, values in request.headers.items() if name not in _SECRETS}:
        stored["headers"] = headers
    if meta := _without_proxy(request.meta):
        stored["meta"] = meta
    if request.cb_kwargs:
        stored["cb_kwargs"] = request.cb_kwargs
    try:
        _check([stored.get("meta"), stored.get("cb_kwargs"), request.cookies, request.flags])
        return _encoder.encode(stored)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise UnstorableRequest(
            f"storing a request of {spider.name}: its meta or cb_kwargs hold something that cannot be stored "
            f"({error}); use strings, numbers, lists and dicts"
        ) from None


def _without_proxy(meta: dict[str, Any]) -> dict[str, Any]:
    """Leave out a proxy of the environment, which Scrapy chooses anew, with its password, if meta names none."""
    if "_scheme_proxy" not in meta:
        return meta
    return {name: value for name, value in meta.items() if name not in {"proxy", "_auth_proxy", "_scheme_proxy"}}


def decode(stored: bytes, spider: Spider) -> Request:
    """The request that `encode` stored, as a plain Request; mutable arguments are copies."""
    values = values_of(stored)
    for name in ("callback", "errback"):
        if name in values:
            values[name] = getattr(spider, values[name])
    # Its URL was made safe when it was first made; looking at every character again would take a third of this.
    meta = values.get("meta", {})
    request = Request(**values | {"meta": {"verbatim_url": True, **meta}})
    if "verbatim_url" not in meta:
        del request.meta["verbatim_url"]
    return request


def values_of(stored: bytes) -> dict[str, Any]:
    """What `encode` stored of a request: the attributes that differ from their defaults, callbacks by name."""
    values: dict[str, Any] = _decoder.decode(stored)
    return values


def with_values(values: dict[str, Any]) -> bytes:
    """What `values_of` gave, changed, as it is stored."""
    return _encoder.encode(values)


def _check(value: Any) -> None:
    """Refuse what MessagePack would take and give back as something else (a set as a list, a dataclass as a dict)."""
    if isinstance(value, dict):
        for name, entry in value.items():
            _check(name)
            _check(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            _check(entry)
    elif not isinstance(value, _STORABLE) or (isinstance(value, dt.datetime) and value.tzinfo is None):
        naive = " without a time zone" if isinstance(value, dt.datetime) else ""
        raise TypeError(f"a {type(value).__name__}{naive}")


def _method_name(method: Callable[..., Any], spider: Spider, role: str) -> str:
    name: str = getattr(method, "__name__", "")
    if getattr(method, "__self__", None) is not spider or getattr(spider, name, None) != method:
        raise UnstorableRequest(
            f"storing a request of {spider.name}: its {role} is not a method of the spider, so no resumed crawl could "
            "call it; write a method instead of a function, a lambda or a partial"
        )
    return name

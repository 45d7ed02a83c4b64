"""Lists of models (Data API v3) and of the people who like a model (the website's private endpoint)."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urldefrag, urlencode, urlsplit

from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.items import Rows
from crawlers.items.sketchfab import Like, Model
from crawlers.pages.sketchfab.model import read_model
from crawlers.pages.sketchfab.states import ROUTE_WORDS
from crawlers.parsing.json_body import json_of
from crawlers.parsing.urls import path_template

PAGE_SIZE = 24  # larger counts are ignored by the site, not clamped


def list_url(*, count: int = PAGE_SIZE) -> str:
    """The first page of all models, most liked first."""
    query = {"count": count, "sort_by": "-likeCount", "type": "models"}
    return f"https://api.sketchfab.com/v3/search?{urlencode(query)}"


def likes_url(model_id: str) -> str:
    """The first page of the people who like a model."""
    query = {"count": PAGE_SIZE, "model": model_id, "offset": 0}
    return f"https://sketchfab.com/i/likes?{urlencode(query)}"


def models(response: Response) -> Rows[Model]:
    """The models of a list page, at most 24, in the list's order.

    Source: https://api.sketchfab.com/v3/search?type=models&… and https://api.sketchfab.com/v3/models?… (JSON).
    Raises: LayoutChanged: the page has no list of results.
    """
    return Rows(Model, _results(response), read_model)


def likes(response: Response, *, model_id: str, first_position: int) -> Rows[Like]:
    """The people on one page of a model's likes, at most 24; the first stands at `first_position`.

    Source: https://sketchfab.com/i/likes?model=<model_id>&count=24&offset=<n> (JSON; private, last seen in 2016).
    Raises: LayoutChanged: the page has no list of results.
    """
    return Rows(Like, enumerate(_results(response), first_position), partial(_read_like, model_id=model_id))


def next_page(response: Response) -> str | None:
    """The URL of the next page of any list, verbatim; None at the end.

    Raises: LayoutChanged: the page does not say whether it is the last, or its 'next' is no page of the same list. A
        page must not be able to choose what is fetched: another host, a file, itself.
    """
    page = json_of(response)
    following = page.get("next", "")
    if following is None:
        return None
    if not isinstance(following, str) or not _is_further(following, response.url):
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), "a list whose 'next' is no further page of it")
    return following


def _is_further(following: str, url: str) -> bool:
    is_another = urldefrag(following).url != urldefrag(url).url
    return following == following.strip() and is_another and _route(following) == _route(url)


def _route(url: str) -> tuple[str, str, str] | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return (parts.scheme, parts.netloc, parts.path)


def _results(response: Response) -> list[Any]:
    results = json_of(response).get("results")
    if not isinstance(results, list):
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), "no list under 'results'")
    return results


def _read_like(node: tuple[int, dict[str, Any]], *, model_id: str) -> dict[str, Any]:
    position, person = node
    return {"user_id": person["uid"], "model_id": model_id, "position": position, "likes_source": "model"}

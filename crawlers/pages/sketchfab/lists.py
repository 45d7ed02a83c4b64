"""Lists: of models and of what a person likes (Data API v3), and of who likes a model (the website, privately)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urldefrag, urlencode, urlsplit

from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.items import Rows
from crawlers.items.sketchfab import Like, Model
from crawlers.pages.sketchfab.model import read_categories, read_model
from crawlers.pages.sketchfab.states import ROUTE_WORDS
from crawlers.parsing.json_body import json_of
from crawlers.parsing.urls import path_template

PAGE_SIZE = 24  # larger counts are ignored by the site, not clamped
_API = "https://api.sketchfab.com/v3"


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list says of a model that decides whether it is wanted."""

    like_count: int
    categories: list[str] | None


def list_url(
    *, count: int = PAGE_SIZE, category: str | None = None, faces: tuple[int | None, int | None] = (None, None)
) -> str:
    """The first page of all models, most liked first; or of those of a category, or with so many `faces` at least and
    at most."""
    least, most = faces
    query = {"categories": category, "count": count, "max_face_count": most, "min_face_count": least}
    return _url("search", {**query, "sort_by": "-likeCount", "type": "models"})


def models_url() -> str:
    """The first page of all models in the site's own order: what a list that ignores its filter gives."""
    return _url("models", {"count": PAGE_SIZE})


def liked_url(username: str) -> str:
    """The first page of the models that a person likes, newest like first. It takes no other filter."""
    return _url("models", {"count": PAGE_SIZE, "liked_by": username, "sort_by": "-likedAt"})


def comments_url(model_id: str) -> str:
    """The first page of the comments on a model."""
    return _url("comments", {"count": PAGE_SIZE, "model": model_id})


def followers_url(user_id: str) -> str:
    """The first page of the people who follow somebody."""
    return _url(f"users/{user_id}/followers", {"count": PAGE_SIZE})


def likes_url(model_id: str) -> str:
    """The first page of the people who like a model."""
    query = {"count": PAGE_SIZE, "model": model_id, "offset": 0}
    return f"https://sketchfab.com/i/likes?{urlencode(query)}"


def _url(path: str, query: Mapping[str, Any]) -> str:
    return f"{_API}/{path}?{urlencode({name: value for name, value in query.items() if value is not None})}"


def models(response: Response) -> Rows[Model]:
    """The models of a list page, at most 24, in the list's order.

    Source: https://api.sketchfab.com/v3/search?type=models&… and https://api.sketchfab.com/v3/models?… (JSON).
    Raises: LayoutChanged: the page has no list of results.
    """
    return Rows(Model, results_of(response), read_model)


def likes(response: Response, *, model_id: str, first_position: int) -> Rows[Like]:
    """The people on one page of a model's likes, at most 24; the first stands at `first_position`.

    Source: https://sketchfab.com/i/likes?model=<model_id>&count=24&offset=<n> (JSON; private, last seen in 2016).
    Raises: LayoutChanged: the page has no list of results.
    """
    return Rows(Like, enumerate(results_of(response), first_position), partial(_read_like, model_id=model_id))


def liked(response: Response, *, user_id: str, first_position: int) -> Rows[Like]:
    """The models on one page of a person's likes, at most 24, newest like first; the first stands at `first_position`.

    Source: https://api.sketchfab.com/v3/models?liked_by=<username>&sort_by=-likedAt (JSON; documented, not recorded).
    Raises: LayoutChanged: the page has no list of results.
    """
    return Rows(Like, enumerate(results_of(response), first_position), partial(_read_liked, user_id=user_id))


def listed(response: Response) -> dict[str, Listed]:
    """What a list of models says of each of them, by id; those that `liked` cannot read are left out.

    Source: as of `models` and `liked`.
    Raises: LayoutChanged: the page has no list of results.
    """
    found = {}
    for node in results_of(response):
        with suppress(LookupError, TypeError, ValueError, AttributeError):
            found[node["uid"]] = _listed(node)
    return found


def next_page(response: Response) -> str | None:
    """The URL of the next page of any list, verbatim; None at the end.

    Raises: LayoutChanged: the page does not say whether it is the last, or its 'next' is no page of the same list. A
        page must not be able to choose what is fetched: another host, a file, itself.
    """
    page = json_of(response)
    following = page.get("next", "")
    if following is None:
        return None
    if not isinstance(following, str) or not is_further(following, response.url):
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), "a list whose 'next' is no further page of it")
    return following


def is_further(following: str, url: str) -> bool:
    """Whether a link leads to another page of the same list."""
    is_another = urldefrag(following).url != urldefrag(url).url
    return following == following.strip() and is_another and _route(following) == _route(url)


def _route(url: str) -> tuple[str, str, str] | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return (parts.scheme, parts.netloc, parts.path)


def results_of(response: Response) -> list[Any]:
    """The rows of a page of any list. Raises: LayoutChanged: the page has none."""
    results = json_of(response).get("results")
    if not isinstance(results, list):
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), "no list under 'results'")
    return results


def _read_like(node: tuple[int, dict[str, Any]], *, model_id: str) -> dict[str, Any]:
    position, person = node
    return {"user_id": person["uid"], "model_id": model_id, "position": position, "likes_source": "model"}


def _read_liked(node: tuple[int, dict[str, Any]], *, user_id: str) -> dict[str, Any]:
    position, model = node
    _listed(model)  # a like of which nobody could say whether it is wanted is one that cannot be read
    return {"user_id": user_id, "model_id": model["uid"], "position": position, "likes_source": "user"}


def _listed(node: dict[str, Any]) -> Listed:
    count = node["likeCount"]
    if type(count) is not int:
        raise TypeError("a number of likes that is none")
    return Listed(count, read_categories(node.get("categories")))

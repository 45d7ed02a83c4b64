"""Sketchfab: the Data API v3 on ``api.sketchfab.com`` and the private list of who likes a model on ``sketchfab.com``.

Lists end where the models end (no depth cap). Pages hold 24 rows; a larger `count` is ignored, a smaller one obeyed.
Cursors are decimal offsets in ``/v3/search`` and base64 text (``o=24``) in ``/v3/models``. The most liked models of
``/v3/search`` drift while they are read.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

import orjson

from sandbox.sites import Reply, SiteRequest, method_not_allowed
from sandbox.sites.drift import Drift, View
from sandbox.sites.sketchfab_json import API, SITE, SketchfabJson, dumps
from sandbox.worlds.sketchfab_vocabulary import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.worlds.sketchfab import Model, SketchfabWorld

    Query = dict[str, list[str]]

PAGE_SIZE = 24
KEPT_VIEWS = 256
FILTERS: tuple[str, ...] = ("user", "tags", "categories")
ROBOTS = b"User-agent: *\nAllow: /\n"
SEARCH_SORTS = frozenset(
    sign + key for sign in ("", "-") for key in ("likeCount", "viewCount", "publishedAt", "processedAt", "relevance")
)
LIST_SORTS = frozenset(sign + key for sign in ("", "-") for key in ("createdAt", "viewCount"))
_SORT_KEYS: dict[str, Callable[[Model], Any]] = {
    "likeCount": lambda model: model.like_count,
    "viewCount": lambda model: model.view_count,
    "createdAt": lambda model: model.created_at,
    "publishedAt": lambda model: model.published_at or model.created_at,
    "processedAt": lambda model: model.created_at,
    "relevance": lambda model: model.like_count,
}


class BadRequestError(ValueError):
    """A parameter the site answers with 400."""


class Sketchfab:
    """The replica. `drift` False keeps the lists still."""

    hosts: tuple[str, ...] = ("api.sketchfab.com", "sketchfab.com")

    def __init__(self, world: SketchfabWorld, *, drift: bool = True) -> None:
        self._world = world
        self._json = SketchfabJson(world)
        self._drift = Drift(world.seed, [model.like_count for model in world.models]) if drift else None
        self._views: dict[str, View] = {}

    def respond(self, request: SiteRequest) -> Reply:
        """Answer a GET of either host. Bad parameters are 400, unknown things 404, both as JSON with ``detail``."""
        if request.method != "GET":
            return method_not_allowed()
        path = request.path
        if path == "/robots.txt":
            return Reply(path, ROBOTS, content_type="text/plain")
        parameters = parse_qs(request.query, keep_blank_values=True)
        try:
            match request.host, path.split("/")[1:]:
                case "sketchfab.com", ["i", "likes"]:
                    return self._likes(path, parameters)
                case "api.sketchfab.com", ["v3", "search"]:
                    return self._search(path, parameters)
                case "api.sketchfab.com", ["v3", "models"]:
                    return self._list(path, parameters)
                case "api.sketchfab.com", ["v3", "models", uid]:
                    return self._detail("/v3/models/{uid}", uid)
                case _:
                    return _not_found("(unknown)")
        except BadRequestError as error:
            return Reply(path, orjson.dumps({"detail": str(error)}), 400)

    def _search(self, path: str, query: Query) -> Reply:
        if query.get("type", ["models"]) != ["models"]:
            raise BadRequestError("type: only models are served here")
        sort = _choice(query, "sort_by", "-relevance", SEARCH_SORTS)
        return self._page(path, query, sort, _number(query, "cursor"), str, self._json.search_item)

    def _list(self, path: str, query: Query) -> Reply:
        if "liked_by" in query:
            raise BadRequestError("liked_by: not served here")
        sort = _choice(query, "sort_by", "-createdAt", LIST_SORTS)
        offset = _decoded(query["cursor"][0]) if "cursor" in query else 0
        return self._page(path, query, sort, offset, _encoded, self._json.list_item)

    def _page(
        self,
        path: str,
        query: Query,
        sort: str,
        offset: int,
        cursor: Callable[[int], str],
        item: Callable[[Model], dict[str, Any]],
    ) -> Reply:
        """A page of models in the v3 envelope; `next` repeats the request's parameters, sorted, with the new cursor."""
        count = _count(query)
        view = self._view(path, query, sort)
        end = offset + count
        models = self._world.models
        results = [item(models[index]) for index in view.order[offset:end]]
        following = cursor(end) if end < len(view.order) else None
        previous = cursor(max(0, offset - count)) if offset else None

        def url(to: str | None) -> str | None:
            parameters = {**query, "count": [str(count)], "cursor": [to]}
            return (
                f"{API}{path.removeprefix('/v3')}?{urlencode(sorted(parameters.items()), doseq=True)}" if to else None
            )

        if self._drift:
            self._drift.served(view, offset, end)
        return Reply(
            path,
            dumps(
                {
                    "cursors": {"next": following, "previous": previous},
                    "next": url(following),
                    "previous": url(previous),
                    "results": results,
                }
            ),
        )

    def _view(self, path: str, query: Query, sort: str) -> View:
        """The list a request speaks of, as it stands now."""
        filters = {key: sorted(query[key]) for key in FILTERS if key in query}
        name = f"{path}?{urlencode({**filters, 'sort_by': [sort]}, doseq=True)}"
        view = self._views.get(name)
        if view is None:
            order = self._ordered(filters, sort)
            drifts = self._drift is not None and path == "/v3/search" and sort == "-likeCount"
            view = self._drift.view(name, order) if self._drift and drifts else View(order)
            self._forget_views()
            self._views[name] = view
        return view

    def _forget_views(self) -> None:
        """Keep few lists, oldest first to go; one that has moved must stay: made anew it would be another list."""
        if len(self._views) >= KEPT_VIEWS:
            still = next((name for name, view in self._views.items() if not view.jumps), None)
            if still is not None:
                del self._views[still]

    def _ordered(self, filters: dict[str, list[str]], sort: str) -> list[int]:
        """Places of the models that pass all filters; equal ones stand in the order of the world."""
        models = self._world.models
        for name, values in filters.items():
            models = [model for model in models if _passes(model, name, values)]
        key = _SORT_KEYS[sort.removeprefix("-")]
        return [model.index for model in sorted(models, key=key, reverse=sort.startswith("-"))]

    def _detail(self, template: str, uid: str) -> Reply:
        model = self._world.by_id.get(uid)
        return Reply(template, dumps(self._json.detail(model))) if model else _not_found(template)

    def _likes(self, path: str, query: Query) -> Reply:
        """A page of the people who like a model; built from finished bytes: there are many such pages."""
        uid = query.get("model", [""])[0]
        if not uid:
            raise BadRequestError("model: required")
        if uid not in self._world.by_id:
            return _not_found(path)
        count, start = _count(query), _number(query, "offset")
        people = self._world.likers(uid)
        page = f"{SITE}/i/likes?count={count}&model={uid}&offset="
        following = f'"{page}{start + count}"' if start + count < len(people) else "null"
        previous = f'"{page}{max(0, start - count)}"' if start else "null"
        rows = self._json.likers(people[start : start + count])
        return Reply(path, f'{{"next":{following},"previous":{previous},"results":'.encode() + rows + b"}")


def _passes(model: Model, key: str, values: list[str]) -> bool:
    """Several tags must all be there; of several categories (slug or uid) one is enough."""
    if key == "user":
        return model.user.username == values[0]
    if key == "tags":
        return all(tag in model.tags for tag in values)
    return any(slug in values or CATEGORIES[slug][0] in values for slug in model.categories)


def _number(query: Query, key: str) -> int:
    value = query.get(key, ["0"])[0]
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise BadRequestError(f"{key}: not a decimal number")
    return int(value)


def _count(query: Query) -> int:
    """Rows of a page: what is asked for where it is 1 to 23, else 24."""
    count = query.get("count", [""])[0]
    return int(count) if re.fullmatch(r"[1-9]|1[0-9]|2[0-3]", count) else PAGE_SIZE


def _choice(query: Query, key: str, default: str, choices: frozenset[str]) -> str:
    value = query.get(key, [default])[0]
    if value not in choices:
        raise BadRequestError(f"{key}: not one of {', '.join(sorted(choices))}")
    return value


def _encoded(offset: int) -> str:
    return base64.b64encode(f"o={offset}".encode()).decode()


def _decoded(cursor: str) -> int:
    try:
        text = base64.b64decode(cursor, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    if not re.fullmatch(r"o=[0-9]{1,9}", text):
        raise BadRequestError("cursor: invalid")
    return int(text[2:])


def _not_found(template: str) -> Reply:
    return Reply(template, b'{"detail":"Not found."}', 404)

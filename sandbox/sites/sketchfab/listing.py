"""Lists of models: the search, which drifts and ends at a depth; the plain list; what a person likes, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.sites import Reply
from sandbox.sites.drift import Drift, View
from sandbox.sites.sketchfab.paging import BadRequestError, Page, choice, not_found, number
from sandbox.sites.sketchfab.shapes import dumps
from sandbox.worlds.sketchfab_vocabulary import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sites.sketchfab.paging import Query
    from sandbox.sites.sketchfab.shapes import Shapes
    from sandbox.worlds.sketchfab import Model, SketchfabWorld

DEPTH = 10_000  # where searches of this kind commonly end; nobody has written down where this one does
KEPT_VIEWS = 256
FILTERS: tuple[str, ...] = ("user", "tags", "categories", "min_face_count", "max_face_count")
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


class Listing:
    """The lists of models. Those of the search, most liked first, drift while they are read."""

    def __init__(self, world: SketchfabWorld, shapes: Shapes, *, drift: bool, depth: int) -> None:
        self._world = world
        self._shapes = shapes
        self._depth = depth
        self._drift = Drift(world.seed, [model.like_count for model in world.models]) if drift else None
        self._views: dict[str, View] = {}

    def search(self, path: str, query: Query) -> Reply:
        """``/v3/search``: no more than its first `depth` models, and nothing that says how many there are."""
        if query.get("type", ["models"]) != ["models"]:
            raise BadRequestError("type: only models and users are served here")
        page = Page.of(path, query, opaque=False)
        view = self._view(path, query, choice(query, "sort_by", "-relevance", SEARCH_SORTS))
        end = min(page.end, self._depth)
        results = [self._shapes.search_item(self._world.models[index]) for index in view.order[page.start : end]]
        reply = page.reply(results, min(len(view.order), self._depth))
        if self._drift:
            self._drift.served(view, page.start, end)
        return reply

    def models(self, path: str, query: Query) -> Reply:
        """``/v3/models``, to its end."""
        page = Page.of(path, query, opaque=True)
        order = self._view(path, query, choice(query, "sort_by", "-createdAt", LIST_SORTS)).order
        results = [self._shapes.list_item(self._world.models[index]) for index in order[page.start : page.end]]
        return page.reply(results, len(order))

    def liked_by(self, path: str, query: Query) -> Reply:
        """``/v3/models?liked_by=<username>``: what a person likes; it takes no other filter."""
        if others := sorted(query.keys() & {*FILTERS, "published_since", "staffpicked", "downloadable", "animated"}):
            raise BadRequestError(f"liked_by: cannot be combined with {', '.join(others)}")
        sort = choice(query, "sort_by", "-likedAt", ("likedAt", "-likedAt"))
        user = self._world.by_username.get(query["liked_by"][0])
        if user is None:
            return not_found(path)
        page = Page.of(path, query, opaque=True)
        liked = self._world.social.liked(user)
        order = liked if sort == "-likedAt" else liked[::-1]
        results = [self._shapes.list_item(self._world.models[index]) for index in order[page.start : page.end]]
        return page.reply(results, len(order))

    def detail(self, template: str, uid: str) -> Reply:
        """``/v3/models/{uid}``"""
        model = self._world.by_id.get(uid)
        return Reply(template, dumps(self._shapes.detail(model))) if model else not_found(template)

    def shown(self, query: Query, sort: str, start: int, end: int) -> list[Model]:
        """The models in some places of a search on the website, which drifts by itself."""
        order = self._view("/search", query, sort).order
        return [self._world.models[index] for index in order[start : min(end, self._depth)]]

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
        for name in filters:
            passes = _filter(name, filters)
            models = [model for model in models if passes(model)]
        key = _SORT_KEYS[sort.removeprefix("-")]
        return [model.index for model in sorted(models, key=key, reverse=sort.startswith("-"))]


def _filter(name: str, filters: Query) -> Callable[[Model], bool]:
    """Several tags must all be there; of several categories (slug or uid) one is enough. A model whose faces nobody
    counted has no number of them that could be compared."""
    values = filters[name]
    match name:
        case "user":
            return lambda model: model.user.username == values[0]
        case "tags":
            return lambda model: all(tag in model.tags for tag in values)
        case "categories":
            return lambda model: any(slug in values or CATEGORIES[slug][0] in values for slug in model.categories)
        case "min_face_count":
            least = number(filters, name)
            return lambda model: model.face_count is not None and model.face_count >= least
    most = number(filters, name)
    return lambda model: model.face_count is not None and model.face_count <= most

"""Sketchfab: the Data API v3 on ``api.sketchfab.com``, and ``sketchfab.com`` with its pages and private lists.

paging.py    parameters, cursors, and the envelope that all lists share
listing.py   lists of models: /v3/search, /v3/models, and what a person likes
people.py    users, followers, comments, and who likes a model
shapes.py    a model as JSON
website.py   pages of HTML: a model, and the grid of a search
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import orjson

from sandbox.sites import Reply, SiteRequest, method_not_allowed
from sandbox.sites.sketchfab.listing import DEPTH, Listing
from sandbox.sites.sketchfab.paging import API_HOST, BadRequestError, Query, not_found
from sandbox.sites.sketchfab.people import People, categories
from sandbox.sites.sketchfab.shapes import Shapes
from sandbox.sites.sketchfab.website import Website

if TYPE_CHECKING:
    from sandbox.worlds.sketchfab import SketchfabWorld

__all__ = ["DEPTH", "Sketchfab"]

SITE_HOST = "sketchfab.com"
ROBOTS = b"User-agent: *\nAllow: /\n"


class Sketchfab:
    """The replica. `drift` False keeps the lists still; a search shows no more than its first `depth` models."""

    hosts: tuple[str, ...] = (API_HOST, SITE_HOST)

    def __init__(self, world: SketchfabWorld, *, drift: bool = True, depth: int = DEPTH) -> None:
        shapes = Shapes(world)
        self._listing = Listing(world, shapes, drift=drift, depth=depth)
        self._people = People(world, shapes)
        self._website = Website(world, shapes, self._listing)

    def respond(self, request: SiteRequest) -> Reply:
        """Answer a GET of either host. Bad parameters are 400, unknown things 404, both as JSON with ``detail``."""
        if request.method != "GET":
            return method_not_allowed()
        path = request.path
        if path == "/robots.txt":
            return Reply(path, ROBOTS, content_type="text/plain")
        query = parse_qs(request.query, keep_blank_values=True)
        segments = path.strip("/").split("/")
        try:
            if request.host == API_HOST:
                return self._api(path, segments, query)
            return self._site(path, segments, query)
        except BadRequestError as error:
            return Reply(path, orjson.dumps({"detail": str(error)}), 400)

    def _api(self, path: str, segments: list[str], query: Query) -> Reply:
        match segments:
            case ["v3", "search"] if query.get("type") != ["users"]:
                return self._listing.search(path, query)
            case ["v3", "models"]:
                by_liker = "liked_by" in query
                return self._listing.liked_by(path, query) if by_liker else self._listing.models(path, query)
            case ["v3", "models", uid]:
                return self._listing.detail("/v3/models/{uid}", uid)
            case ["v3", "categories"]:
                return categories(path)
        return self._api_of_people(path, segments, query)

    def _api_of_people(self, path: str, segments: list[str], query: Query) -> Reply:
        match segments:
            case ["v3", "search"]:
                return self._people.search(path, query)
            case ["v3", "users"]:
                return self._people.users(path, query)
            case ["v3", "users", uid]:
                return self._people.detail("/v3/users/{uid}", uid)
            case ["v3", "users", uid, "followers" | "followings" as whom]:
                return self._people.followers(path, uid, whom, query)
            case ["v3", "comments"]:
                return self._people.comments(path, query)
        return not_found("(unknown)")

    def _site(self, path: str, segments: list[str], query: Query) -> Reply:
        match segments:
            case ["i", "likes"]:
                return self._people.likes(path, query)
            case ["i", "models", uid]:
                return self._website.detail("/i/models/{uid}", uid)
            case ["search"] | ["3d-models"]:
                return self._website.grid(path, query)
            case ["3d-models" | "models" as first, name]:
                return self._website.model(f"/{first}/{{name}}", name)
            case ["models", name, "embed"]:
                return self._website.model("/models/{name}/embed", name)
        return not_found("(unknown)")

"""YouTube: the web pages and their JSON endpoints on ``www.youtube.com``, and the Data API on ``www.googleapis.com``.

Pages are kept back by a consent wall until a cookie ``SOCS`` comes; robots.txt rules out the results page and all JSON
endpoints, and allows the pages of videos. Searches end near 600 on the web and near 500 in the API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from sandbox.sites import Reply, SiteRequest, method_not_allowed
from sandbox.sites.youtube import fields, walls
from sandbox.sites.youtube.data_api import DataApi
from sandbox.sites.youtube.player import player
from sandbox.sites.youtube.quota import Quota
from sandbox.sites.youtube.results import Results
from sandbox.sites.youtube.session import CLIENT_VERSION, RefusedError, Session, error_body, response_context
from sandbox.sites.youtube.watch import results_page, watch_page

if TYPE_CHECKING:
    from sandbox.sites.youtube.parts import Json
    from sandbox.worlds.youtube import YouTubeWorld

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=UTF-8"
APIS = ("www.googleapis.com", "youtube.googleapis.com")
DISALLOWED = (
    "/api/", "/channel_picker", "/comment", "/feeds/videos.xml", "/file_download", "/get_video", "/get_video_info",
    "/get_midroll_info", "/live_chat", "/login", "/qr", "/results", "/signup", "/t/terms", "/timedtext_video",
    "/verify_age", "/watch_ajax", "/watch_fragments_ajax", "/watch_popup", "/watch_queue_ajax", "/youtubei/",
)  # fmt: skip
ROBOTS = "".join(["User-agent: *\n", *(f"Disallow: {path}\n" for path in DISALLOWED)])
# The longer of the two forms in which it comes; the other says no version.
PROGRAM = f'self.document = self;ytcfg.set({{"INNERTUBE_CONTEXT_CLIENT_VERSION":"{CLIENT_VERSION}"}});'


class YouTube:
    """The replica. `api_key` is the one key that the Data API takes."""

    hosts: tuple[str, ...] = ("www.youtube.com", "consent.youtube.com", "www.google.com", *APIS)

    def __init__(self, world: YouTubeWorld, api_key: str, quota: Quota | None = None) -> None:
        self._world = world
        self._session = Session(world.seed)
        self._results = Results(world, self._session)
        self._api = DataApi(world, api_key, quota or Quota())

    def respond(self, request: SiteRequest) -> Reply:
        """Answer a request to any of the hosts."""
        if request.host in APIS:
            return self._api.respond(request)
        if request.host == "consent.youtube.com":
            return walls.consent_site(request)
        if request.host == "www.google.com":
            return walls.sorry_site(request)
        if request.path.startswith("/youtubei/v1/"):
            return self._json_endpoint(request)
        return self._html_page(request) if request.method == "GET" else method_not_allowed()

    def _html_page(self, request: SiteRequest) -> Reply:
        path = request.path
        if path == "/robots.txt":
            return Reply(path, ROBOTS.encode(), content_type="text/plain")
        if path == "/sw.js":
            return Reply(path, PROGRAM.encode(), content_type="text/javascript; charset=utf-8")
        query = parse_qs(request.query, keep_blank_values=True)
        if path not in {"/results", "/watch"}:
            return Reply("(unknown)", b"<title>404 Not Found</title>", 404, HTML)
        if walls.needs_consent(request, query):
            return walls.to_consent(request)
        client = self._session.page_client(query.get("hl", ["en"])[0])
        if path == "/results":
            words, params = query.get("search_query", [""])[0], query.get("sp", [""])[0]
            body = results_page(words, self._results.first(words, params, client), client)
        else:
            video = self._world.by_id.get(query.get("v", [""])[0])
            body = watch_page(video, player(video, client, self._world.now), self._world, client)
        return Reply(path, body, content_type=HTML)

    def _json_endpoint(self, request: SiteRequest) -> Reply:
        if request.method != "POST":
            return method_not_allowed()
        try:
            answer = self._answer(request)
        except RefusedError as error:
            return Reply(request.path, error_body(str(error)), 400, JSON)
        if answer is None:
            return Reply("(unknown)", b"<title>404 Not Found</title>", 404, HTML)
        return Reply(request.path, orjson.dumps(answer), content_type=JSON)

    def _answer(self, request: SiteRequest) -> Json | None:
        """What an endpoint says; None: there is no such endpoint. Raises: RefusedError."""
        body = _object(request.body)
        client = self._session.client(request, body)
        match request.path.removeprefix("/youtubei/v1/"):
            case "visitor_id":
                return {"responseContext": response_context(client, "yt_web_unknown_form_factor_kevlar")}
            case "search" if isinstance(token := body.get("continuation"), str):
                return self._results.following(self._session.search(token), client)
            case "search" if isinstance(query := body.get("query"), str):
                return self._results.first(query, str(body.get("params", "")), client)
            case "player" if isinstance(video_id := body.get("videoId"), str):
                answer = player(self._world.by_id.get(video_id), client, self._world.now)
                return _masked(answer, request.query)
            case "search" | "player":
                raise RefusedError("INVALID_ARGUMENT")
        return None


def _object(body: bytes) -> Json:
    """A JSON object. Raises: RefusedError: it is none."""
    try:
        value: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise RefusedError("INVALID_ARGUMENT")
    return value


def _masked(answer: Json, query: str) -> Json:
    """What the parameter ``$fields`` leaves of an answer."""
    mask = parse_qs(query).get("$fields")
    if not mask:
        return answer
    try:
        kept: Json = fields.kept(answer, fields.parse(mask[0]))
    except fields.MaskError:
        raise RefusedError("INVALID_ARGUMENT") from None
    return kept

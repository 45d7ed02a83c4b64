"""The Data API v3 on ``www.googleapis.com`` and ``youtube.googleapis.com``: ``search.list``, ``videos.list`` and
``videos.batchGetStats``, with key, quota, and pages that overlap by one row."""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import orjson

from sandbox.sites import Reply, SiteRequest, method_not_allowed
from sandbox.sites.youtube import data_api_json as shapes
from sandbox.sites.youtube import fields
from sandbox.sites.youtube.api_search import ApiSearch
from sandbox.sites.youtube.errors import ApiError
from sandbox.worlds.youtube_search import api_pages

if TYPE_CHECKING:
    from sandbox.sites.youtube.parts import Json
    from sandbox.sites.youtube.quota import Quota
    from sandbox.worlds.youtube import YouTubeWorld

BASE = "/youtube/v3/"
METHODS = {"search": "search", "videos": "units", "videos:batchGetStats": "units"}
PARTS = ("id", "snippet", "contentDetails", "statistics", "status", "player", "topicDetails", "liveStreamingDetails")
STATS_PARTS = ("id", "snippet", "statistics", "contentDetails")
MOST_IDS = 50

Parameters = dict[str, str]


class DataApi:
    """Answers the calls of whoever has the key."""

    def __init__(self, world: YouTubeWorld, key: str, quota: Quota) -> None:
        self._world = world
        self._key = key
        self._quota = quota

    def respond(self, request: SiteRequest) -> Reply:
        """Answer one call. Every call with the key counts, the wrong ones too."""
        method = request.path.removeprefix(BASE)
        if request.method != "GET":
            return method_not_allowed()
        if not request.path.startswith(BASE) or method not in METHODS:
            return Reply("(unknown)", b"<title>Error 404 (Not Found)!!1</title>", 404, "text/html; charset=UTF-8")
        parameters = {name: ",".join(values) for name, values in parse_qs(request.query).items()}
        try:
            self._admit(request, parameters, METHODS[method])
            answer = self._search(parameters) if method == "search" else self._videos(method, parameters)
            if mask := parameters.get("fields"):
                answer = fields.kept(answer, fields.parse(mask))
        except ApiError as error:
            return self._reply(request.path, error.body, error.code)
        except fields.MaskError:
            wrong = ApiError(400, "invalidParameter", "Invalid field selection.", location="fields")
            return self._reply(request.path, wrong.body, 400)
        return self._reply(request.path, answer)

    def _reply(self, path: str, answer: Json, status: int = 200) -> Reply:
        return Reply(path, orjson.dumps(answer), status, "application/json; charset=UTF-8")

    def _admit(self, request: SiteRequest, parameters: Parameters, bucket: str) -> None:
        """The key, and what is left of its quota."""
        key = request.headers.get("X-Goog-Api-Key") or parameters.get("key")
        if not key:
            raise ApiError.no_key()
        if not hmac.compare_digest(key.encode(), self._key.encode()):
            raise ApiError.bad_key()
        if not self._quota.take(bucket):
            raise ApiError.quota_exceeded()

    def _search(self, parameters: Parameters) -> Json:
        search = ApiSearch.parse(parameters)
        found = search.apply(self._world.found(search.query))
        pages = api_pages(found, search.size)
        page = pages[search.page] if search.page < len(pages) else []
        items = [shapes.search_item(video) for video in page]
        if search.anything and page:
            items.insert(0, shapes.channel_item(page[0].channel))
        answer: Json = {"kind": "youtube#searchListResponse", "etag": shapes.etag(search.query, search.page)}
        if search.page + 1 < len(pages):
            answer["nextPageToken"] = search.token(search.page + 1)
        if search.page:
            answer["prevPageToken"] = search.token(search.page - 1, back=True)
        return answer | {
            "regionCode": search.region,
            # An estimate that says nothing of how many can be had.
            "pageInfo": {"totalResults": min(1_000_000, len(found) * 1733), "resultsPerPage": search.size},
            "items": items,
        }

    def _videos(self, method: str, parameters: Parameters) -> Json:
        """The videos that exist, in an order of the site's own; the others are not mentioned."""
        parts = [part for part in parameters.get("part", "").split(",") if part]
        known = PARTS if method == "videos" else STATS_PARTS
        if not parts:
            raise ApiError.required("part")
        if unknown := [part for part in parts if part not in known]:
            raise ApiError(400, "unknownPart", f"'{unknown[0]}'", location="part", domain="youtube.part")
        ids = [video_id for video_id in parameters.get("id", "").split(",") if video_id]
        if not ids:
            raise ApiError(400, "missingRequiredParameter", "No filter selected. Expected one of: chart, id, myRating")
        if len(ids) > MOST_IDS:
            raise ApiError(400, "invalidFilters", "The request specifies an invalid filter parameter.", location="id")
        if "maxResults" in parameters:
            raise ApiError(400, "incompatibleParameters", "Incompatible parameters specified: maxResults, id")
        box = tuple(_size(parameters.get(name)) for name in ("maxWidth", "maxHeight"))
        found = {video_id: self._world.by_id[video_id] for video_id in ids if video_id in self._world.by_id}
        videos = sorted((video for video in found.values() if not video.is_gone), key=lambda video: video.index)
        items = [shapes.video_item(video, parts, box) for video in videos]
        kind = "youtube#videoListResponse" if method == "videos" else "youtube#videoBatchGetStatsResponse"
        info = {"totalResults": len(items), "resultsPerPage": len(items)}
        return {"kind": kind, "etag": shapes.etag(*ids), "items": items, "pageInfo": info}


def _size(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d{2,4}", text) or not 72 <= int(text) <= 8192:
        raise ApiError(400, "invalidParameter", f"Invalid value '{text}'. Values must be within the range: [72, 8192]")
    return int(text)

"""Addresses and bodies of the requests to YouTube, and what of an address may be logged."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

ROUTE_WORDS = frozenset(
    {
        "www.youtube.com",
        "www.googleapis.com",
        "consent.youtube.com",
        "youtubei",
        "youtube",
        "v1",
        "v3",
        "results",
        "search",
        "player",
        "visitor_id",
        "videos",
        "watch",
        "sw.js",
        "robots.txt",
    }
)

SITE = "https://www.youtube.com"
API = "https://www.googleapis.com/youtube/v3"
IDS_A_CALL = 50
"""The most ids one call of the Data API for videos takes, and the most results one for a search gives."""

# Used until a page has said a newer one: versions months old still work.
CLIENT_VERSION = "2.20260708.00.00"
# Only the wanted parts of a player's answer: 5 kB instead of 100, and no address of a film.
PLAYER_FIELDS = (
    "playabilityStatus.status,playabilityStatus.reason,playabilityStatus.errorScreen.playerCaptchaViewModel,"
    "playabilityStatus.desktopLegacyAgeGateReason,videoDetails,microformat"
)
# Videos only. Ordering by date, or by rating, is ignored by the site since February 2026.
SEARCH_PARAMS = {"relevance": "EgIQAQ==", "viewCount": "CAMSAhAB"}


def results_url(query: str, *, language: str, region: str, sort_order: str) -> str:
    """The first page of the results of a search of the website, videos only."""
    # `sp` is escaped twice, as the site's own links have it.
    params = SEARCH_PARAMS[sort_order].replace("=", "%3D")
    return f"{SITE}/results?{urlencode({'search_query': query, 'sp': params, 'hl': language, 'gl': region})}"


def watch_url(video_id: str) -> str:
    """The page of a video, in English: what it says of its state is read by its English words."""
    return f"{SITE}/watch?{urlencode({'v': video_id, 'hl': 'en'})}"


SEARCH_URL = f"{SITE}/youtubei/v1/search?prettyPrint=false"
VISITOR_URL = f"{SITE}/youtubei/v1/visitor_id?prettyPrint=false"
PLAYER_URL = f"{SITE}/youtubei/v1/player?prettyPrint=false&$fields={PLAYER_FIELDS}"
PROGRAM_URL = f"{SITE}/sw.js"


def headers(version: str, visitor_data: str | None = None) -> dict[str, str]:
    """The headers of a request for JSON of the website."""
    asking = {
        "Content-Type": "application/json",
        "Origin": SITE,
        "X-YouTube-Client-Name": "1",
        "X-YouTube-Client-Version": version,
    }
    return asking if visitor_data is None else {**asking, "X-Goog-Visitor-Id": visitor_data}


def continuation_body(token: str, *, language: str, region: str, version: str) -> str:
    """The body of a request for the next page of results."""
    return json.dumps({"context": _context(language, region, version), "continuation": token})


def visitor_body(*, region: str, version: str) -> str:
    """The body of a request for a name for this visit."""
    return json.dumps({"context": _context("en", region, version)})


def player_body(video_id: str, *, region: str, version: str, visitor_data: str | None) -> str:
    """The body of a request for a video's facts, in English: what they say of its state is read by its words."""
    context = _context("en", region, version)
    context["client"]["clientScreen"] = "WATCH"
    if visitor_data is not None:
        context["client"]["visitorData"] = visitor_data
    return json.dumps({"context": context, "videoId": video_id, "contentCheckOk": True, "racyCheckOk": True})


def _context(language: str, region: str, version: str) -> dict[str, Any]:
    return {
        "client": {
            "clientName": "WEB", "clientVersion": version, "hl": language, "gl": region, "platform": "DESKTOP",
            "originalUrl": SITE, "utcOffsetMinutes": 0,
        },
        "request": {"useSsl": True, "internalExperimentFlags": []},
        "user": {"lockedSafetyMode": False},
    }  # fmt: skip


def api_search_url(query: str, *, count: int = IDS_A_CALL, page_token: str | None = None, **options: str | None) -> str:
    """A page of the Data API's search for videos; `options` are its parameters, those of value None left out."""
    asked = {"part": "snippet", "type": "video", "q": query, "maxResults": count, "pageToken": page_token, **options}
    return f"{API}/search?{urlencode({name: value for name, value in asked.items() if value is not None})}"


API_PARTS = "snippet,contentDetails,statistics,status,topicDetails,liveStreamingDetails,player"


def api_videos_url(video_ids: list[str]) -> str:
    """The Data API's facts of up to `IDS_A_CALL` videos. Of the player it gives the size only for a given width."""
    asked = {"part": API_PARTS, "maxWidth": 1280, "maxHeight": 720, "id": ",".join(video_ids)}
    return f"{API}/videos?{urlencode(asked, safe=',')}"

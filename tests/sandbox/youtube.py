"""Asking the replica of YouTube, and reading its pages without any parser of the crawler."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.sites import Reply, SiteRequest
from sandbox.sites.youtube import YouTube

KEY = "key-of-the-test"
SITE = "https://www.youtube.com"
API = "https://www.googleapis.com/youtube/v3"
CLIENT = {"clientName": "WEB", "clientVersion": "2.20260123.01.00", "hl": "en", "gl": "US"}
COOKIE = {"Cookie": "SOCS=CAE="}
VIDEOS_ONLY = "EgIQAQ=="

Json = dict[str, Any]


def ask(site: YouTube, url: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Reply:
    parts = urlsplit(url)
    method = "GET" if body is None else "POST"
    return site.respond(SiteRequest(parts.netloc, parts.path, parts.query, method, headers or {}, body or b""))


def api(site: YouTube, method: str, **parameters: Any) -> tuple[int, Json]:
    reply = ask(site, f"{API}/{method}?{urlencode(parameters)}", {"X-Goog-Api-Key": KEY})
    answer: Json = json.loads(reply.body)
    return reply.status, answer


def post(site: YouTube, endpoint: str, *, client: Json | None = None, **body: Any) -> tuple[int, Json]:
    content = json.dumps({"context": {"client": client or CLIENT}, **body}).encode()
    reply = ask(site, f"{SITE}/youtubei/v1/{endpoint}", body=content)
    answer: Json = json.loads(reply.body)
    return reply.status, answer


def search(site: YouTube, query: str, params: str = VIDEOS_ONLY, **client: str) -> Iterator[Json]:
    """The answers of a search, one for each page, to the last."""
    asked: Json = {"query": query, "params": params}
    while asked:
        status, answer = post(site, "search", client={**CLIENT, **client}, **asked)
        assert status == 200
        yield answer
        token = token_of(answer)
        asked = {"continuation": token} if token else {}


def sections(answer: Json) -> list[Json]:
    if "contents" in answer:
        columns = answer["contents"]["twoColumnSearchResultsRenderer"]
        found: list[Json] = columns["primaryContents"]["sectionListRenderer"]["contents"]
    else:
        (command,) = answer["onResponseReceivedCommands"]
        found = command["appendContinuationItemsAction"]["continuationItems"]
    return found


def items(answer: Json) -> list[tuple[str, Json]]:
    """Name and content of all that stands on a page of results."""
    rows = sections(answer)[0]["itemSectionRenderer"]["contents"]
    return [(name, content) for row in rows for name, content in row.items()]


def token_of(answer: Json) -> str | None:
    for section in sections(answer):
        if "continuationItemRenderer" in section:
            token = section["continuationItemRenderer"]["continuationEndpoint"]["continuationCommand"]["token"]
            return str(token)
    return None


def videos(answer: Json) -> list[str]:
    """The ids of the results of a page."""
    found: list[str] = []
    for name, content in items(answer):
        if name == "videoRenderer":
            found.append(content["videoId"])
        elif name == "lockupViewModel" and content["contentType"] == "LOCKUP_CONTENT_TYPE_VIDEO":
            found.append(content["contentId"])
    return found


def embedded(page: bytes, name: str) -> Json:
    """The value that a script of a page gives to a variable."""
    text = page.decode()
    start = text.index(f">var {name} = ") + len(f">var {name} = ")
    value: Json = json.JSONDecoder().raw_decode(text[start:])[0]
    return value

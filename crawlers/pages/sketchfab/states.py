"""What kind of page a response of Sketchfab is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from scrapy.http import HtmlResponse, Response

from crawlers.pages.sketchfab.model import model_id_of
from crawlers.pages.state import PageState
from crawlers.parsing.embedded_json import commented_json
from crawlers.parsing.json_body import json_of

ROUTE_WORDS = frozenset(
    {
        "api.sketchfab.com",
        "sketchfab.com",
        "v3",
        "i",
        "search",
        "models",
        "3d-models",
        "embed",
        "likes",
        "users",
        "followers",
        "followings",
        "comments",
        "categories",
        "robots.txt",
    }
)

PREFETCHED = "js-dom-data-prefetched-data"
"""The id of the element whose comment holds what a page of the website fetched for its scripts."""


def recognise(response: Response) -> PageState:
    """Tell pages of data from walls.

    OK: JSON with a list of results, or one object with a uid; HTML of a model or search page with its prefetched block.
    EMPTY: the list itself says that it has no results and no next page. GONE: 404, 410, 403 as JSON (private or
    protected), and a model page that does not display its model. LOGIN_REQUIRED: 401. RATE_LIMITED: 429.
    BLOCKED: the WAF's challenge or captcha whatever its status, an empty body, or 403 that is not JSON.
    CHANGED: anything else.
    """
    if b"x-amzn-waf-action" in response.headers or _is_challenge(response.body):
        return PageState.BLOCKED
    match response.status:
        case 200:
            return _state_of_success(response)
        case 202:
            return PageState.BLOCKED
        case 401:
            return PageState.LOGIN_REQUIRED
        case 403:
            return PageState.GONE if isinstance(_page(response), dict) else PageState.BLOCKED
        case 404 | 410:
            return PageState.GONE
        case 429:
            return PageState.RATE_LIMITED
    return PageState.CHANGED


_BOM = b"\xef\xbb\xbf \t\r\n"


def _is_challenge(body: bytes) -> bool:
    # Where there is data, in JSON or in a prefetched block, the word is some uploader's: a title must not stop a crawl.
    data = body.lstrip(_BOM).startswith((b"{", b"[")) or PREFETCHED.encode() in body
    return b"gokuProps" in body[:4096] and not data


def _state_of_success(response: Response) -> PageState:
    if not response.body.strip():  # the challenge without its header: an answer is never empty
        return PageState.BLOCKED
    page = _page(response)
    if not isinstance(page, dict):
        return _state_of_website(response) if isinstance(response, HtmlResponse) else PageState.CHANGED
    results = page.get("results")
    if isinstance(results, list):
        return PageState.OK if results or page.get("next") else PageState.EMPTY
    return PageState.OK if isinstance(page.get("uid"), str) else PageState.CHANGED


def _state_of_website(response: HtmlResponse) -> PageState:
    """A model page says how it displays its model; a search page has no results in its block, they come later."""
    try:
        block = commented_json(response, PREFETCHED)
    except (LookupError, ValueError):
        return PageState.CHANGED
    if not isinstance(block, dict):
        return PageState.CHANGED
    if (model_id := model_id_of(response.url)) is not None:
        display = block.get("displayStatus")
        if display == "ok":
            return PageState.OK if f"/i/models/{model_id}" in block else PageState.CHANGED
        return PageState.GONE if isinstance(display, str) else PageState.CHANGED
    is_list = urlsplit(response.url).path.split("/")[1:2] in (["search"], ["3d-models"], ["models"])
    return PageState.OK if is_list and "/i/categories" in block else PageState.CHANGED


def _page(response: Response) -> Any:
    try:
        return json_of(response)
    except ValueError:
        return None

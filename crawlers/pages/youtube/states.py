"""What kind of page a response of YouTube, or of its Data API, is."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from scrapy.http import HtmlResponse, Response

from crawlers.pages.state import PageState
from crawlers.pages.youtube.availability import state_of_player
from crawlers.pages.youtube.search_answer import answer_of
from crawlers.pages.youtube.watch import player_in
from crawlers.parsing.json_body import json_of, loads

# Signs of the captcha page, which comes with any status. They count only where there is no data: a title may hold them.
_CAPTCHA = (b"g-recaptcha", b"captcha-form", b"unusual traffic", b"google.com/sorry")
_CONSENT = b"consent.youtube.com"
# 403s of the Data API by `reason`: a key that may not, and a limit that is soon over. Quotas end with the day.
_QUOTAS = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_LIMITS = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})


def recognise(response: Response) -> PageState:
    """Tell data from walls, which this site likes to send with status 200.

    OK: results, a video's page or a player's answer about the video that was asked for, which may say that it is
    private or gone; an answer of the Data API. EMPTY: a search that says it has nothing (more).
    BLOCKED: a captcha; a player's answer that is empty, about another video, or asks whether we are a bot.
    RATE_LIMITED: 429, or a visit that is to pause. CONSENT: the page asking for it, or the way there.
    LOGIN_REQUIRED: a sign-in that is not about the video; an API key that is refused. QUOTA_EXCEEDED: a quota of the
    Data API is used up. GONE: 404, 410, a channel or playlist that is not there. CHANGED: anything else.
    """
    parts = urlsplit(response.url)
    if parts.hostname == "www.googleapis.com":
        return _state_of_api(response)
    if 300 <= response.status < 400:
        return _state_of_redirect(response)
    if parts.hostname == "consent.youtube.com":
        return PageState.CONSENT
    match response.status:
        case 200:
            return _state_of_success(response, parts.path)
        case 404 | 410:
            return PageState.GONE
        case 429:
            return PageState.BLOCKED if _is_captcha(response) else PageState.RATE_LIMITED
    return PageState.BLOCKED if _is_captcha(response) else PageState.CHANGED


def _state_of_redirect(response: Response) -> PageState:
    """Redirects are not followed: they lead to walls on other hosts."""
    host = urlsplit((response.headers.get(b"Location") or b"").decode("latin-1")).hostname or ""
    if host == "consent.youtube.com":
        return PageState.CONSENT
    if host == "accounts.google.com":
        return PageState.LOGIN_REQUIRED
    return PageState.BLOCKED if host.removeprefix("www.") == "google.com" else PageState.CHANGED


def _state_of_success(response: Response, path: str) -> PageState:
    try:
        match path.rstrip("/"):
            case "/watch":
                (asked_id,) = parse_qs(urlsplit(response.url).query).get("v", [None])
                return state_of_player(player_in(response), asked_id)
            case "/results" | "/youtubei/v1/search":
                return _state_of_search(response)
            case "/youtubei/v1/player":
                return state_of_player(_player_answer(response), _asked_id(response))
            case "/youtubei/v1/visitor_id":
                return PageState.OK if "responseContext" in json_of(response) else PageState.CHANGED
            case "/sw.js":
                return PageState.OK if not isinstance(response, HtmlResponse) else _state_without_data(response)
    except (LookupError, ValueError, TypeError):
        return _state_without_data(response)
    return _state_without_data(response)


def _state_of_search(response: Response) -> PageState:
    """A page on which nothing is of a known kind has changed, also where it says how to go on."""
    answer = answer_of(response)
    if answer.says_nothing_is_there:
        return PageState.EMPTY
    return PageState.OK if answer.results or answer.passed_over else _state_without_data(response)


def _player_answer(response: Response) -> dict[str, Any]:
    answer: dict[str, Any] = json_of(response)
    wrapped: dict[str, Any] = answer.get("playerResponse", answer)  # some endpoints wrap it
    return wrapped


def _asked_id(response: Response) -> str | None:
    """The video that a player was asked for, which only the body of the request says."""
    if response.request is None or not response.request.body:
        return None
    asked: str | None = loads(response.request.body).get("videoId")
    return asked


def _state_without_data(response: Response) -> PageState:
    if not isinstance(response, HtmlResponse):
        return _state_of_other_json(response)
    if _is_captcha(response):
        return PageState.BLOCKED
    return PageState.CONSENT if _CONSENT in response.body else PageState.CHANGED


def _state_of_other_json(response: Response) -> PageState:
    try:
        answer = json_of(response)
    except ValueError:
        return PageState.CHANGED
    if answer == {}:
        return PageState.BLOCKED
    alerts = answer.get("alerts") if isinstance(answer, dict) else None
    kinds = [alert.get("alertRenderer", {}).get("type") for alert in alerts or () if isinstance(alert, dict)]
    return PageState.GONE if "ERROR" in kinds and "contents" not in answer else PageState.CHANGED


def _is_captcha(response: Response) -> bool:
    return any(sign in response.body for sign in _CAPTCHA)


def _state_of_api(response: Response) -> PageState:
    try:
        answer = json_of(response)
    except ValueError:
        return PageState.CHANGED
    if not isinstance(answer, dict):
        return PageState.CHANGED
    if response.status == 200:
        items = answer.get("items")
        if not isinstance(items, list):
            return PageState.CHANGED
        return PageState.OK if items or answer.get("nextPageToken") else PageState.EMPTY
    reasons = set(_reasons(answer.get("error")))
    if reasons & _QUOTAS:
        return PageState.QUOTA_EXCEEDED
    if response.status == 429 or reasons & _LIMITS:
        return PageState.RATE_LIMITED
    is_the_key = response.status in {401, 403} or any(reason.startswith("API_KEY") for reason in reasons)
    return PageState.LOGIN_REQUIRED if is_the_key else PageState.CHANGED


def _reasons(error: Any) -> list[str]:
    """Every reason of an error of the API: it has an older and a newer list of them."""
    if not isinstance(error, dict):
        return []
    listed = [*(error.get("errors") or []), *(error.get("details") or [])]
    return [str(entry["reason"]) for entry in listed if isinstance(entry, dict) and "reason" in entry]

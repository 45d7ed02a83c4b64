"""Pages that stand in the way: consent, captchas; and answers to a banned address, most of which look like success."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

from sandbox.sites import Reply
from sandbox.sites.youtube.errors import ApiError
from sandbox.sites.youtube.parts import runs

if TYPE_CHECKING:
    from sandbox.sites import SiteRequest

_HTML = "text/html; charset=utf-8"
SORRY = "https://www.google.com/sorry/index"
NOT_A_BOT = "Sign in to confirm you\N{RIGHT SINGLE QUOTATION MARK}re not a bot"

# Invented pages with the signs of the real ones.
SORRY_PAGE = (
    "<html><head><title>Sorry</title></head><body><form id='captcha-form' action='index' method='post'>"
    "<div id='recaptcha' class='g-recaptcha' data-sitekey='sandbox'></div>"
    "<input type='hidden' name='q' value='sandbox'></form>"
    "<div>This page appears because of unusual traffic from the sandbox's computer network.</div></body></html>"
)


def consent_page(onwards: str) -> str:
    """The page that asks for consent to cookies, with the forms that answer it."""
    fields = {"gl": "FR", "m": "0", "pc": "yt", "continue": onwards, "x": "6", "hl": "en", "src": "1"}
    hidden = "".join(f'<input type="hidden" name="{name}" value="{html.escape(v)}">' for name, v in fields.items())
    forms = "".join(
        f'<form action="https://consent.youtube.com/save" method="POST">{hidden}'
        f'<input type="hidden" name="set_eom" value="{eom}"><button>{word}</button></form>'
        for word, eom in (("Reject all", "true"), ("Accept all", "false"))
    )
    return f"<!DOCTYPE html><html><head><title>Before you continue to YouTube</title></head><body>{forms}</body></html>"


def needs_consent(request: SiteRequest, query: dict[str, list[str]]) -> bool:
    """Whether a page is kept back: in Europe, until a cookie says that somebody has answered."""
    return "SOCS=" not in request.headers.get("Cookie", "") and query.get("ucbcb") != ["1"]


def to_consent(request: SiteRequest) -> Reply:
    """Away to the consent page, which leads back."""
    onwards = f"https://{request.host}{request.path}" + (f"?{request.query}" if request.query else "")
    location = f"https://consent.youtube.com/m?continue={quote(onwards, safe='')}&gl=FR&m=0&pc=yt&cm=2&hl=en&src=1"
    return Reply(request.path, b"", 302, _HTML, {"Location": location})


def consent_site(request: SiteRequest) -> Reply:
    """``consent.youtube.com``: the page, and the answer to its forms, which sets the cookie and leads back."""
    if request.path == "/m" and request.method == "GET":
        onwards = parse_qs(request.query).get("continue", ["https://www.youtube.com/"])[0]
        return Reply(request.path, consent_page(onwards).encode(), content_type=_HTML)
    if request.path == "/save" and request.method == "POST":
        form = parse_qs(request.body.decode("utf-8", "replace"))
        value = "CAE=" if form.get("set_eom") == ["true"] else "CAI="
        headers = {
            "Location": form.get("continue", ["https://www.youtube.com/"])[0],
            "Set-Cookie": f"SOCS={value}; Domain=.youtube.com; Path=/; Secure; SameSite=lax",
        }
        return Reply(request.path, b"", 303, _HTML, headers)
    return Reply("(unknown)", b"Not found", 404, _HTML)


def sorry_site(request: SiteRequest) -> Reply:
    """``www.google.com``: the captcha that banned addresses are sent to, and nothing else."""
    if request.path == "/sorry/index":
        return Reply(request.path, SORRY_PAGE.encode(), 429, _HTML)
    if request.path == "/robots.txt":
        return Reply(request.path, b"User-agent: *\nDisallow: /search\nDisallow: /sorry\n", content_type="text/plain")
    return Reply("(unknown)", b"Not found", 404, _HTML)


def _json(body: Any, status: int = 200) -> dict[str, Any]:
    return {"status": status, "headers": {"Content-Type": "application/json; charset=UTF-8"}, "body": body}


def _unplayable(status: str, reason: str, **screen: Any) -> dict[str, Any]:
    errors = screen or {"playerErrorMessageRenderer": {"reason": runs(reason)}}
    return _json({"playabilityStatus": {"status": status, "reason": reason, "errorScreen": errors}})


_DECOY = {
    "videoId": "sandbxDecoy",
    "title": "Watch on the latest version of YouTube",
    "lengthSeconds": "22",
    "channelId": "UCsandboxDecoyOfTheSite0",
    "shortDescription": "",
    "viewCount": "58000000",
    "author": "YouTube",
    "isLiveContent": False,
}

STATES: dict[str, dict[str, Any]] = {
    "youtube_not_a_bot": _unplayable("LOGIN_REQUIRED", NOT_A_BOT),
    "youtube_player_captcha": _unplayable("UNPLAYABLE", "", playerCaptchaViewModel={}),
    "youtube_session_limited": _unplayable("ERROR", "This content isn't available, try again later."),
    "youtube_reload": _unplayable("UNPLAYABLE", "The page needs to be reloaded."),
    "youtube_decoy": _json({"playabilityStatus": {"status": "OK"}, "videoDetails": _DECOY}),
    "youtube_empty": _json({}),
    "youtube_no_contents": _json({"responseContext": {"visitorData": "CgtzYW5kYm94"}, "trackingParams": "CAAQ"}),
    "youtube_too_many": {"status": 429, "headers": {"Content-Type": _HTML, "Retry-After": "1"}, "body": SORRY_PAGE},
    "youtube_captcha_page": {"status": 200, "headers": {"Content-Type": _HTML}, "body": SORRY_PAGE},
    "youtube_sorry": {
        "status": 302,
        "headers": {"Content-Type": _HTML, "Location": f"{SORRY}?continue=https://www.youtube.com/results"},
        "body": "",
    },
    "youtube_consent": {
        "status": 200,
        "headers": {"Content-Type": _HTML},
        "body": consent_page("https://www.youtube.com/"),
    },
    "youtube_quota_exceeded": _json(ApiError.quota_exceeded().body, 403),
    "youtube_key_blocked": _json(ApiError.blocked_key().body, 403),
}

"""Answers that a test has ordered: walls, limits and broken pages in place of the next matching pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import orjson

from sandbox.sites import Reply
from sandbox.sites.youtube import walls as youtube

_JSON = {"Content-Type": "application/json"}
_HTML = {"Content-Type": "text/html"}
# An invented challenge page with the signs of a real one.
WAF_PAGE = (
    '<!DOCTYPE html><html><head><title></title><script>window.gokuProps = {"key":"c2FuZGJveA==","iv":"c2FuZGJveA==",'
    '"context":"c2FuZGJveA=="};</script><script src="https://0.0.sandbox.token.awswaf.com/0/0/challenge.js"></script>'
    '</head><body><div id="challenge-container"></div><noscript>JavaScript is disabled</noscript></body></html>'
)

# Invented pages with the signs of Cloudflare's own.
CHALLENGE_PAGE = (
    '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title><meta name="robots" '
    'content="noindex,nofollow">'
    '</head><body class="no-js"><noscript>Enable JavaScript and cookies to continue</noscript><script>(function(){'
    "window._cf_chl_opt={cZone: 'sandbox.example',cType: 'managed',cRay: '8f2a00000000sand'};var "
    "a=document.createElement("
    "'script');a.src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1';}());</script></body></html>"
)
BANNED_PAGE = (
    "<!DOCTYPE html><html><head><title>Access denied | sandbox.example used Cloudflare to restrict "
    "access</title></head>"
    "<body><h1>Error 1015</h1><h2>You are being rate limited</h2><p>The owner of this website has banned you "
    "temporarily "
    "from accessing this website.</p></body></html>"
)
_CLOUDFLARE = {"Server": "cloudflare", "CF-RAY": "8f2a00000000sand-BOX"}

STATES: dict[str, dict[str, Any]] = {
    "waf_challenge": {"status": 202, "headers": {**_HTML, "x-amzn-waf-action": "challenge"}, "body": ""},
    "waf_page": {"status": 202, "headers": {**_HTML, "x-amzn-waf-action": "challenge"}, "body": WAF_PAGE},
    "waf_captcha": {"status": 405, "headers": {**_HTML, "x-amzn-waf-action": "captcha"}, "body": ""},
    "blocked": {"status": 403, "headers": {"Content-Type": "text/plain"}, "body": "Access denied"},
    "private": {
        "status": 403,
        "headers": _JSON,
        "body": {"detail": "You do not have permission to perform this action."},
    },
    "unauthorized": {
        "status": 401,
        "headers": _JSON,
        "body": {"detail": "Authentication credentials were not provided."},
    },
    "rate_limited": {
        "status": 429,
        "headers": {**_JSON, "Retry-After": "1"},
        "body": {"detail": "Request was throttled. Expected available in 1 second."},
    },
    "gone": {"status": 404, "headers": _JSON, "body": {"detail": "Not found."}},
    "server_error": {"status": 500, "headers": _HTML, "body": "<h1>Server Error (500)</h1>"},
    "not_json": {"status": 200, "headers": _HTML, "body": "<html><title>Just a moment...</title></html>"},
    "cloudflare_challenge": {
        "status": 403,
        "headers": {**_HTML, **_CLOUDFLARE, "cf-mitigated": "challenge"},
        "body": CHALLENGE_PAGE,
    },
    "cloudflare_challenge_200": {"status": 200, "headers": {**_HTML, **_CLOUDFLARE}, "body": CHALLENGE_PAGE},
    "cloudflare_blocked": {"status": 403, "headers": {**_HTML, **_CLOUDFLARE}, "body": "<h1>Access denied</h1>"},
    "cloudflare_1015": {"status": 429, "headers": {**_HTML, **_CLOUDFLARE}, "body": BANNED_PAGE},
    "cloudflare_1015_plain": {
        "status": 429,
        "headers": {"Content-Type": "text/plain", **_CLOUDFLARE, "Retry-After": "1"},
        "body": "error code: 1015",
    },
    "changed_layout": {"status": 200, "headers": _JSON, "body": {"items": [], "paging": {}}},
    **youtube.STATES,
}
_FIELDS = frozenset({"state", "host", "path_prefix", "status", "headers", "body", "times", "after"})


class ScriptError(ValueError):
    """A script that cannot be understood; the message says why."""


@dataclass(slots=True)
class Script:
    """One order: let `after` matching requests pass, then answer the next `times` with this."""

    host: str | None
    path_prefix: str
    status: int
    headers: dict[str, str]
    body: bytes
    times: int
    after: int

    @classmethod
    def parse(cls, order: object) -> Self:
        """From JSON: `state` (a name in STATES) or `status`, the other fields as wanted. `body` is text or any JSON."""
        if not isinstance(order, dict) or order.keys() - _FIELDS:
            raise ScriptError(f"a script is a JSON object with the fields {', '.join(sorted(_FIELDS))}")
        state = order.get("state")
        if state is not None and state not in STATES:
            raise ScriptError(f"unknown state {state!r}; known: {', '.join(STATES)}")
        merged = {**(STATES[state] if state else {}), **order}
        merged["headers"] = {**(STATES[state]["headers"] if state else {}), **(order.get("headers") or {})}
        status, times, after = merged.get("status"), merged.get("times", 1), merged.get("after", 0)
        if not (isinstance(status, int) and 200 <= status <= 599 and isinstance(times, int) and isinstance(after, int)):
            raise ScriptError("a script needs a state, or a status of 200 to 599; times and after are whole numbers")
        body = merged.get("body", "")
        return cls(
            host=merged.get("host"),
            path_prefix=str(merged.get("path_prefix", "/")),
            status=status,
            headers={str(name): str(value) for name, value in merged["headers"].items()},
            body=body.encode() if isinstance(body, str) else orjson.dumps(body),
            times=times,
            after=after,
        )


@dataclass(slots=True)
class Scripts:
    """The orders that still stand, oldest first."""

    standing: list[Script] = field(default_factory=list)

    def reply(self, host: str, path: str) -> Reply | None:
        """The ordered answer to this request, if there is one; only the oldest order that matches counts it."""
        for script in self.standing:
            if script.host not in {None, host} or not path.startswith(script.path_prefix):
                continue
            if script.after > 0:
                script.after -= 1
                return None
            script.times -= 1
            if script.times <= 0:
                self.standing.remove(script)
            headers = {name: value for name, value in script.headers.items() if name.lower() != "content-type"}
            kind = next((v for n, v in script.headers.items() if n.lower() == "content-type"), "text/html")
            return Reply("(scripted)", script.body, script.status, kind, headers)
        return None

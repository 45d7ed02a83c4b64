"""Pages that arrive whole by HTTP's lights and are broken, or another page, to whoever reads them."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from sandbox.faults.fault import Asked, Fault
from sandbox.scripts import WAF_PAGE
from sandbox.sites import Reply

KIND = "Contents"
_NAMES = re.compile(rb"\b(class|id)=([\"']?)")
_LOGIN_PAGE = (
    b'<!DOCTYPE html><html><head><title>Log in</title></head><body><h1>Log in to continue</h1><form action="/login" '
    b'method="post"><input name="email"><input name="password" type="password"><button>Log in</button></form></body>'
    b"</html>"
)
_CONSENT_PAGE = (
    b"<!DOCTYPE html><html><head><title>Before you continue</title></head><body><h1>We use cookies</h1>"
    b'<form action="/consent" method="post"><button name="consent" value="no">Reject all</button>'
    b'<button name="consent" value="yes">Accept all</button></form></body></html>'
)


def json_malformed(asked: Asked) -> Reply | None:
    """A whole JSON page with a comma too many."""
    reply = asked.normal()
    return replace(reply, body=reply.body.rstrip()[:-1] + b",}") if is_object(reply) else None


def json_cut(asked: Asked) -> Reply | None:
    """The first half of a JSON page, with a Content-Length that fits."""
    reply = asked.normal()
    return replace(reply, body=reply.body[: len(reply.body) // 2]) if is_object(reply) else None


def html_cut(asked: Asked) -> Reply | None:
    """The first two thirds of an HTML page, without its end and with a Content-Length that fits."""
    reply = asked.normal()
    return replace(reply, body=reply.body[: len(reply.body) * 2 // 3]) if _is_html(reply) else None


def changed_layout(asked: Asked) -> Reply | None:
    """The page after a redesign: every name at the top of the JSON, or every class and id of the HTML, is another."""
    reply = asked.normal()
    if is_object(reply):
        page = json.loads(reply.body)  # orjson refuses half a surrogate pair, which the sites do serve
        return replace(reply, body=json.dumps({f"new_{name}": value for name, value in page.items()}).encode())
    return replace(reply, body=_NAMES.sub(rb"\1=\2new-", reply.body)) if _is_html(reply) else None


def captcha_page(_asked: Asked) -> Reply:
    """A captcha with status 200: the page of AWS WAF, without its header."""
    return _wall(WAF_PAGE.encode())


def login_page(_asked: Asked) -> Reply:
    """A login form with status 200."""
    return _wall(_LOGIN_PAGE)


def consent_page(_asked: Asked) -> Reply:
    """A question about cookies with status 200, in place of the page."""
    return _wall(_CONSENT_PAGE)


def is_object(reply: Reply) -> bool:
    """Whether this is a page of JSON that is an object with something in it."""
    return reply.status == 200 and "json" in reply.content_type and reply.body[:2] not in {b"{}", b""}


def _is_html(reply: Reply) -> bool:
    return reply.status == 200 and "html" in reply.content_type and bool(reply.body)


def _wall(body: bytes) -> Reply:
    return Reply("", body, content_type="text/html; charset=utf-8")


CONTENTS = [
    *(Fault.of(answer, KIND) for answer in (json_malformed, json_cut, html_cut)),
    *(Fault.of(answer, KIND, heals=False) for answer in (changed_layout, captcha_page, login_page, consent_page)),
]

"""Answers that are wrong by their status: whole, well-formed, and without the page."""

from __future__ import annotations

import time
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from sandbox.faults.fault import Asked, Fault
from sandbox.sites import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

KIND = "Statuses"
WAIT_S = 1  # of a Retry-After in seconds
DATE_WAIT_S = 2  # of one as a date, which has whole seconds only
# Statuses outside the standard: Cloudflare's, and the one LinkedIn answers robots with.
PHRASES = {
    520: "Web Server Returned an Unknown Error",
    521: "Web Server Is Down",
    522: "Connection Timed Out",
    523: "Origin Is Unreachable",
    524: "A Timeout Occurred",
    530: "Origin DNS Error",
    999: "Request Denied",
}
HEALING = (408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530)
NOT_HEALING = (301, 302, 304, 401, 403, 418, 999)
LASTING = (400, 404, 410)


def empty_200(asked: Asked) -> Reply:
    """200 with the page's Content-Type and an empty body."""
    return Reply("", b"", content_type=asked.normal().content_type)


def status_204(_asked: Asked) -> Reply:
    """204 No Content."""
    return Reply("", b"", 204)


def _failed(status: int, retry_after: Callable[[], str] | None, _asked: Asked) -> Reply:
    headers = {"Retry-After": retry_after()} if retry_after else {}
    body = b"" if status == 304 else f"<html><body><h1>{status} {_phrase(status)}</h1></body></html>".encode()
    return Reply("", body, status, "text/html; charset=utf-8", headers)


def _phrase(status: int) -> str:
    return PHRASES.get(status) or HTTPStatus(status).phrase


def _in_seconds() -> str:
    return str(WAIT_S)


def _as_date() -> str:
    return formatdate(time.time() + DATE_WAIT_S, usegmt=True)


def _status(status: int) -> Fault:
    description = f"{status} {_phrase(status)}"
    if status in {301, 302}:
        description += ", without a Location"
    if status in {429, 503}:
        description += ", without Retry-After"
    return Fault(
        f"status_{status}",
        KIND,
        f"{description}.",
        partial(_failed, status, None),
        heals=status in HEALING,
        lasting=status in LASTING,
    )


def _waits(status: int) -> list[Fault]:
    forms = (
        ("seconds", f"Retry-After: {WAIT_S}", _in_seconds),
        ("date", f"Retry-After as an HTTP date {DATE_WAIT_S} s ahead", _as_date),
    )
    return [
        Fault(f"status_{status}_{form}", KIND, f"{status} with {text}.", partial(_failed, status, value))
        for form, text, value in forms
    ]


STATUSES = [
    Fault.of(empty_200, KIND),
    Fault.of(status_204, KIND),
    *(_status(status) for status in sorted({*HEALING, *NOT_HEALING, *LASTING})),
    *_waits(429),
    *_waits(503),
]

"""Redirects that lead nowhere."""

from __future__ import annotations

from sandbox.faults.fault import Asked, Fault
from sandbox.sites import Reply

KIND = "Redirects"
LONGEST_CHAIN = 50  # clients give up earlier: Scrapy after 20


def redirect_to_itself(asked: Asked) -> Reply:
    """302 to the very URL that was asked."""
    return _redirect(asked.url)


def redirect_chain(asked: Asked) -> Reply:
    """302 to another URL, 50 times over; the page stands at the end."""
    return asked.normal() if asked.step >= LONGEST_CHAIN else _redirect(asked.further("redirect_chain"))


def redirect_offsite(_asked: Asked) -> Reply:
    """302 to a host of another site, one that cannot exist."""
    return _redirect("https://www.offsite.invalid/")


def redirect_to_file(_asked: Asked) -> Reply:
    """302 to a file: URL."""
    return _redirect("file:///etc/passwd")


def _redirect(url: str) -> Reply:
    return Reply("", b"", 302, "text/html; charset=utf-8", {"Location": url})


REDIRECTS = [
    Fault.of(answer, KIND, heals=False)
    for answer in (redirect_to_itself, redirect_chain, redirect_offsite, redirect_to_file)
]

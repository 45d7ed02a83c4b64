"""The way to the sandbox for programs that are not Scrapy."""

from __future__ import annotations

from urllib.parse import urlsplit


def at_sandbox(sandbox: str, url: str) -> tuple[str, dict[str, str]]:
    """Where to ask a running sandbox for a real URL, and the header that says which site is meant."""
    parts = urlsplit(url)
    return f"{sandbox}{parts.path}{'?' if parts.query else ''}{parts.query}", {"Host": parts.netloc}

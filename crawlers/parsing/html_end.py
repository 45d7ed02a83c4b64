"""Whether a page of HTML is there to its end: what a parser makes of one that was cut looks whole."""

from __future__ import annotations


def has_end(body: bytes) -> bool:
    """Whether the document is closed; a few bytes may follow, as a comment of the server's."""
    return b"</html>" in body[-200:].lower()

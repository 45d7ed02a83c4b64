"""Finding a person's raw id in what a crawl keeps for itself: addresses, arguments, bodies."""

from __future__ import annotations

import re
from typing import Any
from unicodedata import normalize
from urllib.parse import unquote

# Sites put such ids behind a prefix of digits (containerid=100505<uid>), and no two of them meet by chance.
_LONG_NUMBER = 8
_JSON_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")
_MAX_NESTING = 5  # an address in an address in an address


class RawId:
    """A raw id to look for; it is never shown.

    It is found as a word of its own (`dave` is neither in `davenport` nor in `dave_2`), in upper or lower case, also
    percent-encoded or in JSON's escapes. A number of 8 digits or more, and an id that is not ASCII, may stand inside a
    longer word.
    """

    __slots__ = ("_pattern",)

    def __init__(self, raw: str) -> None:
        word = re.escape(_plain(raw))
        inside = not raw.isascii() or (raw.isdecimal() and len(raw) >= _LONG_NUMBER)
        self._pattern = re.compile(word if inside else rf"(?<!\w){word}(?!\w)")

    def stands_in(self, value: Any) -> bool:
        """Whether the id is somewhere in a text, in bytes (as UTF-8), a number, or a list or dict of these."""
        match value:
            case str():
                return self._pattern.search(_plain(value)) is not None
            case bytes():
                return self.stands_in(value.decode("utf-8", "replace"))
            case dict():
                return any(self.stands_in(part) for pair in value.items() for part in pair)
            case list():
                return any(map(self.stands_in, value))
            case int():
                return self.stands_in(str(value))
        return False

    def __repr__(self) -> str:
        return "<RawId>"


def _plain(text: str) -> str:
    """The text without encodings, in one Unicode form and one case."""
    for _ in range(_MAX_NESTING):
        before = text
        if "%" in text:
            text = unquote(text)
        if "\\u" in text:
            text = _JSON_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)
        if text == before:
            break
    return normalize("NFC", text).casefold()

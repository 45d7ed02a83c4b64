"""What the page of a film says for search engines, in the shape of before or after September 2026."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crawlers.pages.letterboxd.selecting import compiled
from crawlers.parsing.json_body import loads

_BLOCKS = compiled("//script[@type='application/ld+json']")
# The comments keep browsers from reading the block as markup; between them stands the JSON.
_COMMENT = re.compile(r"/\*\s*(?:<!\[CDATA\[|\]\]>)\s*\*/")
_DURATION = re.compile(r"PT(?:([0-9]+)H)?(?:([0-9]+)M)?")
_LEADING_YEAR = re.compile(r"([0-9]{4})(?:-|$)")
NO_POSTER = "/static/img/empty-poster"


def json_ld(root: Any) -> Mapping[str, Any]:
    """The block of a film; empty where a page has none, as some do.

    Raises: ValueError: there is a block, and it is no JSON object of a film.
    """
    blocks = _BLOCKS(root)
    if not blocks:
        return {}
    facts = loads(_COMMENT.sub("", blocks[0].text or "").strip().encode())
    if not isinstance(facts, dict) or facts.get("@type") != "Movie":
        raise ValueError("no object of the type Movie in the JSON-LD")
    return facts


def names(facts: Mapping[str, Any], *keys: str) -> list[str]:
    """The names of people, companies or countries under the first of `keys` that is there, each once."""
    entries: list[dict[str, str]] = next((facts[key] for key in keys if facts.get(key)), [])
    return list(dict.fromkeys(" ".join(entry["name"].split()) for entry in entries))


def year_of(facts: Mapping[str, Any]) -> int | None:
    """The year of release. The older shape has it in an event, and the day on which its page was made beside it."""
    for event in facts.get("releasedEvent") or []:
        if found := _LEADING_YEAR.match(str(event.get("startDate", ""))):
            return int(found[1])
    is_older = "dateModified" in facts or "actors" in facts
    found = None if is_older else _LEADING_YEAR.match(str(facts.get("dateCreated", "")))
    return int(found[1]) if found else None


def minutes_of(facts: Mapping[str, Any]) -> int | None:
    """``PT2H22M`` is 142."""
    found = _DURATION.fullmatch(str(facts.get("duration", "")))
    return 60 * int(found[1] or 0) + int(found[2] or 0) if found and found[0] != "PT" else None


def poster_of(facts: Mapping[str, Any]) -> str | None:
    """The address of the poster; None for the picture that stands for none."""
    image = facts.get("image")
    return image if isinstance(image, str) and image.startswith("https://") and NO_POSTER not in image else None

"""The page of a video: it carries the answer of a player, and the answer about all that stands around it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.items import Rows
from crawlers.items.youtube import Video
from crawlers.pages.youtube.availability import is_known
from crawlers.pages.youtube.player import read_video
from crawlers.pages.youtube.urls import ROUTE_WORDS
from crawlers.parsing.count_text import count_in
from crawlers.parsing.embedded_json import assigned_json
from crawlers.parsing.json_body import loads
from crawlers.parsing.urls import path_template

COMMENTS_PANEL = "engagement-panel-comments-section"

# `recognise` and the page function both read the answer of the player; it is decoded once.
_players: WeakKeyDictionary[Response, Mapping[str, Any]] = WeakKeyDictionary()


def watch_video(response: Response, *, video_id: str) -> Rows[Video]:
    """The one video of the page; one that is not there has its id and its availability.

    Source: https://www.youtube.com/watch?v=<video_id> (HTML, ``ytInitialPlayerResponse`` and ``ytInitialData``).
    Raises: LayoutChanged: the page has no answer of a player.
    """
    try:
        player = player_in(response)
    except (LookupError, ValueError) as error:
        raise LayoutChanged(path_template(response.url, ROUTE_WORDS), "no answer of a player") from error

    def read(answer: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **read_video(answer, video_id=video_id, source="watch"),
            "comment_count": comment_count(_surroundings(response)),
        }

    return Rows(Video, [player], read)


def watch_state_is_known(response: Response) -> bool:
    """Whether the site's word for the state of the video is one we know; if not, its availability is null.

    Source: as of `watch_video`.
    """
    return is_known(player_in(response))


def player_in(response: Response) -> Mapping[str, Any]:
    """The answer of a player that the page carries.

    Raises: LookupError: the page has none; ValueError: it is no JSON object.
    """
    if response not in _players:
        player = assigned_json(response.body, "ytInitialPlayerResponse", loads)
        if not isinstance(player, dict):
            raise ValueError("no JSON object")
        _players[response] = player
    return _players[response]


def _surroundings(response: Response) -> Mapping[str, Any]:
    """What stands around the player; nothing where the page has none, as that of a private video."""
    with suppress(LookupError, ValueError):
        found = assigned_json(response.body, "ytInitialData", loads)
        if isinstance(found, dict):
            return found
    return {}


def comment_count(surroundings: Mapping[str, Any]) -> int | None:
    """The number on the panel of comments; None where there is none, or where it is abbreviated (``2.7K``)."""
    for panel in surroundings.get("engagementPanels", []):
        section = panel.get("engagementPanelSectionListRenderer") or {}
        if section.get("panelIdentifier") == COMMENTS_PANEL:
            header = (section.get("header") or {}).get("engagementPanelTitleHeaderRenderer") or {}
            runs = (header.get("contextualInfo") or {}).get("runs", [])
            with suppress(ValueError):
                count, is_approximate = count_in("".join(run.get("text", "") for run in runs))
                return None if is_approximate else count
    return None

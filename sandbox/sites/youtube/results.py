"""A page of the web search: the tree that the results page embeds, and that continuations answer with."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import orjson

from sandbox.sites.youtube import zoo
from sandbox.sites.youtube.filters import Filters
from sandbox.sites.youtube.parts import runs
from sandbox.sites.youtube.rows import lockup, video_renderer
from sandbox.sites.youtube.session import Search, response_context
from sandbox.worlds.youtube_search import ends_with_a_message, is_lockup, web_pages

if TYPE_CHECKING:
    from sandbox.sites.youtube.parts import Json
    from sandbox.sites.youtube.session import Client, Session
    from sandbox.worlds.youtube import YouTubeWorld
    from sandbox.worlds.youtube_video import Video


class Results:
    """Renders pages of searches; keeps the rows, which stand on many pages, as finished bytes."""

    def __init__(self, world: YouTubeWorld, session: Session) -> None:
        self._world = world
        self._session = session
        self._rows: dict[tuple[int, str, bool], orjson.Fragment] = {}
        self._shorts = [video for video in world.videos if video.state == "short"][:6]

    def first(self, query: str, params: str, client: Client) -> Json:
        """The first page, as an answer to a query."""
        search = Search(query, params, 1)
        sections = self._sections(search, client)
        content = {
            "contents": sections,
            "trackingParams": "CAAQui8iEwjE",
            "subMenu": {"searchSubMenuRenderer": {"trackingParams": "CBgQ"}},
            "hideBottomSeparator": True,
            "targetId": "search-feed",
        }
        columns = {"primaryContents": {"sectionListRenderer": content}}
        return {
            "responseContext": response_context(client, "yt_web_search"),
            "estimatedResults": self._estimate(search),
            "contents": {"twoColumnSearchResultsRenderer": columns},
            "trackingParams": "CAAQvGkiEwjE",
            "header": _header(query),
            "topbar": {
                "desktopTopbarRenderer": {"logo": {"topbarLogoRenderer": {"tooltipText": runs("YouTube Home")}}}
            },
            "targetId": "search-page",
        }

    def following(self, search: Search, client: Client) -> Json:
        """Another page, as an answer to a continuation."""
        action = {"continuationItems": self._sections(search, client), "targetId": "search-feed"}
        return {
            "responseContext": response_context(client, "yt_web_search"),
            "estimatedResults": self._estimate(search),
            "trackingParams": "CAAQvGkiEwj4",
            "header": _header(search.query),
            "topbar": {"desktopTopbarRenderer": {}},
            "onResponseReceivedCommands": [
                {"clickTrackingParams": "CAAQvGkiEwj4", "appendContinuationItemsAction": action}
            ],
        }

    def _sections(self, search: Search, client: Client) -> list[Json]:
        """The rows and, where there may be more, the token of the next page."""
        filters = Filters.parse(search.params)
        videos = filters.apply(self._world.found(search.query), self._world.now)
        pages = web_pages(search.normal, videos)
        items: list[Json]
        if not videos:
            items = [{"backgroundPromoRenderer": {"title": runs(client.language.nothing)}}]
        elif search.page > len(pages):
            items = [{"messageRenderer": {"text": runs(client.language.no_more)}}]
        else:
            items = self._items(search, pages[search.page - 1], client, everything=filters.has_other_things)
        sections = [_section(items)]
        last = len(pages) + ends_with_a_message(search.normal)
        if videos and search.page < last:
            sections.append(_continuation(self._session.token(Search(search.query, search.params, search.page + 1))))
        return sections

    def _items(self, search: Search, videos: list[Video], client: Client, *, everything: bool) -> list[Json]:
        items = [self._row(search, video, client) for video in videos]
        for other in self._others(search, videos, client, everything=everything):
            items.insert(zlib.crc32(orjson.dumps([search.query, search.page, len(items)])) % (len(items) + 1), other)
        if search.page == 1:
            items[:0] = self._notes(search)
        return items

    def _row(self, search: Search, video: Video, client: Client) -> Json:
        newer = is_lockup(search.normal, search.page, video)
        key = (video.index, client.language.code, newer)
        if key not in self._rows:
            row = (lockup if newer else video_renderer)(video, self._world.now, client.language)
            self._rows[key] = orjson.Fragment(orjson.dumps(row))
        return {"lockupViewModel" if newer else "videoRenderer": self._rows[key]}

    def _others(self, search: Search, videos: list[Video], client: Client, *, everything: bool) -> list[Json]:
        """What stands among the rows; among videos only fewer kinds of it."""
        world, first, page = self._world, videos[0], search.page
        strangers = [world.videos[(first.index + step) % len(world.videos)] for step in (7, 13)]
        rows = [
            {"videoRenderer": video_renderer(video, world.now, client.language)} for video in (videos[-1], *strangers)
        ]
        others: list[Json] = []
        if page == 1:
            others += [zoo.advertisement(first), zoo.shelf("Popular in Lyon", rows)]
        if page % 2 == 0:
            others += [zoo.shelf("Channels new to you", rows[1:]), zoo.people_also_watched(first)]
        if page % 3 == 1:
            others += [zoo.never_seen(first), zoo.reel_shelf(self._shorts)]
        if everything:
            others += [zoo.channel(first.channel), zoo.shorts_shelf(self._shorts), zoo.shorts_shelf(self._shorts)]
            others += [zoo.playlist(first), zoo.old_playlist(first), zoo.radio(videos[-1])]
            others += [{"infoPanelContainerRenderer": {}}, {"clarificationRenderer": {"contentTitle": runs("About")}}]
        return others

    def _notes(self, search: Search) -> list[Json]:
        if correction := self._world.correction(search.query):
            return [zoo.corrected("showingResultsForRenderer", search.query, correction)]
        if search.query.startswith("#"):
            return [zoo.corrected("includingResultsForRenderer", search.query, search.query.lstrip("#"))]
        return []

    def _estimate(self, search: Search) -> str:
        """A large number that means nothing and changes from page to page."""
        if not self._world.found(search.query):
            return "0"
        return str(7_000_000 + zlib.crc32(search.normal.encode()) % 10**6 - 5673 * search.page)


def _section(items: list[Json]) -> Json:
    return {"itemSectionRenderer": {"contents": items, "trackingParams": "CAMQuy8YACIT"}}


def _continuation(token: str) -> Json:
    metadata = {"webCommandMetadata": {"sendPost": True, "apiUrl": "/youtubei/v1/search"}}
    command = {"token": token, "request": "CONTINUATION_REQUEST_TYPE_SEARCH"}
    return {
        "continuationItemRenderer": {
            "trigger": "CONTINUATION_TRIGGER_ON_ITEM_SHOWN",
            "continuationEndpoint": {"commandMetadata": metadata, "continuationCommand": command},
        }
    }


def _header(query: str) -> Json:
    search = {"searchEndpoint": {"query": query, "params": "EgA%3D"}}
    label = {"searchFilterRenderer": {"label": {"simpleText": "Videos"}, "navigationEndpoint": search}}
    group = {"searchFilterGroupRenderer": {"title": {"simpleText": "Type"}, "filters": [label]}}
    popup = {"searchFilterOptionsDialogRenderer": {"title": runs("Search filters"), "groups": [group]}}
    button = {"buttonRenderer": {"text": runs("Filters"), "command": {"openPopupAction": {"popup": popup}}}}
    return {"searchHeaderRenderer": {"searchFilterButton": button, "trackingParams": "CAEQ"}}

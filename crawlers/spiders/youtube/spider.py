"""YouTube: all results of searches, and the facts of every video in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, TypedDict

from scrapy import Request
from scrapy.http import Response

from crawlers.errors import LayoutChanged
from crawlers.items import Item, Remember, Rows
from crawlers.items.youtube import SearchResult, Video
from crawlers.pages import youtube as pages
from crawlers.site_spider import ApiToken, SiteSpider, essential
from crawlers.spiders.youtube.arguments import YoutubeArgs

Output = Iterator[Rows[SearchResult] | Rows[Video] | Request | Remember]

# The API's quotas are renewed at midnight Pacific time. Without summer time: an hour late is never too early.
PACIFIC = dt.timezone(dt.timedelta(hours=-8))
SEARCHES_A_DAY = 100
QUIET_PAGES = 3  # pages in a row without a new result: the search goes in circles

KEY = ApiToken("www.googleapis.com", "YOUTUBE_API_KEY", "", "X-Goog-Api-Key")
WITHOUT_KEY = (
    "put a key of the YouTube Data API v3 there (free, from console.cloud.google.com), or do without one: "
    "-a source=watch -a video_ids=<ids> reads the pages of videos, and -a source=web -s ROBOTSTXT_OBEY=False searches "
    "the website, which robots.txt rules out"
)


class Search(TypedDict):
    """A search that goes on, one query after the other: what the next request has to know."""

    query: str
    then: list[str]
    """The queries that follow."""
    page: int
    token: str | None
    """What to ask the next page with; None for the first."""
    position: int
    """The place of the next page's first result."""
    found: int
    quiet: int
    """Pages in a row without a new result."""
    waiting: list[str]
    """Videos whose facts are to be asked for when there are enough of them for a call."""
    corrected_query: str | None
    version: str
    visitor_data: str | None


class YoutubeSpider(SiteSpider[YoutubeArgs]):
    """Query after query, page after page -> the facts of the videos: 50 a call (api), or one by one (web, watch).

    Searches follow each other, so that the API is asked for the facts of 50 videos at a time whatever queries they are
    from, and so that its quota is counted exactly.
    """

    name = "youtube"
    api_tokens = (KEY,)
    blocks_are_of_us = True
    allowed_domains = ["youtube.com", "googleapis.com"]  # noqa: RUF012  (Scrapy's own shape, as below)
    custom_settings = {  # noqa: RUF012
        "DOWNLOAD_DELAY": 5.0,
        "DOWNLOAD_SLOTS": {KEY.host: {"delay": 1.0}},  # made for programs
        # The cookie is the answer "reject all" to the question for consent, which stands before every page in Europe.
        "DEFAULT_REQUEST_HEADERS": {"Accept": "*/*", "Accept-Language": "en", "Cookie": "SOCS=CAE="},
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.video_ids = self.args.all_video_ids()
        self.queries = self.args.all_queries()
        self._named = frozenset(self.video_ids)

    def needed_tokens(self) -> Mapping[ApiToken, str]:
        return {KEY: WITHOUT_KEY} if self.args.source == "api" else {}

    def rests_on(self) -> Sequence[str]:
        search = [pages.results_url("", **self.asked(), sort_order="relevance"), pages.SEARCH_URL]
        web = [*search, pages.PLAYER_URL] if self.queries else [pages.PLAYER_URL]
        return {"api": [], "watch": [pages.watch_url("")], "web": web}[self.args.source]

    def collected(self) -> list[type[Item]]:
        wanted: dict[type[Item], bool] = {SearchResult: bool(self.queries), Video: self.args.details}
        return [table for table, is_wanted in wanted.items() if is_wanted]

    def holds_back(self, request: Request) -> str | None:
        """A search that the day's quota does not cover."""
        if request.callback == self.parse_api_search and self.searches_today() >= SEARCHES_A_DAY:
            self.logger.warning("the day's %d searches are used up, until midnight Pacific time", SEARCHES_A_DAY)
            return "quota_exceeded"
        return None

    def searches_today(self) -> int:
        used: dict[str, Any] = self.memory.recall("searches", {})
        count: int = used["count"] if used.get("day") == _today() else 0
        return count

    async def start(self) -> AsyncIterator[Request]:
        if self.queries:
            yield self.first_page(self.queries, waiting=[], version=pages.CLIENT_VERSION, visitor_data=None)
        match self.args.source:
            case "api":
                for start in range(0, len(self.video_ids), pages.IDS_A_CALL):
                    yield self.api_videos_request(self.video_ids[start : start + pages.IDS_A_CALL])
            case "web" if self.video_ids:
                yield essential(self.site_request(pages.PROGRAM_URL, self.parse_program))
            case "watch":
                for video_id in self.video_ids:
                    kwargs = {"video_id": video_id}
                    yield self.site_request(pages.watch_url(video_id), self.parse_watch, cb_kwargs=kwargs)

    def first_page(self, queries: list[str], *, waiting: list[str], version: str, visitor_data: str | None) -> Request:
        """The request for the first page of the first of `queries`."""
        search: Search = {
            "query": queries[0], "then": queries[1:], "page": 1, "token": None, "position": 0, "found": 0, "quiet": 0,
            "waiting": waiting, "corrected_query": None, "version": version, "visitor_data": visitor_data,
        }  # fmt: skip
        return self.search_request(search)

    def search_request(self, search: Search) -> Request:
        """A page of a search. All the rest hangs on it, so the crawl does not end well without it."""
        query, token, kwargs = search["query"], search["token"], {"search": search}
        if self.args.source == "api":
            left = self.args.max_results - search["found"] if self.args.max_results else pages.IDS_A_CALL
            url = pages.api_search_url(
                query, count=min(left, pages.IDS_A_CALL), page_token=token, order=self.args.order,
                regionCode=self.args.region, relevanceLanguage=self.args.language,
                publishedAfter=_midnight(self.args.published_after),
                publishedBefore=_midnight(self.args.published_before),
            )  # fmt: skip
            return essential(self.api_request(url, self.parse_api_search, cb_kwargs=kwargs))
        if token is None:
            url = pages.results_url(query, **self.asked(), sort_order=self.args.order)
            return essential(self.site_request(url, self.parse_web_search, cb_kwargs=kwargs))
        body = pages.continuation_body(token, **self.asked(), version=search["version"])
        return essential(self.json_request(pages.SEARCH_URL, self.parse_web_search, body, search, cb_kwargs=kwargs))

    def asked(self) -> dict[str, str]:
        return {"language": self.args.language, "region": self.args.region}

    def api_request(self, url: str, callback: Any, **kwargs: Any) -> Request:
        """A request to the Data API. robots.txt is about what may be read without being asked in; this is asked with a
        key, under terms of its own."""
        return Request(url, callback, meta={"dont_obey_robotstxt": True}, **kwargs)

    def site_request(self, url: str, callback: Any, **kwargs: Any) -> Request:
        """A request to the website, whose redirects lead to walls on other hosts: they are not followed."""
        meta = {"dont_redirect": True}
        return Request(url, callback, meta=meta, **kwargs)

    def json_request(self, url: str, callback: Any, body: str, visit: Mapping[str, Any], **kwargs: Any) -> Request:
        """A request for the JSON that the website itself asks for."""
        headers = pages.headers(visit["version"], visit["visitor_data"])
        return self.site_request(url, callback, method="POST", body=body, headers=headers, **kwargs)

    def parse_api_search(self, response: Response, *, search: Search) -> Output:
        """A page of the API's search, at most 50 results."""
        yield Remember("searches", {"day": _today(), "count": self.searches_today() + 1})
        listed = pages.api_results(
            response, query=search["query"], page=search["page"], first_position=search["position"],
            sort_order=self.args.order, **self.asked(),
        )  # fmt: skip
        yield from self.after_results(search, listed, pages.next_page_token(response))

    def parse_web_search(self, response: Response, *, search: Search) -> Output:
        """A page of the website's search, about 20 results."""
        facts = pages.search_facts(response)
        self.count_renderers(facts)
        search = {
            **search,
            "version": pages.client_version(response) or search["version"],
            "visitor_data": facts.visitor_data or search["visitor_data"],
            "corrected_query": facts.corrected_query or search["corrected_query"],
        }
        listed = pages.results(
            response, query=search["query"], page=search["page"], first_position=search["position"],
            sort_order=self.args.order, corrected_query=search["corrected_query"], **self.asked(),
        )  # fmt: skip
        yield from self.after_results(search, listed, facts.token)

    def count_renderers(self, facts: pages.SearchFacts) -> None:
        """What was passed over, by name: a name that nobody knows is how a change of the site shows first."""
        for kind, counts in (("passed_over", facts.passed_over), ("unknown", facts.unknown)):
            for name, count in counts.items():
                stat = f"youtube/{kind}/{name}"
                if kind == "unknown" and self.crawler.stats.get_value(stat) is None:
                    self.logger.warning(
                        "between the results stands a %s, which is new to us: it is passed over and counted, and the "
                        "crawl goes on", name,
                    )  # fmt: skip
                self.crawler.stats.inc_value(stat, count)

    def after_results(self, search: Search, listed: Rows[SearchResult], token: str | None) -> Output:
        """The results that are new, the requests for their facts, and the next page, of this query or the next."""
        query = search["query"]
        fresh = {row.video_id: row.position for row in reversed(listed) if not self.memory.knows(_result(query, row))}
        if self.args.max_results:
            fresh = dict(sorted(fresh.items(), key=_place)[: self.args.max_results - search["found"]])
        yield listed.where(lambda row: fresh.get(row.video_id) == row.position)
        for row in listed:
            yield Remember(_result(query, row))
        wanted = [video_id for video_id, _ in sorted(fresh.items(), key=_place) if self.is_wanted(video_id)]
        for video_id in wanted:
            yield Remember(f"video {video_id}")
        waiting = [*search["waiting"], *wanted]
        while len(waiting) >= self.ids_a_call:
            yield self.details_request(waiting[: self.ids_a_call], search)
            waiting = waiting[self.ids_a_call :]

        found = search["found"] + len(fresh)
        quiet = 0 if fresh else search["quiet"] + 1
        is_enough = bool(self.args.max_results) and found >= self.args.max_results
        if token is not None and not is_enough and quiet < QUIET_PAGES:
            if self.memory.knows(page := f"page {query} {token}"):
                raise LayoutChanged("the results of a search", "a page that leads back to one before it")
            yield Remember(page)
            position = search["position"] + listed.seen
            further: Search = {
                **search, "page": search["page"] + 1, "token": token, "position": position, "found": found,
                "quiet": quiet, "waiting": waiting,
            }  # fmt: skip
            yield self.search_request(further)
        elif search["then"]:
            version, visitor_data = search["version"], search["visitor_data"]
            yield self.first_page(search["then"], waiting=waiting, version=version, visitor_data=visitor_data)
        elif waiting:
            yield self.details_request(waiting, search)

    def is_wanted(self, video_id: str) -> bool:
        """Whether the facts of a video are still to be asked for."""
        return self.args.details and video_id not in self._named and not self.memory.knows(f"video {video_id}")

    @property
    def ids_a_call(self) -> int:
        return pages.IDS_A_CALL if self.args.source == "api" else 1

    def details_request(self, video_ids: list[str], visit: Mapping[str, Any]) -> Request:
        """The request for the facts of videos: of `ids_a_call`, or of the last that remain."""
        if self.args.source == "api":
            return self.api_videos_request(video_ids)
        return self.player_request(video_ids[0], visit)

    def api_videos_request(self, video_ids: list[str]) -> Request:
        url, kwargs = pages.api_videos_url(video_ids), {"video_ids": video_ids}
        return self.api_request(url, self.parse_api_videos, cb_kwargs=kwargs, priority=1)

    def player_request(self, video_id: str, visit: Mapping[str, Any]) -> Request:
        version, visitor_data = visit["version"], visit["visitor_data"]
        body = pages.player_body(video_id, region=self.args.region, version=version, visitor_data=visitor_data)
        kwargs = {"video_id": video_id}
        return self.json_request(pages.PLAYER_URL, self.parse_player, body, visit, cb_kwargs=kwargs, priority=1)

    def parse_api_videos(self, response: Response, *, video_ids: list[str]) -> Output:
        yield pages.api_videos(response, video_ids=video_ids, region=self.args.region)

    def parse_player(self, response: Response, *, video_id: str) -> Output:
        self.count_state(is_known=pages.state_is_known(response))
        yield pages.player_video(response, video_id=video_id)

    def parse_watch(self, response: Response, *, video_id: str) -> Output:
        self.count_state(is_known=pages.watch_state_is_known(response))
        yield pages.watch_video(response, video_id=video_id)

    def count_state(self, *, is_known: bool) -> None:
        if not is_known:
            self.crawler.stats.inc_value("youtube/unknown_playability")

    def parse_program(self, response: Response) -> Output:
        """The website's own program, which may say its version; then it is asked for a name for this visit."""
        visit = {"version": pages.client_version(response) or pages.CLIENT_VERSION, "visitor_data": None}
        body = pages.visitor_body(region=self.args.region, version=visit["version"] or "")
        kwargs = {"version": visit["version"]}
        yield essential(self.json_request(pages.VISITOR_URL, self.parse_visitor, body, visit, cb_kwargs=kwargs))

    def parse_visitor(self, response: Response, *, version: str) -> Output:
        visit = {"version": version, "visitor_data": pages.visitor_data(response)}
        for video_id in self.video_ids:
            yield self.player_request(video_id, visit)


def _today() -> str:
    return dt.datetime.now(PACIFIC).date().isoformat()


def _midnight(day: dt.date | None) -> str | None:
    return None if day is None else f"{day.isoformat()}T00:00:00Z"


def _result(query: str, row: SearchResult) -> str:
    return f"result {query} {row.video_id}"


def _place(entry: tuple[str, int]) -> int:
    return entry[1]

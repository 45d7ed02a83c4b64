"""What a crawl of YouTube may be asked for, and which combinations make no sense."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from crawlers.pages import youtube as pages
from crawlers.site_spider import Listed, ListedInFile, SpiderArgs

QUERIES = "folk rock,classical guitar,acustic rock,orchestral rock,cello songs,brazilian rock"

VideoId = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{11}$")]


class YoutubeArgs(SpiderArgs):
    source: Annotated[
        Literal["api", "web", "watch"],
        Field(description="'api': Data API v3, needs YOUTUBE_API_KEY; 'web': the website's search; 'watch': its pages"),
    ] = "api"
    queries: Annotated[
        tuple[str, ...],
        Listed,
        Field(min_length=1, description=f"what to search for, comma-separated; without it and ids: {QUERIES}"),
    ] = ()
    queries_file: Annotated[
        tuple[str, ...], ListedInFile, Field(min_length=1, description="a file with a query a line")
    ] = ()
    video_ids: Annotated[
        tuple[VideoId, ...],
        Listed,
        Field(min_length=1, description="ids of videos, comma-separated: 11 letters, digits, - and _ each"),
    ] = ()
    video_ids_file: Annotated[
        tuple[VideoId, ...], ListedInFile, Field(min_length=1, description="a file with the id of a video a line")
    ] = ()
    max_results: Annotated[int, Field(ge=0, description="results to keep of a query; 0 = all there are")] = 0
    region: Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="the country to search from, as US")] = "US"
    language: Annotated[
        str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$", description="the language to search in, as en or pt-BR")
    ] = "en"
    published_after: Annotated[
        dt.date | None, Field(description="only videos of this day (YYYY-MM-DD, UTC) or later; source=api only")
    ] = None
    published_before: Annotated[
        dt.date | None, Field(description="only videos of before this day (YYYY-MM-DD, UTC); source=api only")
    ] = None
    order: Annotated[
        Literal["relevance", "date", "rating", "viewCount", "title"],
        Field(description="the order of results; the website knows relevance and viewCount only"),
    ] = "relevance"
    details: Annotated[bool, Field(description="whether to fetch the facts of every video found")] = True

    @model_validator(mode="after")
    def _agree(self) -> Self:
        searches, videos = bool(self.queries or self.queries_file), bool(self.video_ids or self.video_ids_file)
        if self.source == "watch" and searches:
            raise ValueError("source=watch reads the pages of given videos and does not search; leave the queries out")
        if self.source == "watch" and not videos:
            raise ValueError("source=watch needs the videos: -a video_ids=<ids>, or -a video_ids_file=<path>")
        if self.source != "api" and (self.published_after or self.published_before):
            raise ValueError("only source=api searches by date; leave published_after and published_before out")
        if self.source == "web" and self.order not in pages.SEARCH_PARAMS:
            raise ValueError(
                f"the website stopped ordering by {self.order} in February 2026; source=api still does; the website "
                f"knows {' and '.join(pages.SEARCH_PARAMS)}"
            )
        if not self.details and videos and not searches:
            raise ValueError("details=false leaves nothing to do: videos are named, and no query")
        return self

    def all_video_ids(self) -> list[str]:
        """The videos that are named, each once."""
        return [*dict.fromkeys([*self.video_ids, *self.video_ids_file])]

    def all_queries(self) -> list[str]:
        """The queries, each once; the default ones where neither queries nor videos are named."""
        queries = [*dict.fromkeys([*self.queries, *self.queries_file])]
        return queries or ([] if self.all_video_ids() else QUERIES.split(","))

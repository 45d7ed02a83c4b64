"""What a crawl of YouTube may be asked for, and which combinations make no sense."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from crawlers.errors import ConfigurationError
from crawlers.pages import youtube as pages
from crawlers.site_spider import SpiderArgs

QUERIES = "folk rock,classical guitar,acustic rock,orchestral rock,cello songs,brazilian rock"
_VIDEO_ID = r"[0-9A-Za-z_-]{11}"


class YoutubeArgs(SpiderArgs):
    source: Annotated[
        Literal["api", "web", "watch"],
        Field(description="'api': Data API v3, needs YOUTUBE_API_KEY; 'web': the website's search; 'watch': its pages"),
    ] = "api"
    queries: Annotated[
        str | None,
        Field(min_length=1, description=f"what to search for, comma-separated; without it and ids: {QUERIES}"),
    ] = None
    queries_file: Annotated[str | None, Field(description="a file with a query a line")] = None
    video_ids: Annotated[
        str | None, Field(pattern=rf"^{_VIDEO_ID}(,{_VIDEO_ID})*$", description="ids of videos, comma-separated")
    ] = None
    video_ids_file: Annotated[
        str | None, Field(validate_default=True, description="a file with the id of a video a line")
    ] = None
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

    @field_validator("queries", "queries_file")
    @classmethod
    def _searches(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("source") == "watch":
            raise ValueError("source=watch reads the pages of given videos and does not search")
        return value

    @field_validator("video_ids_file")
    @classmethod
    def _is_given_videos(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("source") == "watch" and value is None and info.data.get("video_ids") is None:
            raise ValueError("source=watch needs the videos: video_ids=<ids>, or video_ids_file=<path>")
        return value

    @field_validator("published_after", "published_before")
    @classmethod
    def _knows_dates(cls, value: dt.date | None, info: ValidationInfo) -> dt.date | None:
        if value is not None and info.data.get("source") != "api":
            raise ValueError("only source=api searches by date")
        return value

    @field_validator("order")
    @classmethod
    def _knows_order(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("source") == "web" and value not in pages.SEARCH_PARAMS:
            raise ValueError("the website stopped ordering by that in February 2026; source=api still does")
        return value

    @field_validator("details")
    @classmethod
    def _leaves_something_to_do(cls, value: bool, info: ValidationInfo) -> bool:
        searches = info.data.get("queries") or info.data.get("queries_file")
        if not value and not searches and (info.data.get("video_ids") or info.data.get("video_ids_file")):
            raise ValueError("without the facts of the videos that are named there is nothing to do")
        return value

    def all_video_ids(self) -> list[str]:
        """The videos that are named, each once. Raises: ConfigurationError: a file cannot be read, or names none."""
        video_ids = _listed(self.video_ids, self.video_ids_file, "video_ids_file")
        for number, video_id in enumerate(video_ids, 1):
            if not re.fullmatch(_VIDEO_ID, video_id):
                raise ConfigurationError(
                    f"reading video_ids_file={self.video_ids_file}: entry {number} is no id of a video; an id has 11 "
                    "letters, digits, - and _, as in the address of the video's page"
                )
        return video_ids

    def all_queries(self) -> list[str]:
        """The queries, each once; the default ones where neither queries nor videos are named.

        Raises: ConfigurationError: a file cannot be read.
        """
        queries = _listed(self.queries, self.queries_file, "queries_file")
        is_default = self.queries_file is None and self.video_ids is None and self.video_ids_file is None
        return queries or (QUERIES.split(",") if is_default else [])


def _listed(given: str | None, file: str | None, argument: str) -> list[str]:
    """What an argument and a file of the same name list, each once, in their order.

    Raises: ConfigurationError: the file cannot be read.
    """
    listed = given.split(",") if given is not None else []
    if file is not None:
        try:
            listed += Path(file).expanduser().read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise ConfigurationError(f"reading {argument}={file}: {reason}; give a text file, one a line") from None
    return [*dict.fromkeys(entry.strip() for entry in listed if entry.strip())]

"""Tables of YouTube: what searches showed, and the videos."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from crawlers.items.about import About, IdForm
from crawlers.items.expected import Expected
from crawlers.items.item import Item
from crawlers.items.markers import Count, FreeText, Handle, Key, Pseudonymize, Tokenize

ABOUT = About(
    title="YouTube",
    homepage="https://www.youtube.com",
    summary="What searches showed, place by place, and the public facts of the videos.",
    sources="The Data API v3 with a key of your own; or, where asked for, the site's own search and player answers, or "
    "the pages of videos. The shapes of the site's answers were last seen between January and June 2026.",
    robots="robots.txt allows the pages of videos and rules out search and player answers; a crawl that would use "
    "those stops before its first page unless ROBOTSTXT_OBEY is switched off by name.",
    terms="The terms forbid automated access except for public search engines that follow robots.txt, or with written "
    "permission; the API's policies want data refreshed or deleted after 30 days.",
    gaps="A search ends at some 500 to 700 results whatever it says it found, and differs from run to run. The API "
    "does not tell a private video from a removed one, nor a Short from any other short video. The page of a video "
    "shows whose it is, so the pseudonyms of channels hide nothing from somebody who looks a video up.",
    ids={"channel": IdForm("UC and 22 letters, digits, - and _", r"UC[0-9A-Za-z_-]{22}")},
)

# Ids are opaque. A video's has 11 characters today, a channel's 24.
VideoId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]
ChannelId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]

Source = Literal["api", "web", "watch"]
Availability = Literal[
    "public",
    "live",
    "upcoming",
    "short",
    "unlisted",
    "private",
    "age_restricted",
    "members_only",
    "premium",
    "paid",
    "region_blocked",
    "channel_closed",
    "removed",
]


class SearchResult(Item):
    """One video as one search showed it. One row per (crawl, query, video): an observation, which no later crawl
    overwrites. The same query shows other videos weeks later, and that is the data."""

    dataset: ClassVar[str] = "youtube/search_results"
    # A query may find nothing, and says so.
    expected: ClassVar[Expected] = Expected(min_rows=0, max_null_share={"channel_id": 0.2})

    crawl_id: Annotated[str, Key()] = ""
    """The crawl that saw the result; names its manifest in _runs."""
    query: Annotated[str, Key()]
    """What was searched for."""
    video_id: Annotated[VideoId, Key()]
    """The site's id of the video; joins ``youtube/videos``."""
    position: Count
    """Place among the results of the query, 0 first; shelves and promotion have none. A video that came twice keeps its
    first place."""
    page: Count
    """Page of the results, 1 first: 50 results from ``api``, about 20 from ``web``."""
    title: Annotated[str, FreeText(), Tokenize("en")]
    """Title, scrubbed of personal references; empty for an untitled video."""
    view_count: Count | None = None
    """Views; null for streams and premieres, and where the source does not say (``api`` does not)."""
    duration_s: Count | None = None
    """Length in seconds; null for streams, and where the source does not say (``api`` does not)."""
    title_tokens: list[str] | None = None
    """Words of the title, lower-case, without English stop words."""
    view_count_is_approximate: bool | None = None
    """Whether the views were abbreviated (``1.2M views``); null without views."""
    watching_count: Count | None = None
    """People who were watching a stream; null for all else."""
    channel_id: Annotated[ChannelId | None, Pseudonymize("channel")] = None
    """The channel, the first of several. Published as a pseudonym, the same as in ``youtube/videos``."""
    channel_name: Annotated[str | None, Handle(of="channel_id")] = None
    """The channel's name; never published."""
    channel_is_verified: bool | None = None
    """Whether the channel bears a mark of verification; null where the source does not say."""
    published_text: str | None = None
    """Age as the site words it (``8 months ago``, ``Streamed 2 days ago``), coarse, and true when the row was fetched;
    null where the source gives a date."""
    published_at: dt.datetime | None = None
    """When the video was published, UTC; null where the source gives only an age."""
    snippet: Annotated[str | None, FreeText(), Tokenize("en")] = None
    """Beginning of the description, or a piece of it, as the result showed it; scrubbed of personal references."""
    snippet_tokens: list[str] | None = None
    """Words of the snippet, lower-case, without English stop words."""
    is_live: bool | None = None
    """Whether the video was a running stream."""
    is_upcoming: bool | None = None
    """Whether the video was a stream or premiere still to come."""
    is_short: bool | None = None
    """Whether the result led to the player of Shorts; null where the source does not say."""
    starts_at: dt.datetime | None = None
    """When what is to come will begin, UTC; null for all else, and where the source does not say."""
    badges: list[str] | None = None
    """The site's labels (``4K``, ``New``, ``CC``), in the language asked for; null where the source does not say."""
    corrected_query: str | None = None
    """What the site searched for instead of the query; null where it searched for the query."""
    sort_order: str
    """The order asked for: ``relevance``, ``date``, ``rating``, ``viewCount`` or ``title``."""
    language: str
    """The language of the site's texts, as asked for."""
    region: str
    """The country asked for; the site looks at the address it is asked from, too."""
    source: Source
    """``api``: the Data API; ``web``: the site's own search."""


class Video(Item):
    """One video, as the page said that had its details. One row per video; its page is
    ``https://www.youtube.com/watch?v=<video_id>``. A video that is not there any more has its id and, where the source
    says why, its `availability`."""

    dataset: ClassVar[str] = "youtube/videos"
    # A search may find nothing; a list of old ids may lead to much that is gone.
    expected: ClassVar[Expected] = Expected(min_rows=0)

    video_id: Annotated[VideoId, Key()]
    """The site's id of the video; joins ``youtube/search_results``."""
    title: Annotated[str | None, FreeText(), Tokenize("en")] = None
    """Title, scrubbed of personal references; null where the video is not there."""
    title_tokens: list[str] | None = None
    """Words of the title, lower-case, without English stop words."""
    channel_id: Annotated[ChannelId | None, Pseudonymize("channel")] = None
    """The channel, of several the main one. Published as a pseudonym, the same as in ``youtube/search_results``."""
    channel_name: Annotated[str | None, Handle(of="channel_id")] = None
    """The channel's name; never published. Its ``@handle`` only some sources say, so a mention of it is of nobody."""
    view_count: Count | None = None
    """Views, whole; of a running stream all so far. Null where the site hides them (members only)."""
    like_count: Count | None = None
    """Likes; null where the uploader hides them."""
    duration_s: Count | None = None
    """Length in seconds, rounded up; null for what runs or is still to come."""
    published_at: dt.datetime | None = None
    """When the video was published, UTC; midnight where the site gave the day alone, as it did up to 2023."""
    category: str | None = None
    """The site's category, in English (``Music``)."""
    tags: Annotated[list[str] | None, FreeText(), Tokenize("en")] = None
    """Tags the uploader gave, in their order, scrubbed; empty without any, null where the source does not say."""
    width: Count | None = None
    """Width of the player the site offers for embedding, in pixels; 1280 for most. Not the picture's: `max_width`. From
    ``api`` only where it follows from what that says: 1280 by 720 for high definition of that shape."""
    height: Count | None = None
    """Height of the player the site offers for embedding, in pixels."""
    availability: Availability | None = None
    """Whether, and for whom, the video can be watched; null where the source leaves it open. ``removed`` also
    stands for an id that never was; ``premium`` needs Music Premium."""
    description: Annotated[str | None, FreeText(), Tokenize("en")] = None
    """The description, scrubbed of personal references; empty if there is none."""
    description_tokens: list[str] | None = None
    """Words of the description, lower-case, without English stop words."""
    tags_tokens: list[str] | None = None
    """Words of the tags, lower-case, without English stop words."""
    comment_count: Count | None = None
    """Comments; null where they are off, where the source does not say (``web``), or abbreviates (``watch``: 1.2K)."""
    max_width: Count | None = None
    """Width of the largest picture, in pixels; only from ``watch``, and null where the site does not play the video."""
    max_height: Count | None = None
    """Height of the largest picture, in pixels; see `max_width`."""
    fps: Count | None = None
    """Pictures a second of the largest picture; see `max_width`."""
    is_short: bool | None = None
    """Whether the site takes the video for a Short; null where the source does not say (``api``)."""
    is_live_content: bool | None = None
    """Whether the video is, was or will be a stream; null where the source does not say (``api``)."""
    live_start_at: dt.datetime | None = None
    """When a stream or premiere began, or will begin, UTC; null for all else."""
    live_end_at: dt.datetime | None = None
    """When a stream or premiere ended, UTC."""
    is_family_safe: bool | None = None
    """What the site says of it; ``api`` says no more than that a video is for adults."""
    is_made_for_kids: bool | None = None
    """Whether the video is made for children; only from ``api``."""
    blocked_countries: list[str] | None = None
    """Countries (ISO 3166) in which the video is not to be seen, sorted; empty if there is none."""
    license: str | None = None
    """``youtube`` or ``creativeCommon``; only from ``api``."""
    definition: str | None = None
    """``hd`` or ``sd``; only from ``api``."""
    has_captions: bool | None = None
    """Whether there are captions; only from ``api``."""
    audio_language: str | None = None
    """The language spoken, a BCP-47 code; only from ``api``, where the uploader named one."""
    topics: list[str] | None = None
    """Titles of Wikipedia pages the site files the video under; only from ``api``."""
    thumbnail_url: str | None = None
    """The preview picture."""
    thumbnail_width: Count | None = None
    """Width of the preview picture, in pixels."""
    thumbnail_height: Count | None = None
    """Height of the preview picture, in pixels."""
    playability: str | None = None
    """The site's own word for whether it plays the video (``OK``, ``UNPLAYABLE``); null from ``api``."""
    source: Source
    """Where the row is from: ``api``, the Data API; ``web``, the site's player answer; ``watch``, the video's page."""

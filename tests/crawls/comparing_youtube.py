"""What a crawl of YouTube published against what its world holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from crawlers.items import Item
from crawlers.items.youtube import SearchResult, Video
from crawlers.pipelines.anonymize import anonymize_rows
from crawlers.pipelines.tokenize_text import tokenize_rows
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from sandbox.sites.youtube.player import thumbnail
from sandbox.worlds import World
from sandbox.worlds.youtube_search import Hit
from sandbox.worlds.youtube_video import Video as Made
from sandbox.worlds.youtube_vocabulary import TOPICS

PROVENANCE = ("crawl_id", "first_seen_at", "fetched_at")
REGION = "US"
Rows = dict[str, dict[str, Any]]


def video_differences(output: Path, key: str, source: str, videos: Iterable[Made]) -> list[str]:
    """How the published videos differ from these of the world, as `source` tells of them; empty when they are equal."""
    wanted = _published(Video, [_whole(Video, _video(video, source)) for video in videos], key)
    return _differences(video_rows(output), {row["video_id"]: row for row in wanted})


def video_rows(output: Path) -> Rows:
    """The published videos by id, without what tells when they were fetched."""
    return {row["video_id"]: row for row in _read(output, Video)}


def result_differences(output: Path, world: World, key: str, source: str, queries: Iterable[str]) -> list[str]:
    """How the published results differ from what the world shows to whoever reads all pages of these queries."""
    hits = [hit for query in queries for hit in world.youtube.hits(query, "api" if source == "api" else "web")]
    wanted = _published(SearchResult, [_whole(SearchResult, _result(world, hit, source)) for hit in hits], key)
    compared = [{name: row[name] for name in COMPARED} for row in wanted]
    found = {_place(row): row for row in _read(output, SearchResult)}
    return _differences(found, {_place(row): row for row in compared})


def found_by(world: World, source: str, queries: Iterable[str]) -> list[Made]:
    """The videos that somebody sees who reads all pages of the queries, each once."""
    hits = [hit for query in queries for hit in world.youtube.hits(query, "api" if source == "api" else "web")]
    return list({hit.video.video_id: hit.video for hit in hits}.values())


def _place(row: Mapping[str, Any]) -> str:
    return f"{row['query']}/{row['video_id']}"


def _read(output: Path, table: type[Item]) -> list[dict[str, Any]]:
    rows = pq.read_table(output / "youtube" / table.table()).to_pylist()
    return [{name: value for name, value in row.items() if name not in PROVENANCE} for row in rows]


def _whole(table: type[Item], values: dict[str, Any]) -> dict[str, Any]:
    """A row with every column of its table."""
    assert values.keys() <= table.model_fields.keys()
    return dict.fromkeys(table.model_fields) | values


def _published(table: type[Item], rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """The rows as the pipelines leave them."""
    anonymize_rows(table, rows, Pseudonymizer(PseudonymKey.from_hex(key, "the comparison")))
    tokenize_rows(table, rows)
    return [{name: value for name, value in row.items() if name not in PROVENANCE} for row in rows]


def _differences(found: Rows, wanted: Rows) -> list[str]:
    missing, unwanted = wanted.keys() - found.keys(), found.keys() - wanted.keys()
    differing = [f"{len(missing)} rows are missing, {len(unwanted)} should not be there"] if missing or unwanted else []
    for name in sorted(found.keys() & wanted.keys()):
        for column, value in wanted[name].items():
            if found[name][column] != value:
                differing.append(f"{name}: {column} is {found[name][column]!r} instead of {value!r}")
    return differing


def _video(video: Made, source: str) -> dict[str, Any]:
    """What a source tells of a video; what it does not tell is left out."""
    if video.is_gone:
        words = {"private": "LOGIN_REQUIRED"}.get(video.state, "ERROR")
        told = {} if source == "api" else {"availability": video.state, "playability": words}
        return {"video_id": video.video_id, "source": source, **told}
    name, width, height = thumbnail(video)
    common = {
        "video_id": video.video_id,
        "title": video.title,
        "channel_id": video.channel.channel_id,
        "channel_name": video.channel.name,
        "view_count": video.view_count,
        "like_count": video.like_count,
        "duration_s": video.duration_s,
        "published_at": video.published_at,
        "category": video.category,
        "tags": video.tags,
        "description": video.description,
        "live_start_at": video.starts_at,
        "live_end_at": video.ends_at,
        "blocked_countries": sorted(video.blocked_in),
        "thumbnail_url": f"https://i.ytimg.com/vi/{video.video_id}/{name}.jpg",
        "thumbnail_width": width,
        "thumbnail_height": height,
        "source": source,
    }
    return common | (_told_by_api(video) if source == "api" else _told_by_site(video, source))


def _told_by_api(video: Made) -> dict[str, Any]:
    short_length = video.duration_s is not None and video.duration_s <= 181
    left_open = video.state in {"members_only", "short"} or (short_length and video.embed[0] <= video.embed[1])
    usual_size = video.is_hd and video.embed == (1280, 720) and video.starts_at is None
    return {
        "availability": None if left_open else video.state,
        "width": 1280 if usual_size else None,
        "height": 720 if usual_size else None,
        "comment_count": video.comment_count,
        "is_family_safe": False if video.state == "age_restricted" else None,
        "is_made_for_kids": video.is_made_for_kids,
        "license": video.license,
        "definition": "hd" if video.is_hd else "sd",
        "has_captions": video.has_captions,
        "audio_language": video.audio_language,
        "topics": [*TOPICS[video.topic].encyclopedia],
    }


PLAYED = {"public", "short", "live", "unlisted"}
SITES_WORDS = {"upcoming": "LIVE_STREAM_OFFLINE", "age_restricted": "LOGIN_REQUIRED"}


def _told_by_site(video: Made, source: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "availability": video.state,
        "width": video.embed[0],
        "height": video.embed[1],
        "is_short": video.state == "short",
        "is_live_content": video.was_live,
        "is_family_safe": video.state != "age_restricted",
        "playability": "OK" if video.state in PLAYED else SITES_WORDS.get(video.state, "UNPLAYABLE"),
    }
    if source == "watch":
        few = video.comment_count is not None and video.comment_count < 1000
        told["comment_count"] = video.comment_count if few else None
        if video.state in PLAYED:
            told |= {"max_width": video.picture[0], "max_height": video.picture[1], "fps": video.fps}
    return told


COMPARED = (
    "query", "video_id", "position", "page", "title", "title_tokens", "channel_id", "duration_s", "view_count",
    "view_count_is_approximate", "watching_count", "published_at", "is_live", "is_upcoming", "is_short", "starts_at",
    "corrected_query", "sort_order", "language", "region", "source",
)  # fmt: skip
"""Of a result; snippets, ages and badges are the site's to cut and word."""


def _result(world: World, hit: Hit, source: str) -> dict[str, Any]:
    """What a search shows of a video."""
    video = hit.video
    common = {
        "query": hit.query,
        "video_id": video.video_id,
        "position": hit.position,
        "page": hit.page,
        "title": video.title,
        "channel_id": video.channel.channel_id,
        "channel_name": video.channel.name,
        "is_live": video.state == "live",
        "is_upcoming": video.state == "upcoming",
        "sort_order": "relevance",
        "language": "en",
        "region": REGION,
        "source": source,
    }
    if source == "api":
        return common | {"published_at": video.published_at}
    is_lockup = hit.is_lockup
    told: dict[str, Any] = {
        "corrected_query": world.youtube.correction(hit.query),
        "duration_s": None if is_lockup and video.state == "short" else video.duration_s,
        "is_short": None if is_lockup else video.state == "short",
        "starts_at": video.starts_at if video.state == "upcoming" and not is_lockup else None,
    }
    if video.state == "live" and video.watching_count is not None:
        told["watching_count"] = _cut(video.watching_count) if is_lockup else video.watching_count
    elif video.state != "upcoming" and video.view_count is not None:
        told["view_count"] = _cut(video.view_count) if is_lockup else video.view_count
        told["view_count_is_approximate"] = is_lockup and video.view_count >= 1000
    return common | told


def _cut(count: int) -> int:
    """What is left of a count in ``2.3M`` or ``18M``."""
    unit = next((unit for unit in (10**9, 10**6, 10**3) if count >= unit), 1)
    step = unit if count >= 10 * unit or unit == 1 else unit // 10
    return count // step * step

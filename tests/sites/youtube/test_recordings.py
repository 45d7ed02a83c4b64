"""Real responses of YouTube, recorded outside this repository, read as a crawl would read them.

Values are compared with those that stand beside each recording, so that nobody's name or id stands in this file.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from protego import Protego
from scrapy.http import Response

from crawlers.items import Rows
from crawlers.items.youtube import SearchResult, Video
from crawlers.pages import PageState, youtube
from crawlers.pages.youtube.result import read_result
from crawlers.pages.youtube.watch import comment_count
from crawlers.parsing.count_text import count_in
from crawlers.spiders.youtube import YoutubeSpider
from tests.sites.youtube.recordings import API, PLAYER, RESULTS, SEARCH, WATCH, Recording, Respond, recordings

Test = Callable[..., None]

SEARCHES = (
    "search-videos-cirque-p1", "search-videos-cirque-p2", "search-all-test-p1", "search-all-test-p2",
    "search-videos-corrected-p1", "search-all-fewresults-p1", "search-all-fewresults-p2-end",
    "search-playlists-lockup-p1", "search-channels-p1", "search-videos-shorts-live-p1", "search-videos-collab-p1",
    "search-videos-test-p1-2026-01", "search-videos-test-p2-2026-01", "results-html-2020-firstpage",
    "results-html-2026-COMPOSED-test", "results-html-2026-empty-query", "channel-videos-lockup-p1-2026-05",
)  # fmt: skip
PLAYERS = (
    "player-web-fields-music-K4DyBUG242c", "player-web-fields-live-X4VbdwhkE10",
    "player-web-fields-noratings-it3OtbTxQk0", "player-web-fields-short-unlisted-tjz2u2DiveM",
    "player-visionos-music-K4DyBUG242c", "player-visionos-live-X4VbdwhkE10", "player-visionos-noratings-it3OtbTxQk0",
    "player-visionos-short-unlisted-tjz2u2DiveM", "player-android-GJLlxj_dtq8", "player-android-agerestricted",
    "player-android-musicpremium", "player-web-full-iuevw6218F0", "player-web-scheduled-N-yVic7BbY0",
    "watch-html-2025-GJLlxj_dtq8",
)  # fmt: skip
GONE_VIDEOS = {"player-android-private": "private", "player-android-unavailable": "removed"}
# Address, status and state of what is no page of data.
STATES: dict[str, tuple[str, int, PageState]] = {
    "browse-400-invalidargument-2026-01": (SEARCH, 400, PageState.CHANGED),
    "channel-doesnotexist-2026-01": (SEARCH, 200, PageState.GONE),
    "channel-terminated-2026-01": (SEARCH, 200, PageState.GONE),
    "playlist-notfound-2026-01": (SEARCH, 200, PageState.GONE),
    "comments-first-2026-06": (SEARCH, 200, PageState.CHANGED),
    "comments-replies-2026-01": (SEARCH, 200, PageState.CHANGED),
    "feed-channel-2026-01": ("https://www.youtube.com/feeds/videos.xml", 200, PageState.CHANGED),
    "feed-404-2026-01": ("https://www.youtube.com/feeds/videos.xml", 404, PageState.GONE),
    "legacy-results-html-p1": (RESULTS, 200, PageState.CHANGED),
    "legacy-results-html-p32-empty": (RESULTS, 200, PageState.CHANGED),
    "legacy-watch-html--6RqxhNO2yY": (f"{WATCH}-6RqxhNO2yY", 200, PageState.CHANGED),
    "consent-html-2021": (f"{WATCH}Fx_N4GlwdEM", 200, PageState.CONSENT),
    "toomanyrequests-html-2021": (f"{WATCH}Fx_N4GlwdEM", 200, PageState.BLOCKED),
    "google-sorry-body-2026-excerpt": (RESULTS, 429, PageState.BLOCKED),
    "player-android-notabot": (PLAYER, 200, PageState.BLOCKED),
    "player-android-nonexistent": (PLAYER, 200, PageState.BLOCKED),
    "dataapi-error-quotaexceeded-2022": (f"{API}search", 403, PageState.QUOTA_EXCEEDED),
}
OTHERS = {
    "visitor-id-web", "sw-js-2026-01", "sw-js-2026-06", "robots", "robots-www-2024-05", "robots-m-2024-05",
    "dataapi-search-p1", "dataapi-search-p2", "dataapi-videos", "item-videorenderer-premiere",
    "item-videorenderer-emptytitle", "item-lockup-premiere", "item-lockup-video", "item-lockup-live-noviewer",
    "next-music-K4DyBUG242c", "next-live-X4VbdwhkE10", "next-noratings-it3OtbTxQk0", "next-short-unlisted-tjz2u2DiveM",
}  # fmt: skip


@pytest.fixture(scope="module")
def recorded(captures_dir: Path) -> dict[str, Recording]:
    found = recordings(captures_dir)
    if not found:
        pytest.skip(f"no recordings of youtube in {captures_dir}")
    return found


def address_of(name: str) -> str:
    return RESULTS if name.startswith("results") else SEARCH


def result_rows(response: Response) -> Rows[SearchResult]:
    return youtube.results(response, query="q", language="en", region="US", page=3, first_position=40)


@pytest.mark.recording
def test_every_recording_has_a_test(recorded: dict[str, Recording]) -> None:
    assert recorded.keys() == {*SEARCHES, *PLAYERS, *GONE_VIDEOS, *STATES, *OTHERS}


@pytest.mark.recording
@pytest.mark.parametrize("name", SEARCHES)
def test_a_page_of_results(name: str, recorded: dict[str, Recording], respond: Respond) -> None:
    recording = recorded[name]
    response, expected = recording.at(address_of(name), respond), recording.expected
    rows, facts = result_rows(response), youtube.search_facts(response)
    in_shelves = {video_id for shelf in shelves(recording) for video_id in shelf}
    wanted = expected.get("organic_video_ids") or expected.get("ids") or expected.get("video_ids", [])
    assert [row.video_id for row in rows] == [video_id for video_id in wanted if video_id not in in_shelves]
    assert rows.invalid == []
    assert [row.position for row in rows] == [*range(40, 40 + len(rows))]
    assert facts.unknown == {}
    if "renderer_counts" in expected:
        counts = {name.rpartition("LOCKUP_CONTENT_TYPE_")[2]: n for name, n in expected["renderer_counts"].items()}
        assert {"videoRenderer": len(rows), **facts.passed_over} == {"videoRenderer": 0, **counts}
    if "continuation" in expected:
        assert len(facts.token or "") == (expected["continuation"] or {"token_length": 0})["token_length"]
    assert facts.corrected_query == expected.get("corrected_query")
    for row in rows:
        assert row.corrected_query == facts.corrected_query
    says = PageState.EMPTY if "message" in expected else PageState.OK
    assert youtube.recognise(response) is says
    listed = {row.video_id: row for row in rows}
    for item in expected.get("items", []):
        assert_result(listed[item["video_id"]], item)
    for end in ("first", "last"):
        if "views" in expected.get(end, {}):
            row, said = listed[expected[end]["id"]], expected[end]
            assert (row.title, row.channel_name, row.published_text) == (
                said["title"],
                said["author"],
                said["published"],
            )
            assert row.view_count == count_in(said["views"])[0]


def shelves(recording: Recording) -> list[list[str]]:
    """The videos of shelves, by id, where the recording's own list counts them among the results."""
    if recording.name != "search-videos-test-p1-2026-01":
        return []
    answer = json.loads(recording.body)
    columns = answer["contents"]["twoColumnSearchResultsRenderer"]["primaryContents"]["sectionListRenderer"]
    items = columns["contents"][0]["itemSectionRenderer"]["contents"]
    held = [
        item["shelfRenderer"]["content"]["verticalListRenderer"]["items"] for item in items if "shelfRenderer" in item
    ]
    return [[video["videoRenderer"]["videoId"] for video in shelf if "videoRenderer" in video] for shelf in held]


def assert_result(row: SearchResult, said: dict[str, Any]) -> None:
    """A row says what was read in the recording by eye."""
    assert (row.title or None, row.channel_name) == (said["title"], said["author"])
    assert row.channel_id is not None
    if said["channel_id"] is not None:  # the list of channels that made a video together was not read by eye
        assert row.channel_id == said["channel_id"]
    assert (row.view_count, row.watching_count) == (said["views"], said["watching"])
    assert row.view_count_is_approximate in {None, False}
    assert (row.duration_s, row.published_text) == (said["length_seconds"], said["published_text"])
    assert (row.is_live, row.is_short) == (said["live"], said["short"])
    assert row.channel_is_verified == said["author_verified"]
    assert row.badges == [badge for badge in said["badges"] if badge is not None]


@pytest.mark.recording
@pytest.mark.parametrize("name", [name for name in sorted(OTHERS) if name.startswith("item-videorenderer")])
def test_a_single_result(name: str, recorded: dict[str, Recording]) -> None:
    said = recorded[name].expected
    rows = Rows(
        SearchResult,
        [recorded[name].body],
        lambda body: {
            **read_result(("videoRenderer", body), "en"), "query": "q", "position": 0, "page": 1, "language": "en",
            "region": "US", "sort_order": "relevance", "source": "web",
        },
    )  # fmt: skip
    (row,) = rows
    assert_result(row, said)
    starts = said["upcoming_start"]
    assert row.starts_at == (starts and dt.datetime.fromtimestamp(int(starts), dt.UTC))
    assert row.is_upcoming == (starts is not None)


@pytest.mark.recording
@pytest.mark.parametrize("name", [name for name in sorted(OTHERS) if name.startswith("item-lockup")])
def test_a_single_result_of_the_newer_form(name: str, recorded: dict[str, Recording]) -> None:
    said = recorded[name].expected
    row = read_result(("lockupViewModel", recorded[name].body), "en")
    ((channel,), *lines) = said["metadata_rows"]
    ((badge, style),) = said["badges"]
    assert (row["video_id"], row["title"], row["channel_name"]) == (said["content_id"], said["title"], channel)
    assert row["is_live"] == style.endswith("LIVE")
    assert row["is_upcoming"] == (badge == "Upcoming")
    assert row["channel_id"].startswith("UC")
    if lines and not row["is_upcoming"]:
        assert row["published_text"] == lines[0][1]
        assert (row["view_count"], row["view_count_is_approximate"]) == count_in(lines[0][0])
        minutes, seconds = badge.split(":")
        assert row["duration_s"] == 60 * int(minutes) + int(seconds)
    else:
        assert "view_count" not in row
        assert row["published_text"] is None
        assert row["duration_s"] is None


@pytest.mark.recording
@pytest.mark.parametrize("name", PLAYERS)
def test_a_video(name: str, recorded: dict[str, Recording], respond: Respond) -> None:
    recording = recorded[name]
    about, details = recording.expected.get("microformat") or {}, recording.expected["video"] or {}
    video_id = details.get("video_id") or about["video_id"]
    if recording.is_html:
        response = recording.at(f"{WATCH}{video_id}", respond)
        rows = youtube.watch_video(response, video_id=video_id)
    else:
        response = recording.at(PLAYER, respond)
        rows = youtube.player_video(response, video_id=video_id)
    (row,) = rows
    assert rows.invalid == []
    assert youtube.recognise(response) is PageState.OK
    assert_video(row, details, about)
    largest = recording.expected["largest_format"]
    shown = (row.max_width, row.max_height, row.fps)
    assert shown == ((largest["width"], largest["height"], largest["fps"]) if largest else (None, None, None))
    assert row.availability == expected_availability(recording.expected, details, about)


def assert_video(row: Video, details: dict[str, Any], about: dict[str, Any]) -> None:
    """A row says what was read in the two parts of the answer by eye; `about` first where both say it."""
    assert row.title == details.get("title", about.get("title"))
    assert row.channel_name == details.get("author", about.get("owner"))
    assert row.view_count == details.get("views", about.get("views"))
    assert row.like_count == about.get("likes")
    length = about["length_seconds"] if about.get("length_seconds") is not None else details.get("length_seconds")
    assert row.duration_s == (length or None)
    if details:
        assert row.channel_id == details["channel_id"]
        assert len(row.tags or []) == details["keywords_count"]
        assert (row.tags or [])[:3] == details["keywords_first"]
        assert (row.description or "").startswith(details["description_start"])
        assert row.is_live_content == details["is_live_content"]
    else:
        assert row.tags is None  # not asked for is not none
    if about:
        assert (row.width, row.height) == (about["embed_width"], about["embed_height"])
        assert row.category == about["category"]
        published = dt.datetime.fromisoformat(about["publish_date"])
        assert row.published_at == (
            published.astimezone(dt.UTC) if published.tzinfo else published.replace(tzinfo=dt.UTC)
        )
        assert (row.is_short, row.is_family_safe) == (about["shorts_eligible"], about["family_safe"])
        assert len(row.blocked_countries or []) == 249 - about["countries_count"]
        assert row.live_start_at == _moment((about["live"] or {}).get("startTimestamp"))


def _moment(text: str | None) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(text)


def expected_availability(said: dict[str, Any], details: dict[str, Any], about: dict[str, Any]) -> str | None:
    """By the rules of docs/sites/youtube.md, from what was read by eye."""
    reason = (said.get("reason") or "").lower()
    if "inappropriate" in reason:
        return "age_restricted"
    if "premium" in reason:
        return "premium"
    if details.get("is_upcoming"):
        return "upcoming"
    if said.get("status") != "OK":
        return None
    if details.get("is_live"):
        return "live"
    if not about:
        return None
    return "unlisted" if about["unlisted"] else "short" if about["shorts_eligible"] else "public"


@pytest.mark.recording
@pytest.mark.parametrize("name", GONE_VIDEOS)
def test_a_video_that_is_not_there_has_its_id_and_says_why(
    name: str, recorded: dict[str, Recording], respond: Respond
) -> None:
    response = recorded[name].at(PLAYER, respond)
    (row,) = youtube.player_video(response, video_id="aaaaaaaaaaa")
    assert youtube.recognise(response) is PageState.OK
    left = row.model_dump(exclude_none=True)
    assert left == {
        "video_id": "aaaaaaaaaaa", "availability": GONE_VIDEOS[name], "source": "web",
        "playability": recorded[name].expected["status"],
    }  # fmt: skip


@pytest.mark.recording
@pytest.mark.parametrize("name", STATES)
def test_what_is_no_page_of_data_is_recognised(name: str, recorded: dict[str, Recording], respond: Respond) -> None:
    url, status, state = STATES[name]
    assert youtube.recognise(recorded[name].at(url, respond, status=status)) is state


@pytest.mark.recording
def test_a_page_of_the_apis_search_begins_with_the_end_of_the_one_before(
    recorded: dict[str, Recording], respond: Respond
) -> None:
    pages = []
    for name in ("dataapi-search-p1", "dataapi-search-p2"):
        said, response = recorded[name].expected, recorded[name].at(f"{API}search?q=q", respond)
        rows = youtube.api_results(
            response, query="q", page=1, first_position=0, language="en", region="US", sort_order="relevance"
        )
        assert youtube.recognise(response) is PageState.OK
        assert youtube.next_page_token(response) == said["next_page_token"]
        assert [row.video_id for row in rows] == said["video_ids"]
        first = said["first"]
        assert (rows[0].title, rows[0].channel_id) == (first["title"], first["channel_id"])
        assert rows[0].channel_name == first["author"]
        assert rows[0].published_at == dt.datetime.fromisoformat(first["published_at"])
        assert (rows[0].is_live, rows[0].view_count, rows[0].duration_s) == (False, None, None)
        pages.append(said["video_ids"])
    assert pages[0][-1] == pages[1][0]


@pytest.mark.recording
def test_the_apis_videos_are_read_as_far_as_they_were_asked_for(
    recorded: dict[str, Recording], respond: Respond
) -> None:
    items = recorded["dataapi-videos"].expected["items"]
    ids = [item["video_id"] for item in items]
    response = recorded["dataapi-videos"].at(f"{API}videos?id=x", respond)
    rows = youtube.api_videos(response, video_ids=[ids[1], "aaaaaaaaaaa", ids[0]], region="US")
    assert [row.video_id for row in rows] == [ids[1], "aaaaaaaaaaa", ids[0]]
    assert rows[1].model_dump(exclude_none=True) == {"video_id": "aaaaaaaaaaa", "source": "api"}
    for row, said in zip((rows[2], rows[0]), items, strict=True):
        assert (row.title, row.channel_name, len(row.tags or [])) == (said["title"], said["author"], said["tags_count"])
        assert row.published_at == dt.datetime.fromisoformat(said["published_at"])
        assert row.category == {"28": "Science & Technology", "17": "Sports"}[said["category_id"]]
        assert (row.view_count, row.like_count, row.comment_count, row.duration_s) == (None, None, None, None)


@pytest.mark.recording
@pytest.mark.parametrize("name", [name for name in sorted(OTHERS) if name.startswith("next-")])
def test_comments_are_counted_where_their_number_is_whole(name: str, recorded: dict[str, Recording]) -> None:
    shown = recorded[name].expected["comment_count_text_panel"]
    counted = comment_count(json.loads(recorded[name].body))
    assert counted == (int(shown) if (shown or "").isdigit() else None)
    views, is_approximate = count_in(recorded[name].expected["views_text"])
    assert (views > 0, is_approximate) == (True, False)


@pytest.mark.recording
def test_the_sites_program_says_its_version_in_one_of_two_forms(
    recorded: dict[str, Recording], respond: Respond
) -> None:
    for name in ("sw-js-2026-01", "sw-js-2026-06", "results-html-2026-empty-query"):
        response = recorded[name].at("https://www.youtube.com/sw.js", respond)
        assert youtube.client_version(response) == recorded[name].expected["client_version"]
        if name.startswith("sw"):
            assert youtube.recognise(response) is PageState.OK


@pytest.mark.recording
def test_a_visit_gets_its_name(recorded: dict[str, Recording], respond: Respond) -> None:
    response = recorded["visitor-id-web"].at(youtube.VISITOR_URL, respond)
    assert youtube.recognise(response) is PageState.OK
    assert youtube.visitor_data(response) == recorded["visitor-id-web"].expected["visitor_data"]


@pytest.mark.recording
@pytest.mark.parametrize("name", ["robots", "robots-www-2024-05", "robots-m-2024-05"])
def test_robots_txt_allows_pages_of_videos_and_nothing_else_we_ask_for(
    name: str, recorded: dict[str, Recording]
) -> None:
    robots = Protego.parse(recorded[name].body.decode())
    watch = YoutubeSpider(source="watch", video_ids="aaaaaaaaaaa").rests_on()
    web = YoutubeSpider(source="web").rests_on()
    assert [robots.can_fetch(url, "crawlers") for url in watch] == [True]
    assert [robots.can_fetch(url, "crawlers") for url in web] == [False, False, False]

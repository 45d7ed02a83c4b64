from __future__ import annotations

import html
import itertools
import json

import pytest

from sandbox.control import respond
from sandbox.server import Sandbox
from sandbox.sites.youtube import YouTube
from sandbox.worlds import World
from sandbox.worlds.youtube import YouTubeWorld
from tests.sandbox.youtube import API, KEY, api, ask

DETAILS = "snippet,contentDetails,statistics,status,player,liveStreamingDetails"


@pytest.fixture(scope="module")
def world() -> YouTubeWorld:
    return World().youtube


@pytest.fixture
def site(world: YouTubeWorld) -> YouTube:
    return YouTube(world, KEY)


@pytest.mark.parametrize("size", [50, 7, 1])
def test_pages_of_the_api_overlap_by_one_row_and_show_all_there_is(
    world: YouTubeWorld, site: YouTube, size: int
) -> None:
    pages: list[list[str]] = []
    token: dict[str, str] = {}
    while not pages or token:
        status, answer = api(site, "search", part="snippet", type="video", q="cello songs", maxResults=size, **token)
        assert status == 200
        pages.append([item["id"]["videoId"] for item in answer["items"]])
        token = {"pageToken": answer["nextPageToken"]} if "nextPageToken" in answer else {}
    rows = [video_id for page in pages for video_id in page]
    hits = world.hits("cello songs", "api", size)
    assert list(dict.fromkeys(rows)) == [hit.video.video_id for hit in hits]
    assert all(rows[hit.position] == hit.video.video_id for hit in hits)
    assert {hit.video.video_id for hit in hits} == {video.video_id for video in world.found("cello songs")}
    if size > 1:
        assert all(before[-1] == after[0] for before, after in itertools.pairwise(pages))


def test_page_tokens_are_those_of_the_recordings(site: YouTube) -> None:
    _, first = api(site, "search", part="snippet", q="cello songs", type="video", maxResults=25)
    assert first["nextPageToken"] == "CBkQAA"
    _, second = api(site, "search", part="snippet", q="cello songs", type="video", maxResults=25, pageToken="CBkQAA")
    assert (second["prevPageToken"], second["nextPageToken"]) == ("CAAQAQ", "CDIQAA")
    assert api(site, "search", part="snippet", q="cello songs", pageToken="nonsense")[0] == 400


def test_the_api_sorts_and_narrows(site: YouTube, world: YouTubeWorld) -> None:
    asked = {"part": "snippet", "q": "folk rock", "type": "video", "maxResults": 50}
    _, answer = api(site, "search", **asked, order="date", publishedAfter="2020-01-01T00:00:00Z")
    dates = [item["snippet"]["publishedAt"] for item in answer["items"]]
    assert dates == sorted(dates, reverse=True)
    assert dates[-1] >= "2020"
    assert len(dates) == sum(video.published_at.year >= 2020 for video in world.found("folk rock"))
    for wrong in ({"order": "likes"}, {"maxResults": 51}, {"publishedAfter": "2020"}, {"regionCode": "Brazil"}):
        assert api(site, "search", **{**asked, **wrong})[0] == 400
    _, anything = api(site, "search", part="snippet", q="folk rock")
    assert "channelId" in anything["items"][0]["id"]


def test_titles_are_html_in_the_searches_of_the_api_alone(site: YouTube, world: YouTubeWorld) -> None:
    video = next(video for video in world.videos if '"' in video.title and "&" in video.title)
    _, found = api(site, "search", part="snippet", type="video", q=video.title, maxResults=50)
    title = next(item["snippet"]["title"] for item in found["items"] if item["id"]["videoId"] == video.video_id)
    assert title != video.title
    assert html.unescape(title) == video.title
    _, details = api(site, "videos", part="snippet", id=video.video_id)
    assert details["items"][0]["snippet"]["title"] == video.title


def test_the_api_gives_details_of_what_exists_in_an_order_of_its_own(site: YouTube, world: YouTubeWorld) -> None:
    asked = world.videos[:49][::-1]
    gone = {video.video_id for video in world.videos if video.is_gone}
    ids = [video.video_id for video in asked] + [next(iter(gone))]
    status, answer = api(site, "videos", part=DETAILS, id=",".join(ids), maxWidth=1280)
    assert status == 200
    assert {item["id"] for item in answer["items"]} == set(ids) - gone
    assert [item["id"] for item in answer["items"]] != [video_id for video_id in ids if video_id not in gone]
    for item in answer["items"]:
        video = world.by_id[item["id"]]
        assert item["statistics"].get("viewCount") == (None if video.view_count is None else str(video.view_count))
        assert item["statistics"].get("likeCount") == (None if video.like_count is None else str(video.like_count))
        assert item["snippet"].get("tags", []) == video.tags
        assert int(item["player"]["embedWidth"]) == 1280
    assert api(site, "videos", part="id", id=",".join(["x"] * 51))[0] == 400
    assert api(site, "videos", part="id,nonsense", id="x")[1]["error"]["errors"][0]["reason"] == "unknownPart"
    assert api(site, "videos", part="id", id="x", maxResults=5)[0] == 400
    assert api(site, "videos:batchGetStats", part="statistics", id=ids[0])[0] == 200


def test_the_api_keeps_to_a_field_mask(site: YouTube, world: YouTubeWorld) -> None:
    video = next(video for video in world.videos if video.state == "public")
    _, answer = api(site, "videos", part="id,snippet", id=video.video_id, fields="items(id,snippet/title)")
    assert answer == {"items": [{"id": video.video_id, "snippet": {"title": video.title}}]}
    assert api(site, "videos", part="id", id="x", fields="items(")[0] == 400


@pytest.mark.parametrize(
    ("query", "headers", "expected"),
    [
        ("", {}, (403, "forbidden")),
        ("&key=wrong", {}, (400, "badRequest")),
        (f"&key={KEY}", {}, (200, None)),
        ("", {"X-Goog-Api-Key": KEY}, (200, None)),
    ],
)
def test_the_api_wants_the_worlds_key(
    site: YouTube, query: str, headers: dict[str, str], expected: tuple[int, str | None]
) -> None:
    reply = ask(site, f"{API}/search?part=snippet&type=video&q=folk{query}", headers)
    answer = json.loads(reply.body)
    reason = answer["error"]["errors"][0]["reason"] if "error" in answer else None
    assert (reply.status, reason) == expected


def test_searches_have_a_quota_of_their_own_which_a_test_can_set() -> None:
    world = World(0, 60)
    sandbox = Sandbox(world)
    site = YouTube(world.youtube, KEY, sandbox.youtube_quota)
    assert json.loads(respond(sandbox, "GET", "/_sandbox/youtube/quota", b"")[1]) == {"search": 100, "units": 10_000}
    assert respond(sandbox, "POST", "/_sandbox/youtube/quota", b'{"search": 1}')[0] == 200
    assert api(site, "search", part="snippet", q="folk rock", order="wrong")[0] == 400  # counts like any other
    status, answer = api(site, "search", part="snippet", q="folk rock")
    (error,) = answer["error"]["errors"]
    assert (status, error["reason"], error["domain"]) == (403, "quotaExceeded", "youtube.quota")
    assert "status" not in answer["error"]
    assert api(site, "videos", part="id", id="x")[0] == 200
    assert respond(sandbox, "POST", "/_sandbox/youtube/quota", b'{"wishes": 3}')[0] == 400
    respond(sandbox, "DELETE", "/_sandbox/youtube/quota", b"")
    assert api(site, "search", part="snippet", q="folk rock")[0] == 200

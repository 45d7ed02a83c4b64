"""The replica's answers beside recordings of the real ones: nothing in them that the site has not, nothing missing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.sites.youtube import YouTube
from sandbox.worlds import World
from sandbox.worlds.youtube import YouTubeWorld
from tests.sandbox.youtube import CLIENT, COOKIE, KEY, SITE, api, ask, embedded, items, post, search

pytestmark = pytest.mark.recording

Json = dict[str, Any]


@pytest.fixture(scope="module")
def world() -> YouTubeWorld:
    return World().youtube


@pytest.fixture(scope="module")
def site(world: YouTubeWorld) -> YouTube:
    return YouTube(world, KEY)


@pytest.fixture(scope="module")
def recordings(captures_dir: Path) -> Path:
    directory = captures_dir / "youtube"
    if not directory.is_dir():
        pytest.skip(f"no recordings at {directory}; CAPTURES_DIR names another folder of recordings")
    return directory


def _load(file: Path) -> Json:
    body = file.read_bytes()
    value: Json = json.loads(gzip.decompress(body) if file.suffix == ".gz" else body)
    return value


def _paths(value: Any, at: str = "") -> Iterator[str]:
    """Where values stand, without their places in lists."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{at}.{key}"
            yield from _paths(inner, f"{at}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, at)


def _named(value: Any, name: str) -> Iterator[Any]:
    """All values of a name, wherever they stand."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == name:
                yield inner
            yield from _named(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner, name)


@pytest.fixture(scope="module")
def recorded(recordings: Path) -> dict[str, list[Json]]:
    """Rows of lists, by the name of their renderer."""
    found: dict[str, list[Json]] = {}
    for pattern in ("search-*.json*", "next-*.json*", "channel-videos-*.json*"):
        for file in sorted(recordings.glob(pattern)):
            if ".expected." not in file.name:
                answer = _load(file)
                for name in ("videoRenderer", "lockupViewModel", "channelRenderer", "showingResultsForRenderer",
                             "includingResultsForRenderer", "messageRenderer", "gridShelfViewModel"):  # fmt: skip
                    found.setdefault(name, []).extend(_named(answer, name))
    found["videoRenderer"].append(_load(recordings / "item-videorenderer-premiere.json"))
    return found


def test_rows_of_searches_have_no_path_that_the_recordings_have_not(
    site: YouTube, world: YouTubeWorld, recorded: dict[str, list[Json]]
) -> None:
    ours: dict[str, set[str]] = {}
    for query in [*world.queries, "#shorts"]:
        for answer in search(site, query, "8AEB"):
            for name, content in items(answer):
                ours.setdefault(name, set()).update(_paths(content))
    assert ours.keys() >= recorded.keys()
    for name, contents in recorded.items():
        assert not ours[name] - {path for content in contents for path in _paths(content)}, name


def test_rows_have_every_key_that_all_recorded_rows_have(
    site: YouTube, world: YouTubeWorld, recorded: dict[str, list[Json]]
) -> None:
    plain = [row for row in recorded["videoRenderer"] if "lengthText" in row and "menu" in row]
    always = set.intersection(*(set(row) for row in plain if "upcomingEventData" not in row))
    for answer in search(site, "folk rock"):
        for name, row in items(answer):
            if name == "videoRenderer" and world.by_id[row["videoId"]].state == "public":
                assert always <= row.keys()


def test_pages_of_searches_have_the_recorded_envelope(site: YouTube, recordings: Path) -> None:
    for answer, name in zip(search(site, "folk rock"), ("p1", "p2"), strict=False):
        assert set(answer) == set(_load(recordings / f"search-videos-cirque-{name}.json.gz"))
    real = _load(recordings / "search-videos-cirque-p1.json.gz")["contents"]["twoColumnSearchResultsRenderer"]
    ours = next(search(site, "folk rock"))["contents"]["twoColumnSearchResultsRenderer"]
    assert set(ours["primaryContents"]["sectionListRenderer"]) == set(real["primaryContents"]["sectionListRenderer"])


def test_the_players_answer_has_the_recorded_keys(site: YouTube, world: YouTubeWorld, recordings: Path) -> None:
    real = [
        _load(file)
        for file in sorted(recordings.glob("player-*.json*"))
        if ".expected." not in file.name and "nonexistent" not in file.name
    ]
    page = gzip.decompress((recordings / "watch-html-2025-GJLlxj_dtq8.html.gz").read_bytes())
    real.append(embedded(page, "ytInitialPlayerResponse"))
    paths = {path for answer in real for path in _paths(answer.get("playerResponse", answer))}
    web = [answer for answer in real if "microformat" in answer]
    always = set.intersection(*(set(answer["microformat"]["playerMicroformatRenderer"]) for answer in web))
    # No recording is of a stream that has ended.
    paths.add(".microformat.playerMicroformatRenderer.liveBroadcastDetails.endTimestamp")
    for video in world.videos:
        _, answer = post(site, "player", videoId=video.video_id)
        assert set(_paths(answer)) - paths == set()
        if not video.is_gone:
            hidden = {"viewCount"} if video.state == "members_only" else set()
            assert always - hidden - {"lengthSeconds"} <= set(answer["microformat"]["playerMicroformatRenderer"])


def test_the_visitor_is_given_as_recorded(site: YouTube, recordings: Path) -> None:
    _, answer = post(site, "visitor_id", client={**CLIENT, "clientVersion": "2.20260603.05.00"})
    assert set(answer) == {"responseContext"}
    real = _load(recordings / "visitor-id-web.json")["responseContext"]
    assert set(answer["responseContext"]) <= {*real}


def test_resources_of_the_api_have_the_recorded_keys(site: YouTube, world: YouTubeWorld, recordings: Path) -> None:
    _, ours = api(site, "search", part="snippet", type="video", q="folk rock", maxResults=25)
    real = _load(recordings / "dataapi-search-p1.json")
    assert set(ours) == set(real)
    for item in ours["items"]:
        # Added after 2019, when the recording was made.
        assert set(_paths(item)) - {".snippet.publishTime"} == set(_paths(real["items"][0]))
    ids = ",".join(video.video_id for video in world.videos[:50])
    _, ours = api(site, "videos", part="snippet,player", id=ids)
    real = _load(recordings / "dataapi-videos.json")
    assert set(ours) == set(real)
    assert not set(_paths(ours)) - set(_paths(real))


def test_an_exhausted_quota_is_said_as_recorded(recordings: Path, world: YouTubeWorld) -> None:
    from sandbox.sites.youtube.quota import Quota  # noqa: PLC0415

    quota = Quota()
    quota.leave({"search": 0})
    answer = api(YouTube(world, KEY, quota), "search", part="snippet", q="x")
    assert answer == (403, _load(recordings / "dataapi-error-quotaexceeded-2022.json"))


def test_pages_of_videos_have_the_recorded_surroundings(site: YouTube, world: YouTubeWorld, recordings: Path) -> None:
    page = gzip.decompress((recordings / "watch-html-2025-GJLlxj_dtq8.html.gz").read_bytes())
    real = set(_paths(embedded(page, "ytInitialData"))) | set(
        _paths(_load(recordings / "next-live-X4VbdwhkE10.json.gz"))
    )
    for video in world.videos[:60]:
        body = ask(site, f"{SITE}/watch?v={video.video_id}", COOKIE).body
        ours = set(_paths(embedded(body, "ytInitialData")))
        # In the recorded page of 2025 nobody was told who visits.
        assert ours - real <= {".responseContext.visitorData"}

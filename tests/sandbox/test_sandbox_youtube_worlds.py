from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from statistics import median
from typing import get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sandbox.sites.youtube import texts
from sandbox.worlds import World, WorldError
from sandbox.worlds.youtube import YouTubeWorld
from sandbox.worlds.youtube_load import COLUMNS
from sandbox.worlds.youtube_search import api_pages, web_pages
from sandbox.worlds.youtube_video import State


@pytest.fixture(scope="module")
def world() -> YouTubeWorld:
    return World().youtube


def test_the_same_arguments_give_the_same_world() -> None:
    one, other = World(3, 200).youtube, World(3, 200).youtube
    assert one.videos == other.videos
    assert [one.hits(query, "web") for query in one.queries] == [other.hits(query, "web") for query in one.queries]
    assert World(4, 200).youtube.videos[0].video_id != one.videos[0].video_id


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20, 60, 240])
def test_a_world_of_any_size_has_half_as_many_videos(size: int) -> None:
    world = World(1, size).youtube
    assert len(world.by_id) == len(world.videos) == max(1, size // 2)
    found = {hit.video.video_id for query in world.queries for hit in world.hits(query, "api")}
    assert found == {video.video_id for video in world.videos if video.state != "unlisted"}


def test_a_synthetic_world_has_what_a_crawl_can_stumble_over(world: YouTubeWorld) -> None:
    videos = world.videos
    assert {video.state for video in videos} == set(get_args(State))
    assert all(re.fullmatch(r"[\w-]{11}", video.video_id) for video in videos)
    assert any(video.video_id.startswith("-") for video in World(0, 1200).youtube.videos)
    views = {video.view_count for video in videos}
    assert {None, 0, 1, 1_000_000, 18_212_147, 8_700_000_123} <= views
    assert {video.like_count is None for video in videos} == {True, False}
    assert any(not video.tags for video in videos)
    assert any(not video.description for video in videos)
    assert any(video.partners for video in videos)
    assert any(video.duration_ms and video.duration_ms % 1000 for video in videos)
    assert {video.embed for video in videos} > {(1280, 720), (202, 360)}
    titles = "".join(video.title for video in videos)
    assert all(sign in titles for sign in ("&", '"', "ytInitialData = {}", "🎻", "大提琴", "|"))
    assert any(not video.title for video in videos)
    assert all(len(video.title) <= 100 for video in videos)


def test_titles_tell_the_topic_and_how_much_a_video_is_seen() -> None:
    videos = World(0, 2000).youtube.videos
    seen = {word: [video.view_count or 0 for video in videos if word in video.title] for word in ("Official", "lesson")}
    assert median(seen["Official"]) > 10 * median(seen["lesson"])
    assert {video.topic for video in videos if "Cello" in video.title} == {4}
    heavy = sorted((video.view_count or 0 for video in videos), reverse=True)
    assert sum(heavy[:50]) > 0.8 * sum(heavy)


def test_channels_have_a_few_videos_and_some_have_many(world: YouTubeWorld) -> None:
    counts = Counter(video.channel.channel_id for video in world.videos)
    assert max(counts.values()) > 10
    assert all(re.fullmatch(r"UC[\w-]{22}", channel_id) for channel_id in counts)


def test_every_channel_of_a_canary_world_is_a_token_and_texts_name_no_other() -> None:
    world = World(0, 300, canary=True).youtube
    canaries = world.canaries()
    assert len(canaries) == len(set(canaries)) == 3 * len(world.channels)
    assert all(re.fullmatch("(UC)?cnry[a-z2-7]{18,20}", token) for token in canaries)
    texts_of_all = " ".join(f"{video.title} {video.description}" for video in world.videos)
    mentioned = set(re.findall(r"@(\w+)", texts_of_all)) - {"mail"}
    assert mentioned
    assert mentioned <= set(canaries)
    assert any(video.channel.name in video.tags for video in world.videos)
    assert world.numbers
    assert all(number in texts_of_all for number in world.numbers)


def test_searches_end_where_the_site_ends_them() -> None:
    videos = World(0, 3000).youtube.videos
    pages = api_pages(videos, 50)
    assert len(pages) == 10
    assert len({video.index for page in pages for video in page}) == 491
    assert len(api_pages(videos, 49)[-1]) == 10  # the 500th row is the last, wherever a page would end
    reached = {len({video.index for page in web_pages(query, videos) for video in page}) for query in "abcdef"}
    assert len(reached) > 1
    assert all(566 <= depth < 616 for depth in reached)
    assert api_pages([], 50) == web_pages("a", []) == [[]]
    assert [len(page) for page in api_pages(videos[:50], 50)] == [50]
    assert [len(page) for page in api_pages(videos[:51], 50)] == [50, 2]


def test_counts_are_written_as_the_site_writes_them() -> None:
    us, gb, pt = (texts.words(hl) for hl in ("en", "en-GB", "pt-BR"))
    assert [texts.views(count, us) for count in (0, 1, 2, 1_440_528)] == [
        "No views", "1 view", "2 views", "1,440,528 views",
    ]  # fmt: skip
    assert texts.views(18_212_147, pt) == "18.212.147 visualizações"
    assert texts.short_views(2_396_741, gb) == "2.3m views"
    assert [texts.short_count(count, us) for count in (999, 1000, 15_260, 2_999_999)] == ["999", "1K", "15K", "2.9M"]
    assert texts.short_count(34_260, pt) == "34 mil"
    assert [texts.clock(seconds) for seconds in (13, 513, 3625)] == ["0:13", "8:33", "1:00:25"]
    assert [texts.iso_duration(seconds) for seconds in (317, 3600, 93_600, 0)] == ["PT5M17S", "PT1H", "P1DT2H", "P0D"]


def test_a_dataset_is_read_row_by_row_and_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    file = tmp_path / "sibling_videos_2020.parquet"
    row = {
        **dict.fromkeys(COLUMNS, ""),
        "title": "Neural networks",
        "views": 18_212_147,
        "likes": None,
        "published": "2020-01-02",
        "og_video_width": 960,
        "og_video_height": 720,
        "tag_list_text": "Educação",
        "channel_link_0": "/channel/UCsandbox",
    }
    rows = [
        {**row, "video_id": "a", "source_repo": "x", "split": "main"},
        {**row, "video_id": "b", "source_repo": "x", "split": "main"},
        {**row, "video_id": "a", "source_repo": "y", "split": "main", "title": "Later"},
        {**row, "video_id": None, "source_repo": "y", "split": "main"},
    ]
    pq.write_table(pa.Table.from_pylist(rows), file)
    loaded = World.load(tmp_path)
    youtube = loaded.youtube
    assert loaded.size == 3
    assert [[video.video_id for video in found] for found in youtube.lists.values()] == [["a", "b"], ["a"]]
    video = youtube.by_id["a"]
    assert (video.title, video.view_count, video.like_count) == ("Neural networks", 18_212_147, None)
    assert (video.category, video.embed, str(video.published_at.date())) == ("Education", (960, 720), "2020-01-02")
    assert video.channel.channel_id == "UCsandbox"
    assert len(World.load(tmp_path, size=2).youtube.videos) == 2
    with pytest.raises(WorldError, match="size 4 is more than the 3 rows"):
        World.load(tmp_path, size=4)
    pq.write_table(pa.Table.from_pylist([{"video_id": "a"}]), file)
    with pytest.raises(WorldError, match="cannot be read as youtube-recommender"):
        World.load(tmp_path)


@pytest.mark.real_world
def test_the_real_videos_of_2020_can_all_be_found(datasets_dir: Path) -> None:
    directory = datasets_dir / "youtube-recommender"
    if not directory.is_dir():
        pytest.skip(f"no dataset at {directory}; DATASETS_DIR names another folder of datasets")
    loaded = World.load(directory)
    youtube = loaded.youtube
    hits = [hit for query in youtube.queries for hit in youtube.hits(query, "api")]
    assert len(youtube.videos) == len({hit.video.video_id for hit in hits}) == 2655
    # 4,518 rows, of which 12 name no video.
    assert len(hits) == loaded.size == 4506
    assert len([hit for query in youtube.queries for hit in youtube.hits(query, "web")]) == 4506
    views = {video.view_count for video in youtube.videos}
    assert 18_212_147 in views
    assert all(video.state == "public" for video in youtube.videos)
    assert youtube.found("neural network")


def test_somebody_likes_to_see_music_played_and_has_a_whim_now_and_then() -> None:
    world = World(seed=3).youtube
    labels = world.labels()
    assert labels == World(seed=3).youtube.labels()
    assert labels.keys() == world.by_id.keys()
    played = {one.video_id for one in world.videos if one.kind in {"live", "cover"} and one.state == "public"}
    wanted = {video_id for video_id, label in labels.items() if label}
    assert len(wanted & played) > 0.85 * len(played)
    assert 0 < len(wanted - played) < 0.15 * len(labels)
    assert played - wanted

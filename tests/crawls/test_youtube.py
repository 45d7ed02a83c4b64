"""YouTube crawled from its replica: what is served is what is published, from each of the three sources."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from sandbox.worlds import World
from sandbox.worlds.youtube_video import Video
from tests.crawls.comparing_youtube import found_by, result_differences, video_differences, video_rows
from tests.crawls.running import KEY, ROOT, Crawls, RunningSandbox, running_sandbox

SIZE = 300
WEB = ("-a", "source=web", "-s", "ROBOTSTXT_OBEY=False")
PLAYER = {"host": "www.youtube.com", "path_prefix": "/youtubei/v1/player"}
API_SEARCH = {"host": "www.googleapis.com", "path_prefix": "/youtube/v3/search"}
FOR_EVER = 10_000


@dataclass(frozen=True)
class Crawled:
    """One world, crawled from each source."""

    world: World
    key: str
    by_source: dict[str, Crawls]
    videos: dict[str, list[Video]]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    world = World(size=SIZE)
    by_source = {source: Crawls(tmp_path_factory.mktemp(source)) for source in ("api", "web", "watch")}
    queries = world.youtube.queries
    videos = {source: found_by(world, source, queries) for source in ("api", "web")} | {"watch": world.youtube.videos}
    ids = tmp_path_factory.mktemp("ids") / "ids.txt"
    ids.write_text("\n".join(video.video_id for video in world.youtube.videos))
    arguments = {"api": (), "web": WEB, "watch": ("-a", "source=watch", "-a", f"video_ids_file={ids}")}
    with running_sandbox(size=SIZE) as sandbox:
        for source, crawls in by_source.items():
            ended = crawls.crawl(sandbox, *arguments[source], site="youtube")
            assert ended.returncode == 0, ended.stderr
    assert world.pseudonym_key is not None
    return Crawled(world, world.pseudonym_key, by_source, videos)


@pytest.mark.parametrize("source", ["api", "web", "watch"])
def test_the_videos_of_a_world_come_back_with_all_that_the_source_tells(crawled: Crawled, source: str) -> None:
    output = crawled.by_source[source].output
    assert len(crawled.videos[source]) > SIZE / 2.2
    assert video_differences(output, crawled.key, source, crawled.videos[source]) == []
    (manifest,) = crawled.by_source[source].manifests("youtube")
    requests = manifest["requests"]
    assert requests["enqueued"] == requests["done"]
    assert manifest["tables"]["youtube/videos"]["invalid"] == 0


@pytest.mark.parametrize("source", ["api", "web"])
def test_every_result_comes_back_at_its_place(crawled: Crawled, source: str) -> None:
    output, world = crawled.by_source[source].output, crawled.world
    assert result_differences(output, world, crawled.key, source, world.youtube.queries) == []


def test_the_sources_agree_on_all_that_two_of_them_tell_of_a_video(crawled: Crawled) -> None:
    rows = {source: video_rows(crawls.output) for source, crawls in crawled.by_source.items()}
    compared = 0
    for one, other in (("api", "web"), ("api", "watch"), ("web", "watch")):
        for video_id in rows[one].keys() & rows[other].keys():
            first, second = rows[one][video_id], rows[other][video_id]
            told = [column for column in first if first[column] is not None and second[column] is not None]
            assert {c: first[c] for c in told if c != "source"} == {c: second[c] for c in told if c != "source"}
            compared += len(told) - 1
    assert compared > 3 * 15 * SIZE / 2


def test_a_search_is_an_observation_that_a_later_one_does_not_overwrite(crawls: Crawls) -> None:
    with running_sandbox(size=SIZE) as sandbox:
        for options in (("details=true", "max_results=7"), ("details=false", "max_results=0")):
            arguments = [part for option in options for part in ("-a", option)]
            ended = crawls.crawl(sandbox, "-a", "queries=folk rock,cello songs", *arguments, site="youtube")
            assert ended.returncode == 0, ended.stderr
    found = crawls.table("search_results", site="youtube")
    first, second = (manifest["crawl_id"] for manifest in crawls.manifests("youtube"))
    assert found.column_names[0] == "crawl_id"
    assert found.column_names.count("crawl_id") == 1
    rows = found.to_pylist()
    seven = [(query, place) for query in ("cello songs", "folk rock") for place in range(7)]
    assert sorted((row["query"], row["position"]) for row in rows if row["crawl_id"] == first) == seven
    world = World(size=SIZE).youtube
    seen = {query: [hit.video.video_id for hit in world.hits(query, "api")] for query in ("folk rock", "cello songs")}
    assert {(row["query"], row["video_id"]) for row in rows if row["crawl_id"] == second} == {
        (query, video_id) for query, ids in seen.items() for video_id in ids
    }
    videos = crawls.table("videos", site="youtube").to_pylist()
    assert {row["video_id"] for row in videos} == {video_id for ids in seen.values() for video_id in ids[:7]}
    assert {row["crawl_id"] for row in videos} == {first}


def test_the_originals_dataset_costs_a_hundred_requests(crawls: Crawls) -> None:
    """The original asked for 600 pages of results and 2,277 pages of videos."""
    with running_sandbox(size=2 * 2277) as sandbox:
        ended = crawls.crawl(sandbox, site="youtube")
        assert ended.returncode == 0, ended.stderr
        assert sandbox.ask("requests")["total"] <= 106
    assert crawls.table("videos", site="youtube").num_rows > 0.99 * 2277


def reason(crawls: Crawls) -> str:
    return str(crawls.manifests("youtube")[-1]["finish_reason"])


def quota(sandbox: RunningSandbox, method: str, **left: int) -> None:
    body = json.dumps(left).encode() if left else None
    with urlopen(Request(f"{sandbox.url}/_sandbox/youtube/quota", data=body, method=method), timeout=10) as answer:
        assert answer.status == 200


def test_a_quota_that_is_used_up_ends_the_crawl_and_the_same_command_goes_on_the_next_day(crawls: Crawls) -> None:
    world = World(size=SIZE)
    with running_sandbox(size=SIZE) as sandbox:
        quota(sandbox, "POST", search=4)
        ended = crawls.crawl(sandbox, site="youtube")
        assert (ended.returncode, reason(crawls)) == (5, "quota_exceeded"), ended.stderr
        assert "run the same command" in ended.stderr
        assert crawls.manifests("youtube")[-1]["requests"]["pending"] == 1
        assert crawls.table("videos", site="youtube").num_rows > 0
        quota(sandbox, "DELETE")
        ended = crawls.crawl(sandbox, site="youtube")
    assert ended.returncode == 0, ended.stderr
    assert world.pseudonym_key is not None
    found = found_by(world, "api", world.youtube.queries)
    assert video_differences(crawls.output, world.pseudonym_key, "api", found) == []
    assert result_differences(crawls.output, world, world.pseudonym_key, "api", world.youtube.queries) == []
    assert len(crawls.manifests("youtube")) == 1


def test_a_ban_that_looks_like_success_is_never_a_row_and_the_same_command_goes_on(crawls: Crawls) -> None:
    world = World(size=60)
    with running_sandbox(size=60) as sandbox:
        for after, state in ((4, "not_a_bot"), (0, "decoy"), (0, "sorry")):
            sandbox.forget_scripts()
            sandbox.script(state=f"youtube_{state}", **PLAYER, after=after, times=FOR_EVER)
            ended = crawls.crawl(sandbox, *WEB, site="youtube")
            assert (ended.returncode, reason(crawls)) == (3, "blocked"), state + ended.stderr
            manifest = crawls.manifests("youtube")[-1]
            assert manifest["tables"]["youtube/videos"]["stored"] == 4
            assert manifest["requests"]["failed"] == 0
        sandbox.forget_scripts()
        ended = crawls.crawl(sandbox, *WEB, site="youtube")
    assert ended.returncode == 0, ended.stderr
    assert world.pseudonym_key is not None
    found = found_by(world, "web", world.youtube.queries)
    assert video_differences(crawls.output, world.pseudonym_key, "web", found) == []


def test_a_consent_page_that_stays_ends_the_crawl(crawls: Crawls) -> None:
    with running_sandbox(size=30) as sandbox:
        unanswered = ("-s", "DEFAULT_REQUEST_HEADERS={}")
        ended = crawls.crawl(sandbox, *WEB, *unanswered, site="youtube")
    assert (ended.returncode, reason(crawls)) == (3, "blocked"), ended.stderr


def test_a_search_without_contents_fails_loudly(crawls: Crawls) -> None:
    with running_sandbox(size=SIZE) as sandbox:
        search = {"host": "www.youtube.com", "path_prefix": "/youtubei/v1/search"}
        sandbox.script(state="youtube_no_contents", **search, times=FOR_EVER)
        ended = crawls.crawl(sandbox, *WEB, "-a", "details=false", site="youtube")
    assert (ended.returncode, reason(crawls)) == (4, "layout_changed"), ended.stderr


def test_the_website_is_not_searched_unless_robots_txt_is_set_aside_by_name(crawls: Crawls) -> None:
    with running_sandbox(size=30) as sandbox:
        ended = crawls.crawl(sandbox, "-a", "source=web", site="youtube")
        assert sandbox.ask("requests")["by_path"] == {"www.youtube.com/robots.txt": 1}
    assert ended.returncode == 2, ended.stderr
    assert "youtube: robots_disallowed" in ended.stderr.splitlines()[-1]
    assert "-s ROBOTSTXT_OBEY=False" in ended.stderr.splitlines()[-1]


def test_without_a_key_of_the_api_the_crawl_says_what_can_be_done(
    crawls: Crawls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("YOUTUBE_API_KEY", raising=False)
    ended = crawls.scrapy("crawl", "youtube", key=KEY)
    (line,) = [line for line in ended.stderr.splitlines() if line.startswith("scrapy crawl: ")]
    assert ended.returncode == 2
    for way in ("YOUTUBE_API_KEY", "source=watch", "video_ids", "source=web", "ROBOTSTXT_OBEY=False"):
        assert way in line
    assert not crawls.jobs.exists()


def test_videos_can_be_named_instead_of_searched_for(crawls: Crawls) -> None:
    world = World(size=60)
    named = world.youtube.videos[:3]
    ids = ",".join(video.video_id for video in named)
    assert world.pseudonym_key is not None
    with running_sandbox(size=60) as sandbox:
        for source, switches in (("api", ()), ("web", WEB)):
            ended = crawls.crawl(sandbox, "-a", f"video_ids={ids}", *switches, site="youtube")
            assert ended.returncode == 0, ended.stderr
            assert video_differences(crawls.output, world.pseudonym_key, source, named) == []
    assert not (crawls.output / "youtube" / "search_results").exists()


def test_a_crawl_that_was_killed_goes_on_where_it_was(crawls: Crawls) -> None:
    world = World(size=200)
    with running_sandbox(size=200) as sandbox:
        slow = ("-s", f"SANDBOX={sandbox.url}", "-s", "DOWNLOAD_DELAY=0.02")
        crawl = crawls.start("crawl", "youtube", *slow, *WEB)
        while sandbox.ask("requests")["total"] < 40:
            assert crawl.poll() is None
        time.sleep(0.6)
        os.kill(crawl.pid, signal.SIGKILL)
        crawl.communicate()
        asked = sandbox.ask("requests")["total"]
        ended = crawls.crawl(sandbox, *WEB, site="youtube")
        assert ended.returncode == 0, ended.stderr
        assert sandbox.ask("requests")["total"] < asked + 100
    assert world.pseudonym_key is not None
    found = found_by(world, "web", world.youtube.queries)
    assert video_differences(crawls.output, world.pseudonym_key, "web", found) == []
    assert result_differences(crawls.output, world, world.pseudonym_key, "web", world.youtube.queries) == []


def test_the_demo_names_a_video_of_each_state() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = re.findall(
        r"[0-9A-Za-z_-]{11}(?=,|$)", makefile.partition("DEMO_VIDEOS :=")[2].partition("\n\n")[0], re.MULTILINE
    )
    world = World().youtube
    assert sorted(world.by_id[video_id].state for video_id in named) == sorted({v.state for v in world.videos})


@pytest.mark.real_world
def test_the_real_videos_come_back(crawls: Crawls, datasets_dir: Path) -> None:
    path = datasets_dir / "youtube-recommender"
    world = World.load(path)
    queries = world.youtube.queries
    with running_sandbox(world=path) as sandbox:
        ended = crawls.crawl(sandbox, "-a", f"queries={','.join(queries)}", site="youtube", key=KEY)
    assert ended.returncode == 0, ended.stderr
    assert len(world.youtube.videos) == 2655
    assert video_differences(crawls.output, KEY, "api", world.youtube.videos) == []

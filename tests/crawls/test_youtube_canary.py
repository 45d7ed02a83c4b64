"""No name of a channel gets out, from any source, and no key of the API gets anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crawls.running import Crawls, RunningSandbox, running_sandbox
from tests.crawls.searching import written
from tests.crawls.test_canary import PIPELINES, leaks

SIZE = 160
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}


@pytest.fixture
def canary_sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(size=SIZE, canary=True) as sandbox:
        yield sandbox


def make_trouble(sandbox: RunningSandbox, name: str) -> None:
    """Failures of every class, each with a name in it."""
    videos = {"host": "www.googleapis.com", "path_prefix": "/youtube/v3/videos"}
    player = {"host": "www.youtube.com", "path_prefix": "/youtubei/v1/player"}
    watch = {"host": "www.youtube.com", "path_prefix": "/watch"}
    said: dict[str, Any] = {"author": name, "channelId": name, "title": name, "videoId": name}
    sandbox.script(status=500, headers=JSON, body={"error": name}, **videos, times=4)
    sandbox.script(status=200, headers=JSON, body={name: name}, **player, after=3)
    sandbox.script(status=200, headers=JSON, body={"videoDetails": {**said, "viewCount": name}}, **player, after=9)
    sandbox.script(status=200, headers=JSON, body={"playabilityStatus": {"status": name}}, **player, after=12)
    sandbox.script(status=404, headers=HTML, body=f"<title>{name}</title>", **player, after=15)
    sandbox.script(status=302, headers={"Location": f"https://{name}.example/{name}"}, **watch, after=2)
    sandbox.script(status=200, headers=HTML, body=f"<html>{name}</html>", **watch, after=5)


def test_no_name_of_a_channel_leaves_the_jobs_directory_and_no_key_gets_anywhere(
    crawls: Crawls, canary_sandbox: RunningSandbox, tmp_path: Path
) -> None:
    canaries = canary_sandbox.ask("canaries/youtube")["canaries"]
    key = canary_sandbox.ask("")["api_keys"]["YOUTUBE_API_KEY"].encode()
    make_trouble(canary_sandbox, canaries[1])
    printed = []
    for source, switch in (("api", ()), ("web", ("-s", "ROBOTSTXT_OBEY=False")), ("watch", ())):
        ids = (
            [row["video_id"] for row in crawls.table("videos", site="youtube").to_pylist()] if source == "watch" else []
        )
        named = ("-a", f"video_ids={','.join(ids[:40])}") if ids else ()
        feed = ("-O", str(crawls.directory / f"{source}.jsonl"))
        ended = crawls.crawl(
            canary_sandbox, "-L", "DEBUG", *feed, "-a", f"source={source}", *named, *switch, site="youtube"
        )
        assert ended.returncode in {0, 4}, ended.stderr
        assert (crawls.directory / f"{source}.jsonl").stat().st_size > 1000
        printed += [ended.stdout, ended.stderr]
    assert crawls.table("videos", site="youtube").num_rows > SIZE / 3
    assert leaks(crawls, canaries, *printed) == []
    everything = [*written(crawls.directory), *(("the log", text.encode()) for text in printed)]
    assert len(everything) > 20
    assert [place for place, content in everything if key in content] == []


def test_the_names_were_there_to_be_found(crawls: Crawls, canary_sandbox: RunningSandbox) -> None:
    """The control: with a pipeline in the anonymiser's place that leaves names alone, the same search finds them."""
    off = {"tests.crawls.test_canary.NamesStayPipeline": 200, **PIPELINES}
    pipelines = ("-s", f"ITEM_PIPELINES={json.dumps(off)}")
    ended = crawls.crawl(canary_sandbox, *pipelines, "-a", "queries=folk rock", site="youtube")
    assert ended.returncode == 0, ended.stderr
    found = leaks(crawls, canary_sandbox.ask("canaries/youtube")["canaries"])
    assert any("search_results.parquet (rows)" in place for place in found)
    assert any("videos.parquet (rows)" in place for place in found)

"""No name gets out: people are named by unique tokens, and no byte outside the jobs directory has one."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crawls.running import Crawls, RunningSandbox, running_sandbox
from tests.crawls.searching import written

TOKEN = b"cnry"
PIPELINES = {
    "crawlers.pipelines.deduplicate.DeduplicatePipeline": 300,
    "crawlers.pipelines.tokenize_text.TokenizePipeline": 500,
    "crawlers.pipelines.store_rows.StorePipeline": 900,
}


def everything_written(crawls: Crawls, *printed: str) -> Iterator[tuple[str, bytes]]:
    """What a crawl leaves outside the jobs directory, and what it printed."""
    yield from written(crawls.directory, without=crawls.jobs)
    for text in printed:
        yield "the log", text.encode()


def leaks(crawls: Crawls, canaries: list[str], *printed: str) -> list[str]:
    """Where a name stands: as it is or in another case, in base64, or as an unkeyed hash."""
    disguised = [
        form
        for canary in canaries
        for form in (
            *(getattr(hashlib, name)(canary.encode()).hexdigest().encode() for name in ("md5", "sha1", "sha256")),
            *(base64.b64encode(b"\0" * shift + canary.encode())[4:-4] for shift in range(3)),
        )
    ]
    found = []
    for place, text in everything_written(crawls, *printed):
        if TOKEN in text.lower():
            found.append(f"{place}: a name")
        if any(form in text for form in disguised):
            found.append(f"{place}: a name in disguise")
    return found


@pytest.fixture
def canary_sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(size=60, canary=True) as sandbox:
        yield sandbox


def make_trouble(sandbox: RunningSandbox, canary: str, likes_source: str) -> None:
    """Failures of every class, each with a name in it, in place of lists of likes."""
    person: dict[str, Any] = {"uid": canary, "username": canary, "displayName": canary}
    if likes_source == "model":
        likes = {"host": "sketchfab.com", "path_prefix": "/i/likes"}
    else:
        likes = {"host": "api.sketchfab.com", "path_prefix": "/v3/models?count=24&liked_by="}
        make_trouble_with_people(sandbox, person)
        person = {"uid": "m1", "name": canary, "likeCount": 9, "user": person}
    html = {"Content-Type": "text/html"}
    sandbox.script(state="server_error", **likes, after=3, times=4)
    sandbox.script(state="waf_page", **likes, after=8)
    sandbox.script(state="gone", body={"detail": f"{canary} not found"}, **likes, after=12)
    sandbox.script(status=200, headers=html, body=f"<html>{canary}</html>", **likes, after=15)
    sandbox.script(status=200, body={"results": [{"username": canary}], "next": None}, **likes, after=18)
    sandbox.script(
        status=200, body={"results": [person, {"uid": None, "username": canary}], "next": None}, **likes, after=20
    )
    sandbox.script(status=200, body={"results": [person], "next": 5}, **likes, after=22)
    sandbox.script(status=200, body={"results": {canary: canary}}, **likes, after=24)
    sandbox.script(status=302, headers={"Location": f"https://sketchfab.com/{canary}"}, **likes, after=26)
    sandbox.script(status=302, headers={"Location": f"https://{canary}.example/{canary}"}, **likes, after=28)


def make_trouble_with_people(sandbox: RunningSandbox, person: dict[str, Any]) -> None:
    comments = {"host": "api.sketchfab.com", "path_prefix": "/v3/comments"}
    followers = {"host": "api.sketchfab.com", "path_prefix": f"/v3/users/{person['uid']}"}
    nameless = {"user": {**person, "uid": None}, "body": person["username"]}
    sandbox.script(status=200, body={"results": [nameless, {"user": person}], "next": None}, **comments, after=1)
    sandbox.script(status=200, body={"results": [nameless], "next": None}, **comments, after=3)
    sandbox.script(status=200, body={"detail": person["username"]}, **followers)
    sandbox.script(state="gone", body={"detail": person["username"]}, **followers)


def crawl_with_trouble(
    crawls: Crawls, sandbox: RunningSandbox, likes_source: str, *arguments: str
) -> tuple[list[str], list[str]]:
    canaries = sandbox.ask("canaries")["canaries"]
    make_trouble(sandbox, canaries[0], likes_source)
    arguments = (*arguments, "-a", f"likes_source={likes_source}", "-a", "profiles=true")
    if likes_source == "user":
        arguments += ("-a", "followers=true")
    feed = crawls.directory / "rows.jsonl"
    ended = crawls.crawl(sandbox, "-L", "DEBUG", "-O", str(feed), *arguments)
    assert ended.returncode in {0, 4}, ended.stderr
    assert feed.stat().st_size > 1000
    assert crawls.table("likes").num_rows > 100
    assert len(ended.stderr.splitlines()) > 150  # the log is there to be searched
    return leaks(crawls, canaries, ended.stdout, ended.stderr), canaries


@pytest.mark.parametrize("likes_source", ["user", "model"])
def test_no_name_leaves_the_jobs_directory(crawls: Crawls, canary_sandbox: RunningSandbox, likes_source: str) -> None:
    found, _ = crawl_with_trouble(crawls, canary_sandbox, likes_source)
    assert found == []


def test_the_names_were_there_to_be_found(crawls: Crawls, canary_sandbox: RunningSandbox) -> None:
    """The control: with a pipeline in the anonymiser's place that leaves names alone, the same search finds them."""
    off = {"tests.crawls.test_canary.NamesStayPipeline": 200, **PIPELINES}
    found, _ = crawl_with_trouble(crawls, canary_sandbox, "user", "-s", f"ITEM_PIPELINES={json.dumps(off)}")
    for table in ("likes", "models", "users"):
        assert any(f"{table}.parquet (rows)" in place for place in found)


def test_without_the_anonymiser_nothing_is_stored(crawls: Crawls, canary_sandbox: RunningSandbox) -> None:
    ended = crawls.crawl(canary_sandbox, "-s", f"ITEM_PIPELINES={json.dumps(PIPELINES)}")
    assert "they were not pseudonymised" in ended.stderr
    assert not list(Path(crawls.output).rglob("*.parquet"))


class NamesStayPipeline:
    """Claims to have pseudonymised, and did not."""

    async def process_item(self, item: object) -> object:
        item.pseudonymized = True  # type: ignore[attr-defined]
        return item

"""Requests per 1,000 rows, ours and as the originals ask, counted by the replicas while nothing moves: G7."""

from __future__ import annotations

import csv
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from benchmarks import ways
from benchmarks.figures import Figure, at_most
from benchmarks.peers import comparing
from benchmarks.turns import Served
from benchmarks.usage import usage_of
from sandbox.worlds import World
from tests.crawls.running import ROOT, Crawls, RunningSandbox, environment, running_sandbox

# Sizes of the worlds: 1,200 models; 2,250 videos, as the original had; the sandbox's own 98 members.
SIZES = {"sketchfab": 1200, "youtube": 4500, "letterboxd": 600}
GOALS = {"sketchfab": 0.05, "youtube": 0.04, "letterboxd": 0.56}
WHAT = {"sketchfab": "models with features", "youtube": "videos", "letterboxd": "ratings"}
NOT_COUNTED = ("/robots.txt", "/i/likes")  # for who likes a model both ask the same


class Counted(NamedTuple):
    """Requests that a site was sent for so many rows."""

    requests: int
    rows: int

    @property
    def per_thousand(self) -> float:
        return 1000 * self.requests / self.rows


def measure(directory: Path) -> list[Figure]:
    """Crawl each site both ways, and compare the rows that both have."""
    figures = []
    for site, count in (("sketchfab", _sketchfab), ("youtube", _youtube), ("letterboxd", _letterboxd)):
        place = directory / site
        place.mkdir()
        with running_sandbox(size=SIZES[site], no_drift=True) as sandbox:
            ours, theirs = count(Served(sandbox.url, 0), place, sandbox)
        ratio = ours.per_thousand / theirs.per_thousand
        more = f"{ours.per_thousand:,.1f} / {theirs.per_thousand:,.1f} for {ours.rows:,} rows"
        what = f"requests per 1,000 {WHAT[site]} / the original's way"
        figures.append(at_most("G7", what, ratio, GOALS[site], more))
    return figures


def _sketchfab(served: Served, place: Path, sandbox: RunningSandbox) -> tuple[Counted, Counted]:
    ours = _requests(ways.ours(served, place), sandbox)
    theirs = _requests([*ways.requests_loop(served, place), "--features", "--no-likes"], sandbox)
    models = pq.read_table(Crawls(place).output / "sketchfab" / "models", columns=["model_id", "tags"])
    tags: comparing.Rows = Counter({("tags", model["model_id"]): len(model["tags"]) for model in models.to_pylist()})
    with ways.feed(place).with_suffix(".features").open(newline="") as file:
        found: comparing.Rows = Counter(
            ("tags", model) for model, kind, _ in csv.reader(file, delimiter="|") if kind == "tag"
        )
    comparing.check_equal("the original's way", +tags, found)
    return Counted(ours, models.num_rows), Counted(theirs, models.num_rows)


def _youtube(served: Served, place: Path, sandbox: RunningSandbox) -> tuple[Counted, Counted]:
    """From the Data API: 50 results and 50 videos a call, about 500 of a query; the pages show about 600."""
    queries = ",".join(World(size=SIZES["youtube"]).youtube.queries)
    search = ["crawl", "youtube", "-s", f"SANDBOX={served.url}", "-a", f"queries={queries}"]
    ours = _requests(Crawls(place).command(*search), sandbox)
    theirs = _requests(ways.youtube_pages(served, place, queries), sandbox)
    videos = pq.read_table(Crawls(place).output / "youtube" / "videos", columns=["video_id", "view_count"])
    found = {video["video_id"]: video["view_count"] for video in map(json.loads, ways.feed(place).open())}
    both = [video for video in videos.to_pylist() if found.get(video["video_id"]) is not None]
    comparing.check_equal(
        "the original's way",
        Counter((video["video_id"], video["view_count"]) for video in both),
        Counter((video["video_id"], found[video["video_id"]]) for video in both),
    )
    return Counted(ours, videos.num_rows), Counted(theirs, len(found))


def _letterboxd(served: Served, place: Path, sandbox: RunningSandbox) -> tuple[Counted, Counted]:
    """By name, in lists as long as the sandbox's; the longer they are, the less a first request for their length
    weighs, until what is left is the films that nobody rated."""
    members = place / "members"
    public = [member.slug for member in World(size=SIZES["letterboxd"]).letterboxd.members if member.is_public]
    members.write_text("\n".join(public))
    named = served._replace(members=members)
    ours = _requests(ways.ours(named, place), sandbox)
    theirs = _requests([*ways.aiohttp_soup(named, place), "--by-date"], sandbox)
    rows = comparing.published_ratings(Crawls(place).output)
    comparing.check_equal(
        "the original's way", rows, comparing.feed_ratings(ways.feed(place), comparing.invented_key())
    )
    return Counted(ours, rows.total()), Counted(theirs, rows.total())


def _requests(command: list[str], sandbox: RunningSandbox) -> int:
    """Crawl; how many requests the sandbox was sent for it."""
    before = _counted(sandbox)
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(None), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    usage_of(process)
    return _counted(sandbox) - before


def _counted(sandbox: RunningSandbox) -> int:
    by_path: dict[str, int] = sandbox.ask("requests")["by_path"]
    return sum(count for path, count in by_path.items() if not path.endswith(NOT_COUNTED))

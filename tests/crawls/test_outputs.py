"""What a crawl leaves: one file a table, the same for every reader, and nothing private beside it."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset
import pytest

from sandbox.worlds import World
from tests.crawls.running import BY_MODEL, Crawls, RunningSandbox, running_sandbox

KEY_COLUMNS = ["user_id", "model_id"]


@pytest.fixture
def crawls(tmp_path: Path) -> Crawls:
    """Crawls that read likes model by model."""
    return Crawls(tmp_path, BY_MODEL)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawls:
    crawls = Crawls(tmp_path_factory.mktemp("crawled"), BY_MODEL)
    with running_sandbox(size=60) as sandbox:
        ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    return crawls


def test_five_readers_see_the_same_rows(crawled: Crawls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path))
    from datasets import load_dataset  # noqa: PLC0415  (it reads its environment when imported)

    folder = crawled.output / "sketchfab" / "likes"
    rows = pyarrow.dataset.dataset(folder).to_table().to_pylist()
    assert pd.read_parquet(folder).to_dict("records") == rows
    assert pl.read_parquet(folder).to_dicts() == rows
    relation = duckdb.sql(f"SELECT * FROM '{folder}/*.parquet'")
    assert relation is not None
    assert relation.to_arrow_table().to_pylist() == rows
    assert list(load_dataset("parquet", data_dir=str(folder), split="train", cache_dir=str(tmp_path))) == rows


def test_nothing_but_tables_card_runs_and_temporaries_is_under_the_output_directory(crawled: Crawls) -> None:
    site = crawled.output / "sketchfab"
    assert [path.name for path in crawled.output.iterdir()] == ["sketchfab"]
    assert {path.name for path in site.iterdir()} <= {"models", "likes", "README.md", "_runs", "_tmp"}
    for table in ("models", "likes"):
        assert [path.name for path in (site / table).iterdir()] == [f"{table}.parquet"]


def test_the_jobs_directory_is_private(crawled: Crawls) -> None:
    for folder in (crawled.jobs, *crawled.jobs.glob("sketchfab/*")):
        if folder.is_dir() and folder.name != "_publish":
            assert folder.stat().st_mode & 0o077 == 0, folder


def test_the_manifest_says_what_was_asked_and_how_it_ended(crawled: Crawls) -> None:
    (manifest,) = crawled.manifests()
    assert manifest["spider"] == "sketchfab"
    assert manifest["finish_reason"] == "finished"
    assert manifest["arguments"] == {
        "min_likes": 5, "categories": [], "source": "api", "likes_source": "model", "followers": False, "max_models": 0,
        "max_users": 0, "profiles": False,
    }  # fmt: skip
    likes = manifest["tables"]["sketchfab/likes"]
    assert likes["published"]["rows"] == crawled.table("likes").num_rows
    assert likes["seen"] == likes["stored"] + likes["duplicate"] + likes["invalid"]
    assert set(crawled.table("likes")["crawl_id"].to_pylist()) == {manifest["crawl_id"]}


def test_a_later_crawl_refreshes_the_tables_and_keeps_when_a_row_was_first_seen(crawls: Crawls) -> None:
    with running_sandbox(size=30) as sandbox:
        assert crawls.crawl(sandbox).returncode == 0
        before = crawls.table("likes").to_pandas().set_index(KEY_COLUMNS)
        time.sleep(1.1)
        assert crawls.crawl(sandbox).returncode == 0
    after = crawls.table("likes").to_pandas().set_index(KEY_COLUMNS)
    assert (after["first_seen_at"] == before["first_seen_at"]).all()
    assert (after["fetched_at"] > before["fetched_at"]).all()
    assert len(crawls.manifests()) == 2


def test_rows_can_be_exported_as_feeds(crawls: Crawls, sandbox: RunningSandbox, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    assert crawls.crawl(sandbox, "-a", "max_models=5", "-O", str(rows)).returncode == 0
    exported = [json.loads(line) for line in rows.read_text().splitlines()]
    likes = [row for row in exported if "likes_source" in row]
    assert {(row["user_id"], row["model_id"]) for row in likes} == {
        (row["user_id"], row["model_id"]) for row in crawls.table("likes").to_pylist()
    }
    assert len(exported) == len(likes) + 5


def test_one_feed_can_hold_one_table(crawls: Crawls, sandbox: RunningSandbox, tmp_path: Path) -> None:
    feeds = {
        str(tmp_path / "likes.csv"): {
            "format": "csv",
            "item_filter": "crawlers.extensions.feeds.TableFilter",
            "tables": ["sketchfab/likes"],
        }
    }
    assert crawls.crawl(sandbox, "-a", "max_models=5", "-s", f"FEEDS={json.dumps(feeds)}").returncode == 0
    exported = (tmp_path / "likes.csv").read_text().splitlines()
    assert exported[0].startswith("dataset,user_id,model_id,")
    assert len(exported) == 1 + crawls.table("likes").num_rows


def test_staged_rows_can_be_published_while_the_crawl_runs(crawls: Crawls, sandbox: RunningSandbox) -> None:
    crawl = crawls.start("crawl", "sketchfab", "-s", f"SANDBOX={sandbox.url}", "-s", "DOWNLOAD_DELAY=0.15")
    try:
        while sandbox.ask("requests")["total"] < 30:
            assert crawl.poll() is None
        time.sleep(1)
        published = crawls.scrapy("publish", "sketchfab")
        assert crawl.poll() is None
        assert published.returncode == 0, published.stderr
        early = set(zip(*(crawls.table("likes")[name].to_pylist() for name in KEY_COLUMNS), strict=True))
        assert early
    finally:
        crawl.communicate()
    late = list(zip(*(crawls.table("likes")[name].to_pylist() for name in KEY_COLUMNS), strict=True))
    assert early < set(late)
    assert len(late) == len(set(late))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_crawl_stopped_in_the_middle_goes_on_where_it_was(
    crawls: Crawls, sandbox: RunningSandbox, number: signal.Signals
) -> None:
    crawl = crawls.start("crawl", "sketchfab", "-s", f"SANDBOX={sandbox.url}", "-s", "DOWNLOAD_DELAY=0.02")
    while sandbox.ask("requests")["total"] < 40:
        assert crawl.poll() is None
    time.sleep(0.6)
    os.kill(crawl.pid, number)
    _, log = crawl.communicate()
    assert crawl.returncode == {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}[number]
    if number != signal.SIGKILL:
        folders = f"-s OUTPUT_DIR={crawls.output} -s JOBS_DIR={crawls.jobs}"
        (waiting,) = (line for line in log.splitlines() if " rows wait " in line)
        assert int(waiting.split()[0].replace(",", "")) > 0
        assert waiting.endswith(f": scrapy publish sketchfab -s SANDBOX={sandbox.url} {folders}")
        assert "more than once" not in log
    asked = sandbox.ask("requests")["total"]
    ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    assert "resumed crawl" in ended.stderr
    wanted = sum(model.like_count for model in World(size=60).sketchfab.models if model.like_count >= 5)
    likes = crawls.table("likes")
    assert likes.num_rows == wanted
    assert len(set(likes["crawl_id"].to_pylist())) == 1
    assert sandbox.ask("requests")["total"] < asked + 150


def test_a_page_is_fetched_without_a_port_through_which_others_execute_code(
    crawls: Crawls, sandbox: RunningSandbox
) -> None:
    """`scrapy fetch` and `scrapy shell` have all of Scrapy's own extensions; two of them listen."""
    fetched = crawls.scrapy("fetch", f"{sandbox.url}/_sandbox", "-s", "ROBOTSTXT_OBEY=False")
    assert "api_keys" in json.loads(fetched.stdout)
    assert "listening" not in fetched.stderr

"""Publishing that fails, is killed, runs beside a crawl or in a child: the old table stands, and no row is lost."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from crawlers.datasets.merge import Effort
from crawlers.datasets.publish import run_publish_in_child
from crawlers.datasets.seal import staged_parts
from crawlers.errors import DatasetError
from tests.unit.staging import KEY, Folders, Like, like, stage


@pytest.mark.parametrize("step", ["replace", "fsync"])
def test_a_failing_disk_leaves_the_old_table_and_the_staged_rows(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = folders.published_like()
    before = path.read_bytes()
    stage(folders.jobs, Like, [like("v", "m")])

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "disk")

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        with pytest.raises(DatasetError, match=r"No space left on device .*make room"):
            folders.publish()
    assert path.read_bytes() == before
    assert [entry.name for entry in folders.likes.iterdir()] == ["likes.parquet"]
    assert not list(folders.output.rglob("publish-*"))
    assert folders.publish()["sketchfab/likes"].rows == 2


def test_an_output_directory_that_is_a_file_is_named(folders: Folders) -> None:
    part = stage(folders.jobs, Like, [like("u", "m")])
    folders.output.write_text("")
    with pytest.raises(DatasetError, match=str(folders.output)):
        folders.publish()
    assert part.exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from crawlers.datasets import publish as module
point, real = sys.argv[1], os.replace
def replace(*paths):
    if point == "after":
        real(*paths)
    os.kill(os.getpid(), signal.SIGKILL)
os.replace = replace
module.publish("sketchfab", Path(sys.argv[2]), Path(sys.argv[3]), "aaaa1111")
"""


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_kill_before_or_after_the_replacement_loses_and_doubles_nothing(folders: Folders, point: str) -> None:
    path = folders.published_like()
    stage(folders.jobs, Like, [like("u", "m", 9), like("v", "m", 9)])
    killed = subprocess.run([sys.executable, "-c", KILLED, point, folders.output, folders.jobs], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert pq.read_metadata(path).num_rows == (1 if point == "before" else 2)
    assert [entry.name for entry in folders.likes.iterdir()] == ["likes.parquet"]
    assert folders.publish()["sketchfab/likes"].rows == 2
    assert not list(folders.output.rglob("publish-*"))
    assert [entry.name for entry in (folders.jobs / "sketchfab").iterdir()] == ["job"]


def test_only_parts_that_were_merged_are_removed(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    merged = stage(folders.jobs, Like, [like("u", "m")])
    late: list[Path] = []
    replace = os.replace

    def seal_meanwhile(source: Path, target: Path) -> None:
        replace(source, target)
        if target == folders.likes / "likes.parquet" and not late:
            late.append(stage(folders.jobs, Like, [like("v", "m")], first=2))

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", seal_meanwhile)
        folders.publish()
    assert not merged.exists()
    assert staged_parts(folders.jobs, "sketchfab", Like) == late
    assert folders.publish()["sketchfab/likes"].rows == 2


def test_paths_that_look_like_patterns_or_partitions_are_only_names(tmp_path: Path) -> None:
    odd = Folders(tmp_path / "it's [1] * user_id=x")
    stage(odd.jobs, Like, [like("u", "m")], job="model_id=5")
    odd.publish()
    stage(odd.jobs, Like, [like("v", "m")], job="what?")
    assert odd.publish()["sketchfab/likes"].rows == 2
    assert [(row["user_id"], row["model_id"]) for row in odd.rows()] == [("u", "m"), ("v", "m")]


def test_a_merge_that_runs_out_of_memory_is_given_more(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    folders.published_like()
    stage(folders.jobs, Like, [like(f"u{n}", "m") for n in range(20_000)])
    monkeypatch.setattr("crawlers.datasets.publish.EFFORTS", (Effort("100kB", 1),))
    with pytest.raises(DatasetError, match="Out of Memory"):
        folders.publish()
    assert len(folders.rows()) == 1
    monkeypatch.setattr("crawlers.datasets.publish.EFFORTS", (Effort("100kB", 1), Effort("256MB", 1)))
    assert folders.publish()["sketchfab/likes"].rows == 20_001


# -- in a process of its own -----------------------------------------------------------------------------------------


def test_a_child_process_publishes_and_reports(folders: Folders) -> None:
    stage(folders.jobs, Like, [like("u", "m")])
    published = asyncio.run(run_publish_in_child("sketchfab", folders.output, folders.jobs, KEY))
    assert published["sketchfab/likes"].rows == 1
    assert len(folders.rows()) == 1


def test_an_error_in_the_child_comes_back_with_its_message(folders: Folders) -> None:
    folders.published_like()
    stage(folders.jobs, Like, [like("v", "m")])
    (folders.likes / "notes.txt").touch()
    with pytest.raises(DatasetError, match=r"holds 'notes\.txt', which is not ours"):
        asyncio.run(run_publish_in_child("sketchfab", folders.output, folders.jobs, KEY))


def test_a_child_that_dies_is_an_error_too(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(DatasetError, match=r"ended with code 1 .*run: scrapy publish sketchfab"):
        asyncio.run(run_publish_in_child("sketchfab", folders.output, folders.jobs, KEY))


def test_two_publishers_of_a_site_wait_for_each_other(folders: Folders) -> None:
    stage(folders.jobs, Like, [like(f"u{n}", "m") for n in range(100)])
    request = {"site": "sketchfab", "output_dir": str(folders.output), "jobs_dir": str(folders.jobs), "key_id": KEY}
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "crawlers.datasets.publish"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write(json.dumps(request))
        child.stdin.close()
    replies = []
    for child in children:
        assert child.stdout is not None
        replies.append(json.loads(child.stdout.read()))
        child.stdout.close()
        assert child.wait() == 0
    assert sorted(map(len, replies)) == [0, 0, 1]
    assert len(folders.rows()) == 100


def test_what_a_library_prints_while_a_child_publishes_is_no_part_of_its_answer() -> None:
    """DuckDB draws a progress bar on standard output, whoever reads it there, when a merge takes long."""
    program = (
        "import os, crawlers.datasets.publish as publish\n"
        "publish.publish = lambda *_: os.write(1, b'  54% of it') and {}\n"
        "publish._main()"
    )
    request = {"site": "sketchfab", "output_dir": "/", "jobs_dir": "/", "key_id": KEY}
    child = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(request), capture_output=True, text=True, check=True
    )
    assert (child.stdout, child.stderr) == ("{}", "  54% of it")

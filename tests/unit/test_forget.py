"""Forgetting a person as a whole: in which order, what stops it, and that it completes whatever stopped it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from crawlers.datasets.erase import Erased
from crawlers.errors import ConfigurationError, DatasetError
from crawlers.frontier import tombstones
from crawlers.frontier.erase import Person
from crawlers.frontier.forget import Receipt, forget
from crawlers.frontier.job import Job, JobIdentity
from crawlers.frontier.raw_id import RawId
from crawlers.items import Batch
from tests.unit.staging import KEY, Folders, Like, Model, like, model, stage

UID, ANNA, BERT = "9f2c4e6a8b0d1f3e5a7c9b1d3f5e7a90", "a1" * 16, "b2" * 16
PERSON = Person(RawId(UID), ANNA)
IDENTITY = JobIdentity(spider="sketchfab", arguments={"min_likes": 5}, key_id=KEY, world=None)


def forgotten(folders: Folders, key_id: str = KEY) -> Receipt:
    return forget("sketchfab", PERSON, key_id, folders.output, folders.jobs)


def left_by_crawls(folders: Folders) -> None:
    """Two published tables, a staged part, an unfinished job and a manifest, all with Anna and others in them."""
    stage(folders.jobs, Like, [like(ANNA, "m1"), like(BERT, "m1")], key_id=KEY)
    stage(folders.jobs, Model, [model("m1", user_id=ANNA), model("m2", description=f"for @{ANNA}")], key_id=KEY)
    folders.publish()
    manifest = folders.output / "sketchfab" / "_runs" / "crawl.json"
    manifest.parent.mkdir()
    manifest.write_text(json.dumps({"arguments": {"member": ANNA}}))
    job = Job(folders.jobs / "sketchfab" / "nightly", IDENTITY)
    job.store.ack(Batch(None, rows={Like: [like(ANNA, "m2", 5), like(BERT, "m2", 5)]}))
    job.store.put(msgspec.msgpack.encode({"url": f"https://example.com/{UID}"}))
    job.store.put(msgspec.msgpack.encode({"url": "https://example.com/bert"}))
    job.store.commit()
    job.close()
    stage(folders.jobs, Like, [like(ANNA, "m3", 5), like(BERT, "m3", 5)], job="nightly", key_id=KEY)


def where(folders: Folders, *needles: str) -> set[str]:
    """The files in which one of the needles stands, as bytes or in a row."""
    found = set()
    for path in [*folders.output.rglob("*"), *folders.jobs.rglob("*")]:
        if path.is_file():
            text = path.read_bytes()
            text += str(pq.read_table(path).to_pylist()).encode() if path.suffix == ".parquet" else b""
            found |= {path.name for needle in needles if needle.encode() in text or needle in str(path)}
    return found


def test_a_person_is_erased_everywhere_and_the_others_stay(folders: Folders) -> None:
    left_by_crawls(folders)
    everywhere = {"likes.parquet", "models.parquet", "crawl.json", "queue.sqlite", "000000000001-000000000002.parquet"}
    assert where(folders, ANNA, UID) == everywhere
    receipt = forgotten(folders)
    assert where(folders, ANNA, UID) == {"tombstones"}
    card = (folders.output / "sketchfab" / "README.md").read_text()
    assert "| `sketchfab/likes` | One person's like of one model | `user_id`, `model_id` | 1 | 1 |" in card
    assert receipt.published == {"sketchfab/likes": Erased(rows=1), "sketchfab/models": Erased(rows=1, texts=1)}
    assert receipt.staged == {"sketchfab/likes": Erased(rows=1)}
    assert receipt.jobs.spooled == {"sketchfab/likes": Erased(rows=1)}
    assert (receipt.jobs.waiting, receipt.manifests) == (1, 1)
    folders.publish()
    assert [(row["user_id"], row["model_id"]) for row in folders.rows()] == [(BERT, "m1"), (BERT, "m2"), (BERT, "m3")]
    assert [row["description"] for row in folders.rows(folders.models)] == ["for @user"]
    assert tombstones.load(folders.jobs / "sketchfab", KEY) == {ANNA}


def test_somebody_who_is_nowhere_is_kept_from_coming(folders: Folders) -> None:
    receipt = forgotten(folders)
    assert not any([*receipt.published.values(), *receipt.staged.values(), *receipt.jobs.spooled.values()])
    assert tombstones.load(folders.jobs / "sketchfab", KEY) == {ANNA}
    assert folders.jobs.stat().st_mode & 0o077 == 0


def test_forgetting_twice_is_forgetting_once(folders: Folders) -> None:
    left_by_crawls(folders)
    forgotten(folders)
    assert forgotten(folders).jobs.waiting == 0
    assert where(folders, ANNA, UID) == {"tombstones"}


def test_what_killed_processes_left_half_written_goes(folders: Folders) -> None:
    left_by_crawls(folders)
    table = (folders.likes / "likes.parquet").read_bytes()
    site, temporary = folders.jobs / "sketchfab", folders.output / "sketchfab" / "_tmp"
    for stale in (
        site / f"_publish-{os.getpid()}" / "likes" / "job" / "x.parquet",  # a pid that lives on as another process
        site / "nightly" / "staged" / "likes" / ".tmp-000000000009-000000000009.parquet",
        temporary / "publish-likes.parquet",
        temporary / "crawl.json",
    ):
        stale.parent.mkdir(parents=True, exist_ok=True)
        stale.write_bytes(table + ANNA.encode())
    forgotten(folders)
    assert where(folders, ANNA) == {"tombstones"}
    assert [path.name for path in temporary.iterdir()] == ["publish.lock"]


def test_a_table_that_no_type_describes_any_more_is_not_spared(folders: Folders) -> None:
    left_by_crawls(folders)
    for folder in (folders.output / "sketchfab" / "old", folders.jobs / "sketchfab" / "nightly" / "staged" / "old"):
        folder.mkdir()
        shutil.copy(folders.likes / "likes.parquet", folder / "old.parquet")
    receipt = forgotten(folders)
    assert where(folders, ANNA) == {"tombstones"}
    assert receipt.published["sketchfab/old"] == receipt.staged["sketchfab/old"] == Erased(rows=1)


# -- what is refused -------------------------------------------------------------------------------------------------


def refused(folders: Folders, error: type[Exception], message: str, key_id: str = KEY) -> None:
    before = where(folders, ANNA, UID)
    with pytest.raises(error, match=message) as found:
        forgotten(folders, key_id)
    assert ANNA not in str(found.value)
    assert UID not in str(found.value)
    assert where(folders, ANNA, UID) == before  # not even a tombstone


def test_while_a_job_of_the_site_runs_nobody_is_forgotten(folders: Folders) -> None:
    left_by_crawls(folders)
    job = Job(folders.jobs / "sketchfab" / "nightly", IDENTITY)
    refused(folders, ConfigurationError, "the job nightly: it is running; stop it first")
    job.close()
    other = Job(folders.jobs / "weibo" / "nightly", IDENTITY)
    forgotten(folders)
    other.close()


def test_rows_of_another_key_are_not_searched_in_vain(folders: Folders) -> None:
    left_by_crawls(folders)
    refused(folders, ConfigurationError, rf"likes\.parquet were made with the key {KEY}, and this key is", "bbbb2222")
    shutil.rmtree(folders.output)
    refused(folders, ConfigurationError, rf"staged.* were made with the key {KEY}, and this key is", "bbbb2222")
    shutil.rmtree(folders.jobs / "sketchfab" / "nightly" / "staged")
    refused(folders, ConfigurationError, f"in the job nightly were made with the key {KEY}", "bbbb2222")


def test_a_foreign_file_in_a_tables_folder_may_name_anybody(folders: Folders) -> None:
    left_by_crawls(folders)
    shutil.copy(folders.likes / "likes.parquet", folders.likes / "copy.parquet")
    refused(folders, DatasetError, r"holds 'copy\.parquet', which is not ours")


def test_a_queue_that_cannot_be_read_may_name_anybody(folders: Folders) -> None:
    left_by_crawls(folders)
    broken = folders.jobs / "sketchfab" / "broken"
    broken.mkdir()
    (broken / "queue.sqlite").write_bytes(b"not a database" * 100)
    refused(folders, DatasetError, "file is not a database")


# -- crawls beside it, and ends before its end -----------------------------------------------------------------------


def test_a_crawl_that_begins_meanwhile_is_refused_or_finds_the_tombstone(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_by_crawls(folders)
    write = tombstones.add
    begun: list[Job] = []

    def add(*arguments: object) -> None:
        begun.append(Job(folders.jobs / "sketchfab" / "before", IDENTITY))
        with pytest.raises(ConfigurationError, match="another process runs it"):
            Job(folders.jobs / "sketchfab" / "nightly", IDENTITY)
        write(*arguments)  # type: ignore[arg-type]
        begun.append(Job(folders.jobs / "sketchfab" / "after", IDENTITY))

    with monkeypatch.context() as patch:
        patch.setattr(tombstones, "add", add)
        with pytest.raises(ConfigurationError, match=r"the job (before|after): it is running"):
            forgotten(folders)
    assert [job.forgotten for job in begun] == [frozenset(), {ANNA}]
    for job in begun:
        job.close()
    forgotten(folders)
    assert where(folders, ANNA, UID) == {"tombstones"}


def test_wherever_it_fails_the_next_run_completes(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = os.replace
    for step in range(8):
        here = Folders(folders.output.parent / str(step))
        left_by_crawls(here)
        replaced: list[object] = []

        def fail(*paths: Path, at: int = step, replaced: list[object] = replaced) -> None:
            if len(replaced) == at:
                raise OSError(28, "No space left on device", "disk")
            replaced.append(paths)
            replace(*paths)

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", fail)
            if step < 7:  # tombstone, queue, staged part, two tables, manifest, card
                with pytest.raises(DatasetError, match=r"No space left on device .*the same command goes on"):
                    forgotten(here)
            else:
                forgotten(here)
        assert len(replaced) == step
        forgotten(here)
        assert where(here, ANNA, UID) == {"tombstones"}
        here.publish()
        assert [row["model_id"] for row in here.rows()] == ["m1", "m2", "m3"]


KILLED = """
import os, signal, sys
from pathlib import Path
from crawlers.frontier.erase import Person
from crawlers.frontier.forget import forget
from crawlers.frontier.raw_id import RawId
left, real = int(sys.argv[1]), os.replace
def replace(*paths):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    real(*paths)
os.replace = replace
forget("sketchfab", Person(RawId(sys.argv[2]), sys.argv[3]), sys.argv[4], Path(sys.argv[5]), Path(sys.argv[6]))
"""


@pytest.mark.parametrize("replaced", [1, 3])
def test_killed_half_way_the_next_run_completes(folders: Folders, replaced: int) -> None:
    left_by_crawls(folders)
    arguments = [str(replaced), UID, ANNA, KEY, str(folders.output), str(folders.jobs)]
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert tombstones.load(folders.jobs / "sketchfab", KEY) == {ANNA}
    assert where(folders, ANNA, UID) > {"tombstones", "likes.parquet"}
    forgotten(folders)
    assert where(folders, ANNA, UID) == {"tombstones"}
    folders.publish()
    assert {row["user_id"] for row in folders.rows()} == {BERT}

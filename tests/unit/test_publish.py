"""Publishing: latest row per key, one whole file, the same for every reader, whatever fails in between."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers.datasets.check import KEY_ID
from crawlers.datasets.merge import Effort
from crawlers.datasets.publish import check_table, publish, run_publish_in_child
from crawlers.datasets.seal import staged_parts
from crawlers.errors import ConfigurationError, DatasetError
from crawlers.items import arrow_schema
from tests.unit.staging import Like, Model, Row, like, model, moment, open_spool, spool, stage

KEY = "aaaa1111"


class Folders:
    def __init__(self, root: Path) -> None:
        self.output = root / "output"
        self.jobs = root / "jobs"
        self.likes = self.output / "sketchfab" / "likes"
        self.models = self.output / "sketchfab" / "models"

    def publish(self, key_id: str | None = KEY) -> dict[str, Any]:
        return publish("sketchfab", self.output, self.jobs, key_id)

    def rows(self, folder: Path | None = None) -> list[Row]:
        rows: list[Row] = pq.read_table((folder or self.likes) / f"{(folder or self.likes).name}.parquet").to_pylist()
        return rows


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def test_every_reader_sees_the_same_rows(folders: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage(folders.jobs, Model, [model("m2", tags=["a", "b"], price=3), model("m1", license=None, name="名前 ü")])
    folders.publish()
    folder = folders.models
    expected = folders.rows(folder)
    names = arrow_schema(Model).names
    assert [row["model_id"] for row in expected] == ["m1", "m2"]

    assert pads.dataset(folder).to_table().to_pylist() == expected
    assert pl.read_parquet(folder).to_dicts() == expected
    globbed = duckdb.read_parquet(f"{folder}/*").to_arrow_table()
    assert globbed.cast(arrow_schema(Model)).to_pylist() == expected

    frame = pd.read_parquet(folder)
    assert list(frame.columns) == names
    assert frame["name"].tolist() == [row["name"] for row in expected]
    assert [None if tags is None else list(tags) for tags in frame["tags"]] == [row["tags"] for row in expected]
    assert frame["fetched_at"].tolist() == [row["fetched_at"] for row in expected]

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    import datasets  # noqa: PLC0415  (reads its environment when it is imported)

    loaded = datasets.load_dataset("parquet", data_dir=str(folder), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded.with_format("arrow")[:].cast(arrow_schema(Model)).to_pylist() == expected


def test_the_later_crawl_wins_and_first_seen_at_is_kept(folders: Folders) -> None:
    stage(folders.jobs, Like, [like("u", "m", 10, position=1), like("v", "m", 10)])
    first = folders.publish()["sketchfab/likes"]
    stage(folders.jobs, Like, [like("u", "m", 20, position=2), like("w", "m", 20)])
    second = folders.publish()["sketchfab/likes"]
    assert (first.rows, first.new_rows, second.rows, second.new_rows) == (2, 2, 3, 1)
    assert second.bytes == (folders.likes / "likes.parquet").stat().st_size
    found = {row["user_id"]: (row["position"], row["first_seen_at"], row["fetched_at"]) for row in folders.rows()}
    assert found == {
        "u": (2, moment(10), moment(20)),
        "v": (0, moment(10), moment(10)),
        "w": (0, moment(20), moment(20)),
    }


def test_rows_that_come_late_do_not_replace_newer_ones_but_move_first_seen_at(folders: Folders) -> None:
    stage(folders.jobs, Like, [like("u", "m", 20, position=2)])
    folders.publish()
    stage(folders.jobs, Like, [like("u", "m", 10, position=1)])
    folders.publish()
    (row,) = folders.rows()
    assert (row["position"], row["first_seen_at"], row["fetched_at"]) == (2, moment(10), moment(20))


def test_of_rows_fetched_in_the_same_second_the_last_staged_wins(folders: Folders) -> None:
    stage(folders.jobs, Like, [like("u", "m", 0, position=1)])
    folders.publish()
    stage(folders.jobs, Like, [like("u", "m", 0, position=2), like("u", "m", 0, position=3)], first=1)
    stage(folders.jobs, Like, [like("u", "m", 0, position=4)], first=3)
    folders.publish()
    assert [row["position"] for row in folders.rows()] == [4]


rows_of_likes = st.lists(
    st.builds(like, st.sampled_from("uvwx"), st.sampled_from(["m", "n", "名"]), st.integers(0, 5), st.integers(0, 9)),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(crawls=st.lists(st.lists(rows_of_likes, min_size=1, max_size=3), min_size=1, max_size=3))
def test_published_equals_a_dict_of_the_latest_rows(
    tmp_path_factory: pytest.TempPathFactory, crawls: list[list[list[Row]]]
) -> None:
    folders = Folders(tmp_path_factory.mktemp("crawls"))
    latest: dict[tuple[str, str], Row] = {}
    first_seen: dict[tuple[str, str], Any] = {}
    for parts in crawls:
        for first, rows in enumerate(parts):
            stage(folders.jobs, Like, rows, first=first * 100 + 1)
            for row in rows:
                key = (row["user_id"], row["model_id"])
                first_seen[key] = min(first_seen.get(key, row["fetched_at"]), row["fetched_at"])
                if key not in latest or row["fetched_at"] >= latest[key]["fetched_at"]:
                    latest[key] = row
        folders.publish()
        expected = [latest[key] | {"first_seen_at": first_seen[key]} for key in sorted(latest)]
        assert folders.rows() == expected


def test_many_rows_stay_unique_and_sorted_over_batch_boundaries(folders: Folders) -> None:
    users = [f"{n * 7919 % 200_003:032x}" for n in range(200_003)]
    for second in (1, 2, 3):
        rows = pa.table(
            [
                pa.array(users),
                pa.repeat("m", len(users)),
                pa.repeat(second, len(users)),
                pa.repeat("model", len(users)),
                pa.repeat(pa.scalar(moment(second), pa.timestamp("us", tz="UTC")), len(users)),
                pa.repeat("crawl", len(users)),
            ],
            names=[*Like.model_fields, "fetched_at", "crawl_id"],
        )
        directory = folders.jobs / "sketchfab" / "job" / "staged" / "likes"
        directory.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows, directory / f"{second:012d}-{second:012d}.parquet")
    folders.publish()
    published = pq.read_table(folders.likes / "likes.parquet")
    assert published["user_id"].to_pylist() == sorted(users)
    assert set(published["position"].to_pylist()) == {3}
    assert set(published["first_seen_at"].to_pylist()) == {moment(1)}


def test_publishing_again_changes_nothing(folders: Folders) -> None:
    with open_spool(folders.jobs) as connection:
        spool(connection, Like, [like("u", "m"), like("v", "m")])
        folders.publish()
        before = (folders.likes / "likes.parquet").read_bytes()
        again = folders.publish()["sketchfab/likes"]
    assert (again.rows, again.new_rows) == (2, 0)
    assert (folders.likes / "likes.parquet").read_bytes() == before


def test_a_site_with_nothing_staged_publishes_nothing_and_makes_no_folder(folders: Folders) -> None:
    assert folders.publish() == {}
    assert not folders.output.exists()
    open_spool(folders.jobs).close()
    assert folders.publish() == {}
    assert not folders.likes.exists()


def test_the_spool_of_a_running_crawl_is_published_and_stays(folders: Folders) -> None:
    crawl = open_spool(folders.jobs)
    spool(crawl, Like, [like("u", "m")])
    crawl.execute("BEGIN IMMEDIATE")  # the crawl is in the middle of a commit
    spool(crawl, Like, [like("not yet", "m")])
    assert folders.publish()["sketchfab/likes"].rows == 1
    crawl.execute("COMMIT")
    assert crawl.execute("SELECT count(*) FROM spool").fetchone() == (2,)
    assert folders.publish()["sketchfab/likes"].rows == 2
    crawl.close()


@pytest.mark.parametrize("content", [None, b""], ids=["no file", "no tables"])
def test_a_job_without_a_spool_is_passed_over(folders: Folders, content: bytes | None) -> None:
    stage(folders.jobs, Like, [like("u", "m")])
    if content is not None:
        (folders.jobs / "sketchfab" / "job" / "queue.sqlite").write_bytes(content)
    assert folders.publish()["sketchfab/likes"].rows == 1


def test_a_damaged_spool_is_refused_and_nothing_is_harmed(folders: Folders) -> None:
    part = stage(folders.jobs, Like, [like("u", "m")])
    (folders.jobs / "sketchfab" / "job" / "queue.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(DatasetError, match="file is not a database"):
        folders.publish()
    assert part.exists()


def test_only_the_table_file_is_in_the_folder_and_nothing_private_is_left(folders: Folders) -> None:
    stage(folders.jobs, Like, [like("u", "m")])
    with open_spool(folders.jobs) as connection:
        spool(connection, Model, [model("m")])
        folders.publish()
    assert sorted(str(path.relative_to(folders.output)) for path in folders.output.rglob("*") if path.is_file()) == [
        "sketchfab/_tmp/publish.lock",
        "sketchfab/likes/likes.parquet",
        "sketchfab/models/models.parquet",
    ]
    assert [entry.name for entry in (folders.jobs / "sketchfab").iterdir()] == ["job"]
    assert staged_parts(folders.jobs, "sketchfab", Like) == []


def test_the_file_explains_itself(folders: Folders) -> None:
    stage(folders.jobs, Model, [model("m")])
    folders.publish()
    schema = pq.read_schema(folders.models / "models.parquet")
    assert schema.equals(arrow_schema(Model))
    assert schema.field("license").metadata == arrow_schema(Model).field("license").metadata
    assert schema.field("user_id").metadata[b"pseudonym"] == b"sketchfab.user"
    assert schema.field("first_seen_at").metadata[b"description"]
    assert schema.metadata[b"dataset"] == b"sketchfab/models"
    assert schema.metadata[b"description"]
    assert schema.metadata[KEY_ID] == KEY.encode()
    assert pq.read_metadata(folders.models / "models.parquet").row_group(0).column(0).compression == "ZSTD"


def test_columns_that_are_null_in_every_row_keep_their_type(folders: Folders) -> None:
    stage(folders.jobs, Model, [model("m")])
    folders.publish()
    schema = pq.read_schema(folders.models / "models.parquet")
    assert (schema.field("price").type, schema.field("tags").type) == (pa.float64(), pa.list_(pa.string()))
    assert [row["price"] for row in folders.rows(folders.models)] == [None]


# -- older files -----------------------------------------------------------------------------------------------------


def test_a_table_and_parts_of_before_a_column_existed_merge(folders: Folders) -> None:
    stage(folders.jobs, Model, [model("m1"), model("m2")])
    folders.publish()
    path = folders.models / "models.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["price", "tags"]), path)
    part = stage(folders.jobs, Model, [model("m2", 5), model("m3", 5)])
    pq.write_table(pq.read_table(part).drop_columns(["price", "license"]), part)
    check_table(Model, folders.output, KEY)
    folders.publish()
    assert pq.read_schema(path).equals(arrow_schema(Model))
    assert [(row["model_id"], row["price"]) for row in folders.rows(folders.models)] == [
        ("m1", None),
        ("m2", None),
        ("m3", None),
    ]


def _refused(folders: Folders, error: type[Exception], message: str, key_id: str | None = KEY) -> None:
    """check_table and publish both refuse, and both the published file and the staged rows stay as they are."""
    path = folders.likes / "likes.parquet"
    before = path.read_bytes() if path.is_file() else None
    stage(folders.jobs, Like, [like("new", "m", 9)], first=50)
    parts = staged_parts(folders.jobs, "sketchfab", Like)
    for attempt in (lambda: check_table(Like, folders.output, key_id), lambda: folders.publish(key_id)):
        with pytest.raises(error, match=message):
            attempt()
    assert (path.read_bytes() if path.is_file() else None) == before
    assert staged_parts(folders.jobs, "sketchfab", Like) == parts


def _published(folders: Folders) -> Path:
    stage(folders.jobs, Like, [like("u", "m")])
    folders.publish()
    return folders.likes / "likes.parquet"


def test_a_column_of_another_type_is_refused_with_both_types_named(folders: Folders) -> None:
    path = _published(folders)
    table = pq.read_table(path)
    pq.write_table(table.set_column(2, "position", pa.array(["1st"])), path)
    _refused(folders, DatasetError, "'position' as string, and Like has it as int64")


def test_a_column_the_type_lacks_is_refused(folders: Folders) -> None:
    path = _published(folders)
    pq.write_table(pq.read_table(path).append_column("mine", pa.array([1])), path)
    _refused(folders, DatasetError, "the column 'mine', which Like lacks")


def test_a_table_without_a_key_column_is_refused(folders: Folders) -> None:
    path = _published(folders)
    pq.write_table(pq.read_table(path).drop_columns(["model_id"]), path)
    _refused(folders, DatasetError, "lacks the column 'model_id'")


def test_what_is_not_parquet_is_refused(folders: Folders) -> None:
    _published(folders).write_text("user_id,model_id\n")
    _refused(folders, DatasetError, "not a readable Parquet file; move it away, then run: scrapy publish sketchfab")


def test_a_folder_in_place_of_the_file_is_refused(folders: Folders) -> None:
    (folders.likes / "likes.parquet").mkdir(parents=True)
    _refused(folders, DatasetError, "likes.parquet")


@pytest.mark.parametrize("name", ["notes.txt", ".DS_Store", "copy.parquet", "sub"])
def test_a_foreign_file_or_folder_is_named_and_refused(folders: Folders, name: str) -> None:
    _published(folders)
    (folders.likes / name).mkdir() if name == "sub" else (folders.likes / name).write_bytes(b"")
    _refused(folders, DatasetError, f"holds '{name}', which is not ours")


def test_another_pseudonym_key_is_refused_with_both_named(folders: Folders) -> None:
    _published(folders)
    _refused(
        folders, ConfigurationError, f"published with pseudonym key {KEY}, and this crawl has key bbbb2222", "bbbb2222"
    )


def test_rows_staged_with_another_key_are_refused(folders: Folders) -> None:
    stage(folders.jobs, Like, [like("u", "m")], key_id=KEY)
    folders.publish(key_id=None)
    assert pq.read_schema(folders.likes / "likes.parquet").metadata[KEY_ID] == KEY.encode()
    part = stage(folders.jobs, Like, [like("v", "m")], key_id="bbbb2222")
    with pytest.raises(
        ConfigurationError, match=f"staged with pseudonym key bbbb2222, and sketchfab/likes has key {KEY}"
    ):
        folders.publish(key_id=None)
    assert part.exists()
    assert len(folders.rows()) == 1


def test_a_staged_part_of_another_type_is_refused(folders: Folders) -> None:
    _published(folders)
    part = stage(folders.jobs, Like, [like("v", "m")])
    pq.write_table(pq.read_table(part).set_column(2, "position", pa.array([1.5])), part)
    with pytest.raises(DatasetError, match="'position' as double, and Like has it as int64"):
        folders.publish()
    assert part.exists()
    assert len(folders.rows()) == 1


# -- failures between the steps --------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["replace", "fsync"])
def test_a_failing_disk_leaves_the_old_table_and_the_staged_rows(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = _published(folders)
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
    path = _published(folders)
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
    _published(folders)
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
    _published(folders)
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

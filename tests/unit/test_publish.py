"""Publishing: latest row per key, one whole file, the same for every reader."""

from __future__ import annotations

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
from crawlers.datasets.seal import staged_parts
from crawlers.items import arrow_schema
from tests.unit.staging import KEY, Folders, Like, Model, Row, like, model, moment, open_spool, spool, stage


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


def test_of_a_damaged_job_the_rest_is_published(folders: Folders, caplog: pytest.LogCaptureFixture) -> None:
    stage(folders.jobs, Like, [like("u", "m")])
    (folders.jobs / "sketchfab" / "job" / "queue.sqlite").write_bytes(b"not a database" * 100)
    assert folders.publish()["sketchfab/likes"].rows == 1
    assert "the job job: its file is damaged, further rows of sketchfab/likes are left out" in caplog.text


def test_only_the_table_file_is_in_the_folder_and_nothing_private_is_left(folders: Folders) -> None:
    stage(folders.jobs, Like, [like("u", "m")])
    with open_spool(folders.jobs) as connection:
        spool(connection, Model, [model("m")])
        folders.publish()
    assert sorted(str(path.relative_to(folders.output)) for path in folders.output.rglob("*") if path.is_file()) == [
        "sketchfab/README.md",
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

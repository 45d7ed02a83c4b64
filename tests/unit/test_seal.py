"""Staged parts: whole or not there, made again under the same name, never over other rows."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawlers.datasets.files import write_parquet
from crawlers.datasets.seal import staged_parts, sweep_temporary, write_part
from crawlers.errors import DatasetError
from crawlers.items import spool_schema
from tests.unit.staging import Like, Model, batch, like, model, stage


def test_a_part_is_named_after_its_spool_numbers_and_holds_its_rows(tmp_path: Path) -> None:
    path = write_part(Like, [batch(Like, [like("u", "m")]), batch(Like, [like("v", "m")])], tmp_path, 3, 4)
    assert path.name == "000000000003-000000000004.parquet"
    assert pq.read_table(path)["user_id"].to_pylist() == ["u", "v"]
    assert pq.ParquetFile(path).num_row_groups == 1
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_row_groups_are_filled_over_many_batches(tmp_path: Path) -> None:
    batches = [batch(Like, [like(f"u{n}-{i}", "m") for i in range(10)]) for n in range(10)]
    rows = write_parquet(tmp_path / "x.parquet", spool_schema(Like), batches, group_rows=30)
    metadata = pq.read_metadata(tmp_path / "x.parquet")
    assert rows == 100
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [30, 30, 30, 10]


def test_sealing_the_same_rows_again_makes_the_same_part(tmp_path: Path) -> None:
    paths = {stage(tmp_path, Like, [like("u", "m"), like("u", "n")]) for _ in range(2)}
    assert staged_parts(tmp_path, "sketchfab", Like) == sorted(paths)
    assert len(paths) == 1


def test_a_job_begun_anew_does_not_overwrite_rows_that_still_wait(tmp_path: Path) -> None:
    for user in ("u", "v", "w"):
        stage(tmp_path, Like, [like(user, "m")])
    parts = staged_parts(tmp_path, "sketchfab", Like)
    assert sorted(user for part in parts for user in pq.read_table(part)["user_id"].to_pylist()) == ["u", "v", "w"]


def test_parts_are_listed_by_job_and_spool_number_without_unfinished_ones(tmp_path: Path) -> None:
    later = stage(tmp_path, Like, [like("u", "m")], first=1000)
    first = stage(tmp_path, Like, [like("u", "m")], first=2)
    other = stage(tmp_path, Like, [like("u", "m")], first=1, job="other")
    stage(tmp_path, Model, [model("m")])
    (first.parent / ".tmp-000000000009-000000000009.parquet").write_bytes(b"PAR1")
    assert staged_parts(tmp_path, "sketchfab", Like) == [first, later, other]


def test_what_a_killed_seal_left_is_swept(tmp_path: Path) -> None:
    part = stage(tmp_path, Like, [like("u", "m")])
    stale = part.parent / ".tmp-000000000009-000000000009.parquet"
    stale.write_bytes(b"PAR1")
    assert sweep_temporary(tmp_path / "sketchfab" / "job") == 1
    assert part.exists()
    assert not stale.exists()


def test_a_seal_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "disk")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(DatasetError, match="No space left on device"):
        stage(tmp_path, Like, [like("u", "m")])
    assert staged_parts(tmp_path, "sketchfab", Like) == []
    assert not list(tmp_path.rglob(".tmp-*"))


def test_rows_an_older_version_spooled_get_nulls_for_the_columns_it_did_not_know(tmp_path: Path) -> None:
    old = batch(Model, [model("m")]).drop_columns(["price", "name_tokens"])
    part = pq.read_table(write_part(Model, [old, batch(Model, [model("n", price=3)])], tmp_path, 1, 2))
    assert part.schema.equals(spool_schema(Model))
    assert part["price"].to_pylist() == [None, 3]


def test_rows_of_another_type_or_key_are_refused(tmp_path: Path) -> None:
    rows = batch(Like, [like("u", "m")])
    wrong = rows.set_column(2, "position", pa.array(["first"]))
    with pytest.raises(DatasetError, match="'position' as string, and Like has it as int64"):
        write_part(Like, [rows, wrong], tmp_path, 1, 2)
    with pytest.raises(DatasetError, match="two pseudonym keys"):
        write_part(Like, [rows, batch(Like, [like("u", "m")], key_id="k2")], tmp_path, 1, 2)
    assert not list(tmp_path.iterdir())

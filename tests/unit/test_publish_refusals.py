"""What publishing finds of older versions it merges; what is not ours, or of another key, it refuses."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawlers.datasets.check import KEY_ID, check_table
from crawlers.datasets.seal import staged_parts
from crawlers.errors import ConfigurationError, DatasetError
from crawlers.items import arrow_schema
from tests.unit.staging import KEY, Folders, Like, Model, like, model, stage


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


def test_a_column_of_another_type_is_refused_with_both_types_named(folders: Folders) -> None:
    path = folders.published_like()
    table = pq.read_table(path)
    pq.write_table(table.set_column(2, "position", pa.array(["1st"])), path)
    _refused(folders, DatasetError, "'position' as string, and Like has it as int64")


def test_a_column_the_type_lacks_is_refused(folders: Folders) -> None:
    path = folders.published_like()
    pq.write_table(pq.read_table(path).append_column("mine", pa.array([1])), path)
    _refused(folders, DatasetError, "the column 'mine', which Like lacks")


def test_a_table_without_a_key_column_is_refused(folders: Folders) -> None:
    path = folders.published_like()
    pq.write_table(pq.read_table(path).drop_columns(["model_id"]), path)
    _refused(folders, DatasetError, "lacks the column 'model_id'")


def test_what_is_not_parquet_is_refused(folders: Folders) -> None:
    folders.published_like().write_text("user_id,model_id\n")
    _refused(folders, DatasetError, "not a readable Parquet file; move it away, then run: scrapy publish sketchfab")


def test_a_folder_in_place_of_the_file_is_refused(folders: Folders) -> None:
    (folders.likes / "likes.parquet").mkdir(parents=True)
    _refused(folders, DatasetError, "likes.parquet")


@pytest.mark.parametrize("name", ["notes.txt", ".DS_Store", "copy.parquet", "sub"])
def test_a_foreign_file_or_folder_is_named_and_refused(folders: Folders, name: str) -> None:
    folders.published_like()
    (folders.likes / name).mkdir() if name == "sub" else (folders.likes / name).write_bytes(b"")
    _refused(folders, DatasetError, f"holds '{name}', which is not ours")


def test_another_pseudonym_key_is_refused_with_both_named(folders: Folders) -> None:
    folders.published_like()
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
    folders.published_like()
    part = stage(folders.jobs, Like, [like("v", "m")])
    pq.write_table(pq.read_table(part).set_column(2, "position", pa.array([1.5])), part)
    with pytest.raises(DatasetError, match="'position' as double, and Like has it as int64"):
        folders.publish()
    assert part.exists()
    assert len(folders.rows()) == 1

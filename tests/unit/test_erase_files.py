"""A person taken out of Parquet files and manifests: nothing of them stays, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.datasets import erase as module
from crawlers.datasets.erase import Erased, erase_batch, erase_part, erase_table, erase_text_files
from crawlers.datasets.seal import staged_parts, write_part
from crawlers.items import arrow_schema
from tests.unit.staging import KEY, Folders, Like, Model, Row, batch, like, model, stage

ANNA, BERT = "a1" * 16, "b2" * 16
POSTS = pa.schema(
    {
        "post_id": pa.string(), "user_id": pa.string(), "friends": pa.list_(pa.string()), "text": pa.string(),
        "text_tokens": pa.list_(pa.string()), "likes": pa.int64(),
    }
)  # fmt: skip


def post(post_id: str, **values: object) -> Row:
    named = {"post_id": post_id, "user_id": BERT, "friends": None, "text": None, "text_tokens": None, "likes": 1}
    return named | values


def erased(*rows: Row) -> tuple[list[Row], Erased]:
    batch, found = erase_batch(pa.RecordBatch.from_pylist(list(rows), schema=POSTS), ANNA)
    assert batch.schema.equals(POSTS, check_metadata=True)
    return batch.to_pylist(), found


def test_every_row_that_holds_the_pseudonym_goes_alone_or_in_a_list() -> None:
    others = [post("3", friends=[BERT]), post("4", friends=[]), post("5", user_id=None, friends=[None])]
    rows, found = erased(post("1", user_id=ANNA), post("2", friends=[BERT, ANNA]), *others)
    assert rows == others
    assert found == Erased(rows=2)


def test_in_other_peoples_texts_the_neutral_token_takes_its_place() -> None:
    rows, found = erased(
        post("1", text=f"thanks @{ANNA}, and @{BERT}; @{ANNA}!", text_tokens=["thanks", f"@{ANNA}", None]),
        post("2", text=f"@{ANNA}"),
        post("3", user_id=ANNA, text=f"I am @{ANNA}"),
        post("4", text="nobody", text_tokens=["nobody"]),
    )
    assert rows == [
        post("1", text=f"thanks @user, and @{BERT}; @user!", text_tokens=["thanks", "@user", None]),
        post("2", text="@user"),
        post("4", text="nobody", text_tokens=["nobody"]),
    ]
    assert found == Erased(rows=1, texts=3)


def test_a_batch_without_the_person_is_not_even_copied() -> None:
    batch = pa.RecordBatch.from_pylist([post("1", text="hi", friends=[BERT])], schema=POSTS)
    assert erase_batch(batch, ANNA) == (batch, Erased())
    assert erase_batch(batch, ANNA)[0] is batch


people = st.sampled_from([ANNA, BERT, None])
texts = st.lists(st.sampled_from([f"@{ANNA}", f"@{BERT}", "hello", " "]), max_size=4).map("".join)
posts = st.builds(
    post, st.just("1"), user_id=people, friends=st.none() | st.lists(people, max_size=3), text=st.none() | texts,
    text_tokens=st.none() | st.lists(texts, max_size=3),
)  # fmt: skip


@given(st.lists(posts, max_size=8), st.integers(0, 3))
def test_what_is_left_is_every_other_row_with_its_texts_unnamed(rows: list[Row], start: int) -> None:
    whole = pa.RecordBatch.from_pylist(rows, schema=POSTS)
    left, found = erase_batch(whole.slice(start), ANNA)
    rest = [row for row in rows[start:] if row["user_id"] != ANNA and ANNA not in (row["friends"] or [])]
    wanted = [
        row
        | {"text": row["text"] and row["text"].replace(ANNA, "user")}
        | {"text_tokens": row["text_tokens"] and [text.replace(ANNA, "user") for text in row["text_tokens"]]}
        for row in rest
    ]
    assert left.to_pylist() == wanted
    assert found.rows == len(rows[start:]) - len(rest)


# -- published tables ------------------------------------------------------------------------------------------------


def likes(folders: Folders) -> Path:
    return folders.likes / "likes.parquet"


def erase_likes(folders: Folders) -> Erased:
    return erase_table(likes(folders), folders.output / "sketchfab" / "_tmp" / "publish-likes.parquet", ANNA)


def test_a_table_is_left_as_publishing_the_other_rows_would_write_it(folders: Folders, tmp_path: Path) -> None:
    others = [like(f"{n * 7919 % 1000:032x}", f"m{n % 7}", n) for n in range(1000)]
    hers = [like(ANNA, f"m{n}", n) for n in range(50)]
    stage(folders.jobs, Like, [*others, *hers])
    folders.publish()
    assert erase_likes(folders) == Erased(rows=50)
    without = Folders(tmp_path / "without")
    stage(without.jobs, Like, others)
    without.publish()
    assert likes(folders).read_bytes() == likes(without).read_bytes()
    assert [path.name for path in folders.likes.iterdir()] == ["likes.parquet"]
    assert not list(folders.output.rglob("publish-*"))
    assert ANNA.encode() not in likes(folders).read_bytes()


def test_the_file_keeps_explaining_itself(folders: Folders) -> None:
    stage(folders.jobs, Model, [model("m1", user_id=ANNA), model("m2", description=f"with @{ANNA}", tags=[f"@{ANNA}"])])
    folders.publish()
    path = folders.models / "models.parquet"
    before = pq.read_schema(path)
    assert erase_table(path, folders.output / "new.parquet", ANNA) == Erased(rows=1, texts=2)
    assert pq.read_schema(path).equals(before, check_metadata=True)
    assert before.metadata[b"crawlers.key_id"] == KEY.encode()
    (row,) = folders.rows(folders.models)
    assert (row["model_id"], row["description"], row["tags"]) == ("m2", "with @user", ["@user"])


def test_a_table_of_nobody_else_stays_as_an_empty_table(folders: Folders) -> None:
    stage(folders.jobs, Like, [like(ANNA, "m1"), like(ANNA, "m2")])
    folders.publish()
    assert erase_likes(folders) == Erased(rows=2)
    assert folders.rows() == []
    assert pq.read_schema(likes(folders)).equals(arrow_schema(Like))
    stage(folders.jobs, Like, [like(BERT, "m1")])
    assert folders.publish()["sketchfab/likes"].rows == 1  # and can be published to


def test_a_table_without_the_person_is_not_touched(folders: Folders) -> None:
    path = folders.published_like()
    before = path.stat()
    assert erase_likes(folders) == Erased()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_table_of_an_older_version_keeps_its_own_columns(folders: Folders) -> None:
    stage(folders.jobs, Model, [model("m1", user_id=ANNA), model("m2")])
    folders.publish()
    path = folders.models / "models.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["price", "tags"]), path)
    older = pq.read_schema(path)
    assert erase_table(path, folders.output / "new.parquet", ANNA) == Erased(rows=1)
    assert pq.read_schema(path).equals(older)


def test_row_groups_are_kept_large_and_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH_ROWS", 100)
    schema = pa.schema({"user_id": pa.string()})
    users = [ANNA if n % 10 == 0 else f"{n:032x}" for n in range(2500)]
    path = tmp_path / "likes.parquet"
    pq.write_table(pa.table({"user_id": users}, schema=schema), path, row_group_size=1000)
    assert erase_table(path, tmp_path / "new.parquet", ANNA) == Erased(rows=250)
    assert pq.read_table(path)["user_id"].to_pylist() == [user for user in users if user != ANNA]
    assert pq.ParquetFile(path).num_row_groups == 1


def test_a_file_that_cannot_be_written_leaves_the_table_as_it_was(folders: Folders) -> None:
    stage(folders.jobs, Like, [like(ANNA, "m")])
    folders.publish()
    before = likes(folders).read_bytes()
    with pytest.raises(FileNotFoundError):
        erase_table(likes(folders), folders.output / "nowhere" / "new.parquet", ANNA)
    assert likes(folders).read_bytes() == before


# -- staged parts and manifests --------------------------------------------------------------------------------------


def test_a_staged_part_keeps_its_name_and_its_other_rows(folders: Folders) -> None:
    part = stage(folders.jobs, Like, [like(ANNA, "m"), like(BERT, "m")], key_id=KEY)
    assert erase_part(part, ANNA) == Erased(rows=1)
    assert erase_part(part, ANNA) == Erased()
    assert staged_parts(folders.jobs, "sketchfab", Like) == [part]
    assert list(part.parent.iterdir()) == [part]
    assert folders.publish()["sketchfab/likes"].rows == 1
    assert [row["user_id"] for row in folders.rows()] == [BERT]


def test_a_staged_part_of_nobody_else_goes(folders: Folders) -> None:
    part = stage(folders.jobs, Like, [like(ANNA, "m")])
    assert erase_part(part, ANNA) == Erased(rows=1)
    assert not list(part.parent.iterdir())


def test_a_spool_sealed_again_after_both_were_erased_makes_the_same_part(folders: Folders) -> None:
    """A crawl killed after it wrote the part and before it emptied the spool has the rows in both."""
    part = stage(folders.jobs, Like, [like(ANNA, "m"), like(BERT, "m"), like(BERT, "n")])
    erase_part(part, ANNA)
    left, _ = erase_batch(batch(Like, [like(ANNA, "m"), like(BERT, "m"), like(BERT, "n")]), ANNA)
    assert write_part(Like, [left], part.parent, 1, 3) == part


def test_manifests_and_cards_name_nobody(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    named, other = tmp_path / "named.json", tmp_path / "other.json"
    named.write_text(f'{{"member": "{ANNA}", "text": "@{ANNA}"}}')
    other.write_text(f'{{"member": "{BERT}"}}')
    untouched = other.stat().st_ino
    assert erase_text_files([named, other], tmp_path / "new", ANNA) == 1
    assert named.read_text() == '{"member": "@user", "text": "@user"}'
    assert (other.read_text(), other.stat().st_ino) == (f'{{"member": "{BERT}"}}', untouched)
    assert erase_text_files([named, other], tmp_path / "new", ANNA) == 0

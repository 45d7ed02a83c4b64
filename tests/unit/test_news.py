"""Which rows say something that is not published yet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawlers.datasets.news import PublishedTables
from crawlers.errors import DatasetError
from crawlers.items import Item, Key, Pseudonymize, Rows, arrow_schema


class Vote(Item):
    """A vote."""

    dataset: ClassVar[str] = "test/votes"

    user_id: Annotated[str, Key(), Pseudonymize("user")]
    """Who."""
    thing: Annotated[str, Key()]
    """For what."""
    stars: float | None = None
    """How much."""
    liked: bool | None = None
    """Whether."""


def votes(*rows: tuple[str, str, float | None]) -> Rows[Vote]:
    return Rows(Vote, rows, lambda row: dict(zip(("user_id", "thing", "stars"), row, strict=True)))


def told(domain: str, raw: str) -> str:
    return f"{domain}:{raw}"


def publish(output: Path, *rows: tuple[str, str, float | None], columns: tuple[str, ...] = ("stars", "liked")) -> None:
    """A table as a crawl publishes it; `columns` is what it has besides its key."""
    schema = arrow_schema(Vote)
    names = ["user_id", "thing", *columns, "fetched_at", "crawl_id"]
    kept = pa.schema([schema.field(name) for name in names])
    read: list[dict[str, Any]] = [
        {"user_id": told("test.user", user), "thing": thing, "stars": stars} for user, thing, stars in rows
    ]
    path = output / "test" / "votes" / "votes.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(read, schema=kept), path)


def news(output: Path, rows: Rows[Vote], *columns: str) -> list[tuple[str, str, float | None]]:
    return [(row.user_id, row.thing, row.stars) for row in PublishedTables(output, told).news(rows, *columns)]


def test_before_anything_is_published_all_is_new(tmp_path: Path) -> None:
    assert news(tmp_path, votes(("anna", "tea", 3.0)), "stars") == [("anna", "tea", 3.0)]


def test_news_are_other_keys_and_other_values(tmp_path: Path) -> None:
    publish(tmp_path, ("anna", "tea", 3.0), ("anna", "milk", None), ("ben", "tea", 1.0))
    page = votes(("anna", "tea", 3.0), ("anna", "milk", 2.0), ("anna", "juice", 1.0), ("ben", "tea", 3.0))
    changed = [("anna", "milk", 2.0), ("anna", "juice", 1.0), ("ben", "tea", 3.0)]
    assert news(tmp_path, page, "stars") == changed
    assert news(tmp_path, page) == [("anna", "juice", 1.0)]
    assert news(tmp_path, votes(("anna", "tea", 3.0), ("anna", "milk", None)), "stars", "liked") == []


def test_what_is_published_of_somebody_is_counted(tmp_path: Path) -> None:
    (row,) = votes(("anna", "juice", 1.0))
    assert PublishedTables(tmp_path, told).count_like(row, "stars") == 0
    publish(tmp_path, ("anna", "tea", 3.0), ("anna", "milk", None), ("ben", "tea", 1.0))
    found = PublishedTables(tmp_path, told)
    assert (found.count_like(row, "stars"), found.count_like(row, "thing")) == (1, 2)


def test_a_table_of_an_older_version_says_nothing_of_a_column_it_lacks(tmp_path: Path) -> None:
    publish(tmp_path, ("anna", "tea", 3.0), columns=("stars",))
    assert news(tmp_path, votes(("anna", "tea", 3.0)), "stars", "liked") == []


def test_a_table_that_cannot_be_read_is_an_error_and_not_news(tmp_path: Path) -> None:
    publish(tmp_path, ("anna", "tea", 3.0))
    (tmp_path / "test" / "votes" / "votes.parquet").write_bytes(b"no Parquet")
    with pytest.raises(DatasetError, match="reading test/votes"):
        news(tmp_path, votes(("anna", "tea", 3.0)), "stars")

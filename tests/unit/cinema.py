"""A site that does not exist, with every kind of table: people, who rates what, who follows whom, who writes what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import Field

from crawlers.datasets.check import table_file, with_key
from crawlers.items import Count, Counts, FreeText, Item, Key, Pseudonymize, Tokenize, Value, arrow_schema
from crawlers.items.about import About
from tests.unit.staging import KEY, Row, moment

Stars = Annotated[float, Field(ge=0.5, le=5.0)]
CRAWL = "20260101T000000Z-abcdef"

ABOUT = About(
    title="The Cinema", homepage="https://cinema.example", summary="Who rates which film.",
    sources="Its pages.", robots="robots.txt allows them.", terms="The terms are silent.", gaps="No dates.",
)  # fmt: skip


class Member(Item):
    """One member. One row per member."""

    dataset: ClassVar[str] = "cinema/members"

    user_id: Annotated[str, Key(), Pseudonymize("user")]
    """Who."""
    film_count: Annotated[Count | None, Counts("ratings", by="user_id")] = None
    """Films the site says they rated."""


class Rating(Item):
    """One member's rating of one film. One row per (member, film)."""

    dataset: ClassVar[str] = "cinema/ratings"

    user_id: Annotated[str, Key(), Pseudonymize("user")]
    """Who."""
    film_id: Annotated[str, Key()]
    """What."""
    rating: Annotated[Stars | None, Value()] = None
    """Stars | half stars; null = seen, not rated."""
    runtime_min: Count | None = None
    """How long it is."""


class Follow(Item):
    """One member follows another."""

    dataset: ClassVar[str] = "cinema/follows"

    source_id: Annotated[str, Key(), Pseudonymize("user")]
    """Who follows."""
    target_id: Annotated[str, Key(), Pseudonymize("user")]
    """Who is followed."""


class Post(Item):
    """One post."""

    dataset: ClassVar[str] = "cinema/posts"

    post_id: Annotated[str, Key(), Pseudonymize("post", person=False)]
    """Which."""
    user_id: Annotated[str, Pseudonymize("user")]
    """Whose."""
    text: Annotated[str | None, FreeText(), Tokenize("en")] = None
    """What it says."""
    text_tokens: list[str] | None = None
    """Its words."""


TABLES: dict[str, type[Item]] = {table.dataset: table for table in (Member, Rating, Follow, Post)}


@pytest.fixture
def cinema(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site, as if its module were among the others."""
    monkeypatch.setattr("crawlers.items.registry.all_tables", lambda: TABLES)
    monkeypatch.setattr("crawlers.datasets.card.facts.about", lambda _: ABOUT)


def publish(table: type[Item], output: Path, rows: Sequence[tuple[Any, ...]], crawl: str = CRAWL) -> Path:
    """Write a published table whose rows have these values in their first columns."""
    names = list(table.model_fields)
    whole: list[Row] = [
        dict(zip(names, row, strict=False))
        | {"first_seen_at": moment(0), "fetched_at": moment(number), "crawl_id": crawl}
        for number, row in enumerate(sorted(rows))
    ]
    path = table_file(table, output)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(whole, with_key(arrow_schema(table), KEY)), path)
    return path

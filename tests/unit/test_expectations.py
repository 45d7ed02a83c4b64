"""What a table must look like at the end of a crawl."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import pytest

from crawlers.extensions.expectations import breaches
from crawlers.items import Item, Key
from crawlers.items.expected import JUDGED_FROM_PAGES, Expected


class Bird(Item):
    """A bird."""

    dataset: ClassVar[str] = "test/birds"
    expected: ClassVar[Expected] = Expected(
        min_rows=20, max_null_share={"song": 0.25}, min_rows_per_page=3.0, max_missing_share=0.1
    )

    name: Annotated[str, Key()]
    """Its name."""
    song: str | None = None
    """How it sings."""
    colour: str | None = None
    """What it looks like."""


class Stray(Item):
    """A table that may be empty."""

    dataset: ClassVar[str] = "test/strays"
    expected: ClassVar[Expected] = Expected(min_rows=0)

    name: Annotated[str, Key()]
    """Its name."""


def found(
    *, pages: int = 10, seen: int = 40, stored: int = 40, stated: int = 0, missing: int = 0, **nulls: int
) -> list[str]:
    counts: dict[str, Any] = {"pages": pages, "seen": seen, "duplicate": 0, "invalid": 0, "stored": stored}
    counts |= {"lists": 2, "stated": stated, "missing": missing}
    return breaches([Bird], {"test/birds": {**counts, "nulls": nulls}})


def test_a_table_as_expected_breaches_nothing() -> None:
    assert found() == []
    assert found(pages=10, seen=30, stored=20, song=5) == []  # just so


def test_too_few_rows_are_a_breach() -> None:
    assert found(stored=19) == ["test/birds: 19 rows, expected at least 20"]


def test_a_table_nothing_was_seen_of_has_no_rows() -> None:
    assert breaches([Bird], {}) == ["test/birds: 0 rows, expected at least 20"]
    assert breaches([Stray], {}) == []


def test_only_the_tables_of_the_crawl_are_judged() -> None:
    assert breaches([], {"test/birds": {"pages": 1, "seen": 0, "stored": 0, "nulls": {}}}) == []


def test_too_many_nulls_are_a_breach_of_the_columns_named_only() -> None:
    assert found(song=11, colour=40) == ["test/birds: 28% of 'song' are null, expected at most 25%"]
    assert found(song=10, colour=40) == []


def test_too_few_rows_a_page_are_a_breach() -> None:
    assert found(pages=20, seen=50) == ["test/birds: 2.5 rows a page, expected at least 3.0"]
    assert len(found(pages=20, seen=59)) == 1
    assert found(pages=20, seen=60) == []


def test_rows_a_page_are_what_the_crawl_saw_not_what_was_new() -> None:
    assert found(pages=20, seen=60, stored=20) == []


@pytest.mark.parametrize(("pages", "judged"), [(1, False), (9, False), (10, True), (11, True)])
def test_a_mean_is_judged_only_from_ten_pages(pages: int, judged: bool) -> None:
    assert JUDGED_FROM_PAGES == 10
    assert bool(found(pages=pages, seen=pages * 2)) is judged


def test_too_many_rows_that_are_stated_and_missing_are_a_breach() -> None:
    assert found(stated=50, missing=6) == ["test/birds: 12% of the rows stated are missing, expected at most 10%"]
    assert found(stated=50, missing=5) == []


def test_every_breach_is_named() -> None:
    assert len(found(pages=10, seen=10, stored=10, song=9, stated=10, missing=9)) == 4

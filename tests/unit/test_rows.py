"""The rows of a page are validated at once; a row that fails is set aside alone, without its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.utils.spider import iterate_spider_output

from crawlers.items import Batch, Count, Invalid, Item, Key, Rows


class Like(Item):
    """A like."""

    dataset: ClassVar[str] = "test/likes"

    user_id: Annotated[str, Key()]
    """Who."""
    position: Count
    """Where."""


def node(user: str, position: Any = 0, **more: Any) -> dict[str, Any]:
    return {"uid": user, "position": position, **more}


def read(node: Mapping[str, Any]) -> dict[str, Any]:
    return {"user_id": node["uid"], "position": node["position"]}


def test_rows_are_typed_items_in_page_order() -> None:
    rows = Rows(Like, [node("ann", 0), node("bob", 1)], read)
    assert [(like.user_id, like.position) for like in rows] == [("ann", 0), ("bob", 1)]
    assert (len(rows), rows.seen, rows.invalid, rows.unreadable) == (2, 2, [], False)


def test_a_page_is_read_once_however_often_it_is_asked() -> None:
    asked = []

    def reader(node: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(node)
        return read(node)

    rows = Rows(Like, (node(user) for user in "ab"), reader)
    assert len(asked) == 2  # also if nobody asks
    assert list(rows) == list(rows) == rows.items
    assert len(rows) == 2
    assert len(asked) == 2


def test_one_bad_row_is_set_aside_alone_with_field_and_error_but_never_its_value() -> None:
    rows = Rows(Like, [node("ann"), node("carla-the-secret", "carla's position"), node("bob")], read)
    assert [like.user_id for like in rows] == ["ann", "bob"]
    assert rows.invalid == [Invalid(field="position", error="int_parsing")]
    assert rows.seen == 3
    assert not rows.unreadable
    assert "carla" not in repr(rows.invalid)


def test_a_field_that_the_page_invented_is_not_named() -> None:
    rows = Rows(Like, [{"user_id": "ann", "position": 1, "carla": 2}, {"user_id": "bob", "position": 1}], dict)
    assert rows.items == [Like(user_id="bob", position=1)]
    assert rows.invalid == [Invalid(field="(unknown field)", error="extra_forbidden")]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (KeyError("uid"), Invalid("uid", "KeyError")),
        (KeyError("carla the secret"), Invalid("(row)", "KeyError")),
        (KeyError("half \ud83d"), Invalid("(row)", "KeyError")),
        (KeyError(3), Invalid("(row)", "KeyError")),
        (IndexError("carla"), Invalid("(row)", "IndexError")),
        (TypeError("carla is no dict"), Invalid("(row)", "TypeError")),
        (ValueError("not a count: carla"), Invalid("(row)", "ValueError")),
        (AttributeError("carla"), Invalid("(row)", "AttributeError")),
    ],
)
def test_a_reader_that_fails_costs_one_row(error: Exception, expected: Invalid) -> None:
    def reader(node: Mapping[str, Any]) -> dict[str, Any]:
        if node["uid"] == "carla":
            raise error
        return read(node)

    rows = Rows(Like, [node("ann"), node("carla"), node("bob")], reader)
    assert [like.user_id for like in rows] == ["ann", "bob"]
    assert rows.invalid == [expected]


def test_a_defect_of_the_reader_itself_ends_the_page() -> None:
    def reader(_: Any) -> dict[str, Any]:
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        list(Rows(Like, [node("ann")], reader))


def test_a_reader_that_gives_no_dict_costs_one_row() -> None:
    def careless(node: Any) -> Any:
        return None if node is None else read(node)

    rows = Rows(Like, [None, node("ann")], careless)
    assert len(rows) == 1
    assert rows.invalid == [Invalid(field="(row)", error="TypeError")]


def test_a_page_where_every_row_fails_is_unreadable() -> None:
    rows = Rows(Like, [node("ann", "x"), {}], read)
    assert len(rows) == 0
    assert rows.unreadable
    assert {found.error for found in rows.invalid} == {"KeyError", "int_parsing"}


def test_a_page_without_rows_is_not_unreadable() -> None:
    rows = Rows(Like, [], read)
    assert list(rows) == []
    assert not rows.unreadable


def test_rows_that_are_not_wanted_are_no_part_of_the_dataset() -> None:
    page = Rows(Like, [node("ann", 1), node("bob", 7), node("carla", "x"), node("dave", 9)], read)
    popular = page.where(lambda like: like.position >= 5)
    assert [like.user_id for like in popular] == ["bob", "dave"]
    assert popular.seen == 3  # bob, dave, and carla, who could not be read
    assert popular.invalid == [Invalid("position", "int_parsing")]
    assert not popular.unreadable
    assert len(page) == 3


def test_wanting_none_of_the_rows_does_not_make_a_page_unreadable_but_reading_none_does() -> None:
    assert not Rows(Like, [node("ann")], read).where(lambda _: False).unreadable
    assert Rows(Like, [{}], read).where(lambda _: True).unreadable


@given(
    st.lists(
        st.one_of(
            st.builds(node, st.text(), st.integers(0, 2**63 - 1)),
            st.sampled_from([{}, {"uid": "x"}, node("x", -1), node("x", 2**63), node("x", None), 3, None, "text"]),
        )
    )
)
def test_valid_rows_survive_whatever_stands_between_them(nodes: list[Any]) -> None:
    def is_valid(node: Any) -> bool:
        return isinstance(node, dict) and isinstance(node.get("position"), int) and 0 <= node["position"] < 2**63

    expected = [(node["uid"], node["position"]) for node in nodes if is_valid(node)]
    rows = Rows(Like, nodes, read)
    assert [(like.user_id, like.position) for like in rows] == expected
    assert len(rows.invalid) == len(nodes) - len(expected)
    assert rows.seen == len(nodes)
    assert rows.unreadable == (bool(nodes) and not expected)


def test_a_callback_may_return_rows_and_none_of_them_is_lost() -> None:
    batch = Batch(lease=1)
    for output in iterate_spider_output(Rows(Like, [node("ann"), {}], read)):
        batch.add(output)
    assert batch.row_count() == 1
    assert batch.invalid[Like] == [Invalid("uid", "KeyError")]

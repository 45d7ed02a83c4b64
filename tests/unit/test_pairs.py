"""Tables of pairs are found by their keys, whatever the site."""

from __future__ import annotations

from typing import Annotated, ClassVar

import pytest
from pydantic import Field

from crawlers.errors import ConfigurationError, TypeDefinitionError
from crawlers.items import Counts, Item, Key, Pairs, Pseudonymize, Value, all_tables, pairs_of, site_pairs
from crawlers.items.sketchfab import Like, Model
from tests.unit.cinema import Follow, Member, Post, Rating, cinema

__all__ = ["cinema"]
every_table = pytest.mark.parametrize("table", all_tables().values(), ids=lambda table: table.dataset)


def test_a_table_of_pairs_has_two_keys_and_the_first_is_a_person() -> None:
    assert pairs_of(Like) == Pairs(Like, "user_id", "model_id", between_people=False, value=None)
    assert pairs_of(Rating) == Pairs(Rating, "user_id", "film_id", between_people=False, value="rating")
    assert pairs_of(Follow) == Pairs(Follow, "source_id", "target_id", between_people=True, value=None)
    assert [pairs_of(table) for table in (Model, Member, Post)] == [None, None, None]


def test_what_only_leads_to_a_person_is_a_thing() -> None:
    class PostLike(Item):
        dataset: ClassVar[str] = "cinema/post_likes"
        user_id: Annotated[str, Key(), Pseudonymize("user")]
        post_id: Annotated[str, Key(), Pseudonymize("post", person=False)]

    class PostTag(Item):
        dataset: ClassVar[str] = "cinema/post_tags"
        post_id: Annotated[str, Key(), Pseudonymize("post", person=False)]
        tag: Annotated[str, Key()]

    found = pairs_of(PostLike)
    assert found is not None
    assert not found.between_people
    assert pairs_of(PostTag) is None


@pytest.mark.usefixtures("cinema")
def test_a_site_has_one_table_of_each_kind() -> None:
    assert site_pairs("cinema", between_people=False).table is Rating
    assert site_pairs("cinema", between_people=True).table is Follow


def test_a_site_without_such_a_table_says_what_can_be_read_instead() -> None:
    with pytest.raises(ConfigurationError, match=r"pairs of two people of sketchfab.*none.*read\('sketchfab/models'\)"):
        site_pairs("sketchfab", between_people=True)


@pytest.mark.usefixtures("cinema")
def test_a_site_with_two_such_tables_names_both(monkeypatch: pytest.MonkeyPatch) -> None:
    two: list[type[Item]] = [Rating, Like]
    monkeypatch.setattr("crawlers.items.pairs.tables", lambda _: two)
    with pytest.raises(ConfigurationError, match="cinema/ratings, sketchfab/likes"):
        site_pairs("cinema", between_people=False)


def test_a_thing_does_not_stand_before_the_person() -> None:
    with pytest.raises(TypeDefinitionError, match="'film_id' stands before the person 'user_id'"):

        class Backwards(Item):
            dataset: ClassVar[str] = "cinema/backwards"
            film_id: Annotated[str, Key()]
            user_id: Annotated[str, Key(), Pseudonymize("user")]


def test_a_value_is_a_number_about_a_pair() -> None:
    with pytest.raises(TypeDefinitionError, match="'score' is marked Value"):

        class Single(Item):
            dataset: ClassVar[str] = "cinema/single"
            film_id: Annotated[str, Key()]
            score: Annotated[float, Value()]

    with pytest.raises(TypeDefinitionError, match="'word' is marked Value"):

        class Wordy(Item):
            dataset: ClassVar[str] = "cinema/wordy"
            user_id: Annotated[str, Key(), Pseudonymize("user")]
            film_id: Annotated[str, Key()]
            word: Annotated[str | None, Value()]


def test_a_count_of_rows_belongs_to_one_key() -> None:
    with pytest.raises(TypeDefinitionError, match="'film_count' is marked Counts"):

        class Double(Item):
            dataset: ClassVar[str] = "cinema/double"
            user_id: Annotated[str, Key(), Pseudonymize("user")]
            film_id: Annotated[str, Key()]
            film_count: Annotated[Annotated[int, Field(ge=0, lt=9)], Counts("ratings", by="user_id")]

    assert Member.marked(Counts) == {"film_count": Counts("ratings", by="user_id")}


@every_table
def test_what_a_column_counts_is_there_to_be_counted(table: type[Item]) -> None:
    for counts in table.marked(Counts).values():
        assert counts.by in all_tables()[f"{table.site()}/{counts.rows_of}"].model_fields


@every_table
def test_a_rating_of_a_pair_is_marked_as_its_value(table: type[Item]) -> None:
    if pairs_of(table) is not None and "rating" in table.model_fields:
        assert "rating" in table.marked(Value)


def test_the_types_of_this_test_are_not_among_the_sites() -> None:
    assert not [dataset for dataset in all_tables() if dataset.startswith("cinema/")]

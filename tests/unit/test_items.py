"""An item type says everything about its table, and a type the pipelines could not honour is refused at once."""

from __future__ import annotations

import datetime as dt
import io
from typing import Annotated, Any, ClassVar, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import Field, ValidationError

from crawlers.errors import ConfigurationError, TypeDefinitionError
from crawlers.items import (
    Count,
    FreeText,
    Handle,
    Item,
    Key,
    Pseudonymize,
    Tokenize,
    all_tables,
    arrow_schema,
    sites,
    spool_schema,
    table_of,
    tables,
)

MADE_OF: Any = type(Item)  # makes a table whose fields are known only here
Id = Annotated[str, Key()]
Person = Annotated[str, Pseudonymize("user")]
OptionalPerson = Annotated[Person | None, FreeText()]


class Review(Item):
    """What one person wrote
    about one film."""

    dataset: ClassVar[str] = "cinema/reviews"

    user_id: Annotated[str, Key(), Pseudonymize("user")]
    """Who wrote it."""
    username: Annotated[str | None, Handle(of="user_id")] = None
    """The public name; never published."""
    film_id: Annotated[str, Key()]
    """The film,
    over two lines."""
    text: Annotated[str | None, FreeText(), Tokenize("en")] = None
    """The review."""
    text_tokens: list[str] | None = None
    """Its words."""
    like_count: Count | None = None
    """Likes."""
    rating: Annotated[float, Field(ge=0.5, le=5.0)] | None = None
    """Stars."""
    source: Literal["page", "feed"] = "page"
    """Where it was read."""
    is_rewatch: bool | None = None
    """Seen before."""
    watched_at: dt.datetime | None = None
    """When."""


def define(annotation: Any, default: Any = ..., **more: Any) -> type[Item]:
    """A table with the key `id` and a field `value` of the given type."""
    namespace = {
        "__module__": __name__,
        "__annotations__": {"dataset": ClassVar[str], "id": Id, "value": annotation, **more},
        "dataset": "test/things",
    }
    if default is not ...:
        namespace["value"] = default
    table: type[Item] = MADE_OF("Thing", (Item,), namespace)
    return table


HIDDEN = {
    "in a union with None": Person | None,
    "in a list": list[Person],
    "in an optional list": list[Person] | None,
    "in a list in a list": list[list[Person]],
    "in a dict": dict[str, Person],
    "in a tuple": tuple[Person, ...],
    "in an annotated union": Annotated[Person | None, Field(description="who")],
    "under another marker": OptionalPerson,
    "a key in a union": Id | None,
    "free text in a list": list[Annotated[str, FreeText()]],
    "words in a union": Annotated[str, Tokenize()] | None,
}


@pytest.mark.parametrize("annotation", HIDDEN.values(), ids=HIDDEN)
def test_a_marker_that_pydantic_does_not_show_is_refused_when_the_class_is_defined(annotation: Any) -> None:
    with pytest.raises(TypeDefinitionError, match=r"of field 'value' is inside a union or a list; wrap the whole type"):
        define(annotation)


def test_a_marker_around_the_whole_type_is_accepted_and_found() -> None:
    table = define(Annotated[str | None, Pseudonymize("user")])
    assert table.marked(Pseudonymize) == {"value": Pseudonymize("user")}
    assert table.key() == ("id",)


def test_a_table_without_a_key_is_refused() -> None:
    with pytest.raises(TypeDefinitionError, match=r"defining Keyless: no field is marked Key\(\)"):

        class Keyless(Item):
            dataset: ClassVar[str] = "test/keyless"
            name: str


@pytest.mark.parametrize("name", ["", "things", "/things", "test/", "test/things/new"])
def test_a_dataset_that_is_not_site_and_table_is_refused(name: str) -> None:
    with pytest.raises(TypeDefinitionError, match="name it '<site>/<table>'"):
        MADE_OF("Thing", (Item,), {"__module__": __name__, "__annotations__": {"id": Id}, "dataset": name})


def test_a_subclass_of_a_table_keeps_the_same_rules() -> None:
    with pytest.raises(TypeDefinitionError, match="inside a union or a list"):

        class Wider(Review):
            friend: Person | None = None


def test_a_handle_of_somebody_who_is_not_pseudonymised_is_refused() -> None:
    with pytest.raises(TypeDefinitionError, match="'value' is the handle of 'id'"):
        define(Annotated[str | None, Handle(of="id")])


def test_text_to_tokenize_without_a_column_for_its_words_is_refused() -> None:
    with pytest.raises(TypeDefinitionError, match=r"declare the field value_tokens"):
        define(Annotated[str, Tokenize()])
    define(Annotated[str, Tokenize()], value_tokens=list[str] | None)


@pytest.mark.parametrize(
    "annotation", [int, int | None, Annotated[int, Field(ge=0)], Annotated[int | None, Field(ge=0)]]
)
def test_an_integer_that_may_not_fit_its_column_is_refused(annotation: Any) -> None:
    with pytest.raises(TypeDefinitionError, match="has no upper bound"):
        define(annotation)


@pytest.mark.parametrize("annotation", [Count, Count | None, Annotated[int, Field(ge=-5, le=5)]])
def test_a_bounded_integer_is_an_int64(annotation: Any) -> None:
    assert arrow_schema(define(annotation)).field("value").type == pa.int64()


@pytest.mark.parametrize(
    "annotation", [bytes, dt.date, dict[str, str], set[str], list[Count], str | float, object, Any]
)
def test_a_type_that_readers_of_parquet_do_not_agree_on_is_refused(annotation: Any) -> None:
    with pytest.raises(TypeDefinitionError, match="readers of Parquet do not agree on"):
        define(annotation)


def review(**values: Any) -> Review:
    return Review.model_validate({"user_id": "dave", "film_id": "51", **values})


def test_a_row_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        review().film_id = "52"  # type: ignore[misc]


def test_a_field_the_type_does_not_know_is_an_error() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        review(stars=5)


def test_a_row_shows_no_value_when_it_is_printed() -> None:
    row = review(text="secret words")
    for shown in (repr(row), str(row), f"{row}", repr([row]), repr({"row": row})):
        assert "<Review>" in shown
        assert "dave" not in shown
        assert "secret" not in shown


def test_a_validation_error_shows_no_input() -> None:
    with pytest.raises(ValidationError) as caught:
        review(like_count="dave-likes-it", rating="dave-rates-it", source="dave-himself")
    assert "like_count" in str(caught.value)
    assert "dave" not in str(caught.value)
    assert "dave" not in repr(caught.value)


def test_the_columns_stand_in_the_order_of_the_fields_and_what_the_framework_adds_comes_last() -> None:
    own = ["user_id", "film_id", "text", "text_tokens", "like_count", "rating", "source", "is_rewatch", "watched_at"]
    assert arrow_schema(Review).names == [*own, "first_seen_at", "fetched_at", "crawl_id"]
    assert spool_schema(Review).names == [*own, "fetched_at", "crawl_id"]


class Observation(Item):
    """What was to be seen at the time of a crawl."""

    dataset: ClassVar[str] = "toy/observations"

    crawl_id: Annotated[str, Key()] = ""
    """The crawl."""
    word: Annotated[str, Key()]
    """What it saw."""


def test_a_table_of_observations_has_the_crawl_in_its_key_and_not_once_more() -> None:
    assert Observation.key() == ("crawl_id", "word")
    assert spool_schema(Observation).names == ["crawl_id", "word", "fetched_at"]
    assert arrow_schema(Observation).names == ["crawl_id", "word", "first_seen_at", "fetched_at"]


def test_a_handle_is_no_column() -> None:
    assert "username" not in arrow_schema(Review).names


def test_every_column_is_nullable_and_of_a_plain_type() -> None:
    schema = arrow_schema(Review)
    assert all(field.nullable for field in schema)
    time = pa.timestamp("us", tz="UTC")
    assert [field.type for field in schema] == [
        pa.string(), pa.string(), pa.string(), pa.list_(pa.string()), pa.int64(), pa.float64(), pa.string(), pa.bool_(),
        time, time, time, pa.string(),
    ]  # fmt: skip


def metadata(table: type[Item], column: str) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in arrow_schema(table).field(column).metadata.items()}


def test_the_metadata_of_a_column_says_what_it_means_and_how_it_is_marked() -> None:
    assert metadata(Review, "user_id") == {
        "description": "Who wrote it.", "key": "true", "pseudonym": "cinema.user",
    }  # fmt: skip
    assert metadata(Review, "film_id") == {"description": "The film, over two lines.", "key": "true"}
    assert metadata(Review, "text") == {"description": "The review.", "free_text": "scrubbed"}
    assert metadata(Review, "text_tokens") == {"description": "Its words.", "tokens_of": "text"}
    assert arrow_schema(Review).metadata == {
        b"dataset": b"cinema/reviews",
        b"description": b"What one person wrote about one film.",
    }


@pytest.mark.parametrize("table", all_tables().values(), ids=all_tables())
def test_every_table_and_column_has_a_description(table: type[Item]) -> None:
    assert table.__doc__
    undescribed = [field.name for field in arrow_schema(table) if not field.metadata[b"description"]]
    assert undescribed == []


@pytest.mark.parametrize("table", [Review, *all_tables().values()], ids=["cinema/reviews", *all_tables()])
def test_the_schema_comes_back_whole_from_parquet_and_from_arrow(table: type[Item]) -> None:
    schema = arrow_schema(table)
    file = io.BytesIO()
    pq.write_table(schema.empty_table(), file)
    read = pq.read_schema(io.BytesIO(file.getvalue()))
    assert read.equals(schema)
    assert read.metadata == schema.metadata
    assert [field.metadata for field in read] == [field.metadata for field in schema]
    assert pa.ipc.read_schema(schema.serialize()).equals(schema, check_metadata=True)


def test_tables_are_found_by_site_and_by_name() -> None:
    assert "sketchfab" in sites()
    assert [table.dataset for table in tables("sketchfab")][:2] == ["sketchfab/models", "sketchfab/likes"]
    assert table_of("sketchfab/likes").key() == ("user_id", "model_id")
    assert "cinema/reviews" not in all_tables()  # only what the package itself defines is published


def test_an_unknown_site_or_table_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"no site 'skechfab'; the sites are .*sketchfab"):
        tables("skechfab")
    with pytest.raises(ConfigurationError, match=r"no table 'sketchfab/hates'; the tables are .*sketchfab/models"):
        table_of("sketchfab/hates")


@pytest.mark.parametrize("annotation", [list[str], str | None])
def test_a_key_is_one_value_that_is_always_there(annotation: Any) -> None:
    with pytest.raises(TypeDefinitionError, match="the key field 'value' may be missing or is a list"):
        define(Annotated[annotation, Key()])

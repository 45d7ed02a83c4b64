"""The base of every table's row type, and the rules its markers must keep."""

from __future__ import annotations

import types
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, ClassVar, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter

from crawlers.errors import TypeDefinitionError
from crawlers.items.expected import Expected
from crawlers.items.markers import Counts, FreeText, Handle, Key, Marker, Pseudonymize, Tokenize, Value

M = TypeVar("M", Key, Pseudonymize, Handle, FreeText, Tokenize, Value, Counts)


class Item(BaseModel):
    """One row of one table. Subclasses set `dataset` and declare their fields in column order.

    Field docstrings become the column descriptions; markers (`crawlers.items.markers`) drive the pipelines.
    Rows are frozen, and a field the type does not know is an error.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)

    dataset: ClassVar[str]
    """`<site>/<table>`, the folder of the table under the output directory."""
    expected: ClassVar[Expected] = Expected()
    """What a crawl's rows of the table must look like; a breach ends the crawl as `expectations_failed`."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"  # a raw row must not reach a log by accident

    __str__ = __repr__

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if hasattr(cls, "dataset"):  # its own or that of the table it narrows
            _check(cls)

    @classmethod
    def site(cls) -> str:
        return cls.dataset.partition("/")[0]

    @classmethod
    def table(cls) -> str:
        return cls.dataset.partition("/")[2]

    @classmethod
    @cache
    def marked(cls, marker: type[M]) -> dict[str, M]:
        """The fields that carry `marker`, in column order, with the marker itself."""
        return {
            name: found
            for name, field in cls.model_fields.items()
            for found in field.metadata
            if isinstance(found, marker)
        }

    @classmethod
    @cache
    def key(cls) -> tuple[str, ...]:
        """The columns that together identify a row."""
        return tuple(cls.marked(Key))

    @classmethod
    @cache
    def page_adapter(cls) -> TypeAdapter[list[Any]]:
        """Validates all rows of a page in one call (0.57x of the cost of row by row)."""
        return TypeAdapter(list[cls])  # type: ignore[valid-type]


def _check(cls: type[Item]) -> None:
    """Refuse a type that would lose its key or publish a raw name."""
    for found, instead in _faults(cls):
        raise TypeDefinitionError(f"defining {cls.__name__}: {found}; {instead}")
    from crawlers.items.schema import arrow_schema  # noqa: PLC0415  (schema needs Item)

    arrow_schema(cls)


def _faults(cls: type[Item]) -> Iterator[tuple[str, str]]:
    """What is wrong with the type, and what would be right."""
    if cls.dataset.count("/") != 1 or not all(cls.dataset.split("/")):
        yield f"dataset is {cls.dataset!r}", "name it '<site>/<table>'"
    for name, field in cls.model_fields.items():
        for hidden in _hidden_markers(field.annotation):
            # pydantic does not show a marker inside a union or a list: the value would be published raw, silently.
            yield (
                f"{hidden} of field {name!r} is inside a union or a list",
                f"wrap the whole type: {name}: Annotated[<type> | None, {type(hidden).__name__}(...)]",
            )
    yield from _faults_of_the_key(cls)
    for name, handle in cls.marked(Handle).items():
        if handle.of not in cls.marked(Pseudonymize):
            yield f"{name!r} is the handle of {handle.of!r}", "which must be a Pseudonymize field of the type"
    for name in cls.marked(Tokenize):
        if f"{name}_tokens" not in cls.model_fields:
            yield f"{name!r} is to be tokenized", f"declare the field {name}_tokens: list[str] | None = None"


def _faults_of_the_key(cls: type[Item]) -> Iterator[tuple[str, str]]:
    key = cls.key()
    if not key:
        yield "no field is marked Key()", "mark the fields that identify a row"
    for name in key:
        bare, may_be_missing = optional(cls.model_fields[name].annotation)
        if may_be_missing or get_origin(bare) is list:
            yield f"the key field {name!r} may be missing or is a list", "a key is one value that is always there"
    people = [name in cls.marked(Pseudonymize) and cls.marked(Pseudonymize)[name].person for name in key]
    if people == [False, True]:
        yield f"{key[0]!r} stands before the person {key[1]!r}", "readers by position expect the person first"
    for name in cls.marked(Value):
        if len(key) != 2 or not people[0]:
            yield f"{name!r} is marked Value()", "which only a table has whose key is a person and another field"
        bare, _ = optional(cls.model_fields[name].annotation)
        if (get_args(bare)[0] if get_origin(bare) is Annotated else bare) not in {int, float}:
            yield f"{name!r} is marked Value() and is no number", "write Annotated[float | None, Value()]"
    for name in cls.marked(Counts):
        if len(key) != 1:
            yield f"{name!r} is marked Counts(...)", "which only a table has whose key is one field"


def _hidden_markers(annotation: Any) -> Iterator[Marker]:
    for argument in get_args(annotation):
        yield from (found for found in getattr(argument, "__metadata__", ()) if isinstance(found, Marker))
        yield from _hidden_markers(argument)


def optional(annotation: Any) -> tuple[Any, bool]:
    """Take `| None` off a type: the type without it, and whether it was there."""
    if get_origin(annotation) not in {Union, types.UnionType}:
        return annotation, False
    rest = [argument for argument in get_args(annotation) if argument is not types.NoneType]
    return (rest[0] if len(rest) == 1 else Union[tuple(rest)]), len(rest) < len(get_args(annotation))  # noqa: UP007

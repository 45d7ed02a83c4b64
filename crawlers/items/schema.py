"""The Arrow schema of a table, made from its item type and never from its rows.

Columns are nullable in Arrow terms: required fields are enforced when a row is validated. Each field's metadata holds
its `description` and its markers (`key`, `pseudonym`, `free_text`, `tokens_of`), so a file explains itself.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

import annotated_types
import pyarrow as pa
from pydantic.fields import FieldInfo

from crawlers.errors import TypeDefinitionError
from crawlers.items.item import Item, optional
from crawlers.items.markers import FreeText, Handle, Pseudonymize, Tokenize

TIMESTAMP = pa.timestamp("us", tz="UTC")

# What the framework adds to every row, after the type's own columns.
FIRST_SEEN_AT = pa.field(
    "first_seen_at", TIMESTAMP, metadata={"description": "When a crawl first fetched this key; kept by later crawls."}
)
FETCHED_AT = pa.field(
    "fetched_at", TIMESTAMP, metadata={"description": "When the page of this row was fetched; UTC, whole seconds."}
)
CRAWL_ID = pa.field(
    "crawl_id", pa.string(), metadata={"description": "The crawl that fetched the row; names its manifest in _runs."}
)


@cache
def spool_schema(table: type[Item]) -> pa.Schema:
    """The columns of a row as a crawl stores it: the type's own, then `fetched_at` and `crawl_id`.

    A table whose rows are observations has `crawl_id` in its key, among its own columns, and not once more.
    """
    handles = table.marked(Handle)
    columns = [_field(table, name, field) for name, field in table.model_fields.items() if name not in handles]
    columns += [FETCHED_AT] if CRAWL_ID.name in table.model_fields else [FETCHED_AT, CRAWL_ID]
    return pa.schema(columns, metadata={"dataset": table.dataset, "description": _doc(table)})


@cache
def arrow_schema(table: type[Item]) -> pa.Schema:
    """The columns of a published table: the type's own, then `first_seen_at`, `fetched_at` and `crawl_id`.

    Raises: TypeDefinitionError: a field whose type is not one of those every reader of Parquet agrees on.
    """
    spool = spool_schema(table)
    return spool.insert(spool.get_field_index(FETCHED_AT.name), FIRST_SEEN_AT)


def _doc(table: type[Item]) -> str:
    return " ".join((table.__doc__ or "").split())


def _field(table: type[Item], name: str, field: FieldInfo) -> pa.Field:
    bare, _ = optional(field.annotation)
    metadata = {"description": " ".join((field.description or "").split())}
    if name in table.key():
        metadata["key"] = "true"
    if (pseudonym := table.marked(Pseudonymize).get(name)) is not None:
        metadata["pseudonym"] = f"{table.site()}.{pseudonym.kind}"
    if name in table.marked(FreeText):
        metadata["free_text"] = "scrubbed"
    if name.endswith("_tokens") and (text := name.removesuffix("_tokens")) in table.marked(Tokenize):
        metadata["tokens_of"] = text
    return pa.field(name, _arrow_type(table, name, bare, field), metadata=metadata)


def _arrow_type(table: type[Item], name: str, bare: Any, field: FieldInfo) -> pa.DataType:
    constraints = _constraints(bare, field)
    if get_origin(bare) is Annotated:  # as in `Annotated[float, Field(ge=0.5)] | None`
        bare = get_args(bare)[0]
    origin, arguments = get_origin(bare), get_args(bare)
    if bare is str or (origin is Literal and all(isinstance(value, str) for value in arguments)):
        return pa.string()
    if isinstance(bare, type) and issubclass(bare, Enum) and issubclass(bare, str):
        return pa.string()
    if bare is bool:
        return pa.bool_()
    if bare is float:
        return pa.float64()
    if bare is dt.datetime:
        return TIMESTAMP
    if origin is list and arguments == (str,):
        return pa.list_(pa.string())
    if bare is int:
        if any(isinstance(found, annotated_types.Lt | annotated_types.Le) for found in constraints):
            return pa.int64()
        raise TypeDefinitionError(
            f"defining {table.__name__}: the integer {name!r} has no upper bound and need not fit a column of int64; "
            "use Count, or Field(ge=..., lt=...)"
        )
    raise TypeDefinitionError(
        f"defining {table.__name__}: {name!r} has the type {bare!r}, which readers of Parquet do not agree on; "
        "use str, int, float, bool, datetime or list[str], each with `| None` where it may be missing"
    )


def _constraints(bare: Any, field: FieldInfo) -> list[Any]:
    """The bounds of an integer: on the field itself, or on the type inside `Count | None`."""
    found = [*field.metadata]
    for constraint in getattr(bare, "__metadata__", ()):
        found += constraint.metadata if isinstance(constraint, FieldInfo) else [constraint]
    return found

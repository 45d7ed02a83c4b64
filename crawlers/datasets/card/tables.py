"""The tables of a dataset card: how one is written in Markdown, and those that explain every column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from crawlers.datasets.card.facts import SiteFacts
from crawlers.datasets.reference import type_name
from crawlers.items import FreeText, Item, Pseudonymize, arrow_schema

# How the names of columns tell their unit; other units stand in the descriptions.
_UNITS = {"_count": "number", "_s": "seconds", "_min": "minutes", "_bytes": "bytes", "_at": "UTC"}


def markdown_table(names: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> Iterator[str]:
    """Lines of a table, and an empty one; its last `numbers` columns are aligned to the right."""
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * (len(names) - numbers)}{'--:|' * numbers}"
    for row in rows:
        cells = (cell.replace("|", "\\|") for cell in row)
        yield f"| {' | '.join(cells)} |"
    yield ""


def columns(facts: SiteFacts) -> Iterator[str]:
    """Every column: type, unit, whether it is personal, and what it means."""
    yield "## Columns\n"
    for table in facts.tables:
        schema = arrow_schema(table.info.table)
        yield f"### {table.info.dataset}\n"
        yield f"{schema.metadata[b'description'].decode()}\n"
        yield from markdown_table(
            ["column", "type", "unit", "personal", "description"],
            (
                [
                    f"`{field.name}`{' (key)' if field.name in table.info.key else ''}",
                    f"`{type_name(field.type)}`",
                    unit(field),
                    personal(table.info.table, field),
                    field.metadata[b"description"].decode(),
                ]
                for field in schema
            ),
        )


def unit(field: pa.Field) -> str:
    """The unit of a column, as far as its type and name tell it."""
    if pa.types.is_timestamp(field.type):
        return "UTC"
    return next((unit for ending, unit in _UNITS.items() if field.name.endswith(ending)), "")


def personal(table: type[Item], field: pa.Field) -> str:
    """What a column has of people: their pseudonyms, or what they wrote."""
    if (marker := table.marked(Pseudonymize).get(field.name)) is not None:
        return f"pseudonym of a {marker.kind}" + ("" if marker.person else ", which leads to a person")
    if field.name in table.marked(FreeText):
        return "written by people; scrubbed"
    if (text := field.metadata.get(b"tokens_of", b"").decode()) in table.marked(FreeText):
        return f"words of `{text}`"
    return ""

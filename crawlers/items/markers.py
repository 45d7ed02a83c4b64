"""What a field of an item means to the pipelines. Markers stand in `Annotated` and wrap the whole field type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field


@dataclass(frozen=True, slots=True)
class Key:
    """Part of the table's key: published tables hold one row for each distinct key, sorted by it."""


@dataclass(frozen=True, slots=True)
class Pseudonymize:
    """A raw identifier of a person (or of something that leads to one); published as a keyed pseudonym.

    `kind` names what is identified (``user``, ``post``): equal ids of one kind have equal pseudonyms in all tables of
    a site. `person` is False where that is not a person but leads to one, as a post does.
    """

    kind: str
    person: bool = True


@dataclass(frozen=True, slots=True)
class Handle:
    """The public name (``@name``) of the person in field `of`. Never published: it recognises mentions of that person
    in the free text of the same row, which then show the person's pseudonym.

    `remembered`: and in the texts of all rows after this one, as far as the crawl can keep so many names.
    """

    of: str
    remembered: bool = False


@dataclass(frozen=True, slots=True)
class FreeText:
    """Text that people wrote: a string, or a list of strings, scrubbed of URLs, addresses, mentions and numbers.

    `mentions` is the kind of pseudonym an ``@name`` stands for on sites whose ids are the names; elsewhere a mention
    of somebody unknown becomes the neutral ``@user``.
    """

    mentions: str | None = None


@dataclass(frozen=True, slots=True)
class Tokenize:
    """Text to cut into words, written to the list<string> column `<field>_tokens`.

    `language` (ISO 639-1) chooses the stop words; Han characters are segmented whatever it says.
    """

    language: str = "en"


@dataclass(frozen=True, slots=True)
class Value:
    """In a table of two keys, the first a person: what the person says of the other one, such as a rating."""


@dataclass(frozen=True, slots=True)
class Counts:
    """A number that the site states: how many rows of its table `rows_of` belong to this row.

    They are those whose column `by` has this row's key, so that a dataset card can say how many of them are missing.
    """

    rows_of: str
    by: str


Marker = Key | Pseudonymize | Handle | FreeText | Tokenize | Value | Counts

# Arrow columns are int64: a number without a bound would pass validation and fail, with its whole commit, when written.
Count = Annotated[int, Field(ge=0, lt=2**63)]
"""A number of things, 0 or more."""

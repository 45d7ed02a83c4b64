"""Tables of pairs: who likes what, and who follows whom. Found by their keys, without knowing a site."""

from __future__ import annotations

from dataclasses import dataclass

from crawlers.errors import ConfigurationError
from crawlers.items.item import Item
from crawlers.items.markers import Pseudonymize, Value
from crawlers.items.registry import tables


@dataclass(frozen=True, slots=True)
class Pairs:
    """A table with a row for each pair of a `person` and an `other`, which is a person too if `between_people`.

    All but the table are names of columns; `value`, if there is one, says how the person rates the other.
    """

    table: type[Item]
    person: str
    other: str
    between_people: bool
    value: str | None


def pairs_of(table: type[Item]) -> Pairs | None:
    """The pairs of a table; None if it has not two keys of which the first is a person."""
    if len(table.key()) != 2:
        return None
    person, other = table.key()
    pseudonyms = table.marked(Pseudonymize)
    if person not in pseudonyms or not pseudonyms[person].person:
        return None
    between_people = other in pseudonyms and pseudonyms[other].person
    return Pairs(table, person, other, between_people, next(iter(table.marked(Value)), None))


def site_pairs(site: str, *, between_people: bool) -> Pairs:
    """The one table of a site that says who follows whom, or else what people do with things.

    Raises: ConfigurationError: no such site, or it has no or several such tables.
    """
    found = [pairs for table in tables(site) if (pairs := pairs_of(table)) and pairs.between_people == between_people]
    if len(found) != 1:
        kind = "of two people" if between_people else "of a person and a thing"
        names = ", ".join(pairs.table.dataset for pairs in found) or "none"
        raise ConfigurationError(
            f"looking for the pairs {kind} of {site}: its tables of such pairs are: {names}; read a table by its name: "
            f"crawlers.datasets.read({tables(site)[0].dataset!r})"
        )
    return found[0]

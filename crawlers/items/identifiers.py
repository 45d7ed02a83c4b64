"""The identifiers of a site that become pseudonyms: which kinds there are, and how one is written."""

from __future__ import annotations

import re
from typing import Any

from pydantic import TypeAdapter, ValidationError

from crawlers.errors import ConfigurationError
from crawlers.items.about import IdForm, about
from crawlers.items.markers import Pseudonymize
from crawlers.items.registry import tables


def kinds(site: str) -> list[str]:
    """The kinds of pseudonym in the tables of a site, sorted. Raises: ConfigurationError: no such site."""
    return sorted({marker.kind for table in tables(site) for marker in table.marked(Pseudonymize).values()})


def identifier(site: str, kind: str, raw: str) -> str:
    """The raw id as the rows of a site have it before they are pseudonymised.

    Raises: ConfigurationError: no such site or kind, or no column of that kind takes such an id, which is not shown.
    """
    if kind not in kinds(site):
        # What was given is not shown: it may be the id, in the wrong place.
        raise ConfigurationError(f"{site} has no such kind of id; its kinds are: {', '.join(kinds(site))}")
    form = about(site).ids.get(kind, IdForm(""))
    for table in tables(site) if re.fullmatch(form.pattern, raw, re.DOTALL) else ():
        for name, marker in table.marked(Pseudonymize).items():
            if marker.kind == kind:
                field: TypeAdapter[Any] = TypeAdapter(table.model_fields[name].rebuild_annotation())
                for given in (raw, [raw]):
                    try:
                        value = field.validate_python(given)
                    except ValidationError:
                        continue
                    return str(value[0]) if isinstance(value, list) else str(value)
    raise ConfigurationError(
        f"reading the id: it has {len(raw)} characters and is no id of kind {kind!r} as {site} writes them"
        f"{f' ({form.words})' if form.words else ''}; give the id that stands in the site's own data, not a pseudonym, "
        "without @, quotes or white space"
    )

"""Which tables exist: every Item type with a `dataset` in a module of this package."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from crawlers.errors import ConfigurationError, did_you_mean
from crawlers.items.item import Item


@cache
def all_tables() -> dict[str, type[Item]]:
    """Every table by its dataset name (`site/table`): site by site, and those of a site as they are defined."""
    import crawlers.items as package  # noqa: PLC0415  (this module is part of it)

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    ours = [table for table in _subclasses(Item) if table.__module__.startswith(f"{package.__name__}.")]
    ours.sort(key=lambda table: table.site())  # whichever module was imported first
    return {table.dataset: table for table in ours}


def _subclasses(cls: type[Item]) -> list[type[Item]]:
    found = []
    for subclass in cls.__subclasses__():
        if "dataset" in vars(subclass):
            found.append(subclass)
        found += _subclasses(subclass)
    return found


def sites() -> list[str]:
    """The sites that have tables, sorted."""
    return sorted({table.site() for table in all_tables().values()})


def tables(site: str) -> list[type[Item]]:
    """The tables of one site.

    Raises: ConfigurationError: there is no such site.
    """
    if site not in sites():
        known = ", ".join(sites())
        raise ConfigurationError(f"there is no site {site!r}; the sites are {known}{did_you_mean(site, sites())}")
    return [table for table in all_tables().values() if table.site() == site]


def table_of(dataset: str) -> type[Item]:
    """The item type of `site/table`.

    Raises: ConfigurationError: there is no such table.
    """
    if dataset not in all_tables():
        known = ", ".join(all_tables())
        raise ConfigurationError(
            f"there is no table {dataset!r}; the tables are {known}{did_you_mean(dataset, all_tables())}"
        )
    return all_tables()[dataset]

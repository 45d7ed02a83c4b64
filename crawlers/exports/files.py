"""Writing a file of an export, and finding the module that writes those of a site."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO, cast

from crawlers.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written; `rows` without its header. `note` says what a reader should know of it."""

    path: Path
    rows: int
    note: str = ""


class Exporter(Protocol):
    """What `crawlers.exports.<site>` offers."""

    def export(self, output_dir: Path, directory: Path) -> Iterator[Exported]: ...


def exporter(site: str) -> Exporter:
    """The module that writes the files of a site. Raises: ConfigurationError: there is none."""
    name = f"crawlers.exports.{site}"
    if not site.isidentifier() or importlib.util.find_spec(name) is None:
        raise ConfigurationError(f"there is no export for {site!r}; read its Parquet tables instead (README)")
    return cast("Exporter", importlib.import_module(name))


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """A text file (UTF-8, lines end in ``\\n``) that appears under its name only when it is whole."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            yield file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

"""The records that crawls left beside the tables: what each manifest in `_runs` says."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

logger = logging.getLogger(__name__)


SHOWN_ENTRIES = 3  # of a list among the arguments, which may have thousands


def brief(value: Any) -> Any:
    """An argument as it is shown to somebody: of a long list the first entries, and how many there are."""
    if not isinstance(value, list) or len(value) <= SHOWN_ENTRIES:
        return value
    return [*value[:SHOWN_ENTRIES], f"and {len(value) - SHOWN_ENTRIES:,} more"]


class _Record(BaseModel):
    # Whoever adds to manifests does not make older ones unreadable, nor newer ones to an older program.
    model_config = ConfigDict(frozen=True, extra="ignore")


class World(_Record):
    """What the sandbox of a crawl served; `invented` is None in records that do not say whether its people exist."""

    description: str
    seed: int
    size: int
    invented: bool | None = None


class Requests(_Record):
    """How many requests there were, and why some failed. `pending` ones were left when the crawl ended."""

    done: int = 0
    failed: int = 0
    pending: int = 0
    failures: Counter[str] = Counter()


class Counted(_Record):
    """What a crawl met of one table: rows, and the lists it read to their end."""

    seen: int = 0
    stored: int = 0
    duplicate: int = 0
    invalid: int = 0
    forgotten: int = 0
    lists: int = 0
    stated: int = 0
    missing: int = 0


class Gap(_Record):
    """Rows of a table that the site may have and no list of it shows."""

    dataset: str
    what: str


class Run(_Record):
    """One crawl, as its manifest tells."""

    crawl_id: str
    arguments: dict[str, Any] = {}
    sandbox: World | None = None
    contact: str | None = None
    robots_obeyed: bool | None = None
    versions: dict[str, str] = {}
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    finish_reason: str
    requests: Requests = Requests()
    pages: dict[str, int] = {}
    tables: dict[str, Counted] = {}
    gaps: list[Gap] = []

    @property
    def was_answered(self) -> bool:
        """Whether it asked for anything and learned what became of it; a crawl that is blocked at once did not."""
        return bool(self.requests.done or self.requests.failed)


def runs(site_dir: Path) -> list[Run]:
    """The crawls of a site, newest first; `site_dir` is `<output>/<site>`. A file that is no manifest is left out."""
    found = []
    for path in sorted((site_dir / "_runs").glob("*.json"), reverse=True):  # their names begin with the time
        try:
            found.append(Run.model_validate_json(path.read_bytes()))
        except ValidationError:
            logger.warning("%s is not the manifest of a crawl, and is left out", path)
    return found

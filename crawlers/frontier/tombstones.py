"""Who was forgotten: pseudonyms that no later crawl of a site may store. One file a site, outside every job."""

from __future__ import annotations

import fcntl
import logging
import os
import re
from pathlib import Path

from crawlers.datasets.files import replace_durably
from crawlers.errors import ConfigurationError

logger = logging.getLogger(__name__)

FILE = "tombstones"
_TOMBSTONE = re.compile(r"([0-9a-f]{8}) ([0-9a-f]{32})")


def load(site_jobs: Path, key_id: str) -> frozenset[str]:
    """The forgotten pseudonyms that the pseudonym key `key_id` made; `site_jobs` is `<jobs>/<site>`.

    A warning says how many were made with another key: those people cannot be recognised under this one.
    Raises: ConfigurationError: the file cannot be read, or is not as `add` writes it.
    """
    stones = _read(site_jobs / FILE)
    found = frozenset(pseudonym for key, pseudonym in stones if key == key_id)
    if others := len(stones) - len(found):
        logger.warning(
            "%s tombstones of another pseudonym key: those people cannot be recognised under the key %s, and come "
            "back; run `scrapy forget` for them with this key too", others, key_id,
        )  # fmt: skip
    return found


def add(site_jobs: Path, key_id: str, pseudonym: str) -> None:
    """Write a tombstone, durable when this returns, into a file that only its owner can read.

    Raises: OSError: the disk; ConfigurationError: the file that is there is not as this writes it.
    """
    directory = os.open(site_jobs, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)  # or of two at once only one would stay
        target, temporary = site_jobs / FILE, site_jobs / f".{FILE}"
        # Sorted, so that the order says nothing about who came when.
        lines = sorted(f"{key} {found}\n" for key, found in _read(target) | {(key_id, pseudonym)})
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.writelines(lines)
        replace_durably(temporary, target)
    finally:
        os.close(directory)


def _read(path: Path) -> set[tuple[str, str]]:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return set()
    except (OSError, UnicodeDecodeError) as error:
        found = getattr(error, "strerror", None) or "it is not text"
        raise ConfigurationError(
            f"reading the tombstones {path}: {found}; without them people who were forgotten would come back; "
            "make the file readable, or restore it from a backup"
        ) from None
    stones = set()
    for number, line in enumerate(lines, 1):
        if (match := _TOMBSTONE.fullmatch(line)) is None:
            raise ConfigurationError(
                f"reading the tombstones {path}: line {number} is not a key id and a pseudonym; without it somebody "
                "who was forgotten may come back; restore the file from a backup, or take the line out"
            )
        stones.add((match[1], match[2]))
    return stones

"""The dataset card of a site, `<output>/<site>/README.md`: written anew whenever its tables or records change."""

from __future__ import annotations

from pathlib import Path

from crawlers.datasets.card.facts import gather
from crawlers.datasets.card.text import card
from crawlers.datasets.files import replace_durably

__all__ = ["card_file", "write_card"]


def card_file(site: str, output_dir: Path) -> Path:
    """Where the card of a site is."""
    return output_dir / site / "README.md"


def write_card(site: str, output_dir: Path, temporary: Path) -> Path | None:
    """Write the card of a site, whole or not at all; its path, or None if there is no table to tell of.

    To be called by the site's only writer, whose folder for new files is `temporary`.
    Raises: OSError, pyarrow.ArrowException, DatasetError: the disk, or a table that cannot be read; the card is as it
        was.
    """
    facts = gather(site, output_dir)
    if facts is None:
        return None
    target = card_file(site, output_dir)
    new = temporary / target.name
    new.write_text(card(facts), encoding="utf-8")
    replace_durably(new, target)
    return target

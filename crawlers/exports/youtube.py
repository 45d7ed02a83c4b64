"""`raw_data.csv` as the recommender of YouTube videos wrote it, whose pages were in Brazilian Portuguese.

Its code takes views by ``(\\d+\\.?\\d*)`` and dates by ``(\\d+) de ([a-z]+)\\. de (\\d+)``. Views are therefore written
without the dots that cost it every video of a million views and more, and dates in its words. Channels are pseudonyms.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from crawlers.datasets.check import table_file
from crawlers.datasets.files import ONLY_READ, storage_errors
from crawlers.errors import ConfigurationError
from crawlers.exports.files import Exported, writing
from crawlers.items.youtube import Video

COLUMNS = (
    "watch-title", "watch-view-count", "watch-time-text", "watch-extras-section", "content_watch-info-tag-list",
    "og:image", "og:image:width", "og:image:height", "og:description", "og:video:width", "og:video:height",
    "og:video:tag", "channel_link_0",
)  # fmt: skip
_READ = [
    "title", "view_count", "published_at", "category", "thumbnail_url", "thumbnail_width", "thumbnail_height",
    "description", "width", "height", "tags", "channel_id",
]  # fmt: skip
_MONTHS = ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez")


def export(output_dir: Path, directory: Path) -> Iterator[Exported]:
    """Write `raw_data.csv`: a row for every video that can be seen, by its id, without the id, as the original has it.

    Raises: ConfigurationError: there is no table of videos; DatasetError: it cannot be read, or the file not written.
    """
    source, target = table_file(Video, output_dir), directory / "raw_data.csv"
    if not source.exists():
        raise ConfigurationError(
            f"there is no table {Video.dataset}, which the export is made of; crawl with details=1"
        )
    rows = gone = 0
    with storage_errors(f"exporting {Video.dataset}", source.parent, ONLY_READ), writing(target) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for batch in pq.ParquetFile(source).iter_batches(columns=_READ):
            for video in batch.to_pylist():
                if video["title"] is None:  # private or removed: the original had no page of it either
                    gone += 1
                    continue
                writer.writerow(_row(video))
                rows += 1
    yield Exported(target, rows, f"{gone:,} left out that are not there any more" if gone else "")


def _row(video: Mapping[str, Any]) -> list[Any]:
    """In the order of COLUMNS. What is not known stays empty."""
    tags = video["tags"] or [""]
    return [
        video["title"],
        _views(video["view_count"]),
        _date(video["published_at"]),
        video["category"],
        video["category"],
        video["thumbnail_url"],
        video["thumbnail_width"],
        video["thumbnail_height"],
        video["description"],
        video["width"],
        video["height"],
        tags[-1],  # of a repeated tag of the page the original kept the last
        f"/channel/{video['channel_id']}" if video["channel_id"] else None,
    ]


def _views(count: int | None) -> str | None:
    """``18212147 visualizações``: digits in one piece."""
    if count is None:
        return None
    if count == 0:
        return "Nenhuma visualização"
    return f"{count} {'visualização' if count == 1 else 'visualizações'}"


def _date(published_at: dt.datetime | None) -> str | None:
    """``Publicado em 15 de mar. de 2020``, the day in UTC."""
    if published_at is None:
        return None
    return f"Publicado em {published_at.day} de {_MONTHS[published_at.month - 1]}. de {published_at.year}"

"""Reading the dataset of YouTube that a world can be loaded from."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sandbox.worlds.dataset import Dataset, WorldError
from sandbox.worlds.youtube_listed import Listed, ListedVideo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAME = "youtube-recommender"
FILE = "sibling_videos_2020.parquet"
COLUMNS = (
    "source_repo", "split", "video_id", "title", "views", "date_text", "published", "tag_list_text", "author", "likes",
    "og_description", "og_video_width", "og_video_height", "og_video_tag_last", "channel_link_0",
)  # fmt: skip
SHAPE = f"{NAME} ({FILE}: {', '.join(COLUMNS)})"
NOW = dt.datetime(2020, 6, 15, 12, tzinfo=dt.UTC)  # two weeks after the newest of its videos
# What the API reaches of one list: ten pages of 50, of which nine repeat a row.
LONGEST_LIST = 491
CATEGORIES = {
    "Automóveis": "Autos & Vehicles",
    "Ciência e tecnologia": "Science & Technology",
    "Comédia": "Comedy",
    "Educação": "Education",
    "Entretenimento": "Entertainment",
    "Esportes": "Sports",
    "Filmes e desenhos": "Film & Animation",
    "Guias e Estilo": "Howto & Style",
    "Jogos": "Gaming",
    "Música": "Music",
    "Notícias e política": "News & Politics",
    "Pessoas e blogs": "People & Blogs",
    "Sem fins lucrativos/ativismo": "Nonprofits & Activism",
    "Viagens e eventos": "Travel & Events",
}

Row = dict[str, Any]


def load(file: Path, size: int | None) -> Dataset[Listed]:
    """The videos of three published tables and their samples. What was searched for is not kept with a row, so each
    table is served as the results of a few queries, ``data science 1`` and so on, in the order of its rows.

    `size` takes that many rows, evenly spread; None takes all that name a video.
    """
    rows = _read(file)
    if size is not None and size > len(rows):
        raise WorldError(f"size {size} is more than the {len(rows)} rows with a video in {file}")
    if size is not None:
        rows = [rows[i * len(rows) // size] for i in range(size)]
    by_id: dict[str, list[Row]] = {}
    for row in rows:
        by_id.setdefault(row["video_id"], []).append(row)
    places = {video_id: place for place, video_id in enumerate(by_id)}
    tables: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        tables.setdefault((row["source_repo"], row["split"]), []).append(places[row["video_id"]])
    content = Listed([_video(same) for same in by_id.values()], _lists(list(tables.values())), NOW)
    return Dataset("youtube", NAME, len(rows), content, generated="queries, durations, handles, ...")


def _lists(tables: Sequence[list[int]]) -> dict[str, list[int]]:
    """The tables in parts of nearly equal length, none longer than what can be reached."""
    parts: list[list[int]] = []
    for table in tables:
        count = -(-len(table) // LONGEST_LIST)
        parts += [table[i * len(table) // count : (i + 1) * len(table) // count] for i in range(count)]
    return {f"data science {number}": part for number, part in enumerate(parts, 1)}


def _video(rows: Sequence[Row]) -> ListedVideo:
    """One video from the rows that speak of it: the first that has its title tells the rest, too."""
    row = next((row for row in rows if row["title"]), rows[0])
    link = row["channel_link_0"] or ""
    text = row["date_text"] or ""
    width, height = row["og_video_width"], row["og_video_height"]
    published = next((row["published"] for row in rows if row["published"]), None)
    return ListedVideo(
        video_id=row["video_id"],
        title=row["title"] or "",
        channel_id=link.rpartition("/")[2] if link.startswith("/channel/UC") else None,
        channel_name=row["author"] or None,
        published_on=dt.date.fromisoformat(published) if published else None,
        view_count=row["views"],
        like_count=row["likes"],
        category=CATEGORIES.get(row["tag_list_text"]),
        description=row["og_description"] or "",
        last_tag=row["og_video_tag_last"] or None,
        embed=(width, height) if width and height else None,
        was_live=text.startswith(("Transmitido ao vivo", "Stream ao vivo")),
    )


def _read(file: Path) -> list[Row]:
    """The rows that name a video."""
    import pyarrow as pa  # noqa: PLC0415 - takes 0.2 s, and a synthetic world reads no file
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        table = pq.read_table(file, columns=list(COLUMNS))
        rows: list[Row] = [row for row in table.to_pylist() if row["video_id"]]
    except (pa.ArrowException, OSError, KeyError) as error:
        raise WorldError(f"{file} cannot be read as {NAME} ({', '.join(COLUMNS)}): {error}".splitlines()[0]) from error
    if not rows:
        raise WorldError(f"{file} names no videos")
    return rows

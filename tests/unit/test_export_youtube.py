"""`raw_data.csv` is what code written for the original reads, with the views that it used to cut."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawlers.datasets.check import table_file
from crawlers.errors import ConfigurationError, DatasetError
from crawlers.exports import exporter
from crawlers.items import arrow_schema
from crawlers.items.youtube import Video

COLUMNS = [
    "watch-title", "watch-view-count", "watch-time-text", "watch-extras-section", "content_watch-info-tag-list",
    "og:image", "og:image:width", "og:image:height", "og:description", "og:video:width", "og:video:height",
    "og:video:tag", "channel_link_0",
]  # fmt: skip
VIEWS, DATE = r"(\d+\.?\d*)", r"(\d+) de ([a-z]+)\. de (\d+)"  # as the original takes them out of the texts
PSEUDONYM = "0123456789abcdef0123456789abcdef"


def published(output: Path, *videos: dict[str, Any]) -> Path:
    file = table_file(Video, output)
    file.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([*videos], schema=arrow_schema(Video)), file)
    return file


def exported(output: Path, directory: Path) -> pd.DataFrame:
    (written,) = exporter("youtube").export(output, directory)
    frame = pd.read_csv(directory / "raw_data.csv")
    assert written.path == directory / "raw_data.csv"
    assert written.rows == len(frame)
    return frame


def video(number: int, **values: Any) -> dict[str, Any]:
    published_at = dt.datetime(2020, 3, 15, 23, 30, tzinfo=dt.UTC)
    return {"video_id": f"video{number}", "title": f"Cello {number}", "published_at": published_at, **values}


def test_the_columns_are_the_originals_and_its_expressions_find_the_right_values(tmp_path: Path) -> None:
    counts = [18_212_147, 33_445, 1, 0, 2**53 + 1]
    published(
        tmp_path / "output",
        *(video(number, view_count=count) for number, count in enumerate(counts)),
    )
    frame = exported(tmp_path / "output", tmp_path)
    assert list(frame.columns) == COLUMNS
    found = frame["watch-view-count"].str.extract(VIEWS, expand=False)
    assert found.str.replace(".", "", regex=False).fillna("0").astype("int64").tolist() == counts
    day, month, year = frame["watch-time-text"].str.extract(DATE).iloc[0]
    assert (day, month, year) == ("15", "mar", "2020")


def test_every_month_is_one_that_the_original_knows(tmp_path: Path) -> None:
    days = [dt.datetime(2021, month, 9, tzinfo=dt.UTC) for month in range(1, 13)]
    published(tmp_path / "output", *(video(day.month, published_at=day) for day in days))
    months = exported(tmp_path / "output", tmp_path)["watch-time-text"].str.extract(DATE)[1]
    assert months.tolist() == ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"]


def test_a_video_keeps_its_values_and_what_is_not_known_is_empty(tmp_path: Path) -> None:
    whole = video(
        1, channel_id=PSEUDONYM, category="Music", tags=["cello", "rain"], width=1280, height=720,
        description='Two lines,\nand "quotes"', thumbnail_url="https://i.ytimg.com/vi/video1/hqdefault.jpg",
        thumbnail_width=480, thumbnail_height=360, view_count=5,
    )  # fmt: skip
    published(tmp_path / "output", whole, video(2, published_at=None))
    first, second = exported(tmp_path / "output", tmp_path).to_dict("records")
    assert first["og:description"] == 'Two lines,\nand "quotes"'
    assert (first["og:video:width"], first["og:video:height"], first["og:image:width"]) == (1280, 720, 480)
    assert (first["og:video:tag"], first["content_watch-info-tag-list"]) == ("rain", "Music")
    assert first["channel_link_0"] == f"/channel/{PSEUDONYM}"
    assert [name for name in COLUMNS if pd.notna(second[name])] == ["watch-title"]


def test_videos_that_are_not_there_are_left_out_and_counted(tmp_path: Path) -> None:
    gone = {"video_id": "video2", "availability": "private"}
    published(tmp_path / "output", video(1), gone)
    (written,) = exporter("youtube").export(tmp_path / "output", tmp_path)
    assert (written.rows, written.note) == (1, "1 left out that are not there any more")


def test_without_a_table_of_videos_there_is_nothing_to_export(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="details"):
        list(exporter("youtube").export(tmp_path, tmp_path))


def test_a_table_that_cannot_be_read_leaves_no_file(tmp_path: Path) -> None:
    published(tmp_path / "output", video(1)).write_bytes(b"not Parquet")
    with pytest.raises(DatasetError, match="exporting youtube/videos"):
        list(exporter("youtube").export(tmp_path / "output", tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["output"]

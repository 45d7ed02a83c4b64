"""Tables as frames: what a notebook opens with one call."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import pytest

from crawlers.datasets import edges, interactions, read
from crawlers.errors import ConfigurationError, DatasetError
from tests.unit.cinema import Follow, Member, Rating, cinema, publish
from tests.unit.staging import Folders, Like, like, stage

__all__ = ["cinema"]
pytestmark = pytest.mark.usefixtures("cinema")
RATINGS = [("anna", "alien", 4.5, 117), ("anna", "brazil", None, None), ("bert", "alien", 0.5, 117)]


def values(frame: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False)]


def test_a_table_keeps_its_numbers_whole_where_some_are_missing(tmp_path: Path) -> None:
    publish(Rating, tmp_path, RATINGS)
    frame = read("cinema/ratings", tmp_path)
    assert list(frame.columns) == [*Rating.model_fields, "first_seen_at", "fetched_at", "crawl_id"]
    assert values(frame[["user_id", "film_id", "rating", "runtime_min"]]) == RATINGS
    dtypes = {name: str(dtype) for name, dtype in frame.dtypes.items()}
    assert (dtypes["user_id"], dtypes["rating"], dtypes["runtime_min"]) == ("string", "Float64", "Int64")
    assert dtypes["fetched_at"] == "datetime64[us, UTC]"


def test_interactions_have_the_same_columns_on_every_site(tmp_path: Path) -> None:
    publish(Rating, tmp_path, RATINGS)
    frame = interactions("cinema", str(tmp_path))
    assert list(frame.columns) == ["user_id", "item_id", "rating"]
    assert values(frame) == [row[:3] for row in RATINGS]


def test_who_likes_something_rates_it_1(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # Sketchfab is among the sites again
    stage(folders.jobs, Like, [like("u", "m"), like("v", "m")])
    folders.publish()
    frame = interactions("sketchfab", folders.output)
    assert values(frame) == [("u", "m", 1.0), ("v", "m", 1.0)]
    assert str(frame["rating"].dtype) == "Float64"


def test_edges_lead_from_people_to_people(tmp_path: Path) -> None:
    publish(Follow, tmp_path, [("bert", "anna"), ("anna", "bert")])
    frame = edges("cinema", tmp_path)
    assert list(frame.columns) == ["source", "target"]
    assert values(frame) == [("anna", "bert"), ("bert", "anna")]


def test_a_folder_of_the_form_name_equals_value_is_no_column(tmp_path: Path) -> None:
    publish(Member, tmp_path / "year=2026", [("anna", 2)])
    assert "year" not in read("cinema/members", tmp_path / "year=2026").columns


def test_a_table_that_is_not_there_is_said_to_be_missing_and_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"reading cinema/ratings: there is no .*ratings\.parquet.*output/sand"
    ):
        read("cinema/ratings", tmp_path)
    with pytest.raises(ConfigurationError, match="there is no table 'cinema/rating'"):
        read("cinema/rating", tmp_path)


def test_a_file_that_is_no_table_is_said_to_be_broken(tmp_path: Path) -> None:
    publish(Rating, tmp_path, RATINGS).write_text("no Parquet")
    with pytest.raises(DatasetError, match="reading cinema/ratings"):
        read("cinema/ratings", tmp_path)


def test_without_pandas_one_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(Rating, tmp_path, RATINGS)
    imported = builtins.__import__

    def without_pandas(name: str, *arguments: Any) -> Any:
        if name == "pandas":
            raise ModuleNotFoundError(name)
        return imported(name, *arguments)

    monkeypatch.delitem(sys.modules, "pandas", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_pandas)
    with pytest.raises(ConfigurationError, match=r"pip install 'crawlers\[notebooks\]'"):
        read("cinema/ratings", tmp_path)

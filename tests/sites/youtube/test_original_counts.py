"""The views that the original cut: to it 18.212.147 were 18,212, and so with every video of a million or more."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from crawlers.parsing.count_text import count_in


@pytest.mark.real_world
def test_every_count_of_the_originals_siblings_is_right_those_that_it_cut_too(datasets_dir: Path) -> None:
    file = datasets_dir / "youtube-recommender" / "sibling_videos_2020.parquet"
    if not file.exists():
        pytest.skip(f"no dataset at {file}")
    columns = ["views_text", "views", "views_as_seed_regex"]
    rows = [row for row in pq.read_table(file, columns=columns).to_pylist() if row["views_text"]]
    read = [count_in(row["views_text"], "pt-BR") for row in rows]
    assert read == [(row["views"], False) for row in rows]
    cut = [count for (count, _), row in zip(read, rows, strict=True) if row["views_as_seed_regex"] != row["views"]]
    assert len(cut) == 46
    assert min(cut) >= 1_000_000
    assert 18_212_147 in cut

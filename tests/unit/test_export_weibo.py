"""The six files are as code written for the original reads them, and none of its bugs is repeated."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawlers.datasets.check import table_file
from crawlers.errors import ConfigurationError, DatasetError
from crawlers.exports import exporter
from crawlers.exports.weibo import communities, follow_graph
from crawlers.items import Item, arrow_schema
from crawlers.items.weibo import Discovery, Follow, Post

PEOPLE = ["c" * 32, "a" * 32, "b" * 32, "d" * 32]  # in the order of discovery


def published(output: Path, table: type[Item], *rows: dict[str, Any]) -> None:
    file = table_file(table, output)
    file.parent.mkdir(parents=True)
    key = [(column, "ascending") for column in table.key()]
    pq.write_table(pa.Table.from_pylist([*rows], schema=arrow_schema(table)).sort_by(key), file)


def post(number: int, author: str, text: str, tokens: list[str]) -> dict[str, Any]:
    written = dt.datetime(2026, 1, number, tzinfo=dt.UTC)
    return {"post_id": f"{9 - number}", "user_id": author, "text": text, "text_tokens": tokens, "created_at": written}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, list[str]]:
    output = tmp_path / "output"
    found = [{"user_id": person, "discovery_index": place, "depth": 0} for place, person in enumerate(PEOPLE)]
    published(output, Discovery, *found)
    edges = [(0, 2, 1), (0, 1, 2), (2, 0, 1), (1, 1, 3), (1, 2, 1)]
    follows = [{"source_id": PEOPLE[a], "target_id": PEOPLE[b], "rank": rank} for a, b, rank in edges]
    beyond = {"source_id": PEOPLE[0], "target_id": "e" * 32, "rank": 3}
    published(output, Follow, *follows, beyond)
    published(
        output,
        Post,
        post(1, PEOPLE[0], "看海", ["海", "看海"]),
        post(2, PEOPLE[0], "@@Content: 好\n海", ["海", "天"]),
        post(3, PEOPLE[0], "", []),
        post(4, PEOPLE[2], "天 <url>", ["天", "云"]),
        post(5, "e" * 32, "谁", ["谁"]),
    )
    directory = tmp_path / "export"
    directory.mkdir()
    written = {one.path.name: one for one in exporter("weibo").export(output, directory)}
    assert list(written) == [
        "user_list.txt", "topo.txt", "content.txt", "dict.txt", "content_index.txt", "community_membership.txt",
    ]  # fmt: skip
    assert "modularity" in written["community_membership.txt"].note
    assert written["topo.txt"].note == "without 2 follows of people who are not in weibo/discoveries"
    assert written["content.txt"].note == (
        "without 1 posts without words and 1 of people who are not in weibo/discoveries"
    )
    texts = {name: (directory / name).read_bytes().decode("utf-8") for name in written}
    assert all(text.endswith("\n") and "\r" not in text and not text.startswith("\ufeff") for text in texts.values())
    return {name: text.splitlines() for name, text in texts.items()}


def test_people_stand_in_the_order_of_discovery_under_their_pseudonyms(files: dict[str, list[str]]) -> None:
    assert files["user_list.txt"] == [f"{person}\t{person}" for person in PEOPLE]


def test_edges_are_sorted_by_source_and_rank_without_loops_and_strangers(files: dict[str, list[str]]) -> None:
    assert files["topo.txt"] == ["0\t2", "0\t1", "1\t2", "2\t0"]


def test_a_block_holds_the_posts_of_a_person_newest_first_and_no_text_looks_like_a_mark(
    files: dict[str, list[str]],
) -> None:
    assert files["content.txt"] == [
        "@@0:", "@@Content:", " @@Content: 好 海", "看海", "@@ContentEnd",
        "@@2:", "@@Content:", "天 <url>", "@@ContentEnd",
    ]  # fmt: skip


def test_words_are_unique_and_numbered_as_they_come(files: dict[str, list[str]]) -> None:
    assert files["dict.txt"] == ["海", "天", "看海", "云"]
    assert files["content_index.txt"] == ["0\t0", "0\t1", "0\t2", "2\t1", "2\t3"]


def test_communities_are_numbered_by_size(files: dict[str, list[str]]) -> None:
    assert files["community_membership.txt"] == ["0", "0", "0", "1"]  # whoever has no edge is alone


def test_a_graph_without_edges_has_communities_too() -> None:
    assert communities(3, []) == ([0, 1, 2], 0.0)
    assert follow_graph({}, []) == []


def test_the_same_graph_has_the_same_communities_every_time() -> None:
    ring = [(person, (person + 1) % 10) for person in range(10)] + [(10 + p, 10 + (p + 1) % 10) for p in range(10)]
    first, modularity = communities(20, ring)
    assert (first, modularity) == communities(20, ring)
    assert modularity > 0.5
    assert set(first[:10]).isdisjoint(first[10:])


def test_without_who_was_seen_there_is_nothing_to_write(tmp_path: Path) -> None:
    published(tmp_path, Post, post(1, PEOPLE[0], "看海", ["看海"]))
    with pytest.raises(ConfigurationError, match="no table weibo/discoveries"):
        list(exporter("weibo").export(tmp_path, tmp_path))
    assert not list(tmp_path.glob("*.txt"))


@pytest.mark.parametrize("fault", ["a damaged table", "no room"])
def test_what_a_disk_raises_says_what_to_do(tmp_path: Path, fault: str) -> None:
    published(tmp_path, Discovery, {"user_id": PEOPLE[0], "discovery_index": 0, "depth": 0})
    if fault == "a damaged table":
        table_file(Discovery, tmp_path).write_bytes(b"PAR1 cut short")
    else:
        (tmp_path / "user_list.txt").mkdir()  # nobody can write there, not even root
    with pytest.raises(DatasetError, match=r"exporting the tables of weibo in .*weibo: "):
        list(exporter("weibo").export(tmp_path, tmp_path))

"""The dataset card: its figures are those of the tables and manifests beside it, and every table opens by it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from crawlers.datasets.card import card_file, write_card
from crawlers.errors import DatasetError, TypeDefinitionError
from crawlers.items import arrow_schema, sites
from crawlers.items.about import About, about
from tests.unit.cinema import ABOUT, CRAWL, TABLES, Follow, Member, Post, Rating, cinema, publish
from tests.unit.staging import KEY, Folders, Like, like, stage

__all__ = ["cinema"]
LATER = "20260202T000000Z-fedcba"
INVENTED = {"description": "synthetic", "seed": 3, "size": 60, "invented": True}
LOADED = {"description": "ratings (loaded; likes generated)", "seed": 0, "size": 9, "invented": False}


@pytest.fixture
def output(tmp_path: Path, cinema: None) -> Path:
    """Three ratings of two members, who say they have rated five."""
    publish(Member, tmp_path, [("anna", 1), ("bert", 4), ("carl", None)])
    publish(Rating, tmp_path, [("anna", "alien", 4.5), ("anna", "brazil", None), ("bert", "alien", 0.5)])
    return tmp_path


def record(output: Path, crawl: str = CRAWL, **values: Any) -> None:
    """Leave the manifest of a crawl."""
    manifest: dict[str, Any] = {
        "crawl_id": crawl, "arguments": {"members": 2}, "sandbox": None, "contact": None, "robots_obeyed": True,
        "versions": {"crawlers": "0.1.0", "python": "3.11"}, "finish_reason": "finished",
        "started_at": "2026-01-01T00:00:00+00:00", "finished_at": "2026-01-01T00:05:00+00:00",
        "requests": {"enqueued": 9, "done": 9, "failed": 0, "pending": 0, "failures": {}},
        "pages": {"ok": 9}, "tables": {}, "quarantine": [],
    }  # fmt: skip
    path = output / "cinema" / "_runs" / f"{crawl}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(manifest | values))


def written(output: Path) -> str:
    (output / "new").mkdir(exist_ok=True)
    path = write_card("cinema", output, output / "new")
    assert path == card_file("cinema", output)
    return path.read_text(encoding="utf-8")


def section(card: str, title: str) -> str:
    return card.partition(f"## {title}\n")[2].partition("\n## ")[0]


def cells(card: str, first: str) -> list[str]:
    """The row of a table that begins with this cell."""
    (row,) = (line for line in card.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


# -- opening the tables ----------------------------------------------------------------------------------------------


def test_each_table_is_a_configuration_and_who_does_what_is_the_default(output: Path) -> None:
    publish(Follow, output, [("anna", "bert")])
    matter = yaml.safe_load(written(output).split("---\n")[1])
    assert matter["configs"] == [
        {"config_name": "ratings", "data_files": "ratings/ratings.parquet", "default": True},
        {"config_name": "follows", "data_files": "follows/follows.parquet"},
        {"config_name": "members", "data_files": "members/members.parquet"},
    ]
    assert matter["pretty_name"] == "The Cinema"


def test_every_table_opens_by_its_name_and_the_main_one_without(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(output)
    written(output)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets  # noqa: PLC0415  (reads its environment when it is imported)

    def load(*name: str) -> Any:
        loaded = datasets.load_dataset(str(output / "cinema"), *name, split="train", cache_dir=str(tmp_path / "cache"))
        return loaded.with_format("arrow")[:]

    for table in (Member, Rating):
        path = output / "cinema" / table.table() / f"{table.table()}.parquet"
        assert load(table.table()).cast(arrow_schema(table)).to_pylist() == pq.read_table(path).to_pylist()
    assert load().column_names == arrow_schema(Rating).names


def test_a_table_without_rows_is_no_configuration_for_it_could_not_be_opened(output: Path) -> None:
    publish(Rating, output, [])  # whoever was in it was forgotten
    card = written(output)
    matter = yaml.safe_load(card.split("---\n")[1])
    assert matter["configs"] == [
        {"config_name": "members", "data_files": "members/members.parquet", "default": True},
    ]
    assert cells(card, "`cinema/ratings`")[3:5] == ["0", "0"]
    publish(Member, output, [])
    card = written(output)
    assert "configs" not in yaml.safe_load(card.split("---\n")[1])
    assert "load_dataset" not in card


# -- where the rows come from ----------------------------------------------------------------------------------------


def test_an_invented_world_is_said_to_be_invented(output: Path) -> None:
    record(output, sandbox=INVENTED)
    card = written(output)
    assert "> **The people in these tables are invented.** Nothing here comes from The Cinema" in card
    assert "(synthetic, seed 3, size 60)" in card


def test_a_loaded_world_is_not_said_to_be_invented(output: Path) -> None:
    for world in (LOADED, {name: value for name, value in LOADED.items() if name != "invented"}):
        record(output, sandbox=world)
        card = written(output)
        assert "> **These rows were not collected from The Cinema.**" in card
        assert "The people in it may exist." in card
        assert "are invented" not in card


def test_rows_of_several_origins_are_told_apart(output: Path) -> None:
    record(output, sandbox=LOADED)
    publish(Follow, output, [("anna", "bert")], crawl=LATER)
    record(output, LATER)
    card = written(output)
    assert "> **Not all of these rows come from The Cinema.**" in card
    assert "0 rows of an invented world and 6 rows of a dataset whose people may exist" in card


def test_rows_of_a_crawl_without_a_record_are_said_to_be_unknown(output: Path) -> None:
    publish(Follow, output, [("anna", "bert"), ("bert", "anna")], crawl=LATER)
    record(output, sandbox=INVENTED)
    card = written(output)
    assert "> 2 rows come from crawls that left no record" in card
    assert "**Not all of these rows come from The Cinema.**" in card
    assert "people in these tables are invented" not in card


def test_rows_of_the_site_need_no_remark(output: Path) -> None:
    record(output)
    assert "\n>" not in written(output)


# -- how much there is -----------------------------------------------------------------------------------------------


def test_tables_are_counted(output: Path) -> None:
    publish(Post, output, [("p1", "anna", "hello"), ("p2", "anna", "you")])
    card = written(output)
    size = (output / "cinema/ratings/ratings.parquet").stat().st_size
    ratings = ["One member's rating of one film", "`user_id`, `film_id`", "3", "2", f"{size:,}"]
    assert cells(card, "`cinema/ratings`")[1:] == ratings
    assert cells(card, "`cinema/members`")[3:5] == ["3", "3"]
    assert cells(card, "`cinema/posts`")[3:5] == ["2", ""]  # a row is no person there
    assert "fetched between 2026-01-01 00:00 and 2026-01-01 00:00 (UTC)" in card


def test_what_rows_state_is_compared_with_the_rows_that_are_there(output: Path) -> None:
    """Anna has one more than stated, which does not make up for the three of Bert's that are missing."""
    assert (
        "By `film_count`, 2 rows of `cinema/members` state 5 rows of `cinema/ratings`; of these 2 are here and "
        "3 (60.0%) are missing."
    ) in section(written(output), "Coverage")


def test_coverage_is_what_manifests_say_and_losses_have_their_reasons(output: Path) -> None:
    counts = {"seen": 7, "stored": 3, "duplicate": 2, "invalid": 1, "forgotten": 1, "lists": 2, "stated": 1005}
    record(
        output, finish_reason="blocked", tables={"cinema/ratings": {**counts, "missing": 5}, "cinema/follows": {}},
        requests={"done": 40, "failed": 3, "pending": 12, "failures": {"LayoutChanged": 1, "ServerFailed": 2}},
        pages={"ok": 40, "gone": 4},
    )  # fmt: skip
    card = written(output)
    coverage = section(card, "Coverage")
    assert ABOUT.gaps in coverage
    assert cells(coverage, f"`{CRAWL}`")[1:] == ["`cinema/ratings`", "2", "1,005", "1,000", "5", "3", "2", "1", "1"]
    assert "3 requests failed and were given up (ServerFailed 2, LayoutChanged 1)" in coverage
    assert "ended as `blocked` with 12 requests left" in coverage
    assert "4 pages said that what they were asked for is gone" in coverage
    collected = section(card, "How it was collected")
    assert cells(collected, f"`{CRAWL}`")[1:] == ["2026-01-01 00:05", "`blocked`", "40", "3", "12", "6"]
    assert f"- `{CRAWL}`: `members=2`" in collected


def test_rows_count_for_the_crawl_that_fetched_them_last_and_old_crawls_are_summed_up(output: Path) -> None:
    for number in range(12):
        record(output, f"202603{number + 1:02}T000000Z-aaaaaa")
    record(output)
    publish(Follow, output, [("anna", "bert")], crawl="20260301T000000Z-aaaaaa")
    collected = section(written(output), "How it was collected")
    assert cells(collected, "`20260312T000000Z-aaaaaa`")[-1] == "0"
    assert "`20260301T000000Z-aaaaaa`" not in collected
    assert "Older crawls: 3, with 7 rows here." in collected


def test_what_is_no_manifest_is_left_out(output: Path, caplog: pytest.LogCaptureFixture) -> None:
    record(output)
    (output / "cinema/_runs/notes.json").write_text('{"mine": 1}')
    (output / "cinema/_runs/torn.json").write_text('{"crawl_id": "2026')
    assert f"`{CRAWL}`" in written(output)
    assert [name in caplog.text for name in ("notes.json", "torn.json", CRAWL)] == [True, True, False]


# -- people ----------------------------------------------------------------------------------------------------------


def test_it_says_that_the_tables_are_personal_data_and_never_that_they_are_anonymous(output: Path) -> None:
    card = written(output)
    assert "**These tables are personal data.**" in card
    assert f"the id `{KEY}`" in card
    assert "anonym" not in card.replace("pseudonym", "").lower()
    assert "Do not try to find out who somebody is" in card


def test_each_table_of_pairs_says_how_many_people_a_few_facts_single_out(output: Path) -> None:
    publish(Follow, output, [("anna", "bert"), ("bert", "anna"), ("carl", "anna")])
    card = written(output)
    found = card.partition("### Who can be found in cinema/ratings\n")[2].partition("###")[0]
    assert "| singled out by `film_id` | singled out by `film_id` and `rating` |" in found
    assert cells(found, "2") == ["2", "1", "1", "100.0%", "100.0%"]
    followed = card.partition("### Who can be found in cinema/follows\n")[2].partition("###")[0]
    assert cells(followed, "1") == ["1", "3", "3", "33.3%"]
    assert "### Who can be found in cinema/members" not in card


def test_a_share_of_a_sample_is_said_to_be_an_estimate(output: Path) -> None:
    publish(Follow, output, [(f"{n:05}", f"{n % 7}") for n in range(2500)])
    found = written(output).partition("### Who can be found in cinema/follows\n")[2].partition("###")[0]
    assert cells(found, "1") == ["1", "2,500", "2,000", "0.0%"]
    assert "right within 2.2 points" in found


def test_whom_to_ask_for_erasure_is_the_contact_of_the_newest_crawl_that_had_one(output: Path) -> None:
    record(output)
    assert "can ask to be erased, of whoever gave you these tables" in written(output)
    record(output, contact="https://lab.example/old")
    record(output, LATER, contact="https://lab.example/crawls")
    record(output, "20260303T000000Z-bbbbbb")
    assert "can ask to be erased, at <https://lab.example/crawls>" in written(output)


def test_a_crawl_that_did_not_obey_robots_txt_is_named(output: Path) -> None:
    record(output)
    assert "robots.txt was obeyed by every crawl on record" in written(output)
    record(output, LATER, robots_obeyed=False)
    assert f"**not** obeyed by 1 of the 2 crawls on record: `{LATER}`" in written(output)


def test_every_column_is_there_with_type_unit_and_mark(output: Path) -> None:
    publish(Follow, output, [])
    publish(Post, output, [])
    card = section(written(output), "Columns")
    for table in TABLES.values():
        part = card.partition(f"### {table.dataset}\n")[2].partition("###")[0]
        lines = [line for line in part.splitlines() if line.startswith("| `")]
        assert [line.split("`")[1] for line in lines] == arrow_schema(table).names
        assert {len(re.split(r"(?<!\\)\|", line)) for line in lines} == {7}
    assert cells(card, "`post_id` (key)")[1:4] == ["`string`", "", "pseudonym of a post, which leads to a person"]
    assert cells(card, "`target_id` (key)")[3] == "pseudonym of a user"
    assert cells(card, "`runtime_min`")[1:4] == ["`int64`", "minutes", ""]
    assert [cells(card, name)[3] for name in ("`text`", "`text_tokens`")] == [
        "written by people; scrubbed",
        "words of `text`",
    ]
    assert cells(card, "`rating`")[4] == "Stars \\| half stars; null = seen, not rated."


def test_what_was_asked_for_cannot_break_the_page(output: Path) -> None:
    record(output, arguments={"query": "a `b` |\n# c", "pages": None})
    assert f"- `{CRAWL}`: `query=a 'b' | # c`, `pages=null`\n" in written(output)


# -- when it is written ----------------------------------------------------------------------------------------------


def test_a_card_is_written_with_every_publish_and_is_the_same_for_the_same_tables(folders: Folders) -> None:
    stage(folders.jobs, Like, [like("u", "m")])
    folders.publish()
    card = card_file("sketchfab", folders.output)
    before = card.read_text()
    assert cells(before, "`sketchfab/likes`")[3] == "1"
    folders.publish()
    assert card.read_text() == before
    stage(folders.jobs, Like, [like("v", "m")])
    folders.publish()
    assert cells(card.read_text(), "`sketchfab/likes`")[3] == "2"


def test_without_tables_there_is_no_card(tmp_path: Path, cinema: None) -> None:
    assert write_card("cinema", tmp_path, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_card_that_cannot_be_written_leaves_the_old_one_and_the_tables(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders.published_like()
    before = card_file("sketchfab", folders.output).read_text()
    stage(folders.jobs, Like, [like("v", "m")])
    replace = os.replace

    def full(source: Path, target: Path) -> None:
        if target.name == "README.md":
            raise OSError(28, "No space left on device", str(target))
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(DatasetError, match=r"writing the dataset card of sketchfab.*The tables are published"):
            folders.publish()
    assert card_file("sketchfab", folders.output).read_text() == before
    assert len(folders.rows()) == 2
    folders.publish()
    assert cells(card_file("sketchfab", folders.output).read_text(), "`sketchfab/likes`")[3] == "2"


@pytest.mark.parametrize("site", sites())
def test_every_site_says_what_its_tables_are(site: str) -> None:
    assert isinstance(about(site), About)


def test_a_site_that_does_not_say_what_its_tables_are_is_named() -> None:
    with pytest.raises(TypeDefinitionError, match=r"crawlers.items.markers .* ABOUT"):
        about("markers")

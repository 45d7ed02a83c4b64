"""What the user gets wrong is said in one line, with an exit code, and harms nothing."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.crawls.running import KEY, Crawls, RunningSandbox, environment, running_sandbox


def assert_refused(ended: object, *words: str, code: int = 2) -> None:
    returncode, stderr = ended.returncode, ended.stderr  # type: ignore[attr-defined]
    assert returncode == code, stderr
    lines = [line for line in stderr.splitlines() if line.startswith("scrapy crawl: ")]
    assert len(lines) == 1, stderr
    assert "Traceback" not in stderr
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("min_likes=abc", ["min_likes", "it must be a whole number"]),
        ("min_likes=-1", ["min_likes", "it must be 0 or more"]),
        ("likes_source=users", ["likes_source", "'model'"]),
        ("min_like=5", ["min_like", "no such argument", "min_likes", "max_models"]),
    ],
)
def test_a_wrong_argument_is_named(crawls: Crawls, sandbox: RunningSandbox, argument: str, words: list[str]) -> None:
    assert_refused(crawls.crawl(sandbox, "-a", argument), *words)
    assert sandbox.ask("requests")["total"] == 0


def test_scrapyds_own_arguments_are_accepted_and_not_part_of_the_crawl(crawls: Crawls, sandbox: RunningSandbox) -> None:
    assert crawls.crawl(sandbox, "-a", "_job=6c0a", "-a", "_version=r1", "-a", "max_models=3").returncode == 0
    arguments = crawls.manifests()[0]["arguments"]
    assert arguments["max_models"] == 3
    assert not {name for name in arguments if "job" in name or "version" in name}


def test_a_spider_that_does_not_exist_is_named(crawls: Crawls) -> None:
    ended = crawls.scrapy("crawl", "sketchfap")
    assert ended.returncode == 2
    assert "there is no spider 'sketchfap'" in ended.stderr


def test_without_a_key_nothing_starts(crawls: Crawls) -> None:
    assert_refused(crawls.scrapy("crawl", "sketchfab"), "scrapy keygen")


@pytest.mark.parametrize(
    ("site", "others"),
    [
        # Nobody should set up accounts before they know that the site does not want programs.
        ("weibo", ["ACCOUNTS_FILE is not set", "robots.txt", "-s ROBOTSTXT_OBEY=False"]),
        ("youtube", ["YOUTUBE_API_KEY"]),
    ],
)
def test_all_that_is_missing_is_named_at_once(crawls: Crawls, site: str, others: list[str]) -> None:
    assert_refused(crawls.scrapy("crawl", site), "2 things are missing", "(1) no pseudonym key", "(2)", *others)


def test_a_key_that_cannot_be_read_is_named(crawls: Crawls, tmp_path: Path) -> None:
    assert_refused(crawls.scrapy("crawl", "sketchfab", "-s", f"PSEUDONYM_KEY_FILE={tmp_path}/no.key"), "no.key")


def test_a_key_of_the_wrong_length_is_refused_and_not_shown(crawls: Crawls) -> None:
    ended = crawls.scrapy("crawl", "sketchfab", key="abcdef012345")
    assert_refused(ended, "PSEUDONYM_KEY", "64")
    assert "abcdef012345" not in ended.stderr


def test_a_key_that_the_sandbox_does_not_use_is_named(crawls: Crawls, sandbox: RunningSandbox) -> None:
    ended = crawls.crawl(sandbox, "-a", "max_models=1", "-a", "max_users=1", "-s", "PSEUDONYM_KEY_FILE=/nowhere")
    assert ended.returncode == 0
    assert "PSEUDONYM_KEY_FILE is not used" in ended.stderr


def test_a_key_given_as_a_setting_is_refused(crawls: Crawls) -> None:
    ended = crawls.scrapy("crawl", "sketchfab", "-s", f"PSEUDONYM_KEY={KEY}")
    assert_refused(ended, "process lists")


def test_a_setting_that_cannot_work_leaves_no_job(crawls: Crawls, sandbox: RunningSandbox) -> None:
    ended = crawls.crawl(sandbox, "-s", "BACKOFF_FIRST_S=fast")
    assert_refused(ended, "BACKOFF_FIRST_S=fast", "-s BACKOFF_FIRST_S=60")
    assert_refused(crawls.crawl(sandbox, "-O", "rows.csv"), "rows.csv", "sketchfab/likes", "docs/settings.md")
    assert not crawls.jobs.exists()


@pytest.mark.parametrize("setting", ["OUTPUT_DIR", "JOBS_DIR"])
def test_a_directory_that_cannot_be_made_is_named(
    crawls: Crawls, sandbox: RunningSandbox, tmp_path: Path, setting: str
) -> None:
    (tmp_path / "file").write_text("not a directory")
    ended = crawls.crawl(sandbox, "-s", f"{setting}={tmp_path}/file/below")
    assert_refused(ended, setting, "file/below")


@pytest.mark.parametrize("name", ["_mine", "tombstones"])
def test_a_job_is_not_named_like_what_is_no_job(crawls: Crawls, sandbox: RunningSandbox, name: str) -> None:
    assert_refused(crawls.crawl(sandbox, "-s", f"JOB={name}"), f"naming the job '{name}'", "-s JOB=nightly")


def test_a_foreign_file_in_a_tables_folder_stops_the_crawl_before_it_starts(
    crawls: Crawls, sandbox: RunningSandbox
) -> None:
    folder = crawls.output / "sketchfab" / "likes"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    assert_refused(crawls.crawl(sandbox), "notes.txt", "scrapy publish sketchfab", code=6)
    assert sandbox.ask("requests")["total"] == 0
    assert (folder / "notes.txt").read_text() == "mine"


def test_another_key_or_world_on_an_existing_dataset_is_refused(crawls: Crawls, sandbox: RunningSandbox) -> None:
    assert crawls.crawl(sandbox, "-a", "max_models=3").returncode == 0
    before = crawls.table("likes")
    ended = crawls.scrapy("crawl", "sketchfab", key=KEY)
    assert_refused(ended, "pseudonym key")
    with running_sandbox(size=40) as smaller:
        assert_refused(crawls.crawl(smaller), "SANDBOX_SIZE=60", "SANDBOX_SIZE=40", "-s OUTPUT_DIR=<directory>")
        assert crawls.table("likes").equals(before)
        for path in crawls.output.glob("sketchfab/*/*.parquet"):
            path.unlink()  # then nothing can be mixed
        assert crawls.crawl(smaller, "-a", "max_models=3").returncode == 0


def test_an_older_schema_is_merged_if_it_only_lacks_columns(crawls: Crawls, sandbox: RunningSandbox) -> None:
    assert crawls.crawl(sandbox, "-a", "max_models=3").returncode == 0
    path = crawls.output / "sketchfab" / "models" / "models.parquet"
    older = pq.read_table(path).drop_columns(["price", "pbr_type"])
    pq.write_table(older, path)
    assert crawls.crawl(sandbox, "-a", "max_models=5").returncode == 0
    assert crawls.table("models").num_rows == 5
    assert "price" in crawls.table("models").column_names


def test_an_incompatible_schema_is_refused_with_both_types_named(crawls: Crawls, sandbox: RunningSandbox) -> None:
    assert crawls.crawl(sandbox, "-a", "max_models=3").returncode == 0
    path = crawls.output / "sketchfab" / "models" / "models.parquet"
    table = pq.read_table(path)
    place = table.column_names.index("like_count")
    pq.write_table(table.set_column(place, "like_count", table["like_count"].cast(pa.float64())), path)
    before = path.read_bytes()
    assert_refused(crawls.crawl(sandbox), "like_count", "double", "int64", code=6)
    assert path.read_bytes() == before


def test_settings_that_a_running_sandbox_cannot_follow_are_refused(crawls: Crawls, sandbox: RunningSandbox) -> None:
    ended = crawls.crawl(sandbox, "-s", "SANDBOX_FAULTS=all:0.1", "-s", "SANDBOX_SIZE=60")
    assert_refused(ended, "SANDBOX_SIZE, SANDBOX_FAULTS would have no effect", "scrapy sandbox --size ... --faults ...")
    assert sandbox.ask("requests")["total"] == 0


def test_a_second_process_on_the_same_job_is_refused(crawls: Crawls, sandbox: RunningSandbox) -> None:
    first = crawls.start("crawl", "sketchfab", "-s", f"SANDBOX={sandbox.url}", "-s", "DOWNLOAD_DELAY=0.3")
    try:
        while sandbox.ask("requests")["total"] == 0:
            assert first.poll() is None
        assert_refused(crawls.crawl(sandbox, "-s", "DOWNLOAD_DELAY=0"), "another process", "-s JOB=")
    finally:
        first.kill()
        first.communicate()


def test_the_environment_of_these_tests_has_no_key_of_its_own() -> None:
    assert "PSEUDONYM_KEY" not in environment(None)

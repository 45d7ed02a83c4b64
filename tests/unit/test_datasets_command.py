"""`scrapy datasets`, `scrapy publish` and `scrapy jobs` as a user meets them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from crawlers.commands.crawl import _closing_table
from crawlers.commands.datasets import Command as Datasets
from crawlers.commands.jobs import Command as Jobs
from crawlers.commands.publish import Command as Publish
from crawlers.datasets.describe import describe
from crawlers.datasets.publish import publish
from crawlers.datasets.seal import staged_rows
from crawlers.frontier.job import Job, JobIdentity
from crawlers.frontier.row_counts import no_rows
from tests.unit.staging import Like, Model, like, model, moment, stage


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with two published tables under `output`, and one staged part."""
    monkeypatch.chdir(tmp_path)
    stage(tmp_path / "jobs", Like, [like("u", "m", 60), like("v", "m", 90)])
    stage(tmp_path / "jobs", Model, [model("m", description="x" * 500, tags=["a", "\x1b[31m"])])
    publish("sketchfab", tmp_path / "output", tmp_path / "jobs", "aaaa1111")
    stage(tmp_path / "jobs", Like, [like("w", "m", 60)])
    return tmp_path


def run(command: ScrapyCommand, *args: str, options: argparse.Namespace | None = None, **settings: str) -> int:
    command.settings = Settings(settings, "cmdline")
    command.run(list(args), options or argparse.Namespace())
    return command.exitcode


def test_every_table_is_listed_with_rows_sizes_key_personal_columns_and_last_crawl(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(Datasets()) == 0
    lines = capsys.readouterr().out.splitlines()
    size = (folder / "output/sketchfab/likes/likes.parquet").stat().st_size
    (overview,) = (line.split("  ") for line in lines if line.startswith("sketchfab/likes "))
    cells = [cell.strip() for cell in overview if cell.strip()]
    assert cells[0::2] == ["sketchfab/likes", f"{size / 1000:.1f} kB", "2026-01-01 00:01", "user_id"]
    assert cells[1::2] == ["2", f"{size / 2:.1f}", "user_id, model_id"]
    assert 'user_id="u"  model_id="m"  position=0' in "\n".join(lines)


def test_the_line_that_opens_a_table_is_shown_relative_to_the_working_directory(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(Datasets(), "sketchfab")
    assert '  pd.read_parquet("output/sketchfab/likes")\n' in capsys.readouterr().out
    run(Datasets(), "sketchfab/models", OUTPUT_DIR=str(folder / "output"))
    out = capsys.readouterr().out
    assert '  pd.read_parquet("output/sketchfab/models")\n' in out
    assert "sketchfab/likes " not in out.splitlines()[1]


def test_values_are_cut_and_cannot_act_on_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(Datasets(), "sketchfab/models")
    out = capsys.readouterr().out
    assert 'name="[bold]Model m"' in out
    assert "x…" in out
    assert "x" * 60 not in out
    assert "\x1b" not in out


def test_a_pipe_gets_120_columns_without_colour(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(Datasets(), "sketchfab/models")
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 120
    assert "\x1b" not in out


def test_a_narrow_terminal_cuts_no_name_and_keeps_the_line_to_copy_in_one_piece(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawlers.terminal._PIPE_WIDTH", 50)
    run(Datasets(), "sketchfab")
    out = capsys.readouterr().out
    assert "  key: user_id, model_id; personal: user_id\n" in out
    assert '  pd.read_parquet("output/sketchfab/likes")\n' in out
    assert max(map(len, out.splitlines())) <= 50
    assert "sketchfab/likes " in out


def test_one_table_shows_its_columns_types_marks_and_descriptions(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(Datasets(), "sketchfab/models")
    lines = {line.split()[0]: " ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line.split()}
    assert lines["model_id"].startswith("model_id string key The site's uid")
    assert lines["user_id"].startswith("user_id string pseudonym: sketchfab.user The uploader.")
    assert lines["name_tokens"].startswith("name_tokens list<string> tokens_of: name Words")
    assert lines["published_at"].startswith("published_at timestamp[us, tz=UTC] When")


def test_nothing_published_yet_is_no_error_and_says_how_to_get_some(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(Datasets()) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "scrapy crawl <site>" in out
    assert "make demo" in out
    assert run(Datasets(), "sketchfab/likes") == 0
    assert "No tables of sketchfab/likes in output yet" in capsys.readouterr().out
    Job(tmp_path / "jobs" / "sketchfab" / "killed", JobIdentity("sketchfab", {}, "aaaa1111", None)).close()
    finished = Job(tmp_path / "jobs" / "weibo" / "without-rows", JobIdentity("weibo", {}, "aaaa1111", None))
    finished.finish()
    finished.close()
    assert run(Datasets()) == 0
    assert "there are jobs, whose rows are published by: scrapy publish sketchfab\n" in capsys.readouterr().out
    assert run(Datasets(), "weibo") == 0
    assert "get some with: scrapy crawl weibo (or try: make demo)" in capsys.readouterr().out
    assert run(Datasets(), SANDBOX="True", OUTPUT_DIR="my tables", JOBS_DIR="none") == 0
    options = "-s SANDBOX=True -s OUTPUT_DIR='my tables' -s JOBS_DIR=none"
    assert f"get some with: scrapy crawl <site> {options}\n" in capsys.readouterr().out


def test_a_damaged_table_is_named_with_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "output/sketchfab/likes/likes.parquet").write_bytes(b"no Parquet at all")
    assert run(Datasets()) == 6
    said = capsys.readouterr().err
    assert said.startswith("scrapy datasets: reading sketchfab/likes in ")
    assert said.endswith("move a table that is damaged away, and crawl it again\n")
    assert ".." not in said


def test_no_jobs_is_no_error_and_a_site_that_does_not_exist_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = argparse.Namespace(drop=None, retry_failed=None, accounts=False)
    assert run(Jobs(), options=options) == 0
    assert capsys.readouterr().out == "No jobs in jobs.\n"
    (tmp_path / "jobs" / "sandbox").mkdir(parents=True)
    assert run(Jobs(), "weibo", options=options) == 0
    hint = "No jobs in jobs; those of the sandbox are listed by: scrapy jobs -s SANDBOX=True\n"
    assert capsys.readouterr().out == hint
    assert run(Jobs(), "wiebo", options=options) == 2
    assert capsys.readouterr().err.endswith("; did you mean 'weibo'?\n")


@pytest.mark.parametrize(("published", "said"), [(None, False), ({"rows": 2}, True)])
def test_rows_that_no_publication_has_brought_yet_were_not_stored_more_than_once(
    folder: Path, published: dict[str, int] | None, said: bool
) -> None:
    counts = {**no_rows(), "stored": 5, "published": published}
    requests = {"enqueued": 1, "done": 1, "failed": 0, "pending": 0}
    record = {"spider": "sketchfab", "crawl_id": "c", "requests": requests, "tables": {"sketchfab/likes": counts}}
    assert ("more than once" in str(_closing_table(record, folder / "output").caption)) == said
    assert staged_rows(folder / "jobs", "sketchfab") == 1


@pytest.mark.parametrize("name", ["nowhere", "nowhere/likes", "sketchfab/nothing"])
def test_an_unknown_site_or_table_is_named(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(Datasets(), name) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert repr(name) in captured.err or "'nowhere'" in captured.err


@pytest.mark.parametrize("args", [("a", "b"), ("--what",)])
def test_wrong_usage_is_refused(args: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="scrapy datasets sketchfab/likes"):
        run(Datasets(), *args)
    with pytest.raises(UsageError, match="scrapy publish sketchfab"):
        run(Publish(), *args)


def test_a_table_that_cannot_be_read_is_one_clear_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "output/sketchfab/likes/likes.parquet").write_text("not Parquet")
    assert run(Datasets()) == 6
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "reading sketchfab/likes in" in captured.err


def test_the_last_crawl_is_the_one_that_ended_last_and_was_answered(folder: Path) -> None:
    runs = folder / "output/sketchfab/_runs"
    runs.mkdir()

    def ended(name: str, at: str, done: int) -> None:
        manifest = {"crawl_id": name, "finish_reason": "blocked", "finished_at": at, "requests": {"done": done}}
        (runs / f"{name}.json").write_text(json.dumps(manifest))

    ended("c", "2026-04-01T00:00:00+00:00", done=0)
    (runs / "d.json").write_text("{}")
    ended("a", "2026-03-01T02:00:00+02:00", done=5)  # begun first, and resumed after the other
    ended("b", "2026-02-01T00:00:00+00:00", done=5)  # written last, as by `scrapy forget`
    (found, _) = describe(folder / "output", "sketchfab")
    assert f"{found.last_crawl:%Y-%m-%d %H:%M %Z}" == "2026-03-01 00:00 UTC"
    for name in "ab":
        (runs / f"{name}.json").unlink()
    assert {info.dataset: info.last_crawl for info in describe(folder / "output")} == {
        "sketchfab/models": moment(0),
        "sketchfab/likes": moment(90),
    }


def test_an_empty_table_is_described_without_an_example(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "output/sketchfab/likes/likes.parquet"
    pq.write_table(pq.read_table(path).slice(0, 0), path)
    (_, likes) = describe(folder / "output")
    assert (likes.rows, likes.example) == (0, None)
    assert run(Datasets()) == 0


def test_publish_merges_and_prints_a_line_for_each_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Publish(), "sketchfab") == 0
    size = (folder / "output/sketchfab/likes/likes.parquet").stat().st_size
    assert capsys.readouterr().out == (
        f"sketchfab/likes: 3 rows (1 new), {size:,} bytes\ndataset card: output/sketchfab/README.md\n"
    )
    assert run(Publish(), "sketchfab") == 0
    assert "nothing is waiting to be published" in capsys.readouterr().out


def test_publish_that_cannot_merge_is_one_clear_line_and_exit_code_6(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "output/sketchfab/likes/notes.txt").touch()
    assert run(Publish(), "sketchfab") == 6
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "'notes.txt', which is not ours" in captured.err
    assert run(Publish(), "nowhere") == 2
    assert "no site 'nowhere'" in capsys.readouterr().err


def test_both_commands_explain_themselves() -> None:
    for command in (Datasets(), Publish()):
        assert command.short_desc()
        assert len(command.long_desc()) > len(command.short_desc())
        assert "<site>" in command.syntax()
        assert command.requires_project
        assert not command.requires_crawler_process

"""Where a crawl keeps things, and that making it leaves nothing else behind."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawlers.errors import ConfigurationError
from crawlers.folders import check_absolute, check_folders, in_sandbox, jobs_dir, make_folder, output_dir


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


@pytest.mark.parametrize(
    ("output", "jobs"), [("out", "out/jobs"), ("jobs/out", "jobs"), ("same", "same"), ("a/b/c/out", "a"), (".", "jobs")]
)
def test_nothing_private_lies_under_what_is_given_away_nor_the_other_way_round(
    tmp_path: Path, output: str, jobs: str
) -> None:
    with pytest.raises(ConfigurationError, match=r"lie in one another: .*-s JOBS_DIR=<another directory>"):
        check_folders(tmp_path / output, tmp_path / jobs)


@pytest.mark.parametrize(("output", "jobs"), [("output", "jobs"), ("a/output", "a/jobs"), ("jobs2", "jobs")])
def test_directories_beside_one_another_are_fine(tmp_path: Path, output: str, jobs: str) -> None:
    check_folders(tmp_path / output, tmp_path / jobs)


def test_a_link_does_not_hide_that_one_lies_in_the_other(tmp_path: Path) -> None:
    (tmp_path / "output").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "output")
    settings = Settings({"OUTPUT_DIR": tmp_path / "output", "JOBS_DIR": str(tmp_path / "link" / "jobs")})
    with pytest.raises(ConfigurationError):
        check_folders(output_dir(settings), jobs_dir(settings))


def test_in_the_sandbox_folders_are_others_unless_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    real, sandbox = Settings(), Settings({"SANDBOX": "1"})
    assert (output_dir(real), jobs_dir(real)) == (tmp_path / "output", tmp_path / "jobs")
    assert (output_dir(sandbox), jobs_dir(sandbox)) == (tmp_path / "output/sandbox", tmp_path / "jobs/sandbox")
    assert not any(in_sandbox(Settings({"SANDBOX": no})) for no in ("", "0", "False", "no", None, False))


def test_a_folder_is_made_with_those_above_it_and_holds_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    make_folder(folder, "OUTPUT_DIR")
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == ["a", "a/b"]


def test_a_private_folder_is_its_owners_alone(tmp_path: Path) -> None:
    make_folder(tmp_path / "jobs", "JOBS_DIR", private=True)
    assert mode(tmp_path / "jobs") == 0o700


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("before", [0o700, 0o750, 0o755, 0o2775])
def test_a_folder_that_is_there_keeps_its_mode_and_its_files(tmp_path: Path, private: bool, before: int) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(before)
    (folder / ".writable").write_text("somebody's")
    make_folder(folder, "JOBS_DIR", private=private)
    assert mode(folder) == before
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [(".writable", "somebody's")]


def test_a_file_in_the_way_is_refused_with_the_setting_that_names_another_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigurationError, match=r"preparing OUTPUT_DIR = .*/file.*-s OUTPUT_DIR=<directory>"):
            make_folder(folder, "OUTPUT_DIR")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigurationError, match="Permission denied"):
        make_folder(tmp_path, "OUTPUT_DIR")


def test_the_environment_of_a_server_names_the_folders_of_its_crawls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRAWLERS_OUTPUT_DIR", str(tmp_path / "there"))
    assert output_dir(Settings({})) == tmp_path / "there"
    assert output_dir(Settings({"SANDBOX": "True"})) == tmp_path / "there" / "sandbox"
    assert output_dir(Settings({"OUTPUT_DIR": str(tmp_path / "here"), "SANDBOX": "True"})) == tmp_path / "here"


@pytest.mark.parametrize("setting", ["OUTPUT_DIR", "JOBS_DIR"])
def test_a_server_does_not_keep_things_wherever_it_was_started(tmp_path: Path, setting: str) -> None:
    absolute = {"OUTPUT_DIR": str(tmp_path / "output"), "JOBS_DIR": str(tmp_path / "jobs")}
    check_absolute(Settings(absolute))
    with pytest.raises(ConfigurationError, match=f"name an absolute one: CRAWLERS_{setting}"):
        check_absolute(Settings({**absolute, setting: "somewhere"}))

"""`scrapy forget` as a user meets it."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

import pytest
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from crawlers.commands.forget import Command
from crawlers.errors import ConfigurationError
from crawlers.frontier import tombstones
from crawlers.items import sites
from crawlers.items.about import about
from crawlers.items.identifiers import identifier, kinds
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from tests.unit.staging import Folders, Like, Model, like, model, stage

UID = "9f2c4e6a8b0d1f3e5a7c9b1d3f5e7a90"
KEY = PseudonymKey.from_hex("5a" * 32, "the test")
PSEUDONYM = Pseudonymizer(KEY).pseudonym("sketchfab.user", UID)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSEUDONYM_KEY", "5a" * 32)


def run(folders: Folders, *args: str, **settings: str) -> int:
    command = Command()
    command.settings = Settings({"OUTPUT_DIR": str(folders.output), "JOBS_DIR": str(folders.jobs)} | settings)
    command.run(list(args), argparse.Namespace())
    return command.exitcode


def published(folders: Folders) -> None:
    stage(folders.jobs, Like, [like(PSEUDONYM, f"m{n}") for n in range(1200)] + [like("b" * 32, "m")])
    stage(folders.jobs, Model, [model("m", user_id="b" * 32, description=f"@{PSEUDONYM}")])
    folders.publish(KEY.key_id)
    stage(folders.jobs, Like, [like(PSEUDONYM, "m")])


def test_the_receipt_counts_and_names_nobody(folders: Folders, capsys: pytest.CaptureFixture[str]) -> None:
    published(folders)
    assert run(folders, "sketchfab", "user", UID) == 0
    out, err = capsys.readouterr()
    lines = [line.split() for line in out.splitlines()]
    assert ["likes", "1,200", "1", "0", "0"] in lines
    assert ["models", "0", "0", "0", "1"] in lines
    assert "copies made elsewhere" in out
    assert err == ""
    assert UID not in out
    assert PSEUDONYM not in out
    assert [row["user_id"] for row in folders.rows()] == ["b" * 32]


def test_the_id_can_come_on_standard_input_where_nobody_sees_it(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(folders)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f" {UID}\n"))
    assert run(folders, "sketchfab", "user", "-") == 0
    assert len(folders.rows()) == 1


@pytest.mark.parametrize("given", ["", f"{UID}\n{UID}\n"])
def test_standard_input_holds_one_id(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    assert run(folders, "sketchfab", "user", "-") == 2
    assert f"found {len(given.splitlines())} lines; give one id" in capsys.readouterr().err


def test_somebody_who_is_not_there_is_forgotten_all_the_same(
    folders: Folders, capsys: pytest.CaptureFixture[str]
) -> None:
    published(folders)
    assert run(folders, "sketchfab", "user", UID) == 0
    assert "forgot one person of sketchfab (user)" in capsys.readouterr().out
    assert run(folders, "sketchfab", "user", UID) == 0
    assert "found nobody of this id (sketchfab user)" in capsys.readouterr().out
    assert tombstones.load(folders.jobs / "sketchfab", KEY.key_id) == {PSEUDONYM}


@pytest.mark.parametrize(
    ("site", "kind", "message"),
    [
        ("sketchfap", "user", "there is no site 'sketchfap'; the sites are"),
        ("sketchfab", "usr", "sketchfab has no such kind of id; its kinds are: user"),
    ],
)
def test_a_site_or_kind_that_does_not_exist_is_named_with_those_that_do(
    folders: Folders, capsys: pytest.CaptureFixture[str], site: str, kind: str, message: str
) -> None:
    assert run(folders, site, kind, UID) == 2
    assert message in capsys.readouterr().err
    assert not folders.jobs.exists()


def test_a_pseudonym_from_a_table_is_refused_and_leaves_no_tombstone(
    folders: Folders, capsys: pytest.CaptureFixture[str]
) -> None:
    published(folders)
    assert run(folders, "sketchfab", "user", PSEUDONYM) == 2
    err = capsys.readouterr().err
    assert "it is a pseudonym, which stands in sketchfab/likes" in err
    assert PSEUDONYM not in err
    assert tombstones.load(folders.jobs / "sketchfab", KEY.key_id) == set()


@pytest.mark.parametrize("raw", ["two words", "", "x" * 65, "anna"])
def test_what_is_no_id_of_the_site_is_refused_and_not_shown(
    folders: Folders, capsys: pytest.CaptureFixture[str], raw: str
) -> None:
    assert run(folders, "sketchfab", "user", raw) == 2
    err = capsys.readouterr().err
    assert (
        f"it has {len(raw)} characters and is no id of kind 'user' as sketchfab writes them (the account's uid" in err
    )
    assert not raw or raw not in err
    assert not folders.jobs.exists()


def test_another_key_is_refused(folders: Folders, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    published(folders)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PSEUDONYM_KEY", "6b" * 32)
        assert run(folders, "sketchfab", "user", UID) == 2
    assert f"were made with the key {KEY.key_id}" in capsys.readouterr().err
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PSEUDONYM_KEY")
        assert run(folders, "sketchfab", "user", UID) == 2
    assert "the very key that the crawls had" in capsys.readouterr().err


def test_a_table_that_is_not_ours_has_the_exit_code_of_storage(folders: Folders) -> None:
    published(folders)
    (folders.likes / "notes.txt").touch()
    assert run(folders, "sketchfab", "user", UID) == 6


def test_folders_in_one_another_are_refused(folders: Folders) -> None:
    assert run(folders, "sketchfab", "user", UID, JOBS_DIR=str(folders.output / "jobs")) == 2


@pytest.mark.parametrize(
    "args", [[], ["sketchfab"], ["sketchfab", "user"], ["sketchfab", "user", UID, "x"], ["-x"] * 3]
)
def test_usage_is_shown_without_the_id(folders: Folders, args: list[str]) -> None:
    with pytest.raises(UsageError) as wrong:
        run(folders, *args)
    assert "scrapy forget sketchfab user -" in str(wrong.value)
    assert UID not in str(wrong.value)


def test_kinds_are_those_of_the_sites_tables() -> None:
    assert kinds("sketchfab") == ["user"]
    assert identifier("sketchfab", "user", UID) == UID
    assert all(about(site).ids.keys() == set(kinds(site)) for site in sites())
    with pytest.raises(ConfigurationError, match=r"as youtube writes them \(UC and 22"):
        identifier("youtube", "channel", "UCshort")
    with pytest.raises(ConfigurationError, match="no site"):
        kinds("nowhere")

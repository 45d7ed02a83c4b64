from __future__ import annotations

import argparse
import stat
from pathlib import Path

import pytest
from scrapy.exceptions import UsageError

from crawlers.commands.keygen import Command
from crawlers.pseudonyms import load_key


def keygen(*args: str) -> int:
    command = Command()
    command.run(list(args), argparse.Namespace())
    return command.exitcode


def test_keygen_writes_a_key_that_only_the_owner_can_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "my key"
    assert keygen(str(path)) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text()) == 65
    printed = capsys.readouterr().out
    assert load_key(str(path), {}).key_id in printed
    assert f"PSEUDONYM_KEY_FILE='{path}'" in printed
    assert f"export PSEUDONYM_KEY=$(cat '{path}')" in printed
    assert path.read_text().strip() not in printed


def test_without_a_path_the_key_lands_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert keygen() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["pseudonym.key"]


def test_two_keys_differ(tmp_path: Path) -> None:
    keygen(str(tmp_path / "one"))
    keygen(str(tmp_path / "two"))
    assert (tmp_path / "one").read_text() != (tmp_path / "two").read_text()


def test_an_existing_key_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pseudonym.key"
    path.write_text("precious")
    assert keygen(str(path)) == 2
    assert path.read_text() == "precious"
    assert "never overwritten" in capsys.readouterr().err
    assert keygen(str(tmp_path)) == 2
    assert f"is a directory; name a file in it: scrapy keygen {tmp_path}/pseudonym.key" in capsys.readouterr().err


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert keygen(str(tmp_path / "link")) == 2
    assert not (tmp_path / "target").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert keygen(str(tmp_path / "missing" / "pseudonym.key")) == 2
    assert "No such file or directory" in capsys.readouterr().err


@pytest.mark.parametrize("args", [("one", "two"), ("--force",)])
def test_wrong_arguments_are_explained(args: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        keygen(*args)


def test_the_command_describes_itself() -> None:
    command = Command()
    assert command.syntax()
    assert command.short_desc()
    assert "never overwritten" in command.long_desc()

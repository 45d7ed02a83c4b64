"""docs/adding-a-site.md, followed to the letter: its files in a copy of the project, its commands, and a crawl of a
site that nothing else in the project has heard of, from the page's own server and without the sandbox."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.crawls.running import ROOT

FENCED = re.compile(r"^(`{3,})(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
OLD = 0  # time of change: older than the environment, so that make does not renew it
GENERATED = {"docs/datasets.md", "zensical.toml"}

SERVER = "potluck_server.py"
LISTED = ["/recipes", "/recipes/1", "/recipes/3", "/recipes/page/2"]


@contextmanager
def potluck(copy: Copy) -> Iterator[str]:
    """The page's own Potluck, at a port that is free; its address. It logs what it is asked for."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (copy.home / "asked").open("w") as log:
        server = subprocess.Popen([copy.root / ".venv/bin/python", SERVER, str(port)], cwd=copy.root, stderr=log)
    try:
        for _ in range(100):
            with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=10)


@dataclass(frozen=True)
class Copy:
    """A copy of the project, and a home for whoever works in it."""

    root: Path
    home: Path

    def run(self, command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PSEUDO", "SANDBOX"))}
        return subprocess.run(
            ["sh", "-c", command], cwd=self.root, input=stdin, capture_output=True, text=True, check=False,
            timeout=240, env=environment | {"HOME": str(self.home), "PYTHONPATH": str(self.root)},
        )  # fmt: skip

    def files(self) -> dict[str, str]:
        """All that belongs to the project, by path, with a digest."""
        left_out = {".venv", "output", "jobs", "__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache"}
        return {
            path.relative_to(self.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.root.rglob("*")
            if path.is_file() and not left_out & set(path.relative_to(self.root).parts)
        }


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    names = (".?*", "output", "jobs", "build", "__pycache__", "*.egg-info")
    root = Path(shutil.copytree(ROOT, tmp_path / "copy", ignore=shutil.ignore_patterns(*names)))
    (root / ".venv").symlink_to(ROOT / ".venv")
    for name in ("pyproject.toml", "constraints.txt"):
        os.utime(root / name, (OLD, OLD))
    (tmp_path / "home").mkdir()
    return Copy(root, tmp_path / "home")


def test_a_fifth_site_is_three_modules_fixtures_and_a_page_and_everything_knows_it(copy: Copy) -> None:
    before = copy.files()
    blocks = FENCED.findall((ROOT / "docs" / "adding-a-site.md").read_text(encoding="utf-8"))
    for _, _, path, text in blocks:
        if path:
            (copy.root / path).parent.mkdir(parents=True, exist_ok=True)
            (copy.root / path).write_text(text, encoding="utf-8")
    written = {path for _, _, path, _ in blocks if path}
    assert {path for path in written if not path.startswith("tests/fixtures/potluck/")} == {
        "crawlers/items/potluck.py",
        "crawlers/pages/potluck.py",
        "crawlers/spiders/potluck.py",
        "docs/sites/potluck.md",
        SERVER,
    }
    assert not written & before.keys(), "a file that was there would be changed"
    linted = copy.run(".venv/bin/ruff check crawlers && .venv/bin/ruff format --check crawlers")
    assert linted.returncode == 0, linted.stdout

    with potluck(copy) as url:
        said = ""
        for _, language, _, text in blocks:
            for command in text.splitlines() if language == "sh" else ():
                ran = copy.run(command.replace("http://127.0.0.1:8000", url))
                assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{ran.stderr}"
                said += ran.stdout + ran.stderr
    first, *others = re.findall(r'"GET (\S+) HTTP/1.1" 200', (copy.home / "asked").read_text())
    assert first == "/robots.txt"
    assert sorted(others) == LISTED
    assert "potluck: finished" in said

    after = copy.files()
    assert {path for path in after if after[path] != before.get(path)} == written | GENERATED
    assert before.keys() <= after.keys()
    navigation = copy.run(".venv/bin/python -m pytest tests/docs/test_site.py -k navigation")
    assert navigation.returncode == 0, navigation.stdout

    recipes, tries = (pq.read_table(copy.root / "output" / "potluck" / name) for name in ("recipes", "tries"))
    assert recipes.column("title_tokens").to_pylist() == [["soup"], ["green", "curry"]]
    assert sorted(tries.column("stars").to_pylist(), key=str) == [4, None]
    assert set(recipes.column("user_id").to_pylist()) - {None} < set(tries.column("user_id").to_pylist())
    for path in (copy.root / "output").rglob("*"):
        assert path.is_dir() or not re.search(rb"\b(anna|ben)\b", path.read_bytes()), path

    read = copy.run(
        ".venv/bin/python -c 'from crawlers.datasets import interactions; print(*interactions(\"potluck\").columns)'"
    )
    assert read.stdout.split() == ["user_id", "item_id", "rating"]
    assert "Nobody's tries are listed" in (copy.root / "output" / "potluck" / "README.md").read_text()
    assert "potluck" in copy.run(".venv/bin/scrapy jobs").stdout
    refused = copy.run(".venv/bin/scrapy export potluck export")
    assert refused.returncode == 2
    assert "no export for 'potluck'" in refused.stderr
    forgot = copy.run(".venv/bin/scrapy forget potluck user - -s PSEUDONYM_KEY_FILE=~/potluck.key", stdin="anna")
    assert forgot.returncode == 0, forgot.stderr
    assert pq.read_table(copy.root / "output" / "potluck" / "tries").num_rows == 1

"""A directory in which commands are run as README and docs show them: what they print names no other place."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_NEEDED = (".venv", "Makefile", "crawlers", "notebooks", "sandbox", "scrapy.cfg")
_CRAWL = re.compile(r"/scrapy crawl (\w+) ")
DEMO = "make demo"


@dataclass(frozen=True)
class Workspace:
    """The project by links, with `output` and `jobs` of its own. Several processes may share one."""

    folder: Path

    def prepare(self) -> None:
        """Make the links."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock("links"):
            for name in _NEEDED:
                if not (self.folder / name).is_symlink():
                    (self.folder / name).symlink_to(ROOT / name)

    @property
    def output(self) -> Path:
        """The tables of the demo."""
        return self.folder / "output" / "sandbox"

    def run(self, command: str) -> str:
        """What a command prints, as it would show on a terminal without colours."""
        ended = subprocess.run(
            ["sh", "-c", command], cwd=self.folder, env=environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=300,
        )  # fmt: skip
        if ended.returncode:
            raise RuntimeError(f"{command}: exit code {ended.returncode}\n{ended.stdout}")
        return ended.stdout

    def demo(self) -> str:
        """What `make demo` prints where everything is set up."""
        parts = list(dict.fromkeys(map(_site_of, demo_steps())))  # the steps of a site stand together
        return "".join(self.crawled(site) if site else self._steps(None) for site in parts)

    def crawled(self, site: str) -> str:
        """What `make demo` prints of a site; crawled once, by whoever comes first."""
        with self._lock(site):
            said = self.folder / f"{site}.txt"
            if not said.exists():
                said.write_text(self._steps(site), encoding="utf-8")
            return said.read_text(encoding="utf-8")

    def _steps(self, site: str | None) -> str:
        return "".join(f"{step}\n{self.run(step)}" for step in demo_steps() if _site_of(step) == site)

    @contextmanager
    def _lock(self, name: str) -> Iterator[None]:
        with (self.folder / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def environment() -> dict[str, str]:
    """That of this process, in which Python finds this project first and no key."""
    inherited = {name: value for name, value in os.environ.items() if name != "PSEUDONYM_KEY"}
    return inherited | {"PYTHONPATH": str(ROOT)}


def demo_steps() -> list[str]:
    """The commands of `make demo`, as make prints them: some have several lines."""
    asked = ["make", "--dry-run", "--no-print-directory", "--old-file=.venv/.ready", "demo"]
    printed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return re.findall(r"(?:.*\\\n)*.+", printed)


def _site_of(step: str) -> str | None:
    found = _CRAWL.search(step)
    return found[1] if found else None

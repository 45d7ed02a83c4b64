"""A real scrapyd, configured as docs/deployment.md says, on a free port and in a directory of its own."""

from __future__ import annotations

import configparser
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scrapyd_client.pyclient import ScrapydClient

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
DEADLINE_S = 90.0


@dataclass(frozen=True)
class Scrapyd:
    """A running scrapyd. `output` and `jobs` are where its crawls keep things."""

    url: str
    directory: Path
    client: Any = field(repr=False)
    password: str

    @property
    def output(self) -> Path:
        return self.directory / "output"

    @property
    def jobs(self) -> Path:
        return self.directory / "jobs"

    def log(self, spider: str, job: str) -> str:
        path = self.directory / "logs" / "crawlers" / spider / f"{job}.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def schedule(self, spider: str, settings: list[str], **arguments: str) -> str:
        return str(
            self.client.schedule("crawlers", spider, [("setting", each) for each in settings] + [*arguments.items()])
        )

    def running(self, job: str) -> dict[str, Any] | None:
        found = [entry for entry in self.client.jobs("crawlers")["running"] if entry["id"] == job]
        return found[0] if found else None

    def has_finished(self, job: str) -> bool:
        return any(entry["id"] == job for entry in self.client.jobs("crawlers")["finished"])


def wait_until(what: str, condition: Any) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.1)


@contextmanager
def running_scrapyd(directory: Path, **environment: str) -> Iterator[Scrapyd]:
    """Start scrapyd and wait until it answers; `environment` is added to what it gets."""
    config = configparser.ConfigParser()
    config.read_string(example("scrapyd"))
    options = config["scrapyd"]
    options["http_port"] = str(_free_port())
    options["poll_interval"] = "0.2"  # the tests do not wait five seconds for every crawl
    for name in ("eggs_dir", "logs_dir", "dbs_dir"):
        options[name] = str(directory / Path(options[name]).name)
    with (directory / "scrapyd.conf").open("w") as file:
        config.write(file)
    inherited = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PSEUDONYM_KEY"}}
    folders = {"CRAWLERS_OUTPUT_DIR": str(directory / "output"), "CRAWLERS_JOBS_DIR": str(directory / "jobs")}
    url = f"http://127.0.0.1:{options['http_port']}"
    with (directory / "scrapyd.log").open("w") as log:
        process = subprocess.Popen(
            [str(BIN / "scrapyd"), "-n", "--pidfile="], cwd=directory, stdout=log, stderr=log,
            env={**inherited, **folders, **environment},
        )  # fmt: skip
    try:
        client = ScrapydClient(url=url, username=options["username"], password=options["password"])
        server = Scrapyd(url, directory, client, options["password"])
        wait_until("scrapyd answers", lambda: _answers(client))
        yield server
    finally:
        process.terminate()
        process.wait(30)


def example(section: str) -> str:
    """The block of docs/deployment.md that begins with this section."""
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    found = re.search(rf"```ini\n(\[{section}\]\n.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


def deploy(server: Scrapyd, directory: Path) -> None:
    """Deploy the working tree as `make deploy` does the last commit: from a copy, by scrapyd-deploy."""
    copy = directory / "copy"
    copy.mkdir()
    # Files as they are now, so that a test of a change tests the change.
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "crawlers"], cwd=ROOT, capture_output=True,
        text=True, check=True,
    ).stdout.split()  # fmt: skip
    for name in listed:
        if (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    config = (ROOT / "scrapy.cfg").read_text().replace("http://127.0.0.1:6800/", f"{server.url}/")
    (copy / "scrapy.cfg").write_text(f"{config}username = crawlers\npassword = {server.password}\n")
    ended = subprocess.run([str(BIN / "scrapyd-deploy")], cwd=copy, capture_output=True, text=True, check=False)
    assert '"status": "ok"' in ended.stdout, ended.stdout + ended.stderr


def _answers(client: Any) -> bool:
    try:
        return bool(client.projects() is not None)
    except OSError:  # requests' errors are among them
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

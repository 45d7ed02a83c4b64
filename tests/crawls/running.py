"""Running the sandbox and Scrapy as a user does: as processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).parents[2]
KEY = "5eed" * 16  # for loaded worlds, whose people may exist; synthetic worlds bring their own
# Arguments of crawls of Sketchfab whose likes come from the lists of who likes a model.
BY_MODEL = ("-a", "likes_source=model")
SCRAPY = [str(Path(sys.executable).parent / "scrapy")]


@dataclass(frozen=True)
class RunningSandbox:
    """A sandbox process that answers."""

    url: str

    def script(self, **order: Any) -> None:
        """Order answers to the next matching requests: see `sandbox.scripts`."""
        request = Request(f"{self.url}/_sandbox/script", data=json.dumps(order).encode(), method="POST")
        with urlopen(request, timeout=10) as answer:
            assert answer.status == 200

    def forget_scripts(self) -> None:
        """From now on the site answers as it is."""
        with urlopen(Request(f"{self.url}/_sandbox/script", method="DELETE"), timeout=10) as answer:
            assert answer.status == 200

    def order_faults(self, spec: str) -> None:
        """From now on answers go wrong as `spec` says, and only so: see `sandbox.faults`."""
        request = Request(f"{self.url}/_sandbox/faults", data=json.dumps({"spec": spec}).encode(), method="POST")
        with urlopen(request, timeout=10) as answer:
            assert answer.status == 200

    def order_accounts(self, spec: str) -> None:
        """From now on accounts that log in meet walls as `spec` says, and only so: see `sandbox.accounts`."""
        request = Request(f"{self.url}/_sandbox/accounts", data=json.dumps({"spec": spec}).encode(), method="POST")
        with urlopen(request, timeout=10) as answer:
            assert answer.status == 200

    def ask(self, what: str) -> Any:
        with urlopen(f"{self.url}/_sandbox/{what}", timeout=10) as answer:
            return json.load(answer)


@contextmanager
def running_sandbox(**options: Any) -> Iterator[RunningSandbox]:
    """Start a sandbox; `size=60, no_drift=True` become `--size 60 --no-drift`."""
    command = [sys.executable, "-m", "sandbox", "--port", "0"]
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        command += [option] if value is True else [option, str(value)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        yield RunningSandbox(json.loads(child.stdout.readline())["url"])
        child.stdin.close()


@dataclass(frozen=True)
class Crawls:
    """Scrapy processes that share an output and a jobs directory; `arguments` are given to every crawl."""

    directory: Path
    arguments: tuple[str, ...] = ()

    @property
    def output(self) -> Path:
        return self.directory / "output"

    @property
    def jobs(self) -> Path:
        return self.directory / "jobs"

    def command(self, *arguments: str) -> list[str]:
        verb, *rest = arguments
        if verb == "crawl":
            rest[1:1] = self.arguments
        return [*SCRAPY, verb, "-s", f"OUTPUT_DIR={self.output}", "-s", f"JOBS_DIR={self.jobs}", *rest]

    def scrapy(self, *arguments: str, key: str | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a Scrapy command from the repository root and wait for it."""
        return subprocess.run(
            self.command(*arguments), cwd=ROOT, env=environment(key), capture_output=True, text=True, check=False,
            timeout=120, **options,
        )  # fmt: skip

    def start(self, *arguments: str, key: str | None = None) -> subprocess.Popen[str]:
        """Start a Scrapy command and do not wait."""
        return subprocess.Popen(
            self.command(*arguments), cwd=ROOT, env=environment(key), stderr=subprocess.PIPE, text=True
        )

    def crawl(
        self, sandbox: RunningSandbox, *arguments: str, site: str = "sketchfab", key: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Crawl a site on a running sandbox."""
        return self.scrapy("crawl", site, "-s", f"SANDBOX={sandbox.url}", *arguments, key=key)

    def table(self, name: str, site: str = "sketchfab") -> pa.Table:
        """A published table."""
        return pq.read_table(self.output / site / name)

    def manifests(self, site: str = "sketchfab") -> list[dict[str, Any]]:
        """The manifests of a site's crawls, oldest first."""
        runs = sorted((self.output / site / "_runs").glob("*.json"))
        return [json.loads(path.read_bytes()) for path in runs]


def environment(key: str | None) -> dict[str, str]:
    """The environment of this process, with this pseudonym key or none."""
    rest = {name: value for name, value in os.environ.items() if name != "PSEUDONYM_KEY"}
    return rest if key is None else {**rest, "PSEUDONYM_KEY": key}

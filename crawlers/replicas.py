"""Finding the sandbox: a running one by its URL, or a child process of our own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from scrapy.settings import BaseSettings

from crawlers.errors import ConfigurationError

_open = build_opener(ProxyHandler({})).open  # straight to loopback, also where the environment names a proxy


_OPTIONS = {
    "SANDBOX_WORLD": "--world",
    "SANDBOX_SIZE": "--size",
    "SANDBOX_SEED": "--seed",
    "SANDBOX_FAULTS": "--faults",
    "SANDBOX_ACCOUNTS": "--accounts",
}
"""The setting that makes each option of a sandbox that a crawl starts."""


@dataclass(frozen=True, slots=True)
class ServedWorld:
    """What a sandbox serves; `identity` is short and stable, and a job remembers it."""

    description: str
    seed: int
    size: int
    identity: str

    def __str__(self) -> str:
        return f"{self.description}, SANDBOX_SIZE={self.size}, SANDBOX_SEED={self.seed}"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox: where it listens and what it serves."""

    url: str
    hosts: frozenset[str]
    """The real hosts it has replicas of."""
    pseudonym_key: str | None
    """A synthetic world brings its own key; the people of a loaded world may exist, so it has none."""
    tls_port: int
    """Where it speaks TLS, for a browser that is told that all hosts lie there."""
    api_keys: Mapping[str, str]
    """The keys its APIs take, by the environment variable that holds a real one."""
    accounts: Sequence[Mapping[str, Any]]
    """The accounts that may log in to its replicas, each with a `name` and its `cookies`."""
    world: ServedWorld

    def faults_served(self) -> dict[str, int]:
        """The faults that it let answers have since it was started, and how often; none if it no longer answers."""
        try:
            return {name: count for name, count in _ask(f"{self.url}/_sandbox/faults")["served"].items() if count}
        except (URLError, OSError, ValueError):
            return {}


def find_sandbox(settings: BaseSettings) -> Sandbox:
    """Connect to the sandbox that SANDBOX names, or start one that ends with this process.

    Raises: ConfigurationError: SANDBOX says neither, it does not answer, or could not be started.
    """
    setting = str(settings["SANDBOX"])
    if is_url := setting.startswith("http://"):
        _refuse_options(settings, setting)
    elif setting.lower() not in {"1", "true", "yes", "on"}:
        raise ConfigurationError(
            f"reading SANDBOX={setting}: use -s SANDBOX=True to start a sandbox, -s SANDBOX=http://127.0.0.1:<port> "
            "for one that runs, or -s SANDBOX=False to crawl the site itself"
        )
    url = setting if is_url else _start(settings)
    try:
        about = _ask(f"{url.rstrip('/')}/_sandbox")
    except (URLError, OSError, ValueError) as error:
        raise ConfigurationError(
            f"connecting to the sandbox at {url}: {error}; start one with `scrapy sandbox`, or use -s SANDBOX=True"
        ) from None
    world = ServedWorld(about["world"], about["seed"], about["size"], about["identity"])
    return Sandbox(
        url=url.rstrip("/"),
        hosts=frozenset(about["hosts"]),
        pseudonym_key=about["pseudonym_key"],
        tls_port=about["tls_port"],
        api_keys=about["api_keys"],
        accounts=about["accounts"],
        world=world,
    )


def _ask(url: str) -> dict[str, Any]:
    with _open(url, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def _refuse_options(settings: BaseSettings, url: str) -> None:
    """It is as it was started. Raises: ConfigurationError: settings would have it otherwise."""
    if given := [setting for setting in _OPTIONS if settings.get(setting) is not None]:
        options = " ".join(f"{_OPTIONS[setting]} ..." for setting in given)
        raise ConfigurationError(
            f"connecting to the sandbox at {url}: {', '.join(given)} would have no effect on it, only on the one that "
            f"SANDBOX=True starts; start this one with `scrapy sandbox {options}`"
        )


def sandbox_command(settings: BaseSettings) -> list[str]:
    """The command line of a sandbox with the world the settings ask for."""
    command = [sys.executable, "-m", "sandbox"]
    for setting, option in _OPTIONS.items():
        if settings.get(setting) is not None:
            command += [option, str(settings[setting])]
    return command


def _start(settings: BaseSettings) -> str:
    # The sandbox ends when its standard input does, which the system closes even after kill -9 of this process.
    child = subprocess.Popen(
        [*sandbox_command(settings), "--port", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    _children.append(child)
    if child.stdout is None or not (ready := child.stdout.readline()):
        raise ConfigurationError(
            f"starting the sandbox: it ended with code {child.wait()} before it was ready; its message stands above"
        )
    url: str = json.loads(ready)["url"]
    return url


# Held so that the pipes stay open for as long as this process lives.
_children: list[subprocess.Popen[str]] = []

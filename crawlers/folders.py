"""Where a crawl keeps things: published tables in the output directory, everything private in the jobs directory."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from tempfile import TemporaryFile

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from crawlers.errors import ConfigurationError


def in_sandbox(settings: BaseSettings) -> bool:
    """Whether the setting SANDBOX names a running sandbox or asks for one."""
    return str(settings.get("SANDBOX") or "").lower() not in {"", "0", "false", "no", "off", "none"}


def output_dir(settings: BaseSettings) -> Path:
    """The directory of published tables, which can be given away as it stands; absolute."""
    return _folder(settings, "OUTPUT_DIR", "output")


def jobs_dir(settings: BaseSettings) -> Path:
    """The directory of queues, unpublished rows and saved pages, private to its owner; absolute."""
    return _folder(settings, "JOBS_DIR", "jobs")


def _folder(settings: BaseSettings, name: str, default: str) -> Path:
    return _as_given(settings, name, default).resolve()


def _as_given(settings: BaseSettings, name: str, default: str) -> Path:
    if settings.get(name):
        return Path(settings[name]).expanduser()
    # A server's environment names it for all crawls; what is invented must not lie among what is not.
    folder = Path(os.environ.get(f"CRAWLERS_{name}") or default).expanduser()
    return folder / "sandbox" if in_sandbox(settings) else folder


def as_options(settings: BaseSettings) -> str:
    """Those of the command's options that say where things are kept, for another command to find them there."""
    given = [
        f" -s {name}={shlex.quote(str(settings[name]))}"
        for name in ("SANDBOX", "OUTPUT_DIR", "JOBS_DIR")
        if settings.getpriority(name) == SETTINGS_PRIORITIES["cmdline"]
    ]
    return "".join(given)


def hint_at_sandbox(settings: BaseSettings, folder: Path, command: str) -> str:
    """The end of a message that nothing lies in `folder` itself; empty if nothing of the sandbox's lies there."""
    if in_sandbox(settings) or not (folder / "sandbox").is_dir():
        return ""
    return f"; those of the sandbox are listed by: scrapy {command} -s SANDBOX=True"


def check_absolute(settings: BaseSettings) -> None:
    """Make sure that a server's crawls do not keep things wherever the server happened to be started.

    Raises: ConfigurationError: OUTPUT_DIR or JOBS_DIR is relative.
    """
    for name, default in (("OUTPUT_DIR", "output"), ("JOBS_DIR", "jobs")):
        if not (folder := _as_given(settings, name, default)).is_absolute():
            raise ConfigurationError(
                f"preparing {name} = {folder} for a crawl that scrapyd runs: it is relative, to wherever scrapyd was "
                f"started; name an absolute one: CRAWLERS_{name} in scrapyd's environment, or setting={name}=<path>"
            )


def shown(path: Path) -> str:
    """The path as one would type it: relative to the working directory if it lies below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def check_folders(output: Path, jobs: Path) -> None:
    """Make sure that nothing private lies under the directory that is given away.

    Raises: ConfigurationError: one of the directories lies in the other.
    """
    if output.is_relative_to(jobs) or jobs.is_relative_to(output):
        raise ConfigurationError(
            f"OUTPUT_DIR = {output} and JOBS_DIR = {jobs} lie in one another: what is published can be given away, "
            "jobs hold names; keep them apart: -s JOBS_DIR=<another directory>"
        )


def make_folder(folder: Path, setting: str | None, *, private: bool = False) -> None:
    """Create a directory if it is not there, and prove that files can be made in it.

    `setting` names it; None: it was given to a command.

    Raises: ConfigurationError: it cannot be created or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        with TemporaryFile(dir=folder):  # has no name, so nothing is left of it
            pass
    except OSError as error:
        raise ConfigurationError(
            f"preparing {f'{setting} = ' if setting else ''}{folder}: {error.strerror or error}; "
            f"name a directory you may write{f': -s {setting}=<directory>' if setting else ''}"
        ) from None

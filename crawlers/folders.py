"""Where a crawl keeps things: published tables in the output directory, everything private in the jobs directory."""

from __future__ import annotations

from pathlib import Path

from scrapy.settings import BaseSettings

from crawlers.errors import ConfigurationError


def in_sandbox(settings: BaseSettings) -> bool:
    """Whether the setting SANDBOX names a running sandbox or asks for one."""
    return str(settings.get("SANDBOX") or "").lower() not in {"", "0", "false", "no", "none"}


def output_dir(settings: BaseSettings) -> Path:
    """The directory of published tables, which can be given away as it stands; absolute."""
    return _folder(settings, "OUTPUT_DIR", "output")


def jobs_dir(settings: BaseSettings) -> Path:
    """The directory of queues, unpublished rows and saved pages, private to its owner; absolute."""
    return _folder(settings, "JOBS_DIR", "jobs")


def _folder(settings: BaseSettings, name: str, default: str) -> Path:
    folder = settings.get(name) or (f"{default}/sandbox" if in_sandbox(settings) else default)
    return Path(folder).expanduser().resolve()


def shown(path: Path) -> str:
    """The path as one would type it: relative to the working directory if it lies below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def make_folder(folder: Path, setting: str, *, private: bool = False) -> None:
    """Create a directory if it is not there, and prove that files can be made in it.

    Raises: ConfigurationError: it cannot be created or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        if private:
            folder.chmod(0o700)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigurationError(
            f"preparing {setting} = {folder}: {error.strerror or error}; "
            f"name a directory you may write: -s {setting}=<directory>"
        ) from None

"""Finding Chromium for pages that need a browser.

``python -m crawlers.browser`` prints its path, and installs one where there is none.

An installed Chromium is preferred to a download: first a system's own, then one that Playwright keeps. To install,
Playwright is asked first, then the package manager of the system.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from crawlers.errors import ConfigurationError

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_APPLICATIONS = (Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),)
# As Playwright names what it keeps: ~/.cache/ms-playwright/chromium-1200/chrome-linux/chrome
_KEPT = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium")
_PACKAGE_MANAGERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "apt-get": (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", "chromium")),
    "dnf": (("install", "-y", "-q", "chromium"),),
    "zypper": (("--non-interactive", "install", "chromium"),),
    "pacman": (("-Sy", "--noconfirm", "chromium"),),
    "apk": (("add", "chromium"),),
}
# Whom Chromium asks for its own sake, for updates and who is logged in; no crawl does. No page needs these hosts.
_CHROMIUMS_OWN = (
    "accounts.google.com", "update.googleapis.com", "clients2.google.com", "optimizationguide-pa.googleapis.com",
)  # fmt: skip
WHAT_TO_DO = (
    "install Chromium or Chrome so that `chromium --version` works, or run `playwright install chromium` where its "
    "downloads are reachable, then `make browser` again"
)


def find_chromium() -> Path | None:
    """The newest Chromium or Chrome of this machine; None without one."""
    on_path = (Path(found) for name in _NAMES if (found := shutil.which(name)))
    kept = (path for pattern in _KEPT for path in sorted(_playwrights_folder().glob(pattern), reverse=True))
    return next((path for path in (*on_path, *_APPLICATIONS, *kept) if path.is_file()), None)


def chromium() -> Path:
    """The path of Chromium. Raises: ConfigurationError: there is none."""
    if (found := find_chromium()) is None:
        raise ConfigurationError(f"looking for a browser: there is no Chromium on this machine; {WHAT_TO_DO}")
    return found


def launch_options(tls_port: int | None) -> dict[str, Any]:
    """How Playwright is to start Chromium. With the TLS port of a sandbox, every host lies there for it.

    Raises: ConfigurationError: there is none.
    """
    arguments = ["--disable-quic", "--disable-gpu", "--disable-dev-shm-usage"]
    rules = [f"MAP {host} ~NOTFOUND" for host in _CHROMIUMS_OWN]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium does not run as root otherwise
    if tls_port is not None:
        rules.append(f"MAP * 127.0.0.1:{tls_port}")
        arguments.append("--ignore-certificate-errors")
    arguments.append(f"--host-resolver-rules={','.join(rules)}")
    # Signals are for the crawl: it closes the browser when the pages that are open are done.
    of_crawl = dict.fromkeys(("handle_sigint", "handle_sigterm", "handle_sighup"), False)
    return {"executable_path": str(chromium()), "headless": True, "args": arguments, **of_crawl}


def _playwrights_folder() -> Path:
    default = "~/Library/Caches/ms-playwright" if sys.platform == "darwin" else "~/.cache/ms-playwright"
    return Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or default).expanduser()


def install() -> Path:
    """Install Chromium in the first way that works. Raises: ConfigurationError: none did; says what each answered."""
    answers = []
    for command in _ways():
        # Its own words go to stderr: of a download that takes minutes one wants to see something.
        ended = subprocess.run(command, stdout=sys.stderr, check=False)
        if ended.returncode == 0 and (found := find_chromium()) is not None:
            return found
        answers.append(f"`{' '.join(command)}` ended with code {ended.returncode}")
    raise ConfigurationError(f"installing a browser: {'; '.join(answers)}; {WHAT_TO_DO}")


def _ways() -> list[list[str]]:
    """Commands to try in turn; several of one package manager count as one way, which its last completes."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for manager, steps in _PACKAGE_MANAGERS.items():
        if shutil.which(manager):
            ways += [[*rights, manager, *step] for step in steps]
    return ways


def main() -> int:
    """Find or install; 0, or 1 with one line that says what to do."""
    try:
        print(find_chromium() or install())
    except ConfigurationError as error:
        print(f"crawlers.browser: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

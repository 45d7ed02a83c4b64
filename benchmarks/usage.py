"""What one process used, with the processes it started and waited for."""

from __future__ import annotations

import os
import subprocess
from typing import NamedTuple


class Usage(NamedTuple):
    """CPU time (user and system) of all of them; peak memory of the largest."""

    cpu_s: float
    rss_kib: int


def usage_of(process: subprocess.Popen[str], exit_code: int = 0) -> Usage:
    """Wait for a process that was started with a pipe for its log.

    Raises: SystemExit: it ended with another exit code; shows its log.
    """
    assert process.stderr is not None  # noqa: S101  (the caller's to give)
    log = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != exit_code:
        raise SystemExit(f"{process.args!r} ended with exit code {process.returncode}, not {exit_code}:\n{log}")
    return Usage(used.ru_utime + used.ru_stime, used.ru_maxrss)

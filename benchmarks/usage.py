"""What one process used, with the processes it started and waited for."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple


class Usage(NamedTuple):
    """CPU time (user and system) of all of them, and peak memory of the largest.

    Linux counts in the memory that the starting process had then, so a small figure may be that one's: see `peak_kib`.
    """

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


def peak_kib(pid: int) -> int:
    """Peak memory so far of a running process, and of it alone; 0 if it has ended and was not waited for."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)

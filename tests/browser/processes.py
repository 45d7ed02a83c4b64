"""The processes that a crawl has started, as Linux shows them: which there are, and which outlive it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

ENDED_WITHIN_S = 10.0


class Process(NamedTuple):
    """One process; by its start it is told from a later one with the same id."""

    pid: int
    started: str
    command: str


def descendants(pid: int) -> set[Process]:
    """All that a process and those it started have started."""
    children: dict[int, list[Process]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        if (found := _read(int(path.name))) is not None:
            parent, process = found
            children.setdefault(parent, []).append(process)
    all_of_them: set[Process] = set()
    waiting = [pid]
    while waiting:
        new = children.get(waiting.pop(), [])
        all_of_them.update(new)
        waiting += [process.pid for process in new]
    return all_of_them


def browser_of(pid: int) -> Process | None:
    """The Chromium that a process has started: the one of its processes without a type."""
    return next((one for one in descendants(pid) if "--headless" in one.command and "--type=" not in one.command), None)


def left_of(processes: set[Process]) -> set[Process]:
    """Those that have not ended by themselves in a while."""
    until = time.monotonic() + ENDED_WITHIN_S
    while left := {one for one in processes if (now := _read(one.pid)) is not None and now[1].started == one.started}:
        if time.monotonic() > until:
            break
        time.sleep(0.05)
    return left


def _read(pid: int) -> tuple[int, Process] | None:
    """The parent of a process, and itself; None where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return None
    return None if fields[0] == "Z" else (int(fields[1]), Process(pid, fields[19], command))

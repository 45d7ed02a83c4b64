"""The picture of a terminal in README and docs: a crawl of the sandbox that is killed, and goes on.

Both runs are real, on a terminal of their own. What they write is played onto a screen, and rich draws that as SVG.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from contextlib import suppress
from html import unescape
from io import StringIO
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from papers.workspace import ROOT, Workspace, environment

PICTURE = ROOT / "docs" / "assets" / "terminal.svg"
COMMAND = ".venv/bin/scrapy crawl sketchfab -s SANDBOX=True"
COLUMNS, ROWS = 100, 40
KILL_AFTER = re.compile(rb"\b[4-9][0-9]{2} pages done")  # of some 1,020
_PART = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")
_WEB_FONT = re.compile(r"\s*@font-face \{\{.*?\}\}", re.DOTALL)  # a page fetches nothing from elsewhere


def draw(workspace: Workspace) -> None:
    """Crawl, kill, go on, and write the picture."""
    prompt = f"\x1b[1;32m$\x1b[0m {COMMAND}\n"
    killed = on_terminal(workspace, kill=True)
    finished = on_terminal(workspace, kill=False)
    seen = "\n".join(
        [*screen(prompt + killed), "Killed", *screen(prompt + finished)],
    )
    PICTURE.write_text(svg(seen), encoding="utf-8")


def on_terminal(workspace: Workspace, *, kill: bool) -> str:
    """What the crawl writes to a terminal until it ends, or is killed with its progress in sight."""
    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    surroundings = environment() | {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    words = COMMAND.split()
    crawl = subprocess.Popen(
        words, cwd=workspace.folder, env=surroundings, stdin=there, stdout=there, stderr=there, start_new_session=True
    )
    os.close(there)
    written, until = b"", time.monotonic() + 120
    with suppress(OSError):  # the other end is closed
        while time.monotonic() < until:
            if not select.select([here], [], [], 1.0)[0]:
                if crawl.poll() is not None:
                    break
                continue
            chunk = os.read(here, 65536)
            if not chunk:
                break
            written += chunk
            if kill and KILL_AFTER.search(written):
                time.sleep(0.2)  # the frame is whole
                written += os.read(here, 65536) if select.select([here], [], [], 0)[0] else b""
                crawl.send_signal(signal.SIGKILL)
                break
        else:
            crawl.kill()  # nobody reads any more what it writes, and it would wait for that
    crawl.wait()
    os.close(here)
    return written.decode().replace("\r\n", "\n")


def screen(written: str) -> list[str]:
    """The lines that are seen in the end, with their colours: lines are only ever written whole, erased, or gone up."""
    lines, row = [""], 0
    for argument, sequence, control, text in _PART.findall(written):
        if sequence == "A":
            row = max(0, row - int(argument or 1))
        elif sequence == "K":
            lines[row] = ""
        elif control == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif control == "\r":
            continue
        elif sequence == "m":
            lines[row] += f"\x1b[{argument}m"
        else:
            lines[row] += text
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def svg(seen: str) -> str:
    """The screen as rich draws it."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(seen))
    frame = _WEB_FONT.sub("", CONSOLE_SVG_FORMAT)
    return console.export_svg(title="Killed, and gone on", code_format=frame, unique_id="terminal")


def texts(picture: Path) -> list[str]:
    """The lines that stand in a picture."""
    rows: dict[float, list[str]] = {}
    for y, text in re.findall(r'<text [^>]*?y="([0-9.]+)"[^>]*>(.*?)</text>', picture.read_text(encoding="utf-8")):
        rows.setdefault(float(y), []).append(text)
    return [unescape("".join(row)).replace("\xa0", " ").rstrip() for _, row in sorted(rows.items())]

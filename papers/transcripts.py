"""Transcripts in README and docs: blocks of `console`, whose commands begin with `$`, and of `pycon`.

A line `...` stands for any number of lines. What differs from run to run counts for nothing: times, sizes, ids of
crawls, and how many requests a crawl needed. `python -m papers` writes what the commands print now.
"""

from __future__ import annotations

import code
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from papers.workspace import DEMO, ROOT, Workspace

_BLOCK = re.compile(r"^```(console|pycon)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROMPTS = {"console": re.compile(r"^(?=\$ )", re.MULTILINE), "pycon": re.compile(r"^(?=>>> )", re.MULTILINE)}
ELISION = "..."
_MASKS = (
    (re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}"), "<crawl>"),
    (re.compile(r"/[0-9a-f]{12}\b"), "/<job>"),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?Z?"), "<time>"),
    (re.compile(r"[0-9.,]+ (?:bytes|[kMG]B)(?: +[0-9.,]+)?"), "<size>"),
    (re.compile(r"requests: [0-9,]+ = [0-9,]+ done"), "requests: <n> = <n> done"),
    (re.compile(r"━+"), "━"),
    (re.compile(r"─+"), "─"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True)
class Transcript:
    """A command of a page, with the lines shown of what it prints."""

    page: Path
    language: str
    command: str
    shown: str

    def actual(self, workspace: Workspace) -> str:
        """What the command prints now."""
        if self.language == "pycon":
            return _python(self.command, workspace)
        return workspace.demo() if self.command == DEMO else workspace.run(self.command)


def papers() -> list[Path]:
    """The pages that may have transcripts."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def transcripts(page: Path) -> Iterator[Transcript]:
    """Every command of a page with its output, in order."""
    for language, body in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for part in _PROMPTS[language].split(body)[1:]:
            command, shown = _taken_apart(language, part)
            yield Transcript(page, language, command, shown)


def _taken_apart(language: str, part: str) -> tuple[str, str]:
    first, *lines = part.splitlines(keepends=True)
    if language == "console":
        return first.removeprefix("$ ").rstrip(), "".join(lines)
    continued = sum(line.startswith("... ") for line in lines)
    source = [first, *lines[:continued]]
    return "".join(line[4:] for line in source).rstrip(), "".join(lines[continued:])


def mismatch(shown: str, actual: str) -> str | None:
    """The first line from which `shown` is not what was printed; None: it is."""
    try:
        _found(shown, actual, masked)
    except LookupError as error:
        return str(error)
    return None


def renewed(shown: str, actual: str) -> str:
    """`shown` with the same lines as they are printed now.

    Raises: LookupError: a part of it is not to be found any more, even with other numbers; choose anew what to show.
    """
    lines = [f"{line.rstrip()}\n" for line in actual.splitlines()]
    if ELISION not in shown.splitlines():
        return "".join(lines)
    places = _found(shown, actual, _without_numbers)
    return f"{ELISION}\n".join("".join(lines[start : start + length]) for start, length in places)


def masked(line: str) -> str:
    """A line without what differs from run to run."""
    for pattern, instead in _MASKS:
        line = pattern.sub(instead, line)
    return line.strip()


def _without_numbers(line: str) -> str:
    return re.sub(r"[0-9][0-9,.]*", "#", masked(line))


def _found(shown: str, actual: str, key: Callable[[str], str]) -> list[tuple[int, int]]:
    """Where each part between elisions begins in what was printed, and how many lines it has."""
    printed, places, start = [key(line) for line in actual.splitlines()], [], 0
    whole = ELISION not in shown.splitlines()
    for part in re.split(rf"^{re.escape(ELISION)}\n", shown, flags=re.MULTILINE):
        wanted = [key(line) for line in part.splitlines()]
        if whole and len(wanted) != len(printed):
            raise LookupError(f"{len(wanted)} lines instead of {len(printed)}")
        start = _index(wanted, printed, start)
        places.append((start, len(wanted)))
        start += len(wanted)
    return places


def _index(wanted: Sequence[str], printed: Sequence[str], start: int) -> int:
    for place in range(start, len(printed) - len(wanted) + 1):
        if printed[place : place + len(wanted)] == wanted:
            return place
    unknown = next((line for line in wanted if line not in printed[start:]), wanted[0])
    raise LookupError(f"not printed: {unknown}")


def _python(source: str, workspace: Workspace) -> str:
    interpreter = _interpreters.setdefault(workspace.folder, code.InteractiveInterpreter())
    said = StringIO()
    with chdir(workspace.folder), redirect_stdout(said), redirect_stderr(said):
        interpreter.runsource(source, "<transcript>")
    return said.getvalue()


_interpreters: dict[Path, code.InteractiveInterpreter] = {}  # a name of one line is used in the next


def renew(page: Path, workspace: Workspace) -> None:
    """Write what the commands of a page print now."""
    pending = list(transcripts(page))

    def block(found: re.Match[str]) -> str:
        language, parts = found[1], []
        for part in _PROMPTS[language].split(found[2])[1:]:
            transcript = pending.pop(0)
            try:
                shown = renewed(transcript.shown, transcript.actual(workspace))
            except LookupError as error:
                raise SystemExit(f"{page}: {transcript.command}: {error}; choose anew what to show") from None
            parts.append(part[: len(part) - len(transcript.shown)] + shown)
        return f"```{language}\n{''.join(parts)}```"

    page.write_text(_BLOCK.sub(block, page.read_text(encoding="utf-8")), encoding="utf-8")

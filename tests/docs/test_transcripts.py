"""What README and docs show is what the commands print: transcripts, and the picture of a terminal."""

from __future__ import annotations

import re

import pytest

from crawlers.extensions.standing import Standing
from papers.terminal import COMMAND, PICTURE, texts
from papers.transcripts import masked, mismatch, papers, renewed, transcripts
from papers.workspace import DEMO, ROOT, Workspace

HINT = "run: make papers"


def test_transcripts_are_what_their_commands_print(demo: Workspace) -> None:
    demo.demo()
    run = 0
    for page in papers():
        for transcript in transcripts(page):
            wrong = mismatch(transcript.shown, transcript.actual(demo))
            assert wrong is None, f"{page.name}: {transcript.command}: {wrong}; {HINT}"
            run += 1
    assert run >= 9


def test_the_readme_begins_with_the_demo_and_a_table_and_is_short() -> None:
    readme = ROOT / "README.md"
    assert len(readme.read_text(encoding="utf-8").splitlines()) < 150
    first, *_, last = [transcript.command for transcript in transcripts(readme)]
    assert first == DEMO
    assert ".head(3)" in last


def test_the_picture_of_a_terminal_shows_the_crawl_that_the_demo_makes(demo: Workspace) -> None:
    said = demo.crawled("sketchfab")
    shown = [_shape(line) for line in texts(PICTURE)]
    assert shown.count(f"$ {COMMAND}") == 2
    assert COMMAND in said
    closing = (
        "sketchfab: finished",
        "requests:",
        "dataset card:",
        "output/sandbox/sketchfab  ·",
        "│ models",
        "│ likes",
    )
    for line in said.splitlines():
        if line.startswith(closing) or " INFO starting crawl" in line:
            assert _shape(line) in shown, f"{line}; {HINT}"
    standing = Standing("sketchfab", 1, 0, 1, {"models": 1, "likes": 1}, 1.0, True, ())
    for line in (standing.rows_text(), standing.rate_text()):
        assert _shape(line) in shown, f"{line}; {HINT}"


def _shape(line: str) -> str:
    """Without numbers, and without the padding of tables."""
    return re.sub(r"[0-9][0-9.,]*", "#", masked(line).replace(" ", "")) if "$" not in line else line


@pytest.mark.parametrize(
    ("shown", "printed", "wrong"),
    [
        ("a 1\n", "a 1\n", None),
        ("a 1\n", "a 2\n", "not printed: a 1"),
        ("a\n", "a\nb\n", "1 lines instead of 2"),
        ("a\n...\nd\n", "a\nb\nc\nd\n", None),
        ("d\n...\na\n", "a\nb\nc\nd\n", "not printed: a"),
        ("12.3 kB  4.5\n", "9 bytes 1.0\n", None),
        ("crawl 20260101T000000Z-abcdef\n", "crawl 20270202T111111Z-012345\n", None),
    ],
)
def test_a_transcript_differs_by_more_than_times_sizes_and_ids(shown: str, printed: str, wrong: str | None) -> None:
    assert mismatch(shown, printed) == wrong


def test_a_renewed_transcript_shows_the_same_lines() -> None:
    assert renewed("a 1\n...\nc 1\n", "x\na 2\nb\nc 3\n") == "a 2\n...\nc 3\n"
    assert renewed("a\n", "b \nc\n") == "b\nc\n"
    with pytest.raises(LookupError):
        renewed("...\nz 1\n", "a\nb\n")

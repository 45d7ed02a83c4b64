"""`make papers`: write transcripts as their commands print them now, and draw the picture of the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from papers.terminal import draw
from papers.transcripts import papers, renew, transcripts
from papers.workspace import Workspace

if __name__ == "__main__":
    with TemporaryDirectory() as directory:
        for name in ("demo", "terminal"):
            Workspace(Path(directory) / name).prepare()
        for page in papers():
            if list(transcripts(page)):
                renew(page, Workspace(Path(directory) / "demo"))
                sys.stdout.write(f"{page.name}\n")
        draw(Workspace(Path(directory) / "terminal"))

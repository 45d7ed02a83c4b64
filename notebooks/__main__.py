"""`python -m notebooks [output] [name ...]`: run the notebooks on the demo's tables and keep what their cells give.

Notebooks are looked at where they lie in the repository, so they are kept with their outputs. Only this writes them:
without timings and paths, and the same on every run. One of the pictures also stands in the documentation.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat

from notebooks.execute_notebook import HERE, NAMES, execute, picture

PICTURE = HERE.parent / "docs" / "assets" / "communities.png"

if __name__ == "__main__":
    output, *names = sys.argv[1:] or ["output/sandbox"]
    for name in names or NAMES:
        executed = execute(name, OUTPUT=str(Path(output).resolve()))
        nbformat.write(executed, HERE / f"{name}.ipynb")
        if name == "weibo":
            PICTURE.write_bytes(picture(executed, "draw"))
        print(f"{name}: {len(executed.cells)} cells")

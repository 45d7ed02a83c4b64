"""`python -m notebooks [output] [name ...]`: run the notebooks on the demo's tables and keep what their cells give.

The notebooks are looked at where they lie in the repository, so they are kept with their outputs. Only this writes them:
without timings and paths, and the same on every run.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat

from notebooks.execute_notebook import HERE, NAMES, execute

if __name__ == "__main__":
    output, *names = sys.argv[1:] or ["output/sandbox"]
    for name in names or NAMES:
        executed = execute(name, OUTPUT=str(Path(output).resolve()))
        nbformat.write(executed, HERE / f"{name}.ipynb")
        print(f"{name}: {len(executed.cells)} cells")
